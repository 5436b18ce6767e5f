//! Faces followed from frame to frame.

mod search;

use std::time::{Duration, Instant};

use super::detector::{Detection, Detector, overlap};
use super::landmarks::Landmarker;
use super::roi;
use super::smoothing::OneEuro;
use super::tracked::{TrackedFace, around, bounds, middle, visible};
use crate::frame::{Frame, Resampler, Roi};
use crate::perception::{MAX_LANDMARKS, PerceptionError, PerceptionOptions, Timings};
use crate::stats::Stats;

/// A face that is followed already may be half covered by a hand.
const MIN_PRESENCE_FOLLOWED: f32 = 0.35;
/// A face that was covered or turned away keeps its place for so many frames.
const REMEMBERED: u32 = 15;
/// It must have been there for a while to be remembered.
const WORTH_REMEMBERING: u32 = 5;

/// Detector, landmarks and the faces that they follow.
#[derive(Debug)]
pub(crate) struct FaceTracker {
    detector: Detector,
    landmarker: Landmarker,
    faces: Vec<TrackedFace>,
    spare: Vec<TrackedFace>,
    found: Vec<Detection>,
    points: Vec<[f32; 3]>,
    again: Vec<[f32; 3]>,
    squares: Vec<Roi>,
    centres: Vec<[f32; 2]>,
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
            points: Vec::with_capacity(MAX_LANDMARKS),
            again: Vec::with_capacity(MAX_LANDMARKS),
            squares: Vec::new(),
            centres: Vec::new(),
            next_id: 0,
            since_detection: 0,
            stats: stats.clone(),
        })
    }

    /// Names of the two models.
    pub fn models(&self) -> [&str; 2] {
        [self.detector.name(), self.landmarker.name()]
    }

    /// Whether meshes have irises.
    pub fn has_irises(&self) -> bool {
        self.landmarker.has_irises()
    }

    /// Steadies the meshes of the faces of the frame at `timestamp`.
    pub fn smooth(&mut self, timestamp: Duration, settings: OneEuro) {
        for face in self.faces.iter_mut().filter(|face| face.missing == 0) {
            let [left, top, right, bottom] = face.bbox;
            let size = (right - left + bottom - top) / 2.0;
            face.smoother.update(&face.points, size, timestamp, settings);
        }
    }

    /// Forgets everyone and counts from 0 again.
    pub fn reset(&mut self) {
        self.forget();
        self.next_id = 0;
    }

    /// Forgets everyone.
    pub fn forget(&mut self) {
        self.spare.append(&mut self.faces);
        self.since_detection = 0;
    }

    /// The faces of the last frame, those that went missing a moment ago included; the longest
    /// followed first.
    pub fn faces(&self) -> &[TrackedFace] {
        &self.faces
    }

    /// Follows the faces into `frame` and looks for new ones where it is time to. `parts` adds upright
    /// squares where a person may have a face that is not known yet, given where faces are.
    ///
    /// As in MediaPipe, nothing is looked for while every place is taken; while some are free, it is
    /// looked for every `detect_every` frames, and in every frame while a face is missing or none is
    /// known. Stills in which no sure face was found are looked at on their sides and on their heads too.
    pub fn update(
        &mut self,
        frame: &Frame,
        parts: impl FnOnce(&[[f32; 2]], &mut Vec<Roi>),
        resampler: &mut Resampler,
        options: &PerceptionOptions,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        let start = Instant::now();
        let updated = self.follow_and_look(frame, parts, resampler, options, timings);
        timings.faces += start.elapsed();
        updated
    }

    fn follow_and_look(
        &mut self,
        frame: &Frame,
        parts: impl FnOnce(&[[f32; 2]], &mut Vec<Roi>),
        resampler: &mut Resampler,
        options: &PerceptionOptions,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        self.follow(frame, resampler, timings)?;
        self.since_detection += 1;
        let missing = self.faces.is_empty() || self.faces.iter().any(|face| face.missing > 0);
        if self.is_full(options) || (!missing && self.since_detection < options.detect_every.max(1)) {
            return Ok(());
        }
        self.since_detection = 0;
        self.look(frame, Roi::whole(frame), resampler, options, timings)?;
        let mut squares = std::mem::take(&mut self.squares);
        squares.clear();
        let gone = self.faces.iter().filter(|face| face.missing > 0);
        squares.extend(gone.map(|face| around(&face.bbox).moved_into(frame)));
        self.centres.clear();
        self.centres.extend(self.faces.iter().map(|face| middle(&face.bbox)));
        parts(&self.centres, &mut squares);
        let looked =
            squares.iter().try_for_each(|square| self.look(frame, *square, resampler, options, timings));
        self.squares = squares;
        looked?;
        if options.stills {
            self.look_on_its_side(frame, resampler, options, timings)?;
        }
        self.drop_printed();
        Ok(())
    }

    /// Whether no further face may be followed.
    fn is_full(&self, options: &PerceptionOptions) -> bool {
        self.faces.iter().filter(|face| face.missing == 0).count() >= options.max_faces
    }

    fn follow(
        &mut self,
        frame: &Frame,
        resampler: &mut Resampler,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        let mut kept = 0;
        for index in 0..self.faces.len() {
            let mut seen = false;
            if self.faces[index].missing == 0
                && let Some(roi) = roi::from_landmarks(&self.faces[index].points)
            {
                let times = (&mut timings.preprocess, &mut timings.face_landmarks);
                self.points.clear();
                let score = self.landmarker.find(frame, roi, resampler, &mut self.points, times)?;
                let bbox = bounds(&self.points);
                let twice = self.faces[..kept].iter().any(|other| overlap(&other.bbox, &bbox) > 0.5);
                seen = score >= MIN_PRESENCE_FOLLOWED && !twice && visible(&bbox, frame);
                if seen {
                    let face = &mut self.faces[index];
                    std::mem::swap(&mut face.points, &mut self.points);
                    (face.score, face.bbox) = (score, bbox);
                } else {
                    self.stats.count("faces_lost");
                }
            }
            let face = &mut self.faces[index];
            face.missing = if seen { 0 } else { face.missing + 1 };
            face.seen = face.seen.saturating_add(u32::from(seen));
            let remembered = face.seen >= WORTH_REMEMBERING && face.missing <= REMEMBERED;
            if seen || remembered {
                self.faces.swap(kept, index);
                kept += 1;
            }
        }
        self.spare.extend(self.faces.drain(kept..));
        Ok(())
    }
}
