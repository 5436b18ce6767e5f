//! Edited effects, worn at once.

use bevy::prelude::*;

use super::{CurrentLook, TextureLibrary};
use crate::effect::EffectLibrary;

/// Lets the look wear the effects of the library as they are now; who reads looks is handed them, too.
pub(super) fn wear_edited_effects(
    effects: Res<EffectLibrary>,
    mut library: ResMut<TextureLibrary>,
    mut look: ResMut<CurrentLook>,
) {
    if !effects.is_changed() || *library.effects() == *effects {
        return;
    }
    library.take_effects(effects.clone());
    if look.bypass_change_detection().refresh_effects(&effects) {
        look.set_changed();
    }
}
