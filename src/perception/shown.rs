//! What perception found, and what is to be shown with what.

use std::sync::Arc;

use bevy::prelude::*;

use super::{Face, MotionField, ParserReport, Perception};
use crate::frame::{Frame, FrameSeq};

/// Which mask a frame is shown with.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pairing {
    /// Each frame with its own mask: exact, at the rate and with the delay of perception.
    #[default]
    Matched,
    /// The newest frame with the newest mask, moved along with what is in the picture: smooth and with
    /// little delay; the mask may be off where motion cannot be told.
    Latest,
}

/// One result of perception.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// Mask and faces.
    pub perception: Perception,
}

impl Parsed {
    /// The frame that it was made from.
    pub fn seq(&self) -> FrameSeq {
        self.perception.seq
    }
}

/// The newest mask; none until the first frame was perceived.
#[derive(Resource, Debug, Clone, Default, Deref)]
pub struct SegmentationMask(pub Option<Arc<Parsed>>);

/// The picture that is to be shown now.
#[derive(Resource, Debug, Clone, Default)]
pub struct Shown {
    /// The frame.
    pub frame: Option<Arc<Frame>>,
    /// Its regions.
    pub parsed: Option<Arc<Parsed>>,
    /// The motion from the frame back to the one that `parsed` was made from: the region at `uv` is the
    /// one that `parsed` has at `uv + motion.at(uv)`. None when it is the same frame, or nothing is known.
    pub motion: Option<Arc<MotionField>>,
    /// Left and right swapped, as in a mirror.
    pub mirror: bool,
}

impl Shown {
    /// The faces where they are in the shown frame; `out` is filled anew.
    pub fn faces(&self, out: &mut Vec<Face>) {
        out.clear();
        let Some(parsed) = &self.parsed else { return };
        let faces = parsed.perception.faces.iter();
        match &self.motion {
            Some(motion) => out.extend(faces.map(|face| face.moved(motion))),
            None => out.extend(faces.cloned()),
        }
    }
}

/// Whether perception works, for people.
#[derive(Resource, Debug, Clone, Default)]
pub enum PerceptionStatus {
    /// Models are fetched, converted and loaded.
    #[default]
    Loading,
    /// It runs.
    Ready(ParserReport),
    /// It cannot run.
    Failed(String),
}
