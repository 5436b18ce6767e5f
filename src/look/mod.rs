//! What each region wears: looks, region styles and the library of textures.

mod effects;
mod face;
mod file;
mod folder;
mod intake;
mod layer;
mod layer_file;
mod layer_save;
mod library;
mod matte;
mod randomise;
mod registry;
mod save;
mod scale;
mod store;
mod style;
mod texture;
mod wardrobe;
mod watch;

use bevy::prelude::*;

pub use face::{FaceMeshStyle, FacePart, FacePartStyle};
pub use file::{LookError, load_look, look_file, shipped_looks};
pub use folder::{FoundTextures, find_textures};
pub use intake::AddTextures;
pub use layer::{EffectLayer, MOST_EFFECTS, Stack};
pub use library::TextureLibrary;
pub use matte::MatteStyle;
pub use randomise::randomise;
pub use registry::{FieldList, Parameter, ParameterGroup, get, parameter, parameters, set};
pub use store::TextureBudget;
pub use style::{Look, RegionStyle};
pub use texture::{TextureError, TexturePixels, TextureSource};
pub use wardrobe::{MOST_EFFECT_IMAGES, Wardrobe};
pub use watch::{LookFile, WatchedLook};

use crate::effect::{EffectLibrary, EffectSystems};
use crate::schedule::MasqueSystems;

/// Keeps the look that is shown and the textures that it needs. A [`TextureLibrary`] and a [`TextureBudget`] that
/// are there already stay.
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
            .init_resource::<WatchedLook>()
            .add_message::<AddTextures>()
            .add_systems(
                Update,
                (
                    intake::take_in_textures,
                    effects::wear_edited_effects.after(EffectSystems),
                    watch::wear_edited_look,
                    wardrobe::fetch_textures,
                )
                    .chain()
                    .in_set(MasqueSystems::Direct),
            );
    }
}
