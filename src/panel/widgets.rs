//! One widget per kind of parameter.

use bevy_egui::egui::{self, WidgetInfo, WidgetType};

use super::picker::TexturePicker;
use super::style;
use crate::parameters::{BlendMode, Float, Kind, SlotMut};

/// Draws the widget that changes what is in `slot`; `label` is the label before it and its text.
pub(super) fn draw_value(
    ui: &mut egui::Ui,
    label: (egui::Id, &str),
    kind: &Kind,
    slot: SlotMut<'_>,
    picker: &mut TexturePicker,
) {
    match (kind, slot) {
        (Kind::Float(float), SlotMut::Float(value)) => draw_slider(ui, label, float, value),
        (Kind::Event(_), SlotMut::Switch(value)) => {
            // It ends by itself once it was drawn.
            let button = ui.add(egui::Button::new("Now"));
            *value |= button.labelled_by(label.0).clicked();
        }
        (_, SlotMut::Switch(value)) => {
            let switch = ui.checkbox(value, "");
            let on = *value;
            switch.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, on, label.1));
        }
        (_, SlotMut::Color(value)) => draw_color(ui, label, value),
        (Kind::Texture(texture), SlotMut::Texture(value)) => {
            picker.draw(ui, label.1, value, texture.choice);
        }
        (_, SlotMut::Blend(value)) => {
            let box_ = egui::ComboBox::from_id_salt(label.1).width(ui.available_width());
            let response = box_.selected_text(words(value.name())).show_ui(ui, |ui| {
                for mode in BlendMode::ALL {
                    ui.selectable_value(value, mode, words(mode.name()));
                }
            });
            response.response.labelled_by(label.0);
        }
        (Kind::Selection(selection), SlotMut::Selection(value)) => {
            let chosen = selection.label(*value).unwrap_or("?").to_owned();
            let list = egui::ComboBox::from_id_salt(label.1).width(ui.available_width()).truncate();
            let list = list.selected_text(chosen).show_ui(ui, |ui| {
                for (option, name) in selection.options.iter() {
                    ui.selectable_value(value, *option, name.as_ref());
                }
            });
            list.response.labelled_by(label.0);
        }
        (_, SlotMut::Point(value)) => draw_point(ui, label, value),
        _ => {}
    }
}

/// Takes one parameter back to its default.
pub(super) fn reset_button(ui: &mut egui::Ui, kind: &Kind) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(egui::vec2(style::RESET, style::ROW), egui::Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, "Reset"));
    let visuals = ui.style().interact(&response);
    if response.hovered() || response.has_focus() {
        ui.painter().rect(
            rect.shrink(1.0),
            4.0,
            visuals.weak_bg_fill,
            visuals.bg_stroke,
            egui::StrokeKind::Inside,
        );
    }
    let color = if response.hovered() { visuals.text_color() } else { style::ACCENT };
    let font = egui::TextStyle::Body.resolve(ui.style());
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, "⟲", font, color);
    response.on_hover_ui(|ui| {
        ui.label(format!("Back to {}", kind.default_value()));
    })
}

/// `soft_light` as `Soft light`.
pub(super) fn words(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn draw_slider(ui: &mut egui::Ui, (label, _): (egui::Id, &str), float: &Float, value: &mut f32) {
    let room = ui.available_width() - style::NUMBER - ui.spacing().item_spacing.x;
    ui.spacing_mut().slider_width = room.max(40.0);
    ui.spacing_mut().interact_size.x = style::NUMBER;
    ui.set_min_height(style::ROW);
    let slider = egui::Slider::new(value, float.min..=float.max)
        .logarithmic(float.is_logarithmic())
        .suffix(float.unit.suffix())
        .fixed_decimals(decimals(float));
    ui.add(slider).labelled_by(label);
}

fn draw_point(ui: &mut egui::Ui, (label, _): (egui::Id, &str), value: &mut [f32; 2]) {
    ui.spacing_mut().interact_size.x = style::NUMBER + 8.0;
    for (axis, coordinate) in ["x ", "y "].into_iter().zip(value) {
        let number = egui::DragValue::new(coordinate).range(0.0..=1.0).speed(0.003);
        ui.add(number.prefix(axis).fixed_decimals(3)).labelled_by(label);
    }
}

/// Decimals that tell a hundredth of the range.
fn decimals(float: &Float) -> usize {
    match float.max - float.min {
        range if range > 100.0 => 0,
        range if range > 20.0 => 1,
        range if range > 0.5 => 2,
        _ => 3,
    }
}

fn draw_color(ui: &mut egui::Ui, (label, _): (egui::Id, &str), value: &mut [f32; 3]) {
    // Colours of looks are sRGB; the rounding to bytes must not change what nobody touched.
    let shown = value.map(|channel| (channel.clamp(0.0, 1.0) * 255.0).round() as u8);
    let mut edited = shown;
    ui.spacing_mut().interact_size.x = style::NUMBER;
    ui.color_edit_button_srgb(&mut edited).labelled_by(label);
    let [red, green, blue] = edited;
    ui.label(egui::RichText::new(format!("#{red:02x}{green:02x}{blue:02x}")).monospace());
    if edited != shown {
        *value = edited.map(|channel| f32::from(channel) / 255.0);
    }
}
