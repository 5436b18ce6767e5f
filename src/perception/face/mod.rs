//! Faces: detector → turned square → landmarks, followed from frame to frame; then smoothed, and read
//! for what they express.
//!
//! The chain and its constants are those of MediaPipe's face landmarker graph.

mod anchors;
mod blendshapes;
mod detector;
mod finder;
pub mod indices;
mod landmarks;
mod measures;
mod pose;
mod roi;
mod smoothing;
mod tracked;
mod tracker;

pub use blendshapes::{BLENDSHAPE_NAMES, BLENDSHAPES};
pub(super) use finder::FaceFinder;
pub use measures::Iris;
pub use pose::HeadPose;
pub use smoothing::OneEuro;
pub(super) use tracked::TrackedFace;
pub(super) use tracker::FaceTracker;
