//! What a parser is.

use std::fmt;

use super::face::FaceTracker;
use super::{PerceptionError, PerceptionOptions, RegionMask, Timings};
use crate::frame::{Frame, Resampler};

/// Finds the six regions of a frame.
pub(super) trait RegionParser: fmt::Debug + Send + Sync {
    /// Forgets everyone: the next frame is the first.
    fn reset(&mut self);

    /// Fills `mask` from the frame and brings the faces up to date; adds the time it took to `timings`.
    ///
    /// # Errors
    /// When a network fails; what is known of the people stays.
    fn parse(
        &mut self,
        scene: Scene<'_>,
        mask: &mut RegionMask,
        timings: &mut Timings,
    ) -> Result<Shot, PerceptionError>;
}

/// What a parser works with besides its own networks.
pub(super) struct Scene<'a> {
    pub frame: &'a Frame,
    pub faces: &'a mut FaceTracker,
    pub resampler: &'a mut Resampler,
    pub options: &'a PerceptionOptions,
}

/// Whether a frame goes on with the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shot {
    /// It does.
    Same,
    /// It shows another scene; everyone known was forgotten.
    New,
}
