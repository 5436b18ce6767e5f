//! Turns of the main loop that take too long: nothing else happens meanwhile, not even a key is heard.

use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::super::screen::IDLE;
use super::{Cause, Teller};
use crate::schedule::{LastTurn, Pacing};
use crate::stats::Stats;

/// A turn that takes longer is late.
const LATE: Duration = Duration::from_millis(50);
/// Stages that run in the main loop, drawing included.
const OF_THE_LOOP: [&str; 5] = ["compose", "edges", "publish", "readback", "upload"];

/// Times the turn before this one.
pub(super) fn watch_main_loop(
    (turn, stats): (Option<Res<LastTurn>>, Res<Stats>),
    pacing: Res<Pacing>,
    (mut last, mut teller): (Local<Option<Instant>>, Local<Teller>),
) {
    let now = Instant::now();
    let Some(began) = last.replace(now) else { return };
    let told = turn.and_then(|turn| turn.0);
    // A window's loop does not tell how long it slept: at most this long.
    let worked = told.unwrap_or_else(|| now.saturating_duration_since(began).saturating_sub(IDLE));
    stats.stage("main_loop", worked);
    if worked <= LATE || *pacing == Pacing::Lossless {
        return;
    }
    stats.count("main_loop_late");
    if let Some(untold) = teller.tells(now) {
        let stage = stats.busiest_since(began, |name| OF_THE_LOOP.contains(&name));
        let cause = Cause { stage, untold };
        stats.event(format!("the main loop was held up for {} ms{cause}", worked.as_millis()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> App {
        let mut app = App::new();
        app.init_resource::<Stats>()
            .init_resource::<Pacing>()
            .init_resource::<LastTurn>()
            .add_systems(First, watch_main_loop);
        app.update();
        app
    }

    #[test]
    fn a_turn_that_hangs_is_counted_and_told_with_its_stage() {
        let mut app = app();
        let stats = app.world().resource::<Stats>().clone();
        app.insert_resource(LastTurn(Some(Duration::from_millis(12))));
        app.update();
        assert_eq!(stats.counter("main_loop_late"), 0, "12 ms are nothing");
        std::thread::sleep(Duration::from_millis(20));
        stats.stage("inference.hair", Duration::from_secs(1));
        stats.stage("upload", Duration::from_millis(15));
        app.insert_resource(LastTurn(Some(Duration::from_millis(230))));
        app.update();
        assert_eq!(stats.counter("main_loop_late"), 1);
        let told = stats.events().pop().expect("a line").message;
        assert_eq!(told, "the main loop was held up for 230 ms, 15 ms of it in upload");
        assert_eq!(stats.stages()["main_loop"].count, 2);
    }

    #[test]
    fn the_sleep_of_a_windows_loop_does_not_count() {
        let start = Instant::now();
        let mut app = app();
        std::thread::sleep(IDLE);
        app.update();
        let awake = start.elapsed().saturating_sub(IDLE);
        let stats = app.world().resource::<Stats>();
        // The histogram keeps three figures.
        assert!(stats.stages()["main_loop"].max_ms <= awake.as_secs_f64() * 1010.0 + 1.0);
        std::thread::sleep(IDLE + LATE + Duration::from_millis(10));
        app.update();
        assert_eq!(app.world().resource::<Stats>().counter("main_loop_late"), 1);
    }
}
