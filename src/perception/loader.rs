//! How networks are loaded.

use super::net::Net;
use super::{PerceptionError, PerceptionOptions};
use crate::models::{ModelStore, Role, Silent};
use crate::stats::Stats;

/// Loads nets with the same settings.
pub(super) struct Loader<'a> {
    pub store: &'a ModelStore,
    pub options: &'a PerceptionOptions,
    pub stats: &'a Stats,
}

impl Loader<'_> {
    /// The best net for `role` that can be had, fed `channels` channels, timed as `stage`.
    pub fn best(&self, role: Role, channels: usize, stage: &'static str) -> Result<Net, PerceptionError> {
        let model = self.store.best(role, &Silent)?;
        Net::load(self.store.sessions(), &model, channels, stage, &self.options.session, self.stats)
    }
}
