//! What each region wears.

use bevy_egui::egui;

use super::super::effects;
use super::super::parameter::{draw_group, is_untouched};
use super::super::picker::TexturePicker;
use super::super::view::{PanelState, View};
use crate::frame::Region;
use crate::look::{ParameterGroup, Stack};

pub(in super::super) fn draw(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    let regions = Region::ALL.map(|region| {
        let bare = is_untouched(ParameterGroup::Region(region), view.look);
        (region, region.label().to_owned(), !bare || !view.look.region_effects(region).is_empty())
    });
    super::choose(ui, &mut state.region, 3, &regions);
    let mut picker = TexturePicker { library: view.library, thumbnails: view.thumbnails };
    draw_group(ui, ParameterGroup::Region(state.region), view.look, &mut picker);
    effects::draw(ui, Stack::Region(state.region), &mut state.layer, view.look, &mut picker);
}
