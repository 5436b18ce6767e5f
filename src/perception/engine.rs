//! The engine: one frame in, one perception out.

use std::time::Instant;

use super::face::FaceFinder;
use super::loader::Loader;
use super::objects::ObjectFinder;
use super::parser::{RegionParser, Scene, Shot};
use super::{
    Cadence, CostLevel, MotionEstimator, ParserReport, Perception, PerceptionError, PerceptionOptions,
    SmallLuma, Timings,
};
use crate::frame::{Frame, Resampler};
use crate::models::ModelStore;
use crate::stats::Stats;

/// Networks, buffers and what is known of the people in view. Not shared: one frame at a time.
#[derive(Debug)]
pub struct PerceptionEngine {
    parser: Box<dyn RegionParser>,
    faces: FaceFinder,
    objects: Option<ObjectFinder>,
    resampler: Resampler,
    motion: MotionEstimator,
    /// The frame in hand, and the one that was perceived before.
    luma: SmallLuma,
    before: SmallLuma,
    level: CostLevel,
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
        let faces = FaceFinder::load(&loader)?;
        let (parser, mut report) = loader.parser()?;
        let objects = options.objects.as_ref();
        let objects =
            objects.map(|objects| ObjectFinder::load(store, objects, &options.session, stats)).transpose()?;
        report.models.extend(faces.models());
        report.no_blendshapes = faces.without_blendshapes().map(str::to_owned);
        stats.event(format!("Parser: {report}"));
        Ok(Self {
            parser,
            faces,
            objects,
            resampler: Resampler::default(),
            motion: MotionEstimator::default(),
            luma: SmallLuma::default(),
            before: SmallLuma::default(),
            level: CostLevel::Full,
            report,
            // Names and zones of what is detected are with what detects: these are copied for each frame.
            options: PerceptionOptions { objects: None, ..options.clone() },
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

    /// Whether frames are shown as a mirror: what is counted by place is counted where it is seen.
    pub fn set_mirrored(&mut self, mirrored: bool) {
        self.objects.iter_mut().for_each(|objects| objects.set_mirrored(mirrored));
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
        self.faces.tracker.reset();
        self.parser.reset();
        self.objects.iter_mut().for_each(ObjectFinder::reset);
        self.before.clear();
    }

    /// Finds regions and faces in `frame`. `out` is filled anew; its buffers are reused.
    ///
    /// # Errors
    /// When a network fails; what is known of the people stays, and the next frame may succeed. `out` has
    /// no faces then.
    pub fn perceive(&mut self, frame: &Frame, out: &mut Perception) -> Result<(), PerceptionError> {
        if self.options.stills {
            self.reset();
        }
        out.faces.clear();
        out.things.clear();
        let mut timings = Timings::default();
        let options = self.saving_options();
        let scene = Scene {
            frame,
            faces: &mut self.faces.tracker,
            resampler: &mut self.resampler,
            options: &options,
        };
        let shot = self.parser.parse(scene, &mut out.mask, &mut timings)?;
        self.stats.add("scene_cuts", u64::from(shot == Shot::New));
        self.find_motion(frame, shot, out, &mut timings);
        self.faces.publish(frame, &self.options, &mut out.faces, &mut timings);
        if let Some(objects) = &mut self.objects {
            let start = Instant::now();
            if shot == Shot::New {
                objects.forget();
            }
            objects.find(frame, self.level.detector_factor(), &out.motion, &mut out.things);
            timings.objects = start.elapsed();
            self.stats.stage("objects", timings.objects);
        }
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

    /// What was asked for, less what the cost level saves.
    fn saving_options(&self) -> PerceptionOptions {
        let mut options = self.options.clone();
        options.hair_network &= self.level.has_hair_network();
        options.hair_every = options.hair_every.max(1).saturating_mul(self.level.hair_factor());
        options.detect_every = options.detect_every.max(1).saturating_mul(self.level.detector_factor());
        options
    }
}
