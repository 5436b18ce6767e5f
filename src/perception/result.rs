//! What perception finds in a frame.

use std::time::Duration;

use super::{BLENDSHAPES, MotionField, RegionMask, SmallLuma, Things};
use crate::frame::FrameSeq;

/// Most landmarks a face has: 468 of the mesh and 10 of the irises.
pub const MAX_LANDMARKS: usize = 478;

/// What was found in one frame. Kept by the caller and filled again and again.
#[derive(Debug, Clone, Default)]
pub struct Perception {
    /// The frame it was found in.
    pub seq: FrameSeq,
    /// Presentation time of that frame since its stream's start.
    pub timestamp: Duration,
    /// Who wears what where.
    pub mask: RegionMask,
    /// Faces, the longest followed first.
    pub faces: Vec<Face>,
    /// What a detector found, where one was asked for.
    pub things: Things,
    /// How the picture moved since the frame that was perceived before: from this one back to that one.
    /// Empty on the first frame, after a cut, a reset or a change of size, and between stills.
    pub motion: MotionField,
    /// The frame's small gray picture: what motion from later frames back to this one is found in.
    pub luma: SmallLuma,
    /// Where the time went.
    pub timings: Timings,
}

/// One face.
#[derive(Debug, Clone)]
pub struct Face {
    /// Stays the same while the face is followed; 0 is the first since the last reset.
    pub id: u64,
    /// Whether it is a face, 0–1.
    pub score: f32,
    /// Box around the landmarks: left, top, right, bottom, 0–1 of the frame.
    pub bbox: [f32; 4],
    /// What it expresses, 0–1 each, in the order of [`BLENDSHAPE_NAMES`](super::BLENDSHAPE_NAMES);
    /// `None` where there is no net for it.
    pub blendshapes: Option<[f32; BLENDSHAPES]>,
    /// Width of the frame over its height.
    pub(super) aspect: f32,
    points: [[f32; 3]; MAX_LANDMARKS],
    count: usize,
}

impl Face {
    /// A face with `landmarks`, of which the first [`MAX_LANDMARKS`] are kept, in a square frame.
    pub fn new(id: u64, score: f32, landmarks: &[[f32; 3]]) -> Self {
        let count = landmarks.len().min(MAX_LANDMARKS);
        let mut points = [[0.0; 3]; MAX_LANDMARKS];
        points[..count].copy_from_slice(&landmarks[..count]);
        let mut bbox = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        for [x, y, _] in &points[..count] {
            bbox = [bbox[0].min(*x), bbox[1].min(*y), bbox[2].max(*x), bbox[3].max(*y)];
        }
        Self { id, score, bbox, blendshapes: None, aspect: 1.0, points, count }
    }

    /// The same in a frame of `width` × `height` pixels: measures need to know its shape.
    pub fn in_frame(self, width: u32, height: u32) -> Self {
        Self { aspect: width.max(1) as f32 / height.max(1) as f32, ..self }
    }

    /// The same face where it is in a newer frame, given the motion from that one back to this one.
    pub fn moved(&self, motion: &MotionField) -> Self {
        let mut points = self.points;
        for [x, y, _] in &mut points[..self.count] {
            [*x, *y] = motion.forward([*x, *y]);
        }
        let moved = Self::new(self.id, self.score, &points[..self.count]);
        Self { blendshapes: self.blendshapes, aspect: self.aspect, ..moved }
    }

    /// The mesh, 468 points, or 478 with irises: x and y are 0–1 of the frame (outside it where the
    /// face leaves the frame), z has the scale of x, smaller is nearer. The order is MediaPipe's.
    pub fn landmarks(&self) -> &[[f32; 3]] {
        &self.points[..self.count]
    }
}

/// Wall time of the steps of one frame; zero for what did not run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Scaling, colour conversion and normalisation.
    pub preprocess: Duration,
    /// The person or multiclass net.
    pub person: Duration,
    /// The hair net.
    pub hair: Duration,
    /// The face detector.
    pub face_detector: Duration,
    /// The landmarks net.
    pub face_landmarks: Duration,
    /// The blendshapes net.
    pub face_blendshapes: Duration,
    /// Detecting and following things, the network included.
    pub objects: Duration,
    /// All that is done for faces, its nets included; part of the other times.
    pub faces: Duration,
    /// How the picture moved since the frame before.
    pub motion: Duration,
    /// Everything after the nets.
    pub postprocess: Duration,
}

impl Timings {
    /// Time outside the networks.
    pub fn own(&self) -> Duration {
        self.preprocess + self.motion + self.postprocess
    }

    /// Time inside the networks.
    pub fn inference(&self) -> Duration {
        self.person + self.hair + self.face_detector + self.face_landmarks + self.face_blendshapes
    }
}
