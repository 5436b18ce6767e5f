//! How far a rendering is: a bar with the time left on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::capture::SourceStatus;
use crate::schedule::MasqueSystems;
use crate::stats::Stats;

/// How often the bar moves.
const STEP: Duration = Duration::from_millis(200);
/// How often a line is written where there is no terminal.
const LINE: Duration = Duration::from_secs(10);
const STYLE: &str = "{bar:30} {pos}/{len} frames, {per_sec}, {eta} left";
const STYLE_WITHOUT_END: &str = "{spinner} {pos} frames, {per_sec}";

#[derive(Resource)]
struct Bar {
    /// Frames that were asked for.
    limit: Option<u64>,
    start: Instant,
    looked: Instant,
    told: Instant,
    bar: Option<ProgressBar>,
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Shows how many of at most `limit` frames are rendered.
pub(super) fn add_to(app: &mut App, limit: Option<u64>) {
    let now = Instant::now();
    app.insert_resource(Bar { limit, start: now, looked: now, told: now, bar: None })
        .add_systems(Update, show_progress.in_set(MasqueSystems::Report));
}

fn show_progress(mut bar: ResMut<Bar>, source: Res<SourceStatus>, stats: Res<Stats>) {
    let now = Instant::now();
    if now - bar.looked < STEP {
        return;
    }
    bar.looked = now;
    let Some(info) = &source.info else { return };
    let total = [bar.limit, info.frames].into_iter().flatten().min();
    let done = stats.counter("frames_recorded");
    if std::io::stderr().is_terminal() {
        let shown = bar.bar.get_or_insert_with(|| start(total));
        shown.set_position(done);
        // Of videos the number is an estimate.
        if total.is_some_and(|total| done > total) {
            shown.set_length(done);
        }
    } else if now - bar.told >= LINE {
        bar.told = now;
        eprintln!("masque: {}", line(done, total, now - bar.start));
    }
}

fn start(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), STYLE),
        None => (ProgressBar::new_spinner(), STYLE_WITHOUT_END),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// `120 of 300 frames (40 %), about 3 minutes left`.
fn line(done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let Some(total) = total.filter(|total| *total > 0) else { return format!("{done} frames") };
    let share = (done as f64 / total as f64).min(1.0);
    let mut line = format!("{done} of {total} frames ({:.0} %)", share * 100.0);
    if done > 0 {
        let left = elapsed.mul_f64((1.0 - share) / share);
        line += &format!(", about {} left", HumanDuration(left));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_much_is_done_and_how_long_the_rest_takes() {
        let two_minutes = Duration::from_secs(120);
        assert_eq!(line(120, Some(300), two_minutes), "120 of 300 frames (40 %), about 3 minutes left");
        assert_eq!(line(0, Some(300), two_minutes), "0 of 300 frames (0 %)");
        assert_eq!(line(17, None, two_minutes), "17 frames");
        // The number of a video's frames is an estimate.
        assert!(line(301, Some(300), two_minutes).contains("(100 %), about 0 seconds left"));
    }
}
