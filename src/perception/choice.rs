//! Which parser can be had.

use super::loader::Loader;
use super::parse::{Composed, HairNet, MulticlassNet, PersonNet};
use super::parser::RegionParser;
use super::{ParserKind, ParserReport, PerceptionError};
use crate::models::Role;

impl Loader<'_> {
    /// The best parser there is, or the one asked for.
    pub fn parser(&self) -> Result<(Box<dyn RegionParser>, ParserReport), PerceptionError> {
        let asked = self.options.parser;
        let wanted = |kind: ParserKind| asked.is_none_or(|asked| asked == kind);
        let mut missing = Vec::new();
        if wanted(ParserKind::Multiclass) {
            let net = self.best(Role::Multiclass, 3, "inference.multiclass").and_then(MulticlassNet::new);
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
