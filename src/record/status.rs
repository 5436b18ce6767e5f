//! How a recording does, for people.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::RecorderState;
use crate::stats::Stats;

/// How the recording does, or how the last one did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordingStatus {
    /// What it does.
    pub state: RecorderState,
    /// The name that the file gets that is written; none before the first picture.
    pub file: Option<PathBuf>,
    /// Time since it began; of one that has ended, its length.
    pub elapsed: Duration,
    /// Bytes of that file.
    pub bytes: u64,
    /// When the disk is full at this rate; none as long as that is not known.
    pub full_in: Option<Duration>,
    /// Pictures that the encoder was too slow for.
    pub skipped_encoder: u64,
    /// Pictures that the renderer missed.
    pub missed_render: u64,
    /// Pictures that the disk did not take.
    pub dropped_disk: u64,
}

impl RecordingStatus {
    pub(super) fn new(state: RecorderState, file: Option<PathBuf>, elapsed: Duration, stats: &Stats) -> Self {
        let gauge = |name| stats.gauge_value(name).filter(|value| value.is_finite() && *value >= 0.0);
        let runs = state == RecorderState::Recording;
        Self {
            full_in: gauge("recording_seconds_left").filter(|_| runs).map(Duration::from_secs_f64),
            bytes: gauge("recording_bytes").unwrap_or_default() as u64,
            skipped_encoder: stats.counter("recording_skipped_encoder"),
            missed_render: stats.counter("recording_missed_render"),
            dropped_disk: stats.counter("recording_dropped_disk"),
            state,
            file,
            elapsed,
        }
    }

    /// Pictures that are not in a file.
    pub fn lost(&self) -> u64 {
        self.skipped_encoder + self.missed_render + self.dropped_disk
    }
}

/// The file that is written, told by the encoder's thread.
#[derive(Debug, Clone, Default)]
pub(super) struct CurrentFile(Arc<Mutex<Option<PathBuf>>>);

impl CurrentFile {
    pub(super) fn set(&self, path: PathBuf) {
        *self.lock() = Some(path);
    }

    pub(super) fn get(&self) -> Option<PathBuf> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
