//! What each region wears.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui;

use super::face;
use super::picker::TexturePicker;
use super::thumbnails::Thumbnails;
use crate::frame::Region;
use crate::look::{
    CurrentLook, Look, MatteStyle, RegionStyle, TextureLibrary, load_look, randomise, shipped_looks,
};
use crate::schedule::Waker;
use crate::show::seed;
use crate::stats::Stats;

#[derive(SystemParam)]
pub(super) struct LookSection<'w> {
    look: ResMut<'w, CurrentLook>,
    library: Res<'w, TextureLibrary>,
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
                            Ok(loaded) => look = loaded,
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
        let thumbnails = &mut *self.thumbnails;
        let mut picker = TexturePicker { library: &self.library, thumbnails };
        for region in Region::ALL {
            egui::CollapsingHeader::new(region.label())
                .id_salt(region.name())
                .default_open(matches!(region, Region::Hair | Region::Clothes))
                .show(ui, |ui| draw_style(ui, region, look.style_mut(region), &mut picker));
        }
        egui::CollapsingHeader::new("Mattes")
            .id_salt("mattes")
            .show(ui, |ui| draw_matte(ui, &mut look.matte));
        face::draw(ui, &mut look, &mut picker);
        self.thumbnails.update(ui.ctx(), &self.stats, &self.waker);
        if look != self.look.0 {
            self.look.0 = look;
        }
    }
}

fn draw_style(ui: &mut egui::Ui, region: Region, style: &mut RegionStyle, picker: &mut TexturePicker) {
    egui::Grid::new(("style", region.name())).num_columns(2).show(ui, |ui| {
        ui.label("Texture");
        picker.draw(ui, ("texture", region.name()), &mut style.texture, false);
        ui.end_row();
        let mut slider = |label: &str, value: &mut f32, range, logarithmic: bool| {
            ui.label(label);
            ui.add(egui::Slider::new(value, range).logarithmic(logarithmic).fixed_decimals(2));
            ui.end_row();
        };
        slider("Opacity", &mut style.opacity, RegionStyle::UNIT, false);
        slider("Scale", &mut style.scale, RegionStyle::SCALE, true);
        slider("Shading", &mut style.shading, RegionStyle::UNIT, false);
        slider("Dilation", &mut style.dilation, RegionStyle::DILATION, false);
        slider("Softness", &mut style.softness, RegionStyle::SOFTNESS, false);
        ui.label("Invert");
        ui.checkbox(&mut style.invert, "");
        ui.end_row();
        ui.label("Tint");
        ui.color_edit_button_rgb(&mut style.tint);
        ui.end_row();
    });
}

fn draw_matte(ui: &mut egui::Ui, matte: &mut MatteStyle) {
    egui::Grid::new("matte").num_columns(2).show(ui, |ui| {
        ui.label("Smoothing").on_hover_text("Seconds in which an unsure edge settles on a still picture");
        ui.add(egui::Slider::new(&mut matte.smoothing, MatteStyle::SMOOTHING).suffix(" s").fixed_decimals(2));
        ui.end_row();
        ui.label("Refinement").on_hover_text("How far edges follow the edges of the picture");
        ui.add(egui::Slider::new(&mut matte.refinement, RegionStyle::UNIT).fixed_decimals(2));
        ui.end_row();
    });
}
