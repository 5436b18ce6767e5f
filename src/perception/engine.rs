//! The engine: one frame in, one perception out.

use super::face::FaceFinder;
use super::parser::{Loader, Parser};
use super::{ParserReport, Perception, PerceptionError, PerceptionOptions, Timings};
use crate::frame::{Frame, Resampler};
use crate::models::ModelStore;
use crate::stats::Stats;

/// Networks, buffers and what is known of the people in view. Not shared: one frame at a time.
#[derive(Debug)]
pub struct PerceptionEngine {
    parser: Parser,
    faces: FaceFinder,
    resampler: Resampler,
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
        report.models.extend(faces.models());
        report.no_blendshapes = faces.without_blendshapes().map(str::to_owned);
        stats.event(format!("Parser: {report}"));
        Ok(Self {
            parser,
            faces,
            resampler: Resampler::default(),
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

    /// Forgets everyone: the next frame is of another source.
    pub fn reset(&mut self) {
        self.faces.tracker.reset();
        if let Parser::Composed(composed) = &mut self.parser {
            composed.reset();
        }
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
        let mut timings = Timings::default();
        match &mut self.parser {
            Parser::Multiclass(net) => {
                net.run(frame, &mut self.resampler, &mut out.mask, &mut timings)?;
                self.faces.tracker.update(
                    frame,
                    |_, _| {},
                    &mut self.resampler,
                    &self.options,
                    &mut timings,
                )?;
            }
            Parser::Composed(composed) => composed.perceive(
                frame,
                &mut self.faces.tracker,
                &mut self.resampler,
                &self.options,
                (&mut out.mask, &mut timings),
            )?,
        }
        self.faces.publish(frame, &self.options, &mut out.faces, &mut timings);
        (out.seq, out.timestamp) = (frame.seq, frame.timestamp);
        out.timings = timings;
        self.stats.stage("preprocess", timings.preprocess);
        self.stats.stage("postprocess", timings.postprocess);
        self.stats.count("frames_perceived");
        Ok(())
    }
}
