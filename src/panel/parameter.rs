//! Widgets of parameters: what they show and allow comes from the registry.

use bevy_egui::egui;

use super::picker::TexturePicker;
use crate::look::{Look, ParameterGroup};
use crate::parameters::{BlendMode, Field, Float, Kind, SlotMut};

/// Draws one row per parameter of `group` and changes `look`.
pub(super) fn draw_group(
    ui: &mut egui::Ui,
    group: ParameterGroup,
    look: &mut Look,
    picker: &mut TexturePicker,
) {
    egui::Grid::new(("parameters", group)).num_columns(2).show(ui, |ui| {
        let fields = group.fields(look);
        let style = group.style_mut(look);
        for field in fields.iter() {
            ui.label(field.label()).on_hover_text(field.doc());
            if let Some(slot) = style.slot_mut(&field.key) {
                draw_value(ui, (group, field), slot, picker);
            }
            ui.end_row();
        }
    });
}

fn draw_value(
    ui: &mut egui::Ui,
    (group, field): (ParameterGroup, &Field),
    slot: SlotMut<'_>,
    picker: &mut TexturePicker,
) {
    match (&field.kind, slot) {
        (Kind::Float(float), SlotMut::Float(value)) => draw_slider(ui, float, value),
        (_, SlotMut::Switch(value)) => {
            ui.checkbox(value, "");
        }
        (_, SlotMut::Color(value)) => {
            ui.color_edit_button_rgb(value);
        }
        (Kind::Texture(texture), SlotMut::Texture(value)) => {
            picker.draw(ui, (group, &field.key), value, texture.choice);
        }
        (_, SlotMut::Blend(value)) => {
            let id = (group, &field.key);
            egui::ComboBox::from_id_salt(id).selected_text(value.to_string()).show_ui(ui, |ui| {
                for mode in BlendMode::ALL {
                    ui.selectable_value(value, mode, mode.to_string());
                }
            });
        }
        _ => {}
    }
}

fn draw_slider(ui: &mut egui::Ui, float: &Float, value: &mut f32) {
    let slider = egui::Slider::new(value, float.min..=float.max)
        .logarithmic(float.is_logarithmic())
        .suffix(float.unit.suffix())
        .fixed_decimals(2);
    ui.add(slider);
}
