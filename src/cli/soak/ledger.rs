//! What happened in a soak, shared with whoever reports it.

use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use serde::{Deserialize, Serialize};

use super::meter::Sample;

/// Everything that is written down while it runs; clones share it.
#[derive(Resource, Debug, Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) samples: Vec<Sample>,
    pub(super) outcomes: Vec<Outcome>,
}

impl Ledger {
    pub(super) fn take(&self) -> Entries {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn write(&self, write: impl FnOnce(&mut Entries)) {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What became of one fault.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Which.
    pub(super) fault: String,
    /// Frames that were dressed before it.
    pub(super) frame: u64,
    /// How long it lasted.
    pub(super) seconds: f64,
    /// Resident bytes before it.
    pub(super) before_bytes: u64,
    /// How many bytes more there were at most, until the picture was back.
    pub(super) rise_bytes: u64,
    /// From its end until the next picture that shows it (a frame from after it, the look that was asked for); none: it
    /// did not come back within a minute, or nothing had happened.
    pub(super) recovered_ms: Option<f64>,
    /// Whether it happened: there may have been no encoder to freeze.
    #[serde(default = "yes")]
    pub(super) injected: bool,
}

fn yes() -> bool {
    true
}
