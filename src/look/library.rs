//! The textures that are part of the program.

use std::path::{Path, PathBuf};

use bevy::asset::io::embedded::EmbeddedAssetRegistry;
use bevy::prelude::*;

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

/// The textures that regions and faces can wear, by name.
#[derive(Resource, Debug, Clone)]
pub struct TextureLibrary {
    names: Vec<&'static str>,
}

impl Default for TextureLibrary {
    fn default() -> Self {
        Self { names: TEXTURES.iter().map(|(name, _)| *name).collect() }
    }
}

impl TextureLibrary {
    /// All names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().copied()
    }

    /// Whether there is a texture called `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// Names of the pictures in the face's map, in alphabetical order.
    pub fn face_paints(&self) -> impl Iterator<Item = &str> {
        FACE_PAINTS.iter().map(|(name, _)| *name)
    }

    /// The file of the texture or face paint called `name`: a JPEG or a PNG.
    pub(super) fn bytes(&self, name: &str) -> Option<&'static [u8]> {
        FACE_PAINTS.iter().chain(TEXTURES).find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
    }

    pub(super) fn asset_path(&self, name: &str) -> String {
        format!("embedded://{}", file(name).display())
    }
}

/// Makes the textures known to the asset server.
pub(super) fn embed(app: &mut App) {
    let registry = app.world().resource::<EmbeddedAssetRegistry>();
    for (name, bytes) in TEXTURES {
        registry.insert_asset(PathBuf::new(), &file(name), *bytes);
    }
}

fn file(name: &str) -> PathBuf {
    Path::new("masque/textures").join(name).with_extension("jpg")
}
