//! What each region wears: looks, region styles and the library of textures.

mod boxes;
mod effects;
mod face;
mod fade;
mod file;
mod folder;
mod group;
mod intake;
mod layer;
mod layer_file;
mod layer_save;
mod library;
mod matte;
mod overlay;
mod picture;
mod playlist;
mod randomise;
mod registry;
mod rules;
mod save;
mod scale;
mod shelf;
mod shipped;
mod store;
mod style;
mod texture;
mod wardrobe;
mod watch;

use bevy::prelude::*;

pub use boxes::BoxStyle;
pub use face::{FaceMeshStyle, FacePart, FacePartStyle};
pub use fade::{Easing, FadeDefaults, LONGEST_FADE, LookFade, LookSwitched, ShowClock, SwitchLook, SwitchTo};
pub use file::{LookError, load_look};
pub use folder::{FoundTextures, find_textures};
pub use group::{FieldList, ParameterGroup};
pub use intake::AddTextures;
pub use layer::{EffectLayer, MOST_EFFECTS, Stack};
pub use library::TextureLibrary;
pub use matte::MatteStyle;
pub use overlay::{MOST_OVERLAYS, Overlay};
pub use picture::{LOOK_KEY, look_text, write_picture};
pub use playlist::{Playlist, PlaylistEntry, PlaylistError, PlaylistHeld, PlaylistOrder};
pub use randomise::randomise;
pub use registry::{Parameter, get, parameter, parameters, set};
pub use rules::{NumberPath, RandomRegions, RandomRules, Range};
pub use shelf::{
    LoadedLook, LookEntry, LookLibrary, LookOrder, LookOrderDone, LookOrderError, LookOrigin, WornLook,
};
pub use shipped::{ATTRACT, shipped_looks, thumbnail};
pub use store::TextureBudget;
pub use style::{Look, RegionStyle};
pub use texture::{TextureError, TexturePixels, TextureSource};
pub use wardrobe::{MOST_EFFECT_IMAGES, Wardrobe};
pub use watch::{LookFile, WatchedLook};

use crate::effect::{EffectLibrary, EffectSystems};
use crate::memory::MemoryStatus;
use crate::schedule::{FrameTime, MasqueSystems, Pacing};

/// What this room may hold.
pub const BOUNDS: &[crate::memory::Bound] = &[
    intake::DROPPED,
    library::NAMES,
    store::DECODED,
    store::WORN,
    store::IDLE,
    shelf::LOOKS,
    shelf::ORDERS,
    playlist::ENTRIES,
];

/// Keeps the look that is shown and the textures that it needs. A [`TextureLibrary`], a [`LookLibrary`], a
/// [`TextureBudget`] and a [`WornLook`] that are there already stay.
pub struct LookPlugin {
    /// The look to begin with.
    pub look: Look,
}

/// The look that is shown. Changing it changes the picture.
#[derive(Resource, Debug, Clone, PartialEq, Deref, DerefMut)]
pub struct CurrentLook(pub Look);

impl Plugin for LookPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(CurrentLook(self.look.clone()))
            .init_resource::<TextureLibrary>()
            .init_resource::<EffectLibrary>()
            .init_resource::<TextureBudget>()
            .init_resource::<Wardrobe>()
            .init_resource::<intake::Intake>()
            .init_resource::<MemoryStatus>()
            .init_resource::<WatchedLook>()
            .init_resource::<LookLibrary>()
            .init_resource::<WornLook>()
            .init_resource::<LookFade>()
            .init_resource::<FadeDefaults>()
            .init_resource::<Time<bevy::time::Real>>()
            .init_resource::<Pacing>()
            .init_resource::<FrameTime>()
            .init_resource::<ShowClock>()
            .init_resource::<shelf::WatchedFolder>()
            .init_resource::<shelf::Desk>()
            .init_resource::<fade::Switching>()
            .add_message::<AddTextures>()
            .init_resource::<Playlist>()
            .init_resource::<PlaylistHeld>()
            .add_message::<PlaylistOrder>()
            .add_message::<LookSwitched>()
            .add_message::<SwitchLook>()
            .add_message::<LookOrder>()
            .add_message::<LookOrderDone>()
            .add_systems(
                Update,
                (
                    fade::tell_show_time,
                    intake::take_in_textures,
                    shelf::take_in_looks,
                    effects::hand_over_effects.after(EffectSystems),
                    watch::wear_edited_look,
                    shelf::obey_orders,
                    playlist::play,
                    fade::switch_looks,
                    effects::wear_edited_effects,
                    wardrobe::fetch_textures,
                )
                    .chain()
                    .in_set(MasqueSystems::Direct),
            );
    }
}
