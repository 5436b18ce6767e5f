//! What concerns the whole picture.

use bevy_egui::egui;

use super::super::parameter::draw_group;
use super::super::picker::TexturePicker;
use super::super::view::View;
use crate::look::ParameterGroup;

pub(in super::super) fn draw(ui: &mut egui::Ui, view: &mut View) {
    let mut picker = TexturePicker { library: view.library, thumbnails: view.thumbnails };
    draw_group(ui, ParameterGroup::Matte, view.look, &mut picker);
}
