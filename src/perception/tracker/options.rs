//! How a tracker decides.

use std::time::Duration;

/// Most tracks that a tracker ever keeps.
pub(super) const MOST_TRACKS: usize = 20_000;

/// Settings of a [`Tracker`](super::Tracker).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackerOptions {
    /// Detections from this confidence on are matched first, and with all tracks, 0–1. Default: 0.4.
    pub high: f32,
    /// Less sure ones, from this confidence on, only continue a track that was there a moment ago, 0–1.
    /// Default: 0.1.
    pub low: f32,
    /// A new track begins with a detection of at least this confidence, 0–1. Default: 0.5.
    pub birth: f32,
    /// How long a track without a detection is remembered. Default: 1 s.
    pub memory: Duration,
    /// Most tracks, 1 to 20,000; those that were lost longest ago are forgotten beyond it. Default: 20,000.
    pub most: usize,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self { high: 0.4, low: 0.1, birth: 0.5, memory: Duration::from_secs(1), most: MOST_TRACKS }
    }
}

impl TrackerOptions {
    /// The same for detections of which those of at least `confidence`, 0–1, count: with one of them a track begins,
    /// and all of them are matched first.
    pub fn begin_at(self, confidence: f32) -> Self {
        Self { birth: confidence, high: self.high.min(confidence), ..self }
    }
}
