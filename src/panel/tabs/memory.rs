//! Memory over time: the process, its parts, how fast it grows, and what was told about it.

use bevy_egui::egui::{self, Align, Color32, Layout, RichText, Stroke, pos2};

use super::super::view::{MemoryFigures, PanelState, SpanFigures, View};
use super::super::{card, heading, style};
use super::statistics::megabytes;
use crate::memory::{PressureLevel, RSS, Span};

/// Height of the graph in points.
const HEIGHT: f32 = 130.0;
/// Parts that have a line of their own: the largest.
pub(in super::super) const PARTS: usize = 5;
/// Colours of their lines.
const COLOURS: [Color32; PARTS] = [
    Color32::from_rgb(0x5b, 0xc0, 0xeb),
    Color32::from_rgb(0x9b, 0xc5, 0x3d),
    Color32::from_rgb(0xfd, 0xe7, 0x4c),
    Color32::from_rgb(0xe5, 0x59, 0x34),
    Color32::from_rgb(0xc3, 0x8d, 0x9e),
];

/// The card of the statistics page.
pub(in super::super) fn draw(ui: &mut egui::Ui, state: &mut PanelState, view: &View) {
    let memory = &view.figures.memory;
    card(ui, |ui| {
        ui.horizontal(|ui| {
            heading(ui, "Memory over time");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.selectable_value(&mut state.span, Span::Day, "Day");
                ui.selectable_value(&mut state.span, Span::TenMinutes, "10 minutes");
            });
        });
        let color = color(memory.level);
        let share = memory.share * 100.0;
        ui.label(RichText::new(format!("{share:.0} % of {}, {}", memory.budget, memory.level)).color(color));
        let figures = memory.span(state.span);
        graph(ui, figures, state.span);
        legend(ui, figures);
        ui.label(RichText::new(growth(figures)).color(style::TEXT_WEAK));
        alerts(ui, memory);
    });
}

/// The colour of how tight memory is.
pub(in super::super) fn color(level: PressureLevel) -> Color32 {
    match level {
        PressureLevel::Normal => style::TEXT_WEAK,
        PressureLevel::Warning => style::WARNING,
        PressureLevel::Critical | PressureLevel::Emergency => style::ERROR,
    }
}

/// Most bytes of any series, for the height of the graph.
fn most(figures: &SpanFigures) -> u64 {
    figures.series.iter().flat_map(|(_, bytes)| bytes).copied().max().unwrap_or(0).max(1)
}

fn graph(ui: &mut egui::Ui, figures: &SpanFigures, span: Span) {
    let size = egui::vec2(ui.available_width(), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    let label = format!("Memory over {}", words(span));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, &label));
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 4.0, ui.visuals().extreme_bg_color);
    let most = most(figures) as f32 * 1.1;
    let grid = Stroke::new(1.0, ui.visuals().weak_text_color().gamma_multiply(0.25));
    for quarter in 1..4 {
        painter.hline(rect.x_range(), rect.top() + rect.height() * quarter as f32 / 4.0, grid);
    }
    // The newest sample is at the right edge, whatever there was before.
    let step = rect.width() / (span.samples() - 1) as f32;
    let mut parts = COLOURS.into_iter();
    for (name, bytes) in &figures.series {
        let (color, width) = match *name {
            RSS => (style::ACCENT, 2.0),
            _ => match parts.next() {
                Some(color) => (color, 1.0),
                None => break,
            },
        };
        let points = bytes.iter().rev().enumerate().map(|(back, bytes)| {
            pos2(rect.right() - back as f32 * step, rect.bottom() - rect.height() * *bytes as f32 / most)
        });
        painter.add(egui::Shape::line(points.collect(), Stroke::new(width, color)));
    }
    let font = egui::TextStyle::Small.resolve(ui.style());
    let corner = |at, align, text: String| painter.text(at, align, text, font.clone(), style::TEXT_WEAK);
    corner(rect.left_top() + egui::vec2(4.0, 2.0), egui::Align2::LEFT_TOP, megabytes(most as u64));
    corner(
        rect.left_bottom() + egui::vec2(4.0, -2.0),
        egui::Align2::LEFT_BOTTOM,
        format!("{} ago", words(span)),
    );
    corner(rect.right_bottom() + egui::vec2(-4.0, -2.0), egui::Align2::RIGHT_BOTTOM, "now".into());
}

/// Who holds most, the largest first, with the colours of the lines.
fn legend(ui: &mut egui::Ui, figures: &SpanFigures) {
    let mut parts = COLOURS.into_iter();
    ui.horizontal_wrapped(|ui| {
        for (name, bytes) in &figures.series {
            let Some(color) = (if *name == RSS { Some(style::ACCENT) } else { parts.next() }) else { break };
            let now = bytes.last().copied().unwrap_or(0);
            let name = if *name == RSS { "process" } else { name };
            ui.label(RichText::new(format!("{name} {}", megabytes(now))).small().color(color));
        }
    });
}

fn growth(figures: &SpanFigures) -> String {
    match figures.growth {
        Some(growth) => format!("Grows by {growth:.1} MB per hour"),
        None => "Too early to say how it grows".into(),
    }
}

fn alerts(ui: &mut egui::Ui, memory: &MemoryFigures) {
    for (at, message) in &memory.alerts {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(at).monospace().color(style::TEXT_WEAK));
            ui.add(egui::Label::new(RichText::new(message).small()).wrap());
        });
    }
}

fn words(span: Span) -> &'static str {
    match span {
        Span::TenMinutes => "10 minutes",
        Span::Day => "24 hours",
    }
}
