//! What is worn, apart from who wears it.

use bevy::prelude::*;

use crate::frame::Region;
use crate::look::{FacePart, Look, Wardrobe};

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
}

impl Dress {
    /// What `look` says, as far as its textures are there.
    pub(super) fn new(number: u64, look: &Look, wardrobe: &Wardrobe) -> Self {
        Self {
            number,
            look: look.clone(),
            textures: Region::ALL.map(|region| wardrobe.texture(region).cloned()),
            face_textures: FacePart::ALL.map(|part| wardrobe.face_texture(part).cloned()),
        }
    }
}
