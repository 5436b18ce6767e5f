//! The panel: looks, parameters, source and figures, over the picture. docs/panel.md is its manual.
//!
//! `draw.rs` and `tabs/` draw a `view::View` and know nothing of the program; `systems.rs` makes the view,
//! and does what was wished for. Text is sentence case, without trailing colons.

mod desk;
mod draw;
mod effects;
mod figures;
mod history;
mod keys;
mod lists;
mod parameter;
mod picker;
mod search;
mod style;
mod systems;
mod tabs;
#[cfg(test)]
mod tests;
mod thumbnails;
mod view;
mod widgets;

use bevy::prelude::*;
use bevy_egui::EguiPlugin;

use crate::memory::MemoryPressure;

use draw::{card, cell, entry, facts, heading, name, write};
pub use keys::SHORTCUTS;

/// What this room may hold.
pub const BOUNDS: &[crate::memory::Bound] = &[thumbnails::KEPT, history::UNDO];

/// Draws the panel over the picture.
pub struct PanelPlugin;

impl Plugin for PanelPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(EguiPlugin::default())
            .init_resource::<view::PanelState>()
            .init_resource::<thumbnails::Thumbnails>()
            .add_message::<MemoryPressure>()
            .add_systems(Update, thumbnails::trim_thumbnails)
            .add_plugins((figures::plugin, lists::plugin, systems::plugin));
    }
}
