//! The textures that the current look needs, as handles.

use bevy::image::Image;
use bevy::prelude::*;

use super::store::{TextureBudget, TextureStore};
use super::texture::TextureSource;
use super::{CurrentLook, FacePart, Look, TextureLibrary};
use crate::frame::Region;
use crate::schedule::Waker;
use crate::stats::Stats;

/// Places that wear a texture: regions first, then parts of the face.
const PLACES: usize = Region::COUNT + FacePart::COUNT;

/// Handles of the textures that are worn, one per region and part of the face. A new one is worn once it is
/// loaded, so that nothing flashes.
#[derive(Resource, Debug, Default)]
pub struct Wardrobe {
    places: [Place; PLACES],
    store: TextureStore,
}

#[derive(Debug, Default)]
struct Place {
    worn: Option<Garment>,
    coming: Option<TextureSource>,
}

/// A texture, or none where it could not be had: it is not asked for again.
#[derive(Debug)]
struct Garment {
    source: TextureSource,
    texture: Option<Handle<Image>>,
}

impl Wardrobe {
    /// The texture that `region` wears now.
    pub fn texture(&self, region: Region) -> Option<&Handle<Image>> {
        self.places[region.index()].texture()
    }

    /// The texture that `part` of every face wears now.
    pub fn face_texture(&self, part: FacePart) -> Option<&Handle<Image>> {
        self.places[Region::COUNT + part.index()].texture()
    }

    /// Whether all textures asked for are there.
    pub fn is_complete(&self) -> bool {
        self.places.iter().all(|place| place.coming.is_none())
    }
}

impl Place {
    fn texture(&self) -> Option<&Handle<Image>> {
        self.worn.as_ref()?.texture.as_ref()
    }

    fn wears(&self, source: &TextureSource) -> bool {
        self.worn.as_ref().is_some_and(|garment| garment.source == *source)
    }
}

/// Loads what the look names and swaps it in when it is there.
pub(super) fn fetch_textures(
    look: Res<CurrentLook>,
    library: Res<TextureLibrary>,
    budget: Res<TextureBudget>,
    mut images: ResMut<Assets<Image>>,
    (stats, waker): (Res<Stats>, Res<Waker>),
    mut wardrobe: ResMut<Wardrobe>,
) {
    let asked = look.is_changed() || library.is_changed() || budget.is_changed();
    if !asked && wardrobe.is_complete() && !wardrobe.store.is_busy() {
        return;
    }
    // Only what is worn concerns the picture.
    let Wardrobe { places, store } = wardrobe.bypass_change_detection();
    let failed = store.take(&mut images, &stats);
    let mut changed = false;
    for (place, (name, texture)) in places.iter_mut().zip(wanted(&look)) {
        let Some(texture) = texture else {
            changed |= place.worn.is_some();
            *place = Place::default();
            continue;
        };
        let source = library.source(texture).unwrap_or_else(|| TextureSource::unseen(texture));
        if place.wears(&source) {
            place.coming = None;
        } else if let Some((_, error)) = failed.iter().find(|(failed, _)| *failed == source) {
            stats.count("textures_failed");
            stats.event(format!("{name} stays bare: {error}; the library has {}", library.known()));
            *place = Place { worn: Some(Garment { source, texture: None }), coming: None };
            changed = true;
        } else if let Some(texture) = store.get(&source, &waker) {
            *place = Place { worn: Some(Garment { source, texture: Some(texture) }), coming: None };
            changed = true;
        } else {
            place.coming = Some(source);
        }
    }
    let use_now = places.iter().flat_map(|place| {
        let worn = place.worn.as_ref().map(|garment| &garment.source);
        worn.into_iter().chain(&place.coming)
    });
    store.fit(&use_now.collect(), *budget, &stats);
    if changed {
        wardrobe.set_changed();
    }
}

/// Each place's name and the texture that it is to wear, in the order of the places.
fn wanted(look: &Look) -> impl Iterator<Item = (&'static str, Option<&str>)> {
    let regions = Region::ALL.map(|region| (region.name(), look.style(region).texture.as_deref()));
    let parts = FacePart::ALL
        .map(|part| (part.name(), look.face_part(part).texture.as_deref().filter(|_| look.paints(part))));
    regions.into_iter().chain(parts)
}
