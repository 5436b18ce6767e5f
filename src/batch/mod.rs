//! Detection over archives: many inputs in, results on disk, bounded memory.
//!
//! Stages on threads of their own, each waiting for the next (nothing is dropped): one reads inputs, one for each network
//! detects, one puts in order, follows and writes. Permits bound what is under way; frames lie in a pool. What
//! was detected is in a journal before it is written as results, so that a job that was killed goes on without the network
//! seeing a frame twice, and with the same bytes.

mod annotate;
mod classes;
mod crops;
mod decode;
mod error;
pub mod evaluate;
mod identity;
mod infer;
mod inputs;
mod journal;
mod ledger;
mod leftovers;
mod manifest;
mod merge;
mod naming;
mod ongoing;
mod permits;
pub mod results;
mod run;
mod settings;
mod shard;
mod shelf;
mod sink;
mod step;
mod watch;

pub use error::BatchError;
pub use infer::{Detect, DetectFailure};
pub use inputs::{Input, InputError, gather};
pub use manifest::{
    InputRecord, InputState, JobState, Manifest, MemoryRecord, ModelRecord, ShardRecord, Timing, Totals,
};
pub use merge::{MergeError, Merged, Placed, merge};
pub use run::{Outcome, run};
pub use settings::JobSettings;
pub use shard::Shard;
pub use sink::Observer;

use crate::memory::Bound;

/// What this room may hold.
pub const BOUNDS: &[Bound] = &[run::FRAMES, step::WORK, step::STEPS, merge::RECORDS];
