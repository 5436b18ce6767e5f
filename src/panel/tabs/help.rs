//! Shortcuts, and the panel's own settings.

use bevy_egui::egui::{self, RichText};

use super::super::view::PanelState;
use super::super::{SHORTCUTS, card, cell, heading, style};
use crate::show::KEYS;

/// Width of the column of keys in points.
const KEY: f32 = 150.0;

pub(in super::super) fn draw(ui: &mut egui::Ui, state: &mut PanelState) {
    card(ui, |ui| {
        heading(ui, "Everywhere");
        draw_keys(ui, KEYS);
    });
    card(ui, |ui| {
        heading(ui, "In the panel");
        draw_keys(ui, SHORTCUTS);
    });
    card(ui, |ui| {
        heading(ui, "Panel");
        draw_scale(ui, state);
    });
}

fn draw_keys(ui: &mut egui::Ui, keys: &[(&str, &str)]) {
    ui.spacing_mut().interact_size.y = style::LINE_HEIGHT;
    for (key, what) in keys {
        ui.horizontal_top(|ui| {
            cell(ui, [KEY, style::LINE_HEIGHT], RichText::new(*key).color(style::ACCENT));
            ui.add(egui::Label::new(*what).wrap());
        });
    }
}

fn draw_scale(ui: &mut egui::Ui, state: &mut PanelState) {
    let now = ui.ctx().pixels_per_point();
    let text = |scale: f32| format!("{:.0} %", scale * 100.0);
    let chosen = match state.scale {
        Some(scale) => text(scale),
        None => format!("As the screen wants it ({})", text(now)),
    };
    ui.horizontal(|ui| {
        let label = cell(ui, [style::LABEL, style::ROW], "Size");
        let list = egui::ComboBox::from_id_salt("scale").width(ui.available_width()).selected_text(chosen);
        let list = list.show_ui(ui, |ui| {
            ui.selectable_value(&mut state.scale, None, "As the screen wants it");
            for quarters in (3..=16).filter(|quarters| *quarters <= 8 || quarters % 2 == 0) {
                let scale = quarters as f32 / 4.0;
                ui.selectable_value(&mut state.scale, Some(scale), text(scale));
            }
        });
        list.response.labelled_by(label.id);
    });
}
