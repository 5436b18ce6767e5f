//! What the shader of a look depends on.

use std::sync::Arc;

use super::plan::{STACKS, WHOLE_STACK};
use crate::compositor::Dress;
use crate::effect::Effect;
use crate::frame::Region;
use crate::look::RegionStyle;
use crate::parameters::BlendMode;

/// What a region has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::compositor) struct RegionShape {
    /// It is seen as the camera sees it.
    pub(super) bare: bool,
    pub(super) textured: bool,
    pub(super) blend: BlendMode,
    /// Its matte has a shape of its own and lies over the others.
    pub(super) shaped: bool,
}

impl RegionShape {
    fn of(style: &RegionStyle) -> Self {
        let bare = style.opacity == 0.0;
        Self {
            bare,
            textured: !bare && style.texture.is_some(),
            blend: if bare { BlendMode::Normal } else { style.blend },
            shaped: style.is_shaped(),
        }
    }
}

/// One effect of a stack.
#[derive(Debug, Clone)]
pub(in crate::compositor) struct Layer {
    pub(super) effect: Arc<Effect>,
    /// What lies below it is seen through it. Else it is not even computed, which halves the cost of an effect that
    /// looks elsewhere.
    pub(super) mixed: bool,
}

impl PartialEq for Layer {
    fn eq(&self, other: &Self) -> bool {
        (self.effect.version(), self.mixed) == (other.effect.version(), other.mixed)
    }
}

impl Eq for Layer {}

/// What a look has. Values, like how much of a tint is seen, are told to the shader and are not in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::compositor) struct Structure {
    pub(super) regions: [RegionShape; Region::COUNT],
    /// Effects of each region, and those over the whole picture, from below.
    pub(super) stacks: [Vec<Layer>; STACKS],
    /// Mattes follow the picture's edges.
    pub(super) refined: bool,
    /// The outline is calmed on pixels that stay.
    smoothed: bool,
}

impl Structure {
    pub(in crate::compositor) fn of(dress: &Dress) -> Self {
        let look = &dress.look;
        let layer = |worn: &crate::compositor::dress::EffectWorn| Layer {
            effect: worn.effect.clone(),
            mixed: worn.opacity < 1.0,
        };
        Self {
            stacks: dress.stacks.each_ref().map(|stack| stack.iter().map(layer).collect()),
            regions: Region::ALL.map(|region| RegionShape::of(look.style(region))),
            refined: look.matte.refinement > 0.0,
            smoothed: look.matte.smoothing > 0.0,
        }
    }

    /// The same for mattes as `other` has them.
    pub(in crate::compositor) fn with_mattes_of(self, other: &Self) -> Self {
        let mut regions = self.regions;
        for (region, other) in regions.iter_mut().zip(&other.regions) {
            region.shaped = other.shaped;
        }
        Self { regions, refined: other.refined, smoothed: other.smoothed, ..self }
    }

    /// The same without effects.
    pub(in crate::compositor) fn without_effects(self) -> Self {
        Self { stacks: Default::default(), ..self }
    }

    /// Whether nothing is drawn per region.
    pub(in crate::compositor) fn is_bare(&self) -> bool {
        !self.is_dressed() && !self.tells_people()
    }

    /// Whether any region is not as the camera sees it.
    fn is_dressed(&self) -> bool {
        self.regions.iter().zip(&self.stacks).any(|(region, stack)| !region.bare || !stack.is_empty())
    }

    /// Whether the picture says in its alpha how much of a pixel is people: effects over the whole of it ask, and where
    /// there are no edges that is known without a look at the mattes.
    pub(super) fn tells_people(&self) -> bool {
        self.stacks[WHOLE_STACK].iter().any(|layer| layer.effect.uses().masks)
    }

    /// Whether the outline is kept from picture to picture.
    pub(in crate::compositor) fn is_calm(&self) -> bool {
        self.smoothed && self.is_dressed()
    }
}

/// What a program is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::compositor) struct Key {
    pub(in crate::compositor) structure: Structure,
    /// The output shows the frame pixel by pixel.
    pub(in crate::compositor) exact: bool,
    /// The mattes are of an older frame and moved along.
    pub(in crate::compositor) moved: bool,
}
