//! What faces wear.

use bevy_egui::egui;

use super::super::parameter::{draw_group, group_label, is_untouched};
use super::super::picker::TexturePicker;
use super::super::view::{PanelState, View};
use crate::look::{FacePart, ParameterGroup};

pub(in super::super) fn draw(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    let parts = FacePart::ALL.map(ParameterGroup::Face).into_iter().chain([ParameterGroup::Mesh]);
    let parts: Vec<_> =
        parts.map(|part| (part, group_label(part, view.look), !is_untouched(part, view.look))).collect();
    super::choose(ui, &mut state.face, 4, &parts);
    let mut picker = TexturePicker { library: view.library, thumbnails: view.thumbnails };
    draw_group(ui, state.face, view.look, &mut picker);
}
