//! What a face mesh is made of: the numbers of its landmarks, the canonical face and its map.
//!
//! Perception places the 468 landmarks (478 with irises); this room says which of them make the lips, and
//! where on the face's map each of them lies. It knows nothing of frames or networks.

mod canonical;
mod contour;

pub use canonical::{CanonicalFace, CanonicalFaceError};
pub use contour::{
    CHIN, FACE_OVAL, FOREHEAD, LEFT_CHEEK, LEFT_EYE, LEFT_EYEBROW, LEFT_IRIS, LIPS_INNER, LIPS_OUTER,
    RIGHT_CHEEK, RIGHT_EYE, RIGHT_EYEBROW, RIGHT_IRIS,
};

/// Landmarks of the mesh without irises.
pub const MESH_LANDMARKS: usize = 468;
