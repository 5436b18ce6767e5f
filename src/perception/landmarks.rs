//! The faces of the newest perceived frame, for whoever draws on them.

use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::Resource;

use super::{Face, Parsed};
use crate::frame::FrameSeq;

/// The faces that were found in one frame, and which frame that was: never those of a frame before the
/// newest that was perceived. Empty before the first frame, when perception of a frame failed, and from a
/// switch of the source until the new one's first frame was perceived.
#[derive(Resource, Debug, Clone, Default)]
pub struct FaceLandmarks {
    parsed: Option<Arc<Parsed>>,
}

impl FaceLandmarks {
    /// The faces, the longest followed first; each with its id, score (0–1), landmarks (0–1 of the
    /// frame, smoothed in video) and blendshapes.
    pub fn faces(&self) -> &[Face] {
        self.parsed.as_ref().map_or(&[], |parsed| &parsed.perception.faces)
    }

    /// The frame that they were found in; `None` when nothing is known.
    pub fn seq(&self) -> Option<FrameSeq> {
        self.parsed.as_ref().map(|parsed| parsed.seq())
    }

    /// That frame's presentation time since its stream's start.
    pub fn timestamp(&self) -> Option<Duration> {
        self.parsed.as_ref().map(|parsed| parsed.perception.timestamp)
    }

    /// The faces if they were found in frame `seq`, else none: for whoever must not draw on another one.
    pub fn of_frame(&self, seq: FrameSeq) -> &[Face] {
        if self.seq() == Some(seq) { self.faces() } else { &[] }
    }

    pub(super) fn publish(&mut self, parsed: &Arc<Parsed>) {
        self.parsed = Some(parsed.clone());
    }

    pub(super) fn clear(&mut self) {
        self.parsed = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_belong_to_their_frame_only() {
        let mut landmarks = FaceLandmarks::default();
        assert!(landmarks.faces().is_empty() && landmarks.seq().is_none());
        let mut parsed = Parsed::default();
        parsed.perception.seq = FrameSeq(7);
        parsed.perception.faces.push(Face::new(0, 0.9, &[[0.5, 0.5, 0.0]; 478]));
        landmarks.publish(&Arc::new(parsed));
        assert_eq!(landmarks.of_frame(FrameSeq(7)).len(), 1);
        assert!(landmarks.of_frame(FrameSeq(8)).is_empty());
        landmarks.clear();
        assert!(landmarks.faces().is_empty() && landmarks.timestamp().is_none());
    }
}
