//! All effects that a look can name.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use bevy::prelude::*;

use super::folders::Change;
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
    "glitch",
    "hair_particles",
    "halftone",
    "hue_cycle",
    "ink_sketch",
    "invert",
    "kaleidoscope",
    "kuwahara",
    "liquid_metal",
    "mouth_ripple",
    "northern_lights",
    "paper_print",
    "pixel_mosaic",
    "spotlight",
    "stained_glass",
    "thermal",
];

/// The effects that looks can wear, by name. Of a file that is no effect any more the last good one stays.
/// Clones are cheap.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct EffectLibrary {
    effects: Arc<BTreeMap<String, Arc<Effect>>>,
    troubles: Arc<BTreeMap<String, EffectError>>,
}

/// What a person is told of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    /// Another effect than before.
    Changed(String),
    /// The same.
    Same,
    /// The last good one stays.
    Failed(String),
}

impl Default for EffectLibrary {
    /// Those that come with Masque.
    fn default() -> Self {
        // They are read once: what is part of the program does not change.
        static LIBRARY: LazyLock<EffectLibrary> = LazyLock::new(|| {
            let mut library = EffectLibrary { effects: Arc::default(), troubles: Arc::default() };
            for (name, source) in SHIPPED {
                library.take(read(name, source));
            }
            library
        });
        LIBRARY.clone()
    }
}

fn read(name: &str, source: &str) -> Change {
    match Effect::parse(name, source) {
        Ok(effect) => Change::Good(Arc::new(effect)),
        Err(error) => Change::Bad { name: name.to_owned(), error },
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

    /// What is wrong with files that are no effects now, by the name of the effect.
    pub fn troubles(&self) -> impl Iterator<Item = &EffectError> {
        self.troubles.values()
    }

    /// What is wrong with the file of the effect called `name`.
    pub fn trouble(&self, name: &str) -> Option<&EffectError> {
        self.troubles.get(name)
    }

    /// Takes `change` in.
    pub(super) fn take(&mut self, change: Change) -> News {
        match change {
            Change::Good(effect) => {
                let name = effect.name().to_owned();
                if self.troubles.contains_key(&name) {
                    Arc::make_mut(&mut self.troubles).remove(&name);
                }
                if self.effects.get(&name).is_some_and(|known| known.version() == effect.version()) {
                    return News::Same;
                }
                Arc::make_mut(&mut self.effects).insert(name.clone(), effect);
                News::Changed(format!("effect {name} read anew"))
            }
            Change::Bad { name, error } => {
                let line = if self.effects.contains_key(&name) {
                    format!("the last good effect {name} stays: {error}")
                } else {
                    format!("there is no effect {name}: {error}")
                };
                Arc::make_mut(&mut self.troubles).insert(name, error);
                News::Failed(line)
            }
            Change::Gone { name, path } => {
                Arc::make_mut(&mut self.troubles).remove(&name);
                if let Some(shipped) = Self::default().get(&name) {
                    return self.take(Change::Good(shipped));
                }
                let stays =
                    if self.effects.contains_key(&name) { ": the last good effect stays" } else { "" };
                News::Failed(format!("{} is gone{stays}", path.display()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_effect_is_good() {
        let library = EffectLibrary::default();
        assert_eq!(library.troubles().next(), None);
        assert!(library.names().eq(SHIPPED.iter().map(|(name, _)| *name)));
    }
}
