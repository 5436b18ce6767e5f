//! The panel's pages, one file each.

pub(super) mod face;
pub(super) mod help;
pub(super) mod looks;
pub(super) mod memory;
pub(super) mod picture;
pub(super) mod recording;
pub(super) mod regions;
mod replay;
pub(super) mod source;
pub(super) mod statistics;

use bevy_egui::egui;

use super::style;

/// Choices, `columns` in a row, with a dot on those that do something.
fn choose<T: Copy + PartialEq>(
    ui: &mut egui::Ui,
    chosen: &mut T,
    columns: usize,
    choices: &[(T, String, bool)],
) {
    let gap = 4.0;
    let width = (ui.available_width() - gap * (columns - 1) as f32) / columns as f32;
    for row in choices.chunks(columns) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            ui.spacing_mut().button_padding.x = 4.0;
            for (choice, label, is_on) in row {
                let button = egui::Button::selectable(chosen == choice, label).frame_when_inactive(true);
                let response = ui.add_sized([width, style::ROW + 2.0], button);
                if *is_on {
                    let dot = response.rect.right_top() + egui::vec2(-6.0, 6.0);
                    ui.painter().circle_filled(dot, 2.0, style::ACCENT);
                }
                if response.clicked() {
                    *chosen = *choice;
                }
            }
        });
    }
}
