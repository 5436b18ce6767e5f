//! Frames that a driver marks as broken or that hold no whole picture: passed over, counted, and too
//! many of them an error.

use crate::source::SourceError;
use crate::stats::Stats;

/// So many broken frames one after another are no accident.
pub(super) const BROKEN_IN_A_ROW: u32 = 60;

/// Counts a frame that is left out (`camera_frames_broken`); the first one is also logged.
pub(super) fn leave_out(stats: &Stats, camera: &str, reason: &dyn std::fmt::Display) {
    if stats.counter("camera_frames_broken") == 0 {
        tracing::warn!("camera {camera}: a broken frame is left out: {reason}");
    }
    stats.count("camera_frames_broken");
}

/// The error after [`BROKEN_IN_A_ROW`] frames.
pub(super) fn too_many(camera: &str) -> SourceError {
    let reason = format!("{BROKEN_IN_A_ROW} broken frames came one after another; try another size or cable");
    SourceError::Camera { name: camera.to_owned(), reason }
}
