//! Edited effects, worn at once.

use bevy::prelude::*;

use super::{CurrentLook, TextureLibrary, WornLook};
use crate::effect::EffectLibrary;

/// Hands the effects of the library, as they are now, to all who read looks.
pub(super) fn hand_over_effects(effects: Res<EffectLibrary>, mut library: ResMut<TextureLibrary>) {
    if effects.is_changed() && *library.effects() != *effects {
        library.take_effects(effects.clone());
    }
}

/// Lets the look wear them, also one that was read before they were edited and comes only now.
pub(super) fn wear_edited_effects(
    effects: Res<EffectLibrary>,
    (mut look, mut worn): (ResMut<CurrentLook>, ResMut<WornLook>),
) {
    if !effects.is_changed() && !look.is_changed() {
        return;
    }
    if look.bypass_change_detection().refresh_effects(&effects) {
        look.set_changed();
    }
    // An edited effect is no edit of the look.
    if let Some(kept) = &mut worn.bypass_change_detection().kept {
        kept.refresh_effects(&effects);
    }
}
