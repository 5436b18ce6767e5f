//! What faces wear.

use bevy_egui::egui;

use super::picker::TexturePicker;
use crate::look::{FaceMeshStyle, FacePart, FacePartStyle, Look};

/// Draws the section and changes `look`.
pub(super) fn draw(ui: &mut egui::Ui, look: &mut Look, picker: &mut TexturePicker) {
    egui::CollapsingHeader::new("Face").id_salt("face").show(ui, |ui| {
        for part in FacePart::ALL {
            egui::CollapsingHeader::new(part.label())
                .id_salt(("face", part.name()))
                .show(ui, |ui| draw_part(ui, part, look.face_part_mut(part), picker));
        }
        egui::CollapsingHeader::new("Mesh")
            .id_salt(("face", "mesh"))
            .show(ui, |ui| draw_mesh(ui, &mut look.face_mesh));
    });
}

fn draw_part(ui: &mut egui::Ui, part: FacePart, style: &mut FacePartStyle, picker: &mut TexturePicker) {
    egui::Grid::new(("face style", part.name())).num_columns(2).show(ui, |ui| {
        ui.label("Texture");
        picker.draw(ui, ("face texture", part.name()), &mut style.texture, true);
        ui.end_row();
        slider(ui, "Opacity", &mut style.opacity, FacePartStyle::UNIT, false);
        slider(ui, "Scale", &mut style.scale, FacePartStyle::SCALE, true);
        slider(ui, "Shading", &mut style.shading, FacePartStyle::UNIT, false);
        slider(ui, "Feather", &mut style.feather, FacePartStyle::FEATHER, false);
        color(ui, "Tint", &mut style.tint);
    });
}

fn draw_mesh(ui: &mut egui::Ui, style: &mut FaceMeshStyle) {
    ui.checkbox(&mut style.tessellation, "Tessellation");
    ui.checkbox(&mut style.contours, "Contours");
    ui.checkbox(&mut style.irises, "Irises");
    egui::Grid::new("face mesh").num_columns(2).show(ui, |ui| {
        slider(ui, "Opacity", &mut style.opacity, FaceMeshStyle::UNIT, false);
        slider(ui, "Line width", &mut style.width, FaceMeshStyle::WIDTH, true);
        color(ui, "Colour", &mut style.color);
    });
}

fn slider(
    ui: &mut egui::Ui,
    label: &str,
    value: &mut f32,
    range: std::ops::RangeInclusive<f32>,
    logarithmic: bool,
) {
    ui.label(label);
    ui.add(egui::Slider::new(value, range).logarithmic(logarithmic).fixed_decimals(2));
    ui.end_row();
}

fn color(ui: &mut egui::Ui, label: &str, value: &mut [f32; 3]) {
    ui.label(label);
    ui.color_edit_button_rgb(value);
    ui.end_row();
}
