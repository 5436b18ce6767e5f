//! Landmark numbers that outline the face. Source: MediaPipe's `FACEMESH_FACE_OVAL`.

/// The outline of the face, clockwise as seen from the forehead on.
pub(crate) const FACE_OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
