//! Faces alone: no regions, and none of their networks.

use super::face::FaceFinder;
use super::loader::Loader;
use super::parse::CutDetector;
use super::{Face, PerceptionError, PerceptionOptions, Timings};
use crate::frame::{Frame, Resampler, RgbImage};
use crate::models::ModelStore;
use crate::stats::Stats;

/// Side of the small picture that cuts are seen in.
const CUT_PICTURE: u32 = 128;

/// The face nets and what is known of the faces in view. Not shared: one frame at a time.
///
/// Faces are looked for in the whole frame, as MediaPipe does it. A
/// [`PerceptionEngine`](super::PerceptionEngine) finds smaller ones too, because it knows where people are.
#[derive(Debug)]
pub struct FaceEngine {
    finder: FaceFinder,
    resampler: Resampler,
    cuts: CutDetector,
    picture: RgbImage,
    options: PerceptionOptions,
    stats: Stats,
}

impl FaceEngine {
    /// Loads the face nets that `store` can give.
    ///
    /// # Errors
    /// When no face detector or landmarks model can be had, ONNX Runtime is missing, or a model is not
    /// of its kind. Blendshapes that cannot be had are no error.
    pub fn load(
        store: &ModelStore,
        options: &PerceptionOptions,
        stats: &Stats,
    ) -> Result<Self, PerceptionError> {
        Ok(Self {
            finder: FaceFinder::load(&Loader { store, options, stats })?,
            resampler: Resampler::default(),
            cuts: CutDetector::default(),
            picture: RgbImage::default(),
            options: options.clone(),
            stats: stats.clone(),
        })
    }

    /// Names of the models that run.
    pub fn models(&self) -> Vec<String> {
        self.finder.models()
    }

    /// Why faces come without blendshapes; `None` when they come with them.
    pub fn without_blendshapes(&self) -> Option<&str> {
        self.finder.without_blendshapes()
    }

    /// Switches between stills and video (see [`PerceptionOptions::stills`]).
    pub fn set_stills(&mut self, stills: bool) {
        self.options.stills = stills;
    }

    /// Forgets everyone: the next frame is of another source.
    pub fn reset(&mut self) {
        self.finder.tracker.reset();
        self.cuts.reset();
    }

    /// Fills `out` with the faces in `frame`, the longest followed first; says where the time went.
    ///
    /// # Errors
    /// When a network fails; `out` is empty then.
    pub fn find(&mut self, frame: &Frame, out: &mut Vec<Face>) -> Result<Timings, PerceptionError> {
        out.clear();
        if self.options.stills {
            self.finder.tracker.reset();
        } else {
            self.resampler.stretch(frame, CUT_PICTURE, CUT_PICTURE, &mut self.picture)?;
            if self.cuts.is_cut(&self.picture) {
                self.stats.count("scene_cuts");
                self.finder.tracker.forget();
            }
        }
        let mut timings = Timings::default();
        let Self { finder, resampler, options, .. } = self;
        finder.tracker.update(frame, |_, _| {}, resampler, options, &mut timings)?;
        finder.publish(frame, options, out, &mut timings);
        self.stats.count("frames_perceived");
        Ok(timings)
    }
}
