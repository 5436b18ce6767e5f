//! What faces wear.

use bevy_egui::egui;

use super::parameter::draw_group;
use super::picker::TexturePicker;
use crate::look::{FacePart, Look, ParameterGroup};

/// Draws the section and changes `look`.
pub(super) fn draw(ui: &mut egui::Ui, look: &mut Look, picker: &mut TexturePicker) {
    egui::CollapsingHeader::new("Face").id_salt("face").show(ui, |ui| {
        for part in FacePart::ALL {
            egui::CollapsingHeader::new(part.label())
                .id_salt(("face", part.name()))
                .show(ui, |ui| draw_group(ui, ParameterGroup::Face(part), look, picker));
        }
        egui::CollapsingHeader::new("Mesh")
            .id_salt(("face", "mesh"))
            .show(ui, |ui| draw_group(ui, ParameterGroup::Mesh, look, picker));
    });
}
