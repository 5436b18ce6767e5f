//! Rows of parameters: label, widget, reset. What they show and allow comes from the registry.

use bevy_egui::egui;

use super::picker::TexturePicker;
use super::{style, widgets};
use crate::look::{Look, Parameter, ParameterGroup};
use crate::parameters::{Field, Kind};

/// Name of a group for people.
pub(super) fn group_label(group: ParameterGroup) -> &'static str {
    match group {
        ParameterGroup::Matte => "Mattes",
        ParameterGroup::Region(region) => region.label(),
        ParameterGroup::Face(part) => part.label(),
        ParameterGroup::Mesh => "Mesh",
    }
}

/// Whether `look` says for `group` what a look without that group says.
pub(super) fn is_untouched(group: ParameterGroup, look: &Look) -> bool {
    let (style, bare) = (group.style(look), Look::default());
    let untouched = |field: &Field| style.slot(&field.key) == group.style(&bare).slot(&field.key);
    group.fields().iter().all(untouched)
}

/// Makes `look` say for `group` what a look without that group says.
fn reset(group: ParameterGroup, look: &mut Look) {
    let bare = Look::default();
    for field in group.fields() {
        let value = group.style(&bare).slot(&field.key).map(|slot| slot.value());
        if let (Some(slot), Some(value)) = (group.style_mut(look).slot_mut(&field.key), value) {
            slot.put(value);
        }
    }
}

/// Draws the heading of `group` and one row per parameter, and changes `look`.
pub(super) fn draw_group(
    ui: &mut egui::Ui,
    group: ParameterGroup,
    look: &mut Look,
    picker: &mut TexturePicker,
) {
    super::card(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(style::ROW);
            ui.strong(group_label(group));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let button = egui::Button::new("Reset all").small();
                let button = ui.add_enabled(!is_untouched(group, look), button);
                let hint = "Everything here as in a look that does not name it";
                if button.on_hover_text(hint).clicked() {
                    reset(group, look);
                }
            });
        });
        for field in group.fields() {
            draw_row(ui, (group, field), field.label(), look, picker);
        }
    });
}

/// Draws one row of a parameter that was found.
pub(super) fn draw_found(
    ui: &mut egui::Ui,
    parameter: &Parameter,
    look: &mut Look,
    picker: &mut TexturePicker,
) {
    let Parameter { group, field } = *parameter;
    draw_row(ui, (group, field), field.label(), look, picker);
}

fn draw_row(
    ui: &mut egui::Ui,
    (group, field): (ParameterGroup, &Field),
    label: String,
    look: &mut Look,
    picker: &mut TexturePicker,
) {
    let style = group.style_mut(look);
    let set = style.slot(&field.key).is_some_and(|slot| !field.kind.is_default(slot));
    ui.push_id((group, field.key.as_ref()), |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(style::ROW);
            let color = if set { ui.visuals().strong_text_color() } else { ui.visuals().text_color() };
            let text = egui::RichText::new(&label).color(color);
            let response = super::cell(ui, [style::LABEL, style::ROW], text);
            let response = response.on_hover_ui(|ui| draw_tooltip(ui, group, field));
            let room = ui.available_width() - style::RESET - ui.spacing().item_spacing.x;
            let layout = egui::Layout::left_to_right(egui::Align::Center);
            ui.allocate_ui_with_layout(egui::vec2(room, style::ROW), layout, |ui| {
                ui.set_min_width(room);
                if let Some(slot) = style.slot_mut(&field.key) {
                    widgets::draw_value(ui, (response.id, &label), &field.kind, slot, picker);
                }
            });
            if set && widgets::reset_button(ui, &field.kind).clicked() {
                let value = field.kind.default_value();
                if let Some(slot) = style.slot_mut(&field.key) {
                    slot.put(value);
                }
            }
        });
    });
}

/// What the registry knows.
fn draw_tooltip(ui: &mut egui::Ui, group: ParameterGroup, field: &Field) {
    ui.label(field.doc());
    ui.add_space(2.0);
    let weak = |text: String| egui::RichText::new(text).small().color(style::TEXT_WEAK);
    if let Kind::Float(float) = &field.kind {
        ui.label(weak(format!("{} to {} ({})", float.min, float.max, float.unit.name())));
    }
    ui.label(weak(format!("Default {}", field.kind.default_value())));
    ui.label(egui::RichText::new(format!("{}/{}", group.path(), field.key)).monospace());
}
