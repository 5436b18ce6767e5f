//! What the shader of a look depends on.

use crate::frame::Region;
use crate::look::{Look, RegionStyle};
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

/// What a look has. Values, like how much of a tint is seen, are told to the shader and are not in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::compositor) struct Structure {
    pub(super) regions: [RegionShape; Region::COUNT],
    /// Mattes follow the picture's edges.
    pub(super) refined: bool,
    /// The outline is calmed on pixels that stay.
    smoothed: bool,
}

impl Structure {
    pub(in crate::compositor) fn of(look: &Look) -> Self {
        Self {
            regions: Region::ALL.map(|region| RegionShape::of(look.style(region))),
            refined: look.matte.refinement > 0.0,
            smoothed: look.matte.smoothing > 0.0,
        }
    }

    /// Whether every region is as the camera sees it: nobody needs to know which is where.
    pub(in crate::compositor) fn is_bare(&self) -> bool {
        self.regions.iter().all(|region| region.bare)
    }

    /// Whether the outline is kept from picture to picture.
    pub(in crate::compositor) fn is_calm(&self) -> bool {
        self.smoothed && !self.is_bare()
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
