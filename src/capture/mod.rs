//! Capture: a source on its own thread, its newest frame in a slot.

mod feed;
mod plugin;
mod watch;
mod worker;

pub use plugin::{Capture, CaptureGate, CapturePlugin, LatestFrame, SourceStatus, SpawnWorker, SwitchSource};
pub use worker::{CaptureWorker, Pace, SourceState};

/// What this room may hold.
pub const BOUNDS: &[crate::memory::Bound] = &[worker::FRAMES];
