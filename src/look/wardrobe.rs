//! The textures that the current look needs, as handles.

use bevy::image::Image;
use bevy::prelude::*;

use super::store::{TextureBudget, TextureStore};
use super::texture::{TextureError, TextureSource};
use super::{CurrentLook, FacePart, Look, MOST_OVERLAYS, Stack, TextureLibrary};
use crate::frame::Region;
use crate::memory::{MemoryStatus, PressureLevel};
use crate::parameters::Value;
use crate::schedule::Waker;
use crate::stats::Stats;

/// Places that wear a texture in every look: regions first, then parts of the face, then overlays.
const FIXED: usize = OVERLAYS + MOST_OVERLAYS;
/// The first overlay.
const OVERLAYS: usize = Region::COUNT + FacePart::COUNT;
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
    /// What the look that is faded out wears, and for which images of its effects.
    fading: [Option<(TextureSource, Handle<Image>)>; PLACES],
    fading_effects: Vec<Wearer>,
    /// What the next look is going to wear, and whether it cannot be had.
    prepared: Vec<(TextureSource, bool)>,
    /// Something is not faded out, or not prepared for, any more: its textures may have to go.
    let_go: bool,
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
    /// It was asked for while textures are half as large.
    shrunk: bool,
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
        self.places.get(FIXED + place)?.texture()
    }

    /// The texture of the overlay number `at` now.
    pub fn overlay_texture(&self, at: usize) -> Option<&Handle<Image>> {
        self.places.get(OVERLAYS + at)?.texture()
    }

    /// The texture of the overlay number `at` of the look that is faded out.
    pub fn fading_overlay_texture(&self, at: usize) -> Option<&Handle<Image>> {
        self.fading.get(OVERLAYS + at)?.as_ref().map(|(_, texture)| texture)
    }

    /// The texture that `region` of the look that is faded out wears.
    pub fn fading_texture(&self, region: Region) -> Option<&Handle<Image>> {
        self.fading[region.index()].as_ref().map(|(_, texture)| texture)
    }

    /// The texture that `part` of every face of the look that is faded out wears.
    pub fn fading_face_texture(&self, part: FacePart) -> Option<&Handle<Image>> {
        self.fading[Region::COUNT + part.index()].as_ref().map(|(_, texture)| texture)
    }

    /// The texture that the input `input` of the layer `layer` of `stack` of the look that is faded out wears.
    pub fn fading_effect_image(&self, stack: Stack, layer: usize, input: usize) -> Option<&Handle<Image>> {
        let place = self.fading_effects.iter().position(|wearer| *wearer == (stack, layer, input))?;
        self.fading.get(FIXED + place)?.as_ref().map(|(_, texture)| texture)
    }

    /// What is worn now is faded out.
    pub(super) fn begin_fade(&mut self) {
        let worn = |place: &Place| {
            let garment = place.worn.as_ref()?;
            Some((garment.source.clone(), garment.texture.clone()?))
        };
        self.fading = std::array::from_fn(|at| worn(&self.places[at]));
        self.fading_effects.clone_from(&self.effects);
    }

    /// Nothing is faded out any more.
    pub(super) fn end_fade(&mut self) {
        self.let_go |= self.fading.iter().any(Option::is_some);
        self.fading = Default::default();
        self.fading_effects.clear();
    }

    /// Loads what `look` is going to wear; gives whether all is there that can be had.
    pub(super) fn prepare(&mut self, look: &Look, library: &TextureLibrary, waker: &Waker) -> bool {
        let (_, images) = effect_images(look);
        let images = images.into_iter().take(MOST_EFFECT_IMAGES);
        let names = wanted(look).filter_map(|(_, texture)| texture).chain(images);
        let sources: Vec<_> = names.map(|texture| source(library, texture)).collect();
        if !sources.iter().eq(self.prepared.iter().map(|(source, _)| source)) {
            self.prepared = sources.into_iter().map(|source| (source, false)).collect();
        }
        let store = &mut self.store;
        let missing =
            |(source, failed): &&(TextureSource, bool)| !failed && store.get(source, waker).is_none();
        self.prepared.iter().filter(missing).count() == 0
    }

    /// The same, and waits for it.
    pub(super) fn prepare_now(
        &mut self,
        look: &Look,
        library: &TextureLibrary,
        images: &mut Assets<Image>,
        stats: &Stats,
        waker: &Waker,
    ) {
        while !self.prepare(look, library, waker) {
            let failed = self.store.take(images, true, stats);
            self.note_failed(&failed);
        }
    }

    /// The look that was prepared for is worn, or not wanted any more.
    pub(super) fn forget_prepared(&mut self) {
        self.let_go |= !self.prepared.is_empty();
        self.prepared.clear();
    }

    fn note_failed(&mut self, failed: &[(TextureSource, TextureError)]) {
        for (source, has_failed) in &mut self.prepared {
            *has_failed |= failed.iter().any(|(failed, _)| failed == source);
        }
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

    fn wears(&self, source: &TextureSource, shrunk: bool) -> bool {
        let garment = self.worn.as_ref().filter(|garment| garment.source == *source);
        garment.is_some_and(|garment| garment.shrunk == shrunk || garment.texture.is_none())
    }
}

