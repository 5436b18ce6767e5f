//! The engine: one frame in, one perception out.

use std::time::Instant;

use super::face::FaceTracker;
use super::net::Net;
use super::parse::{Composer, CutDetector, Grid, HairNet, Head, Materials, MulticlassNet, People, PersonNet};
use super::{Face, ParserKind, ParserReport, Perception, PerceptionError, PerceptionOptions, Timings};
use crate::frame::{Frame, Resampler};
use crate::models::{ModelError, ModelStore, ReadyModel, Role, Silent};
use crate::stats::Stats;

/// Networks, buffers and what is known of the people in view. Not shared: one frame at a time.
#[derive(Debug)]
pub struct PerceptionEngine {
    parser: Parser,
    faces: FaceTracker,
    cuts: CutDetector,
    resampler: Resampler,
    heads: Vec<Head>,
    landmarks: Vec<[f32; 3]>,
    report: ParserReport,
    options: PerceptionOptions,
    stats: Stats,
}

#[derive(Debug)]
enum Parser {
    Multiclass(MulticlassNet),
    Composed { person: PersonNet, people: People, hair: Option<HairNet>, composer: Composer },
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
        let detector = loader.net(&store.best(Role::FaceDetector, &Silent)?, 3, "inference.face_detector")?;
        let landmarks =
            loader.net(&store.best(Role::FaceLandmarks, &Silent)?, 3, "inference.face_landmarks")?;
        let faces = FaceTracker::new(detector, landmarks, stats)?;
        let (parser, mut report) = loader.parser()?;
        report.models.extend(faces.models().map(str::to_owned));
        stats.event(format!("Parser: {report}"));
        Ok(Self {
            parser,
            faces,
            cuts: CutDetector::default(),
            resampler: Resampler::default(),
            heads: Vec::new(),
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

    /// Forgets everyone: the next frame is of another source.
    pub fn reset(&mut self) {
        self.faces.reset();
        self.cuts.reset();
        if let Parser::Composed { hair, composer, .. } = &mut self.parser {
            forget(hair, composer);
        }
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
        match &mut self.parser {
            Parser::Multiclass(net) => {
                net.run(frame, &mut self.resampler, &mut out.mask, &mut timings)?;
                self.faces.update(frame, |_, _| {}, &mut self.resampler, &self.options, &mut timings)?;
            }
            Parser::Composed { person, people, hair, composer } => {
                person.run(frame, &mut self.resampler, &mut timings)?;
                if !self.options.stills && self.cuts.is_cut(&person.picture) {
                    self.stats.count("scene_cuts");
                    self.faces.forget();
                    forget(hair, composer);
                }
                let grid = Grid::new(person.size(), frame);
                people.find(&person.matte, &grid);
                self.faces.update(
                    frame,
                    |faces, parts| people.parts(faces, frame, parts),
                    &mut self.resampler,
                    &self.options,
                    &mut timings,
                )?;
                self.heads.clear();
                self.heads.extend(self.faces.faces().iter().filter_map(Head::of));
                people.guess(&mut self.heads);
                if let Some(hair) = hair {
                    hair.update(frame, &self.heads, &grid, &mut self.resampler, &self.options, &mut timings)?;
                }
                let materials = Materials {
                    picture: &person.picture,
                    matte: &person.matte,
                    faces: self.faces.faces(),
                    heads: &self.heads,
                    hair: hair.as_ref(),
                    grid,
                };
                composer.compose(&materials, &mut out.mask, &mut timings);
            }
        }
        let start = Instant::now();
        self.publish_faces(frame, out);
        timings.postprocess += start.elapsed();
        out.seq = frame.seq;
        out.timings = timings;
        self.stats.stage("preprocess", timings.preprocess);
        self.stats.stage("postprocess", timings.postprocess);
        self.stats.count("frames_perceived");
        Ok(())
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

fn forget(hair: &mut Option<HairNet>, composer: &mut Composer) {
    composer.reset();
    if let Some(hair) = hair {
        hair.reset();
    }
}

/// Loads nets with the same settings.
struct Loader<'a> {
    store: &'a ModelStore,
    options: &'a PerceptionOptions,
    stats: &'a Stats,
}

impl Loader<'_> {
    fn net(&self, model: &ReadyModel, channels: usize, stage: &'static str) -> Result<Net, PerceptionError> {
        Net::load(model, channels, stage, &self.options.session, self.stats)
    }

    /// The best parser there is, or the one asked for.
    fn parser(&self) -> Result<(Parser, ParserReport), PerceptionError> {
        let asked = self.options.parser;
        let mut missing = Vec::new();
        let wanted = |kind: ParserKind| asked.is_none_or(|asked| asked == kind);
        if wanted(ParserKind::Multiclass) {
            match self.store.best(Role::Multiclass, &Silent) {
                Ok(model) => {
                    let net = MulticlassNet::new(self.net(&model, 3, "inference.multiclass")?)?;
                    let models = vec![net.name().to_owned()];
                    let report = ParserReport::new(ParserKind::Multiclass, models, &missing, asked.is_some());
                    return Ok((Parser::Multiclass(net), report));
                }
                Err(error) => self.miss(ParserKind::Multiclass, error, &mut missing)?,
            }
        }
        let person = self.store.best(Role::Person, &Silent)?;
        let person = PersonNet::new(self.net(&person, 3, "inference.person")?)?;
        let mut models = vec![person.name().to_owned()];
        let mut hair = None;
        if wanted(ParserKind::PersonHairFace) {
            match self.store.best(Role::Hair, &Silent) {
                Ok(model) => hair = Some(HairNet::new(self.net(&model, 4, "inference.hair")?)?),
                Err(error) => self.miss(ParserKind::PersonHairFace, error, &mut missing)?,
            }
        }
        models.extend(hair.iter().map(|net| net.name().to_owned()));
        let kind = if hair.is_some() { ParserKind::PersonHairFace } else { ParserKind::PersonFace };
        let report = ParserReport::new(kind, models, &missing, asked.is_some());
        let (people, composer) = (People::default(), Composer::default());
        Ok((Parser::Composed { person, people, hair, composer }, report))
    }

    /// A parser that cannot be had: an error when it was asked for, else the next best is taken.
    fn miss(
        &self,
        kind: ParserKind,
        error: ModelError,
        missing: &mut Vec<String>,
    ) -> Result<(), PerceptionError> {
        if self.options.parser == Some(kind) {
            return Err(error.into());
        }
        self.stats.count("parser_fallbacks");
        tracing::warn!("the parser \"{kind}\" is not to be had: {error}");
        missing.push(error.to_string());
        Ok(())
    }
}
