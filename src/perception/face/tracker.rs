//! Faces followed from frame to frame.

use super::detector::{Detection, Detector, overlap};
use super::landmarks::Landmarker;
use super::roi;
use crate::frame::{Frame, Resampler, Roi};
use crate::perception::{MAX_LANDMARKS, PerceptionError, PerceptionOptions, Timings};
use crate::stats::Stats;

/// The landmarks net is less sure than this: no face. Source: MediaPipe's
/// `min_face_presence_confidence` default.
const MIN_PRESENCE: f32 = 0.5;
/// A detection that overlaps a followed face more is that face.
const SAME_FACE: f32 = 0.3;

/// A face in the current frame.
#[derive(Debug)]
pub(crate) struct TrackedFace {
    /// Counted from the last reset.
    pub id: u64,
    /// 0–1.
    pub score: f32,
    /// The mesh in frame pixels.
    pub points: Vec<[f32; 3]>,
    /// Left, top, right, bottom in frame pixels.
    pub bbox: [f32; 4],
}

/// Detector, landmarks and the faces that they follow.
#[derive(Debug)]
pub(crate) struct FaceTracker {
    detector: Detector,
    landmarker: Landmarker,
    faces: Vec<TrackedFace>,
    spare: Vec<TrackedFace>,
    found: Vec<Detection>,
    next_id: u64,
    since_detection: u32,
    stats: Stats,
}

impl FaceTracker {
    pub fn new(
        detector: crate::perception::net::Net,
        landmarks: crate::perception::net::Net,
        stats: &Stats,
    ) -> Result<Self, PerceptionError> {
        Ok(Self {
            detector: Detector::new(detector)?,
            landmarker: Landmarker::new(landmarks)?,
            faces: Vec::new(),
            spare: Vec::new(),
            found: Vec::new(),
            next_id: 0,
            since_detection: 0,
            stats: stats.clone(),
        })
    }

    /// Names of the two models.
    pub fn models(&self) -> [&str; 2] {
        [self.detector.name(), self.landmarker.name()]
    }

    /// Forgets everyone.
    pub fn reset(&mut self) {
        self.spare.append(&mut self.faces);
        self.next_id = 0;
        self.since_detection = 0;
    }

    /// The faces of the last frame, the longest followed first.
    pub fn faces(&self) -> &[TrackedFace] {
        &self.faces
    }

    /// Follows the faces into `frame` and looks for new ones where it is time to. `parts` are upright
    /// squares where a person without a face may have one, looked at only when faces are looked for.
    pub fn update(
        &mut self,
        frame: &Frame,
        parts: impl FnOnce(&[TrackedFace], &mut Vec<Roi>),
        scratch: &mut Vec<Roi>,
        resampler: &mut Resampler,
        options: &PerceptionOptions,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        self.follow(frame, resampler, timings)?;
        self.since_detection += 1;
        let due = self.faces.is_empty() || self.since_detection >= options.detect_every.max(1);
        if !due || self.faces.len() >= options.max_faces {
            return Ok(());
        }
        self.since_detection = 0;
        self.look(frame, Roi::whole(frame), resampler, options, timings)?;
        scratch.clear();
        parts(&self.faces, scratch);
        for part in scratch.iter() {
            self.look(frame, *part, resampler, options, timings)?;
        }
        Ok(())
    }

    fn follow(
        &mut self,
        frame: &Frame,
        resampler: &mut Resampler,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        let mut kept = 0;
        for index in 0..self.faces.len() {
            let face = &mut self.faces[index];
            let Some(roi) = roi::from_landmarks(&face.points) else { continue };
            let times = (&mut timings.preprocess, &mut timings.face_landmarks);
            face.score = self.landmarker.find(frame, roi, resampler, &mut face.points, times)?;
            face.bbox = bounds(&face.points);
            let bbox = face.bbox;
            let twice = self.faces[..kept].iter().any(|other| overlap(&other.bbox, &bbox) > 0.5);
            if self.faces[index].score >= MIN_PRESENCE && !twice && visible(&bbox, frame) {
                self.faces.swap(kept, index);
                kept += 1;
            } else {
                self.stats.count("faces_lost");
            }
        }
        self.spare.extend(self.faces.drain(kept..));
        Ok(())
    }

    fn look(
        &mut self,
        frame: &Frame,
        part: Roi,
        resampler: &mut Resampler,
        options: &PerceptionOptions,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        self.found.clear();
        let times = (&mut timings.preprocess, &mut timings.face_detector);
        self.detector.detect(frame, part, resampler, &mut self.found, times)?;
        for index in 0..self.found.len() {
            let detection = self.found[index];
            let known = |bbox: &[f32; 4]| self.faces.iter().any(|face| overlap(&face.bbox, bbox) > SAME_FACE);
            if self.faces.len() >= options.max_faces || known(&detection.bbox) {
                continue;
            }
            let mut face = self.spare.pop().unwrap_or_else(|| TrackedFace {
                id: 0,
                score: 0.0,
                points: Vec::with_capacity(MAX_LANDMARKS),
                bbox: [0.0; 4],
            });
            let roi = roi::from_detection(&detection);
            let times = (&mut timings.preprocess, &mut timings.face_landmarks);
            face.score = self.landmarker.find(frame, roi, resampler, &mut face.points, times)?;
            face.bbox = bounds(&face.points);
            if face.score < MIN_PRESENCE || known(&face.bbox) || !visible(&face.bbox, frame) {
                self.spare.push(face);
                continue;
            }
            face.id = self.next_id;
            self.next_id += 1;
            self.stats.count("faces_found");
            self.faces.push(face);
        }
        Ok(())
    }
}

fn bounds(points: &[[f32; 3]]) -> [f32; 4] {
    let start = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
    points.iter().fold(start, |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])])
}

/// Whether the middle of the face is still in the picture and the face has a size.
fn visible(bbox: &[f32; 4], frame: &Frame) -> bool {
    let [cx, cy] = [(bbox[0] + bbox[2]) / 2.0, (bbox[1] + bbox[3]) / 2.0];
    let inside = |v: f32, limit: u32| (0.0..limit as f32).contains(&v);
    inside(cx, frame.width) && inside(cy, frame.height) && bbox[2] - bbox[0] >= 4.0
}
