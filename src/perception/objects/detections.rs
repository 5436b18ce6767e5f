//! The things of the newest perceived frame, for whoever wants to know.

use std::sync::Arc;

use bevy::prelude::Resource;

use super::{Thing, Things};
use crate::frame::FrameSeq;
use crate::perception::Parsed;

/// The things in the newest perceived frame, and which frame that is. They were detected in it, or, while perception
/// saves time, in one at most a second before and have gone with the picture since. Empty while nothing detects, and from a
/// switch of the source until its first frame was perceived.
#[derive(Resource, Debug, Clone, Default)]
pub struct Detections {
    parsed: Option<Arc<Parsed>>,
}

impl Detections {
    /// The things, the surest first; each with its class, confidence, box in pixels of the frame, and track.
    pub fn things(&self) -> &[Thing] {
        self.all().map_or(&[], |things| &things.list)
    }

    /// The same with names of classes and counts in zones; `None` when nothing is known.
    pub fn all(&self) -> Option<&Things> {
        self.parsed.as_ref().map(|parsed| &parsed.perception.things)
    }

    /// The frame that they are in.
    pub fn seq(&self) -> Option<FrameSeq> {
        self.parsed.as_ref().map(|parsed| parsed.seq())
    }

    /// The things if they are those of frame `seq`, else none.
    pub fn of_frame(&self, seq: FrameSeq) -> &[Thing] {
        if self.seq() == Some(seq) { self.things() } else { &[] }
    }

    pub(in crate::perception) fn publish(&mut self, parsed: &Arc<Parsed>) {
        self.parsed = Some(parsed.clone());
    }

    pub(in crate::perception) fn clear(&mut self) {
        self.parsed = None;
    }
}
