//! How the program does: what docs/stats.md describes, twice a second.

use bevy_egui::egui::{self, Align, Layout, RichText};

use super::super::view::{Figures, PanelState, View};
use super::super::{card, cell, facts, heading, style};
use super::memory;
use crate::stats::StageReport;

/// Events that are listed.
pub(in super::super) const EVENTS: usize = 12;
/// Width of a column of numbers in points.
const COLUMN: f32 = 58.0;

pub(in super::super) fn draw(ui: &mut egui::Ui, state: &mut PanelState, view: &View) {
    let figures = view.figures;
    let report = &figures.report;
    ui.spacing_mut().interact_size.y = style::LINE_HEIGHT;
    ui.spacing_mut().item_spacing.y = 4.0;
    card(ui, |ui| draw_frames(ui, figures));
    memory::draw(ui, state, view);
    card(ui, |ui| {
        heading(ui, "Stages");
        row(ui, "ms", &["passes", "median", "95 %", "longest"].map(str::to_owned), style::TEXT_WEAK);
        let stages = report.stages.iter().map(|(name, stage)| (name, *stage));
        for (name, stage) in stages {
            row(ui, name, &times(stage), ui.visuals().text_color());
        }
    });
    card(ui, |ui| {
        heading(ui, "Models");
        row(ui, "ms", &["provider", "runs", "median", "renewed"].map(str::to_owned), style::TEXT_WEAK);
        for (name, model) in &report.models {
            let median = format!("{:.1}", model.p50_ms);
            let cells = [model.provider.clone(), count(model.runs), median, count(model.recycles)];
            row(ui, name, &cells, ui.visuals().text_color());
        }
        if !report.perception.why.is_empty() {
            facts(
                ui,
                &[("Parser", report.perception.parser.clone()), ("Why", report.perception.why.clone())],
            );
        }
    });
    card(ui, |ui| draw_memory(ui, figures));
    card(ui, |ui| {
        heading(ui, "Source");
        let source = &report.source;
        facts(
            ui,
            &[
                ("Address", source.uri.clone()),
                ("State", source.state.clone()),
                ("Opened again", source.reconnects.to_string()),
                ("Silent", source.gaps.to_string()),
            ],
        );
    });
    card(ui, |ui| {
        heading(ui, "Gauges and counters");
        for (name, value) in &report.gauges {
            pair(ui, name, gauge(name, *value));
        }
        for (name, value) in &report.counters {
            pair(ui, name, count(*value));
        }
    });
    card(ui, |ui| {
        heading(ui, "Events");
        for (at, event) in figures.events.iter().take(EVENTS) {
            ui.horizontal_top(|ui| {
                ui.label(RichText::new(at).monospace().color(style::TEXT_WEAK));
                ui.add(egui::Label::new(RichText::new(event).small()).wrap());
            });
        }
    });
}

fn draw_frames(ui: &mut egui::Ui, figures: &Figures) {
    let frames = figures.report.frames;
    heading(ui, "Frames");
    let tiles = [
        ("per second", format!("{:.1}", figures.rate), style::ACCENT),
        ("in", count(frames.captured), ui.visuals().strong_text_color()),
        ("perceived", count(frames.perceived), ui.visuals().strong_text_color()),
        ("out", count(frames.composed), ui.visuals().strong_text_color()),
        (
            "dropped",
            count(frames.dropped),
            if frames.dropped > 0 { style::WARNING } else { ui.visuals().strong_text_color() },
        ),
        ("recorded", count(frames.recorded), ui.visuals().strong_text_color()),
    ];
    ui.columns(3, |columns| {
        for (n, (name, value, color)) in tiles.into_iter().enumerate() {
            let ui = &mut columns[n % 3];
            ui.label(RichText::new(value).size(17.0).color(color));
            ui.label(RichText::new(name).small().color(style::TEXT_WEAK));
            ui.add_space(2.0);
        }
    });
}

fn draw_memory(ui: &mut egui::Ui, figures: &Figures) {
    let memory = &figures.report.memory;
    let pool = &memory.pool;
    heading(ui, "Memory");
    pair(ui, "resident", megabytes(memory.rss_bytes));
    pair(ui, "resident at most", megabytes(memory.peak_rss_bytes));
    let used = (pool.in_use_bytes + pool.idle_bytes) as u64;
    pair(ui, "frames", format!("{} of {}", megabytes(used), megabytes(pool.budget_bytes as u64)));
    pair(ui, "frames refused", count(pool.exhausted));
    for (name, bytes) in &memory.caches {
        pair(ui, name, megabytes(*bytes));
    }
}

fn times(stage: StageReport) -> [String; 4] {
    let ms = |value: f64| if value < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") };
    [count(stage.count), ms(stage.p50_ms), ms(stage.p95_ms), ms(stage.max_ms)]
}

fn gauge(name: &str, value: f64) -> String {
    if name.ends_with("_bytes") { megabytes(value as u64) } else { format!("{value:.1}") }
}

/// Bytes for people.
pub(in super::super) fn megabytes(bytes: u64) -> String {
    match bytes {
        bytes if bytes < 10_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        bytes => format!("{} MB", bytes / 1_000_000),
    }
}

/// A number with its thousands apart.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// A name, and numbers that stand below each other.
fn row(ui: &mut egui::Ui, name: &str, cells: &[String; 4], color: egui::Color32) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let room = ui.available_width() - COLUMN * cells.len() as f32;
        cell(ui, [room, style::LINE_HEIGHT], RichText::new(name).color(color));
        for cell in cells {
            let layout = Layout::right_to_left(Align::Center);
            ui.allocate_ui_with_layout(egui::vec2(COLUMN, style::LINE_HEIGHT), layout, |ui| {
                ui.set_min_width(COLUMN);
                ui.label(RichText::new(cell).color(color));
            });
        }
    });
}

/// A name and its number at the right.
fn pair(ui: &mut egui::Ui, name: &str, value: String) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).color(style::TEXT_WEAK));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(value));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_can_be_read() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1\u{2009}234\u{2009}567");
        assert_eq!(megabytes(1_500_000), "1.5 MB");
        assert_eq!(megabytes(377_900_000), "377 MB");
    }
}
