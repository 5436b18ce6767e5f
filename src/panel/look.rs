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
    CurrentLook, Look, ParameterGroup, TextureLibrary, WatchedLook, load_look, randomise, shipped_looks,
};
use crate::schedule::Waker;
use crate::show::seed;
use crate::stats::Stats;

#[derive(SystemParam)]
pub(super) struct LookSection<'w> {
    look: ResMut<'w, CurrentLook>,
    library: Res<'w, TextureLibrary>,
    watched: ResMut<'w, WatchedLook>,
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
                for name in shipped_looks() {
                    if ui.selectable_label(look.name.eq_ignore_ascii_case(name), name).clicked() {
                        match load_look(Some(name), &self.library) {
                            Ok(loaded) => {
                                look = loaded;
                                self.watched.forget();
                            }
                            Err(error) => self.stats.event(error.to_string()),
                        }
                    }
                }
            });
            if ui.button("Randomise").on_hover_text("R").clicked() {
                look = randomise(&self.library, seed());
            }
            if ui.button("Bare").on_hover_text("The camera's picture as it is").clicked() {
                look = Look::default();
            }
        });
        if let Some(path) = self.watched.path() {
            let where_to = path.display().to_string();
            let save = ui.add_enabled(!self.watched.is_saving(), egui::Button::new("Save"));
            if save.on_hover_text(where_to).clicked() {
                self.watched.save(&look, &self.library);
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
