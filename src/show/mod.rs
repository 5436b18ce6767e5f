//! The show: what is on the screen, the keys, how long it runs and what it reports.

mod away;
mod drops;
mod keys;
mod limits;
mod report;
mod screen;
#[cfg(unix)]
mod signals;
mod timing;

use bevy::prelude::*;

pub use away::AttractLook;
pub use keys::KEYS;
pub(crate) use keys::seed;
pub use limits::RunLimits;
pub use report::{StatsPath, gather, write_json};
pub use screen::{KeyboardUse, Kiosk, PanelShown};

/// The show with a window.
pub struct WindowedShowPlugin {
    /// Full screen, no cursor, no panel until it is asked for.
    pub kiosk: bool,
}

/// What every run has, with or without a window.
pub struct ShowPlugin;

impl Plugin for ShowPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins((away::plugin, limits::plugin, report::plugin, timing::plugin));
        #[cfg(unix)]
        app.add_plugins(signals::plugin);
    }
}

impl Plugin for WindowedShowPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(Kiosk(self.kiosk))
            .insert_resource(PanelShown(!self.kiosk))
            .init_resource::<KeyboardUse>()
            .add_plugins((drops::plugin, keys::plugin, screen::plugin));
    }
}
