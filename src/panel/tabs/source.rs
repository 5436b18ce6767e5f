//! Where the picture comes from, and how it is perceived.

use std::path::PathBuf;

use bevy_egui::egui::{self, RichText};

use super::super::view::{PanelState, View, Wish};
use super::super::{card, cell, entry, facts, heading, style};
use super::{recording, replay};
use crate::compositor::Fit;
use crate::perception::{Cadence, Pairing, PerceptionStatus};

pub(in super::super) fn draw(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    card(ui, |ui| draw_source(ui, state, view));
    recording::draw(ui, view);
    replay::draw(ui, view);
    card(ui, |ui| draw_textures(ui, state, view));
    card(ui, |ui| draw_perception(ui, view));
    card(ui, |ui| draw_cadence(ui, view));
}

fn draw_source(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    heading(ui, "Source");
    let info = view.source.info.as_ref();
    let uri = info.map_or(view.source.wanted.as_str(), |info| info.uri.as_str());
    for camera in view.cameras {
        let address = format!("camera:{}", camera.index);
        let place = format!("{}, {}", camera.path, camera.identity);
        if choice(ui, &camera.name, address == uri).on_hover_text(place).clicked() {
            view.wishes.push(Wish::Open(address));
        }
    }
    if choice(ui, "Demo performer", uri == "demo:").clicked() {
        view.wishes.push(Wish::Open("demo:".to_owned()));
    }
    if view.cameras.is_empty() {
        ui.label(RichText::new("No camera is plugged in").color(style::TEXT_WEAK));
    }
    if let Some(address) = entry(ui, &mut state.address, "File, folder or address", "Open") {
        view.wishes.push(Wish::Open(address));
        // It may have a password in it.
        state.address.clear();
    }
    let size = info.map_or_else(String::new, |info| format!("{} × {}", info.width, info.height));
    let address = ("Source", uri.to_owned());
    facts(ui, &[address, ("State", view.source.state.to_string()), ("Size", size)]);
    let source = &view.figures.report.source;
    if source.gaps + source.reconnects > 0 {
        facts(ui, &[("Gaps", format!("{}, opened again {} times", source.gaps, source.reconnects))]);
    }
    ui.checkbox(&mut view.settings.mirror, "Mirror");
    ui.horizontal(|ui| {
        cell(ui, [style::LABEL, style::ROW], RichText::new("Another shape").color(style::TEXT_WEAK));
        let fit = &mut view.settings.fit;
        ui.selectable_value(fit, Fit::Cover, "Fill").on_hover_text("What stands out is cut off");
        ui.selectable_value(fit, Fit::Contain, "Show whole").on_hover_text("Between black bars");
    });
}

/// A source to click on, across the card.
fn choice(ui: &mut egui::Ui, name: &str, is_open: bool) -> egui::Response {
    let button = egui::Button::selectable(is_open, name).frame_when_inactive(true).truncate();
    ui.add_sized([ui.available_width(), style::ROW], button)
}

fn draw_textures(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    heading(ui, "Textures");
    ui.label(format!("{} can be worn. Drop a folder or a picture on the window, or name it.", {
        view.library.names().count()
    }));
    if let Some(path) = entry(ui, &mut state.textures, "Folder or picture", "Add") {
        view.wishes.push(Wish::AddTextures(PathBuf::from(path)));
        state.textures.clear();
    }
}

fn draw_perception(ui: &mut egui::Ui, view: &mut View) {
    heading(ui, "Perception");
    match view.perception {
        PerceptionStatus::Loading => facts(ui, &[("Regions", "Loading…".into())]),
        PerceptionStatus::Failed(_) => facts(ui, &[("Regions", "Not available".into())]),
        PerceptionStatus::Ready(report) => {
            facts(ui, &[("Regions", report.kind.to_string()), ("Why", report.why.clone())]);
            if let Some(better) = &report.better {
                facts(ui, &[("Better", better.clone())]);
            }
            if let Some(reason) = &report.no_blendshapes {
                facts(ui, &[("Blendshapes", format!("None: {reason}"))]);
            }
        }
    }
    if let Some(age) = view.figures.report.gauges.get("mask_age_ms") {
        facts(ui, &[("Mask age", format!("{age:.0} ms"))]);
    }
    ui.horizontal(|ui| {
        cell(ui, [style::LABEL, style::ROW], RichText::new("Pairing").color(style::TEXT_WEAK));
        let pairing = &mut view.settings.pairing;
        ui.selectable_value(pairing, Pairing::Matched, "Matched")
            .on_hover_text("Each frame with its own mask");
        ui.selectable_value(pairing, Pairing::Latest, "Latest")
            .on_hover_text("The newest frame with the newest mask");
    });
}

fn draw_cadence(ui: &mut egui::Ui, view: &mut View) {
    heading(ui, "Cadence");
    let cadence = &mut view.settings.cadence;
    ui.horizontal(|ui| {
        ui.label("Perceive every");
        ui.add(egui::DragValue::new(&mut cadence.every).range(Cadence::EVERY));
        ui.label("frames");
    });
    ui.checkbox(&mut cadence.skip_still, "Rest while the picture is still");
    ui.checkbox(&mut cadence.adapt, "Lower the cost when frames come too late");
    facts(ui, &[("Cost now", view.cost.label().into())]);
}
