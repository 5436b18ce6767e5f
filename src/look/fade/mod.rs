//! From one look to another: what is asked for, what is faded and how far it is.

mod clock;
mod easing;
mod run;
mod switch;

use std::time::Duration;

use bevy::prelude::*;

pub use clock::ShowClock;
pub(super) use clock::tell_show_time;
pub use easing::Easing;
use run::Fading;
pub use switch::{LookSwitched, SwitchLook, SwitchTo};
pub(super) use switch::{Switching, switch_looks};

use super::Look;

/// How far the fade to [`CurrentLook`](super::CurrentLook) is. Read by what draws.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct LookFade {
    /// The look that goes, as it was; none while nothing fades. Its textures are
    /// [`Wardrobe::fading_texture`](super::Wardrobe::fading_texture).
    pub from: Option<Look>,
    /// How much of the look that comes is seen, eased, 0–1; 1 while nothing fades.
    pub progress: f32,
    /// What draws sets it while it cannot draw the look that comes yet: the fade does not begin before.
    pub held: bool,
}

impl Default for LookFade {
    fn default() -> Self {
        Self { from: None, progress: 1.0, held: false }
    }
}

/// How looks are switched where nothing else is said.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct FadeDefaults {
    /// How long it takes; zero is a cut. Default 1 s.
    pub duration: Duration,
    /// How it runs. Default smooth.
    pub easing: Easing,
}

impl Default for FadeDefaults {
    fn default() -> Self {
        Self { duration: Duration::from_secs(1), easing: Easing::default() }
    }
}

/// The longest fade: ten minutes.
pub const LONGEST_FADE: Duration = Duration::from_secs(600);
