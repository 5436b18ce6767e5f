//! Rows of parameters: label, widget, reset. What they show and allow comes from the registry.

use bevy_egui::egui;

use super::picker::TexturePicker;
use super::{style, widgets};
use crate::look::{Look, Parameter, ParameterGroup, Stack};
use crate::parameters::{Field, Kind, Value};

/// Name of a group for people.
pub(super) fn group_label(group: ParameterGroup, look: &Look) -> String {
    match group {
        ParameterGroup::Matte => "Mattes".into(),
        ParameterGroup::Region(region) => region.label().into(),
        ParameterGroup::Face(part) => part.label().into(),
        ParameterGroup::Mesh => "Mesh".into(),
        ParameterGroup::Boxes => "Boxes".into(),
        ParameterGroup::Overlay(at) => format!("Overlay {}", at + 1),
        ParameterGroup::Effect(stack, at) => {
            let names = look.layer_names(stack);
            let effect = widgets::words(names.get(at).map_or("", String::as_str));
            match stack {
                Stack::Picture => effect,
                Stack::Region(region) => format!("{}: {effect}", region.label()),
            }
        }
    }
}

/// What a look without `group` says for `field`; of what no look has to have, the field's default.
fn bare_value(group: ParameterGroup, field: &Field) -> Value {
    let bare = Look::default();
    let slot = group.style(&bare).slot(&field.key);
    slot.map_or_else(|| field.kind.default_value(), |slot| slot.value())
}

/// Whether `look` says for `group` what a look without that group says.
pub(super) fn is_untouched(group: ParameterGroup, look: &Look) -> bool {
    let style = group.style(look);
    let value = |field: &Field| style.slot(&field.key).map(|slot| slot.value());
    group.fields(look).iter().all(|field| value(field) == Some(bare_value(group, field)))
}

/// Makes `look` say for `group` what a look without that group says.
fn reset(group: ParameterGroup, look: &mut Look) {
    for field in group.fields(look).iter() {
        if let Some(slot) = group.style_mut(look).slot_mut(&field.key) {
            slot.put(bare_value(group, field));
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
            ui.strong(group_label(group, look));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                draw_reset_all(ui, group, look);
            });
        });
        draw_rows(ui, group, look, picker, |_| true);
    });
}

/// Draws the button that resets all of `group`.
pub(super) fn draw_reset_all(ui: &mut egui::Ui, group: ParameterGroup, look: &mut Look) {
    let button = ui.add_enabled(!is_untouched(group, look), egui::Button::new("Reset all").small());
    if button.on_hover_text("Everything here as in a look that does not name it").clicked() {
        reset(group, look);
    }
}

/// Draws one row per parameter of `group` that is `wanted`, and changes `look`.
pub(super) fn draw_rows(
    ui: &mut egui::Ui,
    group: ParameterGroup,
    look: &mut Look,
    picker: &mut TexturePicker,
    wanted: impl Fn(&Field) -> bool,
) {
    for field in group.fields(look).iter().filter(|field| wanted(field)) {
        draw_row(ui, (group, field), look, picker);
    }
}

/// Draws one row of a parameter that was found.
pub(super) fn draw_found(
    ui: &mut egui::Ui,
    parameter: &Parameter,
    look: &mut Look,
    picker: &mut TexturePicker,
) {
    draw_row(ui, (parameter.group, &parameter.field), look, picker);
}

fn draw_row(
    ui: &mut egui::Ui,
    (group, field): (ParameterGroup, &Field),
    look: &mut Look,
    picker: &mut TexturePicker,
) {
    let (label, path) = (field.label(), group.path(look));
    let style = group.style_mut(look);
    let set = style.slot(&field.key).is_some_and(|slot| !field.kind.is_default(slot));
    ui.push_id((group, field.key.as_ref()), |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(style::ROW);
            let color = if set { ui.visuals().strong_text_color() } else { ui.visuals().text_color() };
            let text = egui::RichText::new(&label).color(color);
            let response = super::cell(ui, [style::LABEL, style::ROW], text);
            let response = response.on_hover_ui(|ui| draw_tooltip(ui, &path, field));
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
fn draw_tooltip(ui: &mut egui::Ui, path: &str, field: &Field) {
    ui.label(field.doc());
    ui.add_space(2.0);
    let weak = |text: String| egui::RichText::new(text).small().color(style::TEXT_WEAK);
    if let Kind::Float(float) = &field.kind {
        ui.label(weak(format!("{} to {} ({})", float.min, float.max, float.unit.name())));
    }
    ui.label(weak(format!("Default {}", field.kind.default_value())));
    ui.label(egui::RichText::new(format!("{path}/{}", field.key)).monospace());
}