/// Loads what the look names and swaps it in when it is there.
pub(super) fn fetch_textures(
    look: Res<CurrentLook>,
    library: Res<TextureLibrary>,
    budget: Res<TextureBudget>,
    mut images: ResMut<Assets<Image>>,
    (stats, waker, memory): (Res<Stats>, Res<Waker>, Res<MemoryStatus>),
    mut wardrobe: ResMut<Wardrobe>,
) {
    let asked = look.is_changed() || library.is_changed() || budget.is_changed() || memory.is_changed();
    // Only what is worn concerns the picture.
    let let_go = std::mem::take(&mut wardrobe.bypass_change_detection().let_go);
    if !asked && !let_go && wardrobe.is_complete() && !wardrobe.store.is_busy() {
        return;
    }
    let shrunk = memory.level >= PressureLevel::Critical;
    let unmarked = wardrobe.bypass_change_detection();
    if unmarked.store.shrink(shrunk) {
        stats.count(if shrunk { "textures_shrunk" } else { "textures_restored" });
        let size = if shrunk { "half as large until memory is less tight" } else { "as large as before" };
        stats.event(format!("textures are {size}"));
    }
    let kept = if memory.level >= PressureLevel::Warning { TextureBudget(0) } else { *budget };
    let failed = unmarked.store.take(&mut images, false, &stats);
    unmarked.note_failed(&failed);
    let Wardrobe { places, effects, fading, prepared, store, .. } = unmarked;
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
        let source = source(&library, texture);
        if place.wears(&source, shrunk) {
            place.coming = None;
        } else if let Some((_, error)) = failed.iter().find(|(failed, _)| *failed == source) {
            stats.count("textures_failed");
            stats.event(format!("{name} stays bare: {error}; the library has {}", library.known()));
            *place = Place { worn: Some(Garment { source, texture: None, shrunk }), coming: None };
            changed = true;
        } else if let Some(texture) = store.get(&source, &waker) {
            changed |= place.texture() != Some(&texture);
            *place = Place { worn: Some(Garment { source, texture: Some(texture), shrunk }), coming: None };
        } else {
            // What it wears stays until then.
            place.coming = Some(source);
        }
    }
    let use_now = places.iter().flat_map(|place| {
        let worn = place.worn.as_ref().map(|garment| &garment.source);
        worn.into_iter().chain(&place.coming)
    });
    let use_now = use_now.chain(fading.iter().flatten().map(|(source, _)| source));
    let use_now = use_now.chain(prepared.iter().map(|(source, _)| source));
    store.fit(&use_now.collect(), kept, &stats);
    if changed {
        wardrobe.set_changed();
    }
}

fn source(library: &TextureLibrary, texture: &str) -> TextureSource {
    library.source(texture).unwrap_or_else(|| TextureSource::unseen(texture))
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
    let overlays = std::array::from_fn::<_, MOST_OVERLAYS, _>(|at| {
        let overlay = look.overlays.get(at).filter(|overlay| overlay.is_drawn());
        ("an overlay", overlay.and_then(|overlay| overlay.texture.as_deref()))
    });
    regions.into_iter().chain(parts).chain(overlays)
}
