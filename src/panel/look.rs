//! What each region wears.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui;

use super::face;
use super::parameter::draw_group;
use super::picker::TexturePicker;
use super::thumbnails::Thumbnails;
use crate::frame::Region;
use crate::look::{
    CurrentLook, Look, LookLibrary, LookOrder, LookOrigin, ParameterGroup, SwitchLook, TextureLibrary,
    WatchedLook, WornLook, randomise,
};
use crate::schedule::Waker;
use crate::show::seed;
use crate::stats::Stats;

#[derive(SystemParam)]
pub(super) struct LookSection<'w> {
    look: ResMut<'w, CurrentLook>,
    library: Res<'w, TextureLibrary>,
    looks: Res<'w, LookLibrary>,
    worn: Res<'w, WornLook>,
    watched: Res<'w, WatchedLook>,
    switches: MessageWriter<'w, SwitchLook>,
    orders: MessageWriter<'w, LookOrder>,
    stats: Res<'w, Stats>,
    thumbnails: ResMut<'w, Thumbnails>,
    waker: Res<'w, Waker>,
}

impl LookSection<'_> {
    pub(super) fn draw(&mut self, ui: &mut egui::Ui) {
        // A copy is edited, so that only a real change marks the look as changed.
        let mut look = self.look.0.clone();
        ui.horizontal(|ui| {
            egui::ComboBox::from_id_salt("look").selected_text(look.name.clone()).show_ui(ui, |ui| {
                for entry in self.looks.entries() {
                    let is_worn = self.worn.origin.name() == Some(entry.name);
                    if ui.selectable_label(is_worn, entry.name).clicked() {
                        self.switches.write(SwitchLook::to(entry.name));
                    }
                }
            });
            if ui.button("Randomise").on_hover_text("R").clicked() {
                self.switches.write(SwitchLook::to_look(randomise(&look, &self.library, seed())));
            }
            if ui.button("Bare").on_hover_text("The camera's picture as it is").clicked() {
                self.switches.write(SwitchLook::to_look(Look::default()));
            }
        });
        if self.worn.origin != LookOrigin::Made {
            let save = ui.add_enabled(self.worn.is_edited(&look), egui::Button::new("Save"));
            if save.clicked() {
                self.orders.write(LookOrder::Save);
            }
        }
        if let Some(trouble) = self.watched.trouble() {
            ui.colored_label(egui::Color32::LIGHT_RED, trouble);
        }
        let thumbnails = &mut *self.thumbnails;
        let mut picker = TexturePicker { library: &self.library, thumbnails };
        for region in Region::ALL {
            egui::CollapsingHeader::new(region.label())
                .id_salt(region.name())
                .default_open(matches!(region, Region::Hair | Region::Clothes))
                .show(ui, |ui| draw_group(ui, ParameterGroup::Region(region), &mut look, &mut picker));
        }
        egui::CollapsingHeader::new("Mattes")
            .id_salt("mattes")
            .show(ui, |ui| draw_group(ui, ParameterGroup::Matte, &mut look, &mut picker));
        face::draw(ui, &mut look, &mut picker);
        self.thumbnails.update(ui.ctx(), &self.stats, &self.waker);
        if look != self.look.0 {
            self.look.0 = look;
        }
    }
}
