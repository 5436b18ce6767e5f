//! What concerns the whole picture.

use bevy_egui::egui;

use super::super::parameter::{draw_group, draw_reset_all, draw_rows, group_label};
use super::super::picker::TexturePicker;
use super::super::view::{PanelState, View};
use super::super::{card, effects, heading, style};
use crate::look::{Look, MOST_OVERLAYS, Overlay, ParameterGroup, Stack};

pub(in super::super) fn draw(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    let mut picker = TexturePicker { library: view.library, thumbnails: view.thumbnails };
    effects::draw(ui, Stack::Picture, &mut state.layer, view.look, &mut picker);
    draw_overlays(ui, view.look, &mut picker);
    draw_group(ui, ParameterGroup::Matte, view.look, &mut picker);
    if view.figures.report.gauges.contains_key("things") {
        draw_group(ui, ParameterGroup::Boxes, view.look, &mut picker);
    }
}

/// Pictures over everything, each a card, and the button for one more.
fn draw_overlays(ui: &mut egui::Ui, look: &mut Look, picker: &mut TexturePicker) {
    for at in 0..look.overlays.len() {
        let group = ParameterGroup::Overlay(at);
        let mut gone = false;
        card(ui, |ui| {
            ui.horizontal(|ui| {
                ui.set_min_height(style::ROW);
                ui.strong(group_label(group, look));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    gone = ui.add(egui::Button::new("Remove").small()).clicked();
                    draw_reset_all(ui, group, look);
                });
            });
            draw_rows(ui, group, look, picker, |_| true);
        });
        if gone {
            look.overlays.remove(at);
            return;
        }
    }
    card(ui, |ui| {
        ui.horizontal(|ui| {
            heading(ui, "Overlays");
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let room = look.overlays.len() < MOST_OVERLAYS;
                let add = ui.add_enabled(room, egui::Button::new("Add overlay"));
                if add.on_hover_text("A picture over everything: a logo, a frame").clicked() {
                    look.overlays.push(Overlay::default());
                }
            });
        });
    });
}
