//! `--model-budget` and `--recycle-after`: what networks may hold, and when their sessions are made anew.

use std::num::NonZeroU64;

use clap::Args;

use super::bytes::ByteSize;
use crate::models::SessionLimits;

/// Options of every command that runs networks for long.
#[derive(Args, Debug)]
pub(super) struct SessionArgs {
    /// Bytes that networks may hold, for example 512MiB; none is 1GiB, or a quarter of a smaller machine
    #[arg(long, value_name = "SIZE")]
    model_budget: Option<ByteSize>,
    /// Make each network's session anew after so many runs, beside the old one and without a pause; none
    /// does so only where memory grows
    #[arg(long, value_name = "RUNS")]
    recycle_after: Option<NonZeroU64>,
}

impl SessionArgs {
    pub(super) fn limits(&self) -> SessionLimits {
        let defaults = SessionLimits::default();
        SessionLimits {
            budget_bytes: self.model_budget.map_or(defaults.budget_bytes, |budget| budget.0),
            recycle_after: self.recycle_after.map(NonZeroU64::get).or(defaults.recycle_after),
            ..defaults
        }
    }
}
