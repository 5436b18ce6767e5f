//! The textures that the current look needs, as handles.

use bevy::image::Image;
use bevy::prelude::*;

use super::store::{TextureBudget, TextureStore};
use super::texture::TextureSource;
use super::{CurrentLook, FacePart, Look, Stack, TextureLibrary};
use crate::frame::Region;
use crate::parameters::Value;
use crate::schedule::Waker;
use crate::stats::Stats;

/// Places that wear a texture in every look: regions first, then parts of the face.
const FIXED: usize = Region::COUNT + FacePart::COUNT;
/// Most images that the effects of a look wear; what is over that stays white.
pub const MOST_EFFECT_IMAGES: usize = 8;
const PLACES: usize = FIXED + MOST_EFFECT_IMAGES;

/// An input of an effect that is an image: the stack, the layer from below, the input.
type Wearer = (Stack, usize, usize);

/// Handles of the textures that are worn, one per region and part of the face. A new one is worn once it is
/// loaded, so that nothing flashes.
#[derive(Resource, Debug, Default)]
pub struct Wardrobe {
    places: [Place; PLACES],
    /// Which images of effects the places behind the fixed ones are for.
    effects: Vec<Wearer>,
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

    /// The texture that the input `input` of the layer `layer` (from below) of `stack` wears now.
    pub fn effect_image(&self, stack: Stack, layer: usize, input: usize) -> Option<&Handle<Image>> {
        let place = self.effects.iter().position(|wearer| *wearer == (stack, layer, input))?;
        self.places[FIXED + place].texture()
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
    let Wardrobe { places, effects, store } = wardrobe.bypass_change_detection();
    let failed = store.take(&mut images, &stats);
    let (wearers, images) = effect_images(&look);
    if wearers.len() > MOST_EFFECT_IMAGES && wearers != *effects {
        stats.add("effect_images_left_out", (wearers.len() - MOST_EFFECT_IMAGES) as u64);
    }
    let mut changed = wearers != *effects;
    *effects = wearers;
    let images = images.into_iter().map(Some).chain(std::iter::repeat(None));
    let wanted = wanted(&look).chain(images.map(|image| ("an effect", image)));
    for (place, (name, texture)) in places.iter_mut().zip(wanted) {
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

/// All images that effects of `look` are to wear, and who wears them.
fn effect_images(look: &Look) -> (Vec<Wearer>, Vec<&str>) {
    let mut wearers = Vec::new();
    let mut images = Vec::new();
    for stack in Stack::all() {
        for (at, layer) in look.stack(stack).iter().enumerate() {
            for (input, value) in layer.values.iter().enumerate() {
                if let Value::Texture(Some(texture)) = value {
                    wearers.push((stack, at, input));
                    images.push(texture.as_str());
                }
            }
        }
    }
    (wearers, images)
}

/// Each place's name and the texture that it is to wear, in the order of the places.
fn wanted(look: &Look) -> impl Iterator<Item = (&'static str, Option<&str>)> {
    let regions = Region::ALL.map(|region| (region.name(), look.style(region).texture.as_deref()));
    let parts = FacePart::ALL
        .map(|part| (part.name(), look.face_part(part).texture.as_deref().filter(|_| look.paints(part))));
    regions.into_iter().chain(parts)
}
