//! The panel: one file per section. Text is sentence case, without trailing colons.

mod face;
mod look;
mod parameter;
mod picker;
mod source;
mod status;
mod thumbnails;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPlugin, EguiPrimaryContextPass, egui};

use crate::show::PanelShown;

/// Width of the panel in points.
const WIDTH: f32 = 300.0;
/// Points above and below the panel's sections.
const TITLE_AND_MARGINS: f32 = 80.0;

/// What this room may hold.
pub const BOUNDS: &[crate::memory::Bound] = &[thumbnails::KEPT];

/// Draws the panel over the picture.
pub struct PanelPlugin;

impl Plugin for PanelPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(EguiPlugin::default())
            .init_resource::<source::SourcePicker>()
            .init_resource::<thumbnails::Thumbnails>()
            .add_systems(EguiPrimaryContextPass, draw_panel.run_if(panel_is_shown))
            .add_systems(Update, source::find_cameras.run_if(panel_is_shown));
    }
}

fn panel_is_shown(shown: Res<PanelShown>) -> bool {
    shown.0
}

fn draw_panel(
    mut contexts: EguiContexts,
    mut source: source::SourceSection,
    mut look: look::LookSection,
    mut status: status::StatusSection,
) -> Result {
    let context = contexts.ctx_mut()?;
    let room = context.content_rect().height() - TITLE_AND_MARGINS;
    egui::Window::new("Masque")
        .anchor(egui::Align2::LEFT_TOP, [8.0, 8.0])
        .resizable(false)
        .default_size([WIDTH, room])
        .show(context, |ui| {
            ui.set_width(WIDTH);
            egui::ScrollArea::vertical().max_height(room).show(ui, |ui| {
                source.draw(ui);
                ui.separator();
                status.draw(ui);
                ui.separator();
                look.draw(ui);
            });
        });
    Ok(())
}
