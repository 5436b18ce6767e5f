//! Which parser runs, why, and what would make it better.

use std::fmt;

/// The ways to parse a person into regions, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum ParserKind {
    /// One net for all six regions.
    Multiclass,
    /// Person and hair mattes, face geometry, skin colour learned from the face.
    PersonHairFace,
    /// Person matte, face geometry, skin and hair colour learned from the head.
    PersonFace,
}

impl fmt::Display for ParserKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Multiclass => "multiclass",
            Self::PersonHairFace => "composed: person + hair + face",
            Self::PersonFace => "composed: person + face",
        })
    }
}

/// What the panel, `masque doctor` and the stats say about parsing; one sentence each.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ParserReport {
    /// The parser that runs.
    pub kind: ParserKind,
    /// The models it runs, by their names in the manifest.
    pub models: Vec<String>,
    /// Why this one.
    pub why: String,
    /// What would make it better; `None` when nothing known would.
    pub better: Option<String>,
    /// Why faces come without blendshapes; `None` when they come with them.
    pub no_blendshapes: Option<String>,
}

impl ParserReport {
    /// A report on `kind`; `missing` are the better ones that cannot run here.
    pub(super) fn new(kind: ParserKind, models: Vec<String>, missing: &[ParserKind], asked: bool) -> Self {
        let why = if asked {
            "It was asked for by name.".to_owned()
        } else if missing.is_empty() {
            "It is the best there is.".to_owned()
        } else {
            let missing: Vec<String> = missing.iter().map(|kind| format!("\"{kind}\"")).collect();
            format!("Models for {} are not to be had here; the log says why.", missing.join(" and "))
        };
        let better = match kind {
            ParserKind::Multiclass => None,
            ParserKind::PersonHairFace => Some(format!(
                "The multiclass model finds clothes, accessories and skin by itself: type masque models pull {}.",
                super::parse::MULTICLASS_MODEL
            )),
            ParserKind::PersonFace => Some(format!(
                "The hair model finds hair where colour and geometry guess it: type masque models pull {}.",
                super::parse::HAIR_MODEL
            )),
        };
        Self { kind, models, why, better, no_blendshapes: None }
    }
}

impl fmt::Display for ParserReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.kind, self.why)?;
        if let Some(better) = &self.better {
            write!(f, " {better}")?;
        }
        match &self.no_blendshapes {
            Some(reason) => write!(f, " Faces come without blendshapes: {reason}."),
            None => Ok(()),
        }
    }
}
