//! Landmark numbers that outline the parts of a face, as closed rings. Left and right are the person's.
//!
//! Source: MediaPipe's `FACEMESH_LIPS`, `FACEMESH_LEFT_EYE`, … in
//! `mediapipe/python/solutions/face_mesh_connections.py` (Apache-2.0), whose lines are put in order here.

/// The outline of the face, clockwise as seen from the forehead on.
pub const FACE_OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
/// Where the lips end and the skin begins.
pub const LIPS_OUTER: [usize; 20] =
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185];
/// Where the lips end and the mouth begins.
pub const LIPS_INNER: [usize; 20] =
    [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191];
/// The opening between the lids of the left eye.
pub const LEFT_EYE: [usize; 16] =
    [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466];
/// The opening between the lids of the right eye.
pub const RIGHT_EYE: [usize; 16] =
    [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246];
/// The left brow: its lower line inwards, its upper line back.
pub const LEFT_EYEBROW: [usize; 10] = [276, 283, 282, 295, 285, 336, 296, 334, 293, 300];
/// The right brow: its lower line inwards, its upper line back.
pub const RIGHT_EYEBROW: [usize; 10] = [46, 53, 52, 65, 55, 107, 66, 105, 63, 70];
/// Four points around the left iris; its centre is the landmark before them.
pub const LEFT_IRIS: [usize; 4] = [474, 475, 476, 477];
/// Four points around the right iris; its centre is the landmark before them.
pub const RIGHT_IRIS: [usize; 4] = [469, 470, 471, 472];

/// Top of the outline.
pub const FOREHEAD: usize = 10;
/// Bottom of the outline.
pub const CHIN: usize = 152;
/// The outline's outermost point on the person's left.
pub const LEFT_CHEEK: usize = 454;
/// The outline's outermost point on the person's right.
pub const RIGHT_CHEEK: usize = 234;
