//! The parsers, and which of them can be had.

use std::fmt;

use super::face::FaceTracker;
use super::net::Net;
use super::parse::{Composed, HairNet, MulticlassNet, PersonNet};
use super::{ParserKind, ParserReport, PerceptionError, PerceptionOptions, RegionMask, Timings};
use crate::frame::{Frame, Resampler};
use crate::models::{ModelStore, Role, Silent};
use crate::stats::Stats;

/// Finds the six regions of a frame.
pub(super) trait RegionParser: fmt::Debug + Send + Sync {
    /// Forgets everyone: the next frame is the first.
    fn reset(&mut self);

    /// Fills `mask` from the frame and brings the faces up to date; adds the time it took to `timings`.
    ///
    /// # Errors
    /// When a network fails; what is known of the people stays.
    fn parse(
        &mut self,
        scene: Scene<'_>,
        mask: &mut RegionMask,
        timings: &mut Timings,
    ) -> Result<Shot, PerceptionError>;
}

/// What a parser works with besides its own networks.
pub(super) struct Scene<'a> {
    pub frame: &'a Frame,
    pub faces: &'a mut FaceTracker,
    pub resampler: &'a mut Resampler,
    pub options: &'a PerceptionOptions,
}

/// Whether a frame goes on with the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shot {
    /// It does.
    Same,
    /// It shows another scene; everyone known was forgotten.
    New,
}

/// Loads nets with the same settings.
pub(super) struct Loader<'a> {
    pub store: &'a ModelStore,
    pub options: &'a PerceptionOptions,
    pub stats: &'a Stats,
}

impl Loader<'_> {
    /// The best net for `role` that can be had, fed `channels` channels, timed as `stage`.
    pub fn best(&self, role: Role, channels: usize, stage: &'static str) -> Result<Net, PerceptionError> {
        let model = self.store.best(role, &Silent)?;
        Net::load(&model, channels, stage, &self.options.session, self.stats)
    }

    /// The best parser there is, or the one asked for.
    pub fn parser(&self) -> Result<(Box<dyn RegionParser>, ParserReport), PerceptionError> {
        let asked = self.options.parser;
        let wanted = |kind: ParserKind| asked.is_none_or(|asked| asked == kind);
        let mut missing = Vec::new();
        if wanted(ParserKind::Multiclass) {
            let net = self
                .best(Role::Multiclass, 3, "inference.multiclass")
                .and_then(|net| MulticlassNet::new(net, self.stats));
            if let Some(net) = self.or_next(ParserKind::Multiclass, net, &mut missing)? {
                let models = vec![net.name().to_owned()];
                let report = ParserReport::new(ParserKind::Multiclass, models, &missing, asked.is_some());
                return Ok((Box::new(net), report));
            }
        }
        let person = PersonNet::new(self.best(Role::Person, 3, "inference.person")?)?;
        let mut models = vec![person.name().to_owned()];
        let mut hair = None;
        if wanted(ParserKind::PersonHairFace) {
            let net = self.best(Role::Hair, 4, "inference.hair").and_then(HairNet::new);
            hair = self.or_next(ParserKind::PersonHairFace, net, &mut missing)?;
        }
        models.extend(hair.iter().map(|net| net.name().to_owned()));
        let kind = if hair.is_some() { ParserKind::PersonHairFace } else { ParserKind::PersonFace };
        let report = ParserReport::new(kind, models, &missing, asked.is_some());
        Ok((Box::new(Composed::new(person, hair, self.stats)), report))
    }

    /// The net, or `None` when the next best parser is to be taken; an error when this one was asked for.
    fn or_next<T>(
        &self,
        kind: ParserKind,
        net: Result<T, PerceptionError>,
        missing: &mut Vec<ParserKind>,
    ) -> Result<Option<T>, PerceptionError> {
        match net {
            Ok(net) => Ok(Some(net)),
            Err(error) if self.options.parser == Some(kind) => Err(error),
            Err(error) => {
                self.stats.count("parser_fallbacks");
                tracing::warn!("the parser \"{kind}\" cannot run here: {error}");
                missing.push(kind);
                Ok(None)
            }
        }
    }
}
