//! Faces: detector → turned square → landmarks, followed from frame to frame.
//!
//! The chain and its constants are those of MediaPipe's face landmarker graph.

mod anchors;
mod detector;
mod landmarks;
mod roi;
mod tracker;

pub(super) use tracker::{FaceTracker, TrackedFace};
