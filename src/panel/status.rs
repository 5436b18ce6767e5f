//! How the program does: rate, times, drops, memory, and which parser runs.

use std::time::{Duration, Instant};

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui;

use crate::memory::MemoryGauge;
use crate::perception::{Cadence, CadenceState, Pairing, PerceptionStatus};
use crate::stats::Stats;

/// How often the shown rate is computed.
const RATE_INTERVAL: Duration = Duration::from_secs(1);

#[derive(SystemParam)]
pub(super) struct StatusSection<'w, 's> {
    stats: Res<'w, Stats>,
    memory: Res<'w, MemoryGauge>,
    perception: Res<'w, PerceptionStatus>,
    pairing: ResMut<'w, Pairing>,
    settings: ResMut<'w, Cadence>,
    cadence: Res<'w, CadenceState>,
    rate: Local<'s, Rate>,
}

/// Frames per second over the last whole interval.
#[derive(Default)]
struct Rate {
    since: Option<(Instant, u64)>,
    per_second: f64,
}

impl Rate {
    fn update(&mut self, frames: u64) -> f64 {
        let (since, first) = *self.since.get_or_insert((Instant::now(), frames));
        if since.elapsed() >= RATE_INTERVAL {
            self.per_second = frames.saturating_sub(first) as f64 / since.elapsed().as_secs_f64();
            self.since = Some((Instant::now(), frames));
        }
        self.per_second
    }
}

impl StatusSection<'_, '_> {
    pub(super) fn draw(&mut self, ui: &mut egui::Ui) {
        let stages = self.stats.stages();
        let inference: f64 = stages
            .iter()
            .filter(|(name, _)| name.starts_with("inference."))
            .map(|(_, stage)| stage.p50_ms)
            .sum();
        let rate = self.rate.update(self.stats.counter("frames_composed"));
        let dropped = self.stats.counter("frames_dropped_capture");
        egui::Grid::new("status").num_columns(2).show(ui, |ui| {
            let mut row = |label: &str, value: String| {
                ui.label(label);
                ui.label(value);
                ui.end_row();
            };
            row("Pictures", format!("{rate:.1} per second"));
            row("Inference", format!("{inference:.1} ms"));
            row("Frames dropped", dropped.to_string());
            row("Memory", format!("{} MB", self.memory.rss_bytes / 1_000_000));
            match &*self.perception {
                PerceptionStatus::Loading => row("Regions", "Loading…".into()),
                PerceptionStatus::Failed(_) => row("Regions", "Not available".into()),
                PerceptionStatus::Ready(report) => row("Regions", report.kind.to_string()),
            }
            if let PerceptionStatus::Ready(report) = &*self.perception {
                row("", report.why.clone());
            }
            if let Some(age) = self.stats.gauge_value("mask_age_ms") {
                row("Mask age", format!("{age:.0} ms"));
            }
            row("Perception", self.cadence.level().label().into());
            ui.label("Pairing");
            ui.horizontal(|ui| {
                let mut pairing = *self.pairing;
                ui.selectable_value(&mut pairing, Pairing::Matched, "Matched")
                    .on_hover_text("Each frame with its own mask");
                ui.selectable_value(&mut pairing, Pairing::Latest, "Latest")
                    .on_hover_text("The newest frame with the newest mask");
                if pairing != *self.pairing {
                    *self.pairing = pairing;
                }
            });
            ui.end_row();
        });
        self.draw_cadence(ui);
        match &*self.perception {
            PerceptionStatus::Ready(report) => {
                if let Some(better) = &report.better {
                    ui.label(better);
                }
                if let Some(reason) = &report.no_blendshapes {
                    ui.label(format!("Faces come without blendshapes: {reason}"));
                }
            }
            PerceptionStatus::Failed(why) => {
                ui.colored_label(egui::Color32::LIGHT_RED, why);
            }
            _ => {}
        }
        if let Some(event) = self.stats.events().last() {
            ui.label(&event.message);
        }
    }

    fn draw_cadence(&mut self, ui: &mut egui::Ui) {
        let mut cadence = *self.settings;
        egui::CollapsingHeader::new("Cadence").id_salt("cadence").show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label("Perceive every");
                ui.add(egui::DragValue::new(&mut cadence.every).range(Cadence::EVERY));
                ui.label("frames");
            });
            ui.checkbox(&mut cadence.skip_still, "Rest while the picture is still");
            ui.checkbox(&mut cadence.adapt, "Lower the cost when frames come too late");
        });
        if cadence != *self.settings {
            *self.settings = cadence;
        }
    }
}
