//! The textures that regions and faces can wear: those of the program and those of the user, by name.

use std::collections::BTreeMap;

use bevy::prelude::*;

use super::folder::FoundTextures;
use super::texture::TextureSource;
use crate::effect::EffectLibrary;
use crate::stats::Stats;

macro_rules! textures {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../assets/textures/", $name, ".jpg")) as &[u8])),*]
    };
}

/// Name and JPEG of each texture, in alphabetical order.
const TEXTURES: &[(&str, &[u8])] = textures![
    "aurora",
    "brick",
    "brushed_copper",
    "circuit",
    "denim",
    "dragon_scales",
    "feathers",
    "halftone",
    "ice",
    "lava",
    "leopard",
    "liquid_gold",
    "marble",
    "moss",
    "nebula",
    "oil_slick",
    "opal",
    "porcelain",
    "silk",
    "stained_glass",
    "tartan",
    "terrazzo",
    "walnut",
    "washi_paper",
    "waves",
];

macro_rules! face_paints {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../assets/face/paints/", $name, ".png")) as &[u8])),*]
    };
}

/// Name and PNG of each picture in the face's map, in alphabetical order.
const FACE_PAINTS: &[(&str, &[u8])] = face_paints!["filigree", "tribal"];

/// Most textures that are kept, so that a folder of a whole disk does no harm.
pub(super) const MOST_TEXTURES: usize = 4096;
/// Most names that a message lists.
const LISTED: usize = 40;

/// The textures that regions and faces can wear, by name, and the effects: all that a look can name, so that who
/// reads one needs nothing else.
#[derive(Resource, Debug, Clone)]
pub struct TextureLibrary {
    textures: BTreeMap<String, TextureSource>,
    effects: EffectLibrary,
}

impl Default for TextureLibrary {
    fn default() -> Self {
        let embedded = |(name, _): &(&'static str, _)| ((*name).to_owned(), TextureSource::embedded(name));
        Self { textures: TEXTURES.iter().map(embedded).collect(), effects: EffectLibrary::default() }
    }
}

impl TextureLibrary {
    /// The same textures, with other effects.
    pub fn with_effects(self, effects: EffectLibrary) -> Self {
        Self { effects, ..self }
    }

    /// Has other effects from now on.
    pub(super) fn take_effects(&mut self, effects: EffectLibrary) {
        self.effects = effects;
    }

    /// The effects that looks can wear.
    pub fn effects(&self) -> &EffectLibrary {
        &self.effects
    }

    /// All names but those of face paints, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.textures.keys().map(String::as_str)
    }

    /// Whether there is a texture called `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.textures.contains_key(name)
    }

    /// Names of the pictures in the face's map, in alphabetical order.
    pub fn face_paints(&self) -> impl Iterator<Item = &str> {
        FACE_PAINTS.iter().map(|(name, _)| *name).filter(|name| !self.contains(name))
    }

    /// The texture or face paint called `name`.
    pub fn source(&self, name: &str) -> Option<TextureSource> {
        let paint = || FACE_PAINTS.iter().find(|(paint, _)| *paint == name);
        self.textures.get(name).cloned().or_else(|| paint().map(|(name, _)| TextureSource::embedded(name)))
    }

    /// Adds what was found; a name that is there already is taken over. Counts (`textures_added`,
    /// `textures_shadowed`, `textures_skipped`) and gives the lines that a person should read.
    pub fn add(&mut self, found: FoundTextures, stats: &Stats) -> Vec<String> {
        let FoundTextures { origin, textures, mut skipped, mut reason } = found;
        let (mut added, mut shadowed) = (0_u64, Vec::new());
        for (name, source) in textures {
            let known = self.source(&name);
            if known.is_none() && self.textures.len() >= MOST_TEXTURES {
                skipped += 1;
                reason.get_or_insert_with(|| format!("the library has room for {MOST_TEXTURES} textures"));
                continue;
            }
            if known.is_some_and(|known| known.is_embedded() && !source.is_embedded()) {
                shadowed.push(name.clone());
            }
            self.textures.insert(name, source);
            added += 1;
        }
        stats.add("textures_added", added);
        stats.add("textures_shadowed", shadowed.len() as u64);
        stats.add("textures_skipped", skipped);
        let plural = |n: u64| if n == 1 { "" } else { "s" };
        let mut lines = vec![format!("{added} texture{} of {origin} can be worn", plural(added))];
        if !shadowed.is_empty() {
            let names = list(shadowed.iter().map(String::as_str));
            lines.push(format!("{origin} has its own {names}, worn instead of those of Masque"));
        }
        if let Some(reason) = reason {
            lines.push(format!("{skipped} file{} of {origin} left out: {reason}", plural(skipped)));
        }
        lines
    }

    /// The names for a message, face paints first; of very many only the first.
    pub(super) fn known(&self) -> String {
        list(self.face_paints().chain(self.names()))
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let mut text = names[..names.len().min(LISTED)].join(", ");
    if names.len() > LISTED {
        text.push_str(&format!(" and {} more", names.len() - LISTED));
    }
    text
}

/// The file of the texture or face paint of the program called `name`: a JPEG or a PNG.
pub(super) fn embedded(name: &str) -> &'static [u8] {
    let found = FACE_PAINTS.iter().chain(TEXTURES).find(|(known, _)| *known == name);
    found.map(|(_, bytes)| *bytes).unwrap_or_default()
}
