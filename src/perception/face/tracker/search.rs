//! Looking for faces that are not followed yet.

use std::f32::consts::{FRAC_PI_2, PI};

use super::FaceTracker;
use crate::frame::{Frame, Resampler, Roi};
use crate::perception::face::detector::overlap;
use crate::perception::face::roi;
use crate::perception::face::smoothing::Smoother;
use crate::perception::face::tracked::{TrackedFace, bounds, middle, visible, wears};
use crate::perception::{MAX_LANDMARKS, PerceptionError, PerceptionOptions, Timings};

/// The landmarks net is less sure than this: no face. Source: MediaPipe's
/// `min_face_presence_confidence` default.
const MIN_PRESENCE: f32 = 0.5;
/// A face below another that is not as sure as this is a picture of one.
const SURE_PRESENCE: f32 = 0.95;
/// Stills without a face as sure as this are looked at the other ways up: heads upside down reach 0.96 when
/// they are taken for upright ones, and 1 the right way up.
const UPRIGHT: f32 = 0.99;
/// A detection that overlaps a followed face more is that face.
const SAME_FACE: f32 = 0.3;

impl FaceTracker {
    pub(super) fn look(
        &mut self,
        frame: &Frame,
        part: Roi,
        resampler: &mut Resampler,
        options: &PerceptionOptions,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        if self.is_full(options) {
            return Ok(());
        }
        self.found.clear();
        let times = (&mut timings.preprocess, &mut timings.face_detector);
        self.detector.detect(frame, part, resampler, &mut self.found, times)?;
        for index in 0..self.found.len() {
            let detection = self.found[index];
            if self.knows(&detection.bbox) {
                continue;
            }
            if self.is_full(options) {
                self.stats.count("faces_over_limit");
                continue;
            }
            let roi = roi::from_detection(&detection);
            let times = (&mut timings.preprocess, &mut timings.face_landmarks);
            let score = self.landmarker.find(frame, roi, resampler, &mut self.points, times)?;
            let bbox = bounds(&self.points);
            let sound = score >= MIN_PRESENCE && !self.knows(&bbox) && visible(&bbox, frame);
            if sound && self.confirm(frame, resampler, timings)? {
                self.admit(score, bbox, options);
            }
        }
        Ok(())
    }

    /// Looks again, from where the mesh in `points` says that the face is: prints on shirts and folds
    /// pass once, but not twice.
    fn confirm(
        &mut self,
        frame: &Frame,
        resampler: &mut Resampler,
        timings: &mut Timings,
    ) -> Result<bool, PerceptionError> {
        let Some(roi) = roi::from_landmarks(&self.points) else { return Ok(false) };
        let times = (&mut timings.preprocess, &mut timings.face_landmarks);
        let score = self.landmarker.find(frame, roi, resampler, &mut self.again, times)?;
        if score < MIN_PRESENCE {
            self.stats.count("faces_not_confirmed");
        }
        Ok(score >= MIN_PRESENCE)
    }

    /// Whether a face seen in this frame is there.
    fn knows(&self, bbox: &[f32; 4]) -> bool {
        self.faces.iter().any(|face| face.missing == 0 && overlap(&face.bbox, bbox) > SAME_FACE)
    }

    /// Takes the mesh in `points` in: as the missing face that was nearest, or as a new one.
    fn admit(&mut self, score: f32, bbox: [f32; 4], options: &PerceptionOptions) {
        let [x, y] = middle(&bbox);
        let reach = bbox[2] - bbox[0];
        let near = |face: &&mut TrackedFace| {
            let [fx, fy] = middle(&face.bbox);
            face.missing > 0 && (fx - x).hypot(fy - y) < reach
        };
        if let Some(face) = self.faces.iter_mut().find(near) {
            std::mem::swap(&mut face.points, &mut self.points);
            (face.score, face.bbox, face.missing) = (score, bbox, 0);
            face.smoother.reset();
            self.stats.count("faces_refound");
            return;
        }
        if self.faces.len() >= options.max_faces {
            // A face that is there is worth more than the memory of one.
            let Some(oldest) = self.faces.iter().position(|face| face.missing > 0) else { return };
            self.spare.push(self.faces.remove(oldest));
        }
        let mut face = self.spare.pop().unwrap_or_else(|| TrackedFace {
            id: 0,
            score,
            points: Vec::with_capacity(MAX_LANDMARKS),
            bbox,
            missing: 0,
            seen: 0,
            smoother: Smoother::default(),
        });
        face.smoother.reset();
        std::mem::swap(&mut face.points, &mut self.points);
        (face.id, face.score, face.bbox) = (self.next_id, score, bbox);
        (face.missing, face.seen) = (0, 1);
        self.next_id += 1;
        self.stats.count("faces_found");
        self.faces.push(face);
    }

    /// Looks at the whole frame turned by a quarter, three quarters and a half until there is a sure face;
    /// keeps the faces of the turn with the surest one. A head that stands on its head may pass for an
    /// upright one, but not as surely.
    pub(super) fn look_on_its_side(
        &mut self,
        frame: &Frame,
        resampler: &mut Resampler,
        options: &PerceptionOptions,
        timings: &mut Timings,
    ) -> Result<(), PerceptionError> {
        let surest = |faces: &[TrackedFace]| faces.iter().map(|face| face.score).fold(0.0, f32::max);
        let mut best = std::mem::take(&mut self.faces);
        for angle in [FRAC_PI_2, -FRAC_PI_2, PI] {
            if surest(&best) >= UPRIGHT {
                break;
            }
            self.look(frame, Roi { angle, ..Roi::whole(frame) }, resampler, options, timings)?;
            if surest(&self.faces) > surest(&best) {
                std::mem::swap(&mut best, &mut self.faces);
                self.stats.count("faces_turned");
            }
            self.spare.append(&mut self.faces);
        }
        self.faces = best;
        Ok(())
    }

    /// Drops faces that are doubtful and right below another one: printed on a shirt.
    pub(super) fn drop_printed(&mut self) {
        let mut index = 0;
        while index < self.faces.len() {
            let face = &self.faces[index];
            let doubtful = face.missing > 0 || face.score < SURE_PRESENCE;
            if doubtful && self.faces.iter().any(|other| wears(&other.bbox, &face.bbox)) {
                self.stats.count("faces_printed");
                let face = self.faces.remove(index);
                self.spare.push(face);
            } else {
                index += 1;
            }
        }
    }
}
