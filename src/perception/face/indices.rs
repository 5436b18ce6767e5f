//! Numbers of landmarks that have a name. Left and right are the person's own.
//!
//! Source: MediaPipe's `face_mesh_connections.py` and its map of the canonical face model.

pub use crate::face_mesh::{CHIN, FOREHEAD};
use crate::face_mesh::{LEFT_IRIS, RIGHT_IRIS};

/// Tip of the nose.
pub const NOSE_TIP: usize = 4;

/// An eye's landmarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EyeIndices {
    /// Corner at the temple.
    pub outer: usize,
    /// Corner at the nose.
    pub inner: usize,
    /// Two points of the upper lid, from the temple.
    pub upper: [usize; 2],
    /// The two points of the lower lid that meet them when the eye closes.
    pub lower: [usize; 2],
    /// Middle of the iris; only in nets of 478 landmarks.
    pub iris: usize,
    /// Ring of the iris.
    pub iris_ring: [usize; 4],
}

/// The right eye, on the left of a picture.
pub const RIGHT_EYE: EyeIndices = EyeIndices {
    outer: 33,
    inner: 133,
    upper: [160, 158],
    lower: [144, 153],
    iris: 468,
    iris_ring: RIGHT_IRIS,
};
/// The left eye.
pub const LEFT_EYE: EyeIndices = EyeIndices {
    outer: 263,
    inner: 362,
    upper: [387, 385],
    lower: [373, 380],
    iris: 473,
    iris_ring: LEFT_IRIS,
};

/// Corners of the mouth where the lips meet inside: right, left.
pub const MOUTH_CORNERS: [usize; 2] = [78, 308];
/// Middle of the inner edge of the upper and of the lower lip.
pub const INNER_LIPS: [usize; 2] = [13, 14];
