//! Edited effects, worn at once.

use bevy::prelude::*;

use super::{CurrentLook, TextureLibrary, WornLook};
use crate::effect::EffectLibrary;

/// Lets the look wear the effects of the library as they are now; who reads looks is handed them, too.
pub(super) fn wear_edited_effects(
    effects: Res<EffectLibrary>,
    mut library: ResMut<TextureLibrary>,
    (mut look, mut worn): (ResMut<CurrentLook>, ResMut<WornLook>),
) {
    if !effects.is_changed() || *library.effects() == *effects {
        return;
    }
    library.take_effects(effects.clone());
    if look.bypass_change_detection().refresh_effects(&effects) {
        look.set_changed();
    }
    // An edited effect is no edit of the look.
    if let Some(kept) = &mut worn.kept {
        kept.refresh_effects(&effects);
    }
}
