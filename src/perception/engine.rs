//! The engine: one frame in, one perception out.

use std::time::Instant;

use super::face::FaceTracker;
use super::parser::{Loader, RegionParser, Scene, Shot};
use super::{
    Cadence, CostLevel, Face, MotionEstimator, ParserReport, Perception, PerceptionError, PerceptionOptions,
    SmallLuma, Timings,
};
use crate::frame::{Frame, Resampler};
use crate::models::{ModelStore, Role};
use crate::stats::Stats;

/// Networks, buffers and what is known of the people in view. Not shared: one frame at a time.
#[derive(Debug)]
pub struct PerceptionEngine {
    parser: Box<dyn RegionParser>,
    faces: FaceTracker,
    resampler: Resampler,
    motion: MotionEstimator,
    /// The frame in hand, and the one that was perceived before.
    luma: SmallLuma,
    before: SmallLuma,
    level: CostLevel,
    landmarks: Vec<[f32; 3]>,
    report: ParserReport,
    options: PerceptionOptions,
    stats: Stats,
}

impl PerceptionEngine {
    /// Loads the best parser that `store` can give, or the one that `options` name, and the face nets.
    ///
    /// # Errors
    /// When no person matte, face detector or landmarks model can be had, ONNX Runtime is missing, or
    /// a model is not of its kind.
    pub fn load(
        store: &ModelStore,
        options: &PerceptionOptions,
        stats: &Stats,
    ) -> Result<Self, PerceptionError> {
        let loader = Loader { store, options, stats };
        let detector = loader.best(Role::FaceDetector, 3, "inference.face_detector")?;
        let landmarks = loader.best(Role::FaceLandmarks, 3, "inference.face_landmarks")?;
        let faces = FaceTracker::new(detector, landmarks, stats)?;
        let (parser, mut report) = loader.parser()?;
        report.models.extend(faces.models().map(str::to_owned));
        stats.event(format!("Parser: {report}"));
        Ok(Self {
            parser,
            faces,
            resampler: Resampler::default(),
            motion: MotionEstimator::default(),
            luma: SmallLuma::default(),
            before: SmallLuma::default(),
            level: CostLevel::Full,
            landmarks: Vec::new(),
            report,
            options: options.clone(),
            stats: stats.clone(),
        })
    }

    /// Which parser runs, why, and what would make it better.
    pub fn parser(&self) -> &ParserReport {
        &self.report
    }

    /// Switches between stills and video (see [`PerceptionOptions::stills`]).
    pub fn set_stills(&mut self, stills: bool) {
        self.options.stills = stills;
    }

    /// Saves from the next frame on what `level` says.
    pub fn set_cost(&mut self, level: CostLevel) {
        self.level = level;
    }

    /// Whether `frame` shows what the last perceived one did, by the thresholds of `cadence`; never for
    /// the first frame. Cheap: about a tenth of a millisecond.
    pub fn is_still(&mut self, frame: &Frame, cadence: &Cadence) -> bool {
        self.luma.take(frame);
        cadence.is_still(&self.luma, &self.before)
    }

    /// Forgets everyone: the next frame is of another source.
    pub fn reset(&mut self) {
        self.faces.reset();
        self.parser.reset();
        self.before.clear();
    }

    /// Finds regions and faces in `frame`. `out` is filled anew; its buffers are reused.
    ///
    /// # Errors
    /// When a network fails; what is known of the people stays, and the next frame may succeed.
    pub fn perceive(&mut self, frame: &Frame, out: &mut Perception) -> Result<(), PerceptionError> {
        if self.options.stills {
            self.reset();
        }
        let mut timings = Timings::default();
        let scene =
            Scene { frame, faces: &mut self.faces, resampler: &mut self.resampler, options: &self.options };
        let shot = self.parser.parse(scene, &mut out.mask, &mut timings)?;
        self.find_motion(frame, shot, out, &mut timings);
        let start = Instant::now();
        self.publish_faces(frame, out);
        timings.postprocess += start.elapsed();
        (out.seq, out.timestamp) = (frame.seq, frame.timestamp);
        out.timings = timings;
        self.stats.stage("preprocess", timings.preprocess);
        self.stats.stage("motion", timings.motion);
        self.stats.stage("postprocess", timings.postprocess);
        self.stats.count("frames_perceived");
        Ok(())
    }

    fn find_motion(&mut self, frame: &Frame, shot: Shot, out: &mut Perception, timings: &mut Timings) {
        let start = Instant::now();
        self.luma.take(frame);
        if shot == Shot::New {
            self.before.clear();
        }
        self.motion.estimate(&self.luma, &self.before, &mut out.motion);
        out.luma.copy(&self.luma);
        std::mem::swap(&mut self.luma, &mut self.before);
        timings.motion += start.elapsed();
    }

    fn publish_faces(&mut self, frame: &Frame, out: &mut Perception) {
        let (w, h) = (frame.width as f32, frame.height as f32);
        out.faces.clear();
        for face in self.faces.faces().iter().filter(|face| face.missing == 0) {
            self.landmarks.clear();
            self.landmarks.extend(face.points.iter().map(|[x, y, z]| [x / w, y / h, z / w]));
            out.faces.push(Face::new(face.id, face.score, &self.landmarks));
        }
    }
}
