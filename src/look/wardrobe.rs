//! The textures that the current look needs, as asset handles.

use bevy::asset::{AssetServer, RenderAssetUsages};
use bevy::image::{Image, ImageLoaderSettings};
use bevy::prelude::*;

use super::face_wardrobe::FaceWardrobe;
use super::{CurrentLook, FacePart, TextureLibrary};
use crate::frame::Region;
use crate::schedule::Waker;
use crate::stats::Stats;

/// Handles of the textures that are worn, one per region. A handle that is no longer worn is dropped,
/// and its texture with it; a new one is worn once it is loaded, so that nothing flashes.
#[derive(Resource, Debug, Default)]
pub struct Wardrobe {
    worn: [Option<Garment>; Region::COUNT],
    coming: [Option<Garment>; Region::COUNT],
    face: FaceWardrobe,
}

#[derive(Debug, Clone)]
struct Garment {
    name: String,
    texture: Handle<Image>,
}

impl Wardrobe {
    /// The texture that `region` wears now.
    pub fn texture(&self, region: Region) -> Option<&Handle<Image>> {
        self.worn[region.index()].as_ref().map(|garment| &garment.texture)
    }

    /// The texture that `part` of every face wears now.
    pub fn face_texture(&self, part: FacePart) -> Option<&Handle<Image>> {
        self.face.texture(part)
    }

    /// Whether all textures asked for are there.
    pub fn is_complete(&self) -> bool {
        self.coming.iter().all(Option::is_none) && self.face.is_complete()
    }
}

/// Loads what the look names and swaps it in when it is there.
pub(super) fn fetch_textures(
    look: Res<CurrentLook>,
    library: Res<TextureLibrary>,
    server: Res<AssetServer>,
    mut images: ResMut<Assets<Image>>,
    (stats, waker): (Res<Stats>, Res<Waker>),
    mut wardrobe: ResMut<Wardrobe>,
) {
    if !look.is_changed() && wardrobe.is_complete() {
        return;
    }
    wardrobe.face.fetch(&look, &library, &mut images, (&stats, &waker));
    for region in Region::ALL {
        let wanted = look.style(region).texture.as_deref();
        let i = region.index();
        let Some(wanted) = wanted else {
            (wardrobe.worn[i], wardrobe.coming[i]) = (None, None);
            continue;
        };
        if wardrobe.worn[i].as_ref().is_some_and(|garment| garment.name == wanted) {
            wardrobe.coming[i] = None;
            continue;
        }
        let garment = match wardrobe.coming[i].take() {
            Some(garment) if garment.name == wanted => garment,
            _ => Garment { name: wanted.to_owned(), texture: load(&library, &server, wanted) },
        };
        if server.is_loaded(&garment.texture) {
            wardrobe.worn[i] = Some(garment);
        } else {
            wardrobe.coming[i] = Some(garment);
        }
    }
}

fn load(library: &TextureLibrary, server: &AssetServer, name: &str) -> Handle<Image> {
    server
        .load_builder()
        .with_settings(|settings: &mut ImageLoaderSettings| {
            // The compositor blends in the sRGB encoding of video, so the bytes are taken as they are,
            // and only the GPU needs them.
            settings.is_srgb = false;
            settings.asset_usage = RenderAssetUsages::RENDER_WORLD;
        })
        .load(library.asset_path(name))
}
