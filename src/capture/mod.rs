//! Capture: a source that is there for ever, its newest frame in a slot.
//!
//! Two kinds of thread: `supervisor` looks after the source and never calls a driver; each opening of the source is a `life`
//! on a thread of its own, which may hang in a driver and is left alone then. Frames of all lives pass the `outlet`, which
//! makes one stream of them.

mod feed;
mod life;
mod options;
mod outlet;
mod pause;
mod plugin;
mod post;
mod status;
mod supervisor;
mod worker;

pub use options::{CaptureOptions, Opener, Pace, STALL};
pub use plugin::{Capture, CaptureGate, CapturePlugin, LatestFrame, SourceStatus, SpawnWorker, SwitchSource};
pub use status::SourceState;
pub use worker::{CaptureWorker, Retiring};

/// What this room may hold.
pub const BOUNDS: &[crate::memory::Bound] = &[worker::FRAMES, worker::MESSAGES, supervisor::ABANDONED];
