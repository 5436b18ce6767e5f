//! What is worn, apart from who wears it.

use std::sync::Arc;

use bevy::prelude::*;

use super::program::STACKS;
use crate::effect::Effect;
use crate::frame::Region;
use crate::look::{FacePart, Look, MOST_EFFECTS, MOST_OVERLAYS, Stack, Wardrobe};
use crate::parameters::Value;

/// A look and its textures. Never changed: another one takes its place, while this one may still be drawn.
#[derive(Debug, Clone, Default)]
pub struct Dress {
    /// Counts up from dress to dress.
    pub number: u64,
    /// The styles.
    pub look: Look,
    /// Texture of each region, in the order of their ids.
    pub textures: [Option<Handle<Image>>; Region::COUNT],
    /// Texture of each part of a face, in the order of [`FacePart::ALL`].
    pub face_textures: [Option<Handle<Image>>; FacePart::COUNT],
    /// Texture of each overlay, from below.
    pub overlay_textures: [Option<Handle<Image>>; MOST_OVERLAYS],
    /// Effects of each region in the order of their ids, then those over the whole picture; from below.
    pub stacks: [Vec<EffectWorn>; STACKS],
}

/// One effect that is on.
#[derive(Debug, Clone)]
pub struct EffectWorn {
    /// What it does.
    pub effect: Arc<Effect>,
    /// How much of it is seen over what is below, 0–1.
    pub opacity: f32,
    /// In the order of its inputs.
    pub values: Vec<Value>,
    /// Texture of each input that is an image and has one, in the order of its inputs.
    pub images: Vec<Option<Handle<Image>>>,
}

impl Dress {
    /// What `look` says, as far as its textures are there.
    pub(super) fn new(number: u64, look: &Look, wardrobe: &Wardrobe) -> Self {
        Self {
            number,
            look: look.clone(),
            textures: Region::ALL.map(|region| wardrobe.texture(region).cloned()),
            face_textures: FacePart::ALL.map(|part| wardrobe.face_texture(part).cloned()),
            overlay_textures: std::array::from_fn(|at| wardrobe.overlay_texture(at).cloned()),
            stacks: std::array::from_fn(|index| {
                worn(look, stack(index), |place, input| wardrobe.effect_image(stack(index), place, input))
            }),
        }
    }

    /// What `look`, which is faded out, wears.
    pub(super) fn fading(number: u64, look: &Look, wardrobe: &Wardrobe) -> Self {
        Self {
            number,
            look: look.clone(),
            textures: Region::ALL.map(|region| wardrobe.fading_texture(region).cloned()),
            face_textures: FacePart::ALL.map(|part| wardrobe.fading_face_texture(part).cloned()),
            overlay_textures: std::array::from_fn(|at| wardrobe.fading_overlay_texture(at).cloned()),
            stacks: std::array::from_fn(|index| {
                let image = |place, input| wardrobe.fading_effect_image(stack(index), place, input);
                worn(look, stack(index), image)
            }),
        }
    }
}

/// The stack that is at `index` in [`Dress::stacks`].
fn stack(index: usize) -> Stack {
    Region::ALL.get(index).map_or(Stack::Picture, |region| Stack::Region(*region))
}

/// `image` gives the texture of an input of a layer.
fn worn<'a>(
    look: &Look,
    stack: Stack,
    image: impl Fn(usize, usize) -> Option<&'a Handle<Image>>,
) -> Vec<EffectWorn> {
    let layers = look.stack(stack).iter().enumerate().take(MOST_EFFECTS).filter(|(_, layer)| layer.on);
    let worn = layers.map(|(place, layer)| EffectWorn {
        effect: layer.effect.clone(),
        opacity: layer.opacity,
        values: layer.values.clone(),
        images: (0..layer.values.len()).map(|input| image(place, input).cloned()).collect(),
    });
    worn.collect()
}
