//! All effects that a look can name.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::prelude::*;

use super::{Effect, EffectError};

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../shaders/effects/", $name, ".wgsl")))),*]
    };
}

/// Name and source of each effect that comes with Masque, in alphabetical order.
const SHIPPED: &[(&str, &str)] = shipped![
    "ascii",
    "aura",
    "chromatic_shift",
    "crt",
    "dither",
    "echo_trails",
    "edge_glow",
    "flow_smear",
    "focal_blur",
    "four_colour_print",
    "hair_particles",
    "halftone",
    "hue_cycle",
    "ink_sketch",
    "invert",
    "kaleidoscope",
    "kuwahara",
    "liquid_metal",
    "mouth_ripple",
    "pixel_mosaic",
    "stained_glass",
    "thermal",
];

/// The effects that looks can wear, by name.
#[derive(Resource, Debug, Clone)]
pub struct EffectLibrary {
    effects: BTreeMap<String, Arc<Effect>>,
    troubles: Vec<EffectError>,
}

impl Default for EffectLibrary {
    fn default() -> Self {
        let mut library = Self { effects: BTreeMap::new(), troubles: Vec::new() };
        for (name, source) in SHIPPED {
            match Effect::parse(name, source) {
                Ok(effect) => {
                    library.effects.insert((*name).to_owned(), Arc::new(effect));
                }
                Err(error) => library.troubles.push(error),
            }
        }
        library
    }
}

impl EffectLibrary {
    /// The effect called `name`.
    pub fn get(&self, name: &str) -> Option<Arc<Effect>> {
        self.effects.get(name).cloned()
    }

    /// All names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.effects.keys().map(String::as_str)
    }

    /// All effects, in alphabetical order.
    pub fn effects(&self) -> impl Iterator<Item = &Arc<Effect>> {
        self.effects.values()
    }

    /// What is wrong with files that are no effects now; of those the last good one stays.
    pub fn troubles(&self) -> &[EffectError] {
        &self.troubles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_effect_is_good() {
        let library = EffectLibrary::default();
        assert_eq!(library.troubles(), []);
        assert!(library.names().eq(SHIPPED.iter().map(|(name, _)| *name)));
    }
}
