//! What perception gives up when memory is tight.

use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::{CadenceState, CostLevel};
use crate::memory::{MemoryPressure, PressureLevel};
use crate::models::SessionManager;
use crate::schedule::Pacing;
use crate::stats::Stats;

/// After how long a network that is not needed any more rests: a little more than sessions count as resting.
const RESTING: Duration = Duration::from_secs(7);

/// In an emergency every second frame is perceived, less is looked for in it and the hair network is unloaded; afterwards
/// all again.
pub(super) fn save_in_emergency(
    mut pressure: MessageReader<MemoryPressure>,
    mut state: ResMut<CadenceState>,
    (stats, pacing): (Res<Stats>, Res<Pacing>),
) {
    let Some(pressure) = pressure.read().last() else { return };
    // Runs that leave nothing out perceive every frame at full cost.
    if *pacing != Pacing::Live {
        return;
    }
    let emergency = pressure.reaches(PressureLevel::Emergency);
    let least = if emergency { CostLevel::WithoutHair } else { CostLevel::Full };
    if !state.bypass_change_detection().save_at_least(least) {
        return;
    }
    state.set_changed();
    let (counter, what) = match emergency {
        true => (
            "perception_lowered_memory",
            "every second frame is perceived, and hair by its colour, until memory is less tight",
        ),
        false => ("perception_restored_memory", "perception goes on as before: memory is less tight"),
    };
    stats.count(counter);
    stats.gauge("perception_cost_level", state.level().index() as f64);
    stats.event(what);
}

/// While memory is very tight, networks that rest are unloaded; they come back with the frames that need them. Told once
/// more a little later than the level is: what an emergency does without rests only then.
pub(super) fn unload_what_rests(
    mut pressure: MessageReader<MemoryPressure>,
    sessions: Option<Res<SessionManager>>,
    stats: Res<Stats>,
    mut again: Local<Option<Instant>>,
) {
    let told = pressure.read().last();
    if let Some(told) = told {
        *again = told.reaches(PressureLevel::Emergency).then(|| Instant::now() + RESTING);
    }
    let due = again.take_if(|at| *at <= Instant::now()).is_some();
    let tight = told.is_some_and(|pressure| pressure.reaches(PressureLevel::Critical));
    if let (true, Some(sessions)) = (tight || due, sessions) {
        stats.count("models_trimmed_memory");
        sessions.trim();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::SessionLimits;
    use crate::perception::Cadence;

    #[test]
    fn an_emergency_halves_the_work_and_its_end_restores_it() {
        let mut app = App::new();
        app.init_resource::<Stats>()
            .init_resource::<Pacing>()
            .init_resource::<CadenceState>()
            .add_message::<MemoryPressure>();
        app.add_systems(Update, save_in_emergency);
        let due = |app: &mut App| {
            let mut state = app.world_mut().resource_mut::<CadenceState>();
            (0..100).filter(|_| state.is_due(&Cadence::default())).count()
        };
        assert_eq!(due(&mut app), 100);
        for (was, level, perceived) in [
            (PressureLevel::Normal, PressureLevel::Critical, 100),
            (PressureLevel::Critical, PressureLevel::Emergency, 50),
            (PressureLevel::Emergency, PressureLevel::Emergency, 50),
            (PressureLevel::Emergency, PressureLevel::Critical, 100),
        ] {
            app.world_mut().write_message(MemoryPressure { level, was });
            app.update();
            assert_eq!(due(&mut app), perceived, "{level}");
        }
        let stats = app.world().resource::<Stats>();
        assert_eq!(stats.counter("perception_lowered_memory"), 1);
        assert_eq!(stats.counter("perception_restored_memory"), 1);
    }

    #[test]
    fn networks_give_back_what_they_do_not_need_when_memory_is_very_tight() {
        let mut app = App::new();
        let stats = Stats::default();
        app.insert_resource(SessionManager::new(SessionLimits::default(), &stats))
            .insert_resource(stats.clone());
        app.add_message::<MemoryPressure>().add_systems(Update, unload_what_rests);
        for (was, level, times) in [
            (PressureLevel::Normal, PressureLevel::Warning, 0),
            (PressureLevel::Warning, PressureLevel::Critical, 1),
            (PressureLevel::Critical, PressureLevel::Emergency, 2),
            (PressureLevel::Emergency, PressureLevel::Normal, 2),
        ] {
            app.world_mut().write_message(MemoryPressure { level, was });
            app.update();
            assert_eq!(stats.counter("models_trimmed_memory"), times, "{level}");
        }
    }
}
