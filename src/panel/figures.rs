//! Takes figures of the program, twice a second while the panel is shown.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bevy::prelude::*;
use bevy::time::common_conditions::on_timer;

use super::lists::panel_is_shown;
use super::tabs::memory::PARTS;
use super::tabs::statistics::EVENTS;
use super::view::{Figures, SpanFigures};
use crate::memory::{MemoryBudget, MemoryGauge, MemoryHistory, MemoryStatus, RSS, Span};
use crate::show::{PanelShown, gather};
use crate::stats::Stats;

/// How often figures are taken.
const INTERVAL: Duration = Duration::from_millis(500);
/// How often what memory was is taken: its slope is dear.
const MEMORY_INTERVAL: Duration = Duration::from_secs(2);
/// Over how long pictures are counted.
const RATE: Duration = Duration::from_secs(1);

pub(super) fn plugin(app: &mut App) {
    let now = on_timer(INTERVAL).or_else(resource_changed::<PanelShown>);
    let memory = on_timer(MEMORY_INTERVAL).or_else(resource_changed::<PanelShown>);
    app.init_resource::<Figures>().add_systems(
        Update,
        (
            take_figures.run_if(panel_is_shown.and_then(now)),
            take_memory.run_if(panel_is_shown.and_then(memory)),
        ),
    );
}

/// Takes what the card about memory shows.
fn take_memory(
    (gauge, budget): (Res<MemoryGauge>, Res<MemoryBudget>),
    (status, history): (Res<MemoryStatus>, Res<MemoryHistory>),
    mut figures: ResMut<Figures>,
) {
    let memory = &mut figures.memory;
    memory.level = status.level;
    memory.share = gauge.share;
    memory.budget = budget.to_string();
    memory.spans = [Span::TenMinutes, Span::Day].map(|span| span_figures(&history, span));
    let alerts = status.alerts.iter().rev();
    memory.alerts = alerts.map(|alert| (time_of_day(alert.at), alert.message.clone())).collect();
}

fn span_figures(history: &MemoryHistory, span: Span) -> SpanFigures {
    let mut series: Vec<_> =
        history.series(span).map(|(name, ring)| (name, ring.iter().collect::<Vec<u64>>())).collect();
    // The process first, then who holds most.
    series.sort_by_key(|(name, bytes)| (*name != RSS, std::cmp::Reverse(bytes.last().copied())));
    series.truncate(1 + PARTS);
    SpanFigures { series, growth: history.growth(span) }
}

/// Takes what the statistics page and the line below all pages show.
fn take_figures(world: &mut World, mut counted: Local<Option<(Instant, u64)>>) {
    let report = gather(world);
    let frames = report.frames.composed;
    let (since, first) = *counted.get_or_insert((Instant::now(), frames));
    let events = world.resource::<Stats>().events();
    let events = events.iter().rev().take(EVENTS);
    let events = events.map(|event| (time_of_day(event.at), event.message.clone())).collect();
    let mut figures = world.resource_mut::<Figures>();
    if since.elapsed() >= RATE {
        figures.rate = frames.saturating_sub(first) as f64 / since.elapsed().as_secs_f64();
        *counted = Some((Instant::now(), frames));
    }
    figures.report = report;
    figures.events = events;
}

/// Hours, minutes and seconds, UTC.
fn time_of_day(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}
