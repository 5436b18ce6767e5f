//! From a finished task to the app.

use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::tasks::futures::check_ready;

use super::task::{Done, Engine, PerceptionTask, load};
use super::{
    Cadence, CadenceState, CostChange, Detections, FaceLandmarks, Pairing, PerceptionStatus,
    SegmentationMask, Shown,
};
use crate::capture::{CaptureGate, SourceStatus};
use crate::schedule::{Pacing, Waker};
use crate::stats::Stats;

/// Time between two frames where the source does not say.
const FRAME_TIME: Duration = Duration::from_nanos(33_333_333);

/// Hands what a task found to the app, and the engine back.
pub(super) fn publish_results(
    mut task: ResMut<PerceptionTask>,
    (mut mask, mut landmarks, mut detections): (
        ResMut<SegmentationMask>,
        ResMut<FaceLandmarks>,
        ResMut<Detections>,
    ),
    mut shown: ResMut<Shown>,
    mut status: ResMut<PerceptionStatus>,
    mut gate: ResMut<CaptureGate>,
    (waker, stats): (Res<Waker>, Res<Stats>),
    (pairing, pacing): (Res<Pairing>, Res<Pacing>),
    (cadence, source): (Res<Cadence>, Res<SourceStatus>),
    mut state: ResMut<CadenceState>,
) {
    let Engine::Running { frame, task: running } = &mut task.engine else { return };
    let Some(outcome) = check_ready(running) else { return };
    let start = Instant::now();
    let frame = frame.clone();
    match outcome.engine {
        Some(engine) => {
            task.engine = Engine::Idle(engine);
            gate.perception_busy = false;
        }
        None => {
            stats.count("perception_restarts");
            *status = PerceptionStatus::Loading;
            task.engine = Engine::Loading(load(&task.loader, waker.clone(), &stats));
        }
    }
    let own_mask = *pairing == Pairing::Matched || *pacing == Pacing::Lossless;
    match outcome.result {
        Ok(Done::Perceived) => {}
        Ok(Done::Still) => {
            stats.count("perception_skipped_still");
            state.rested();
            task.retired.keep(outcome.parsed);
            if own_mask {
                // It looks the same, so the mask is the same.
                (shown.frame, shown.parsed, shown.motion) = (Some(frame), mask.0.clone(), None);
            }
            return;
        }
        Err(error) => {
            landmarks.clear();
            detections.clear();
            stats.count("perception_failed");
            if stats.counter("perception_failed") == 1 {
                stats.event(format!("a frame could not be perceived: {error}"));
            }
            // A frame that is owed to the output is shown bare rather than left out.
            if *pacing == Pacing::Lossless {
                (shown.frame, shown.parsed, shown.motion) = (Some(frame), None, None);
            }
            return;
        }
    }
    if *pacing == Pacing::Live {
        let rate = source.info.as_ref().and_then(|info| info.nominal_rate).filter(|rate| *rate > 0.0);
        let frame_time = rate.and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        let budget = cadence.budget.or(frame_time).unwrap_or(FRAME_TIME);
        if let Some(change) = state.perceived(outcome.spent, budget, &cadence) {
            tell_change(change, budget, &stats);
            stats.gauge("perception_cost_level", state.level().index() as f64);
        }
    }
    let parsed = outcome.parsed;
    task.retired.keep(parsed.clone());
    if !task.source_changed {
        mask.0 = Some(parsed.clone());
        landmarks.publish(&parsed);
        detections.publish(&parsed);
    }
    if own_mask {
        (shown.frame, shown.parsed, shown.motion) = (Some(frame), Some(parsed), None);
    }
    stats.stage("publish", start.elapsed());
}

fn tell_change(change: CostChange, budget: Duration, stats: &Stats) {
    let (name, level, why) = match change {
        CostChange::Lowered(level) => ("cadence_lowered", level, "takes longer than"),
        CostChange::Raised(level) => ("cadence_raised", level, "has room in"),
    };
    stats.count(name);
    let budget = budget.as_secs_f64() * 1000.0;
    stats.event(format!(
        "perception {why} its {budget:.0} ms per frame; cost: {}",
        level.label().to_lowercase()
    ));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bevy::MinimalPlugins;
    use bevy::tasks::AsyncComputeTaskPool;

    use super::*;
    use crate::capture::{LatestFrame, SwitchSource};
    use crate::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
    use crate::perception::task::Outcome;
    use crate::perception::{
        Detection, Parsed, Perception, PerceptionError, PerceptionPlugin, PixelBox, Thing,
    };
    use crate::schedule::Waker;
    use crate::source::SourceUri;

    /// An app without an engine, which knows of one thing.
    fn app() -> App {
        let mut app = App::new();
        app.add_plugins(MinimalPlugins)
            .insert_resource(Stats::default())
            .init_resource::<Waker>()
            .init_resource::<Pacing>()
            .init_resource::<LatestFrame>()
            .init_resource::<SourceStatus>()
            .init_resource::<CaptureGate>()
            .add_plugins(PerceptionPlugin {
                loader: Arc::new(|| {
                    Err(PerceptionError::Contract { model: "none".into(), reason: "there is none".into() })
                }),
                pairing: Pairing::Latest,
            });
        let bounds = PixelBox { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
        let thing = Thing { detection: Detection { class: 0, confidence: 0.9, bounds }, id: Some(1) };
        let mut perception = Perception { seq: FrameSeq(3), ..Perception::default() };
        perception.things.list.push(thing);
        app.world_mut().resource_mut::<Detections>().publish(&Arc::new(Parsed { perception }));
        app.update();
        assert_eq!(app.world().resource::<Detections>().of_frame(FrameSeq(3)).len(), 1);
        app
    }

    fn is_empty(app: &App) -> bool {
        let detections = app.world().resource::<Detections>();
        detections.things().is_empty() && detections.seq().is_none()
    }

    #[test]
    fn nothing_of_the_old_source_is_there_after_a_switch() {
        let mut app = app();
        app.world_mut().write_message(SwitchSource(SourceUri::Demo));
        app.update();
        assert!(is_empty(&app));
    }

    #[test]
    fn nothing_of_an_older_frame_is_there_when_one_could_not_be_perceived() {
        let mut app = app();
        let data = FramePool::new(1 << 10).acquire(16).unwrap();
        let frame =
            Frame::new(FrameSeq(4), Duration::ZERO, PixelFormat::Rgba8, (2, 2), ColorSpace::default(), data);
        let result = Err("a network failed".to_owned());
        let outcome = Outcome { engine: None, parsed: Arc::default(), result, spent: Duration::ZERO };
        let task = AsyncComputeTaskPool::get().spawn(async move { outcome });
        let running = Engine::Running { frame: Arc::new(frame.unwrap()), task };
        app.world_mut().resource_mut::<PerceptionTask>().engine = running;
        while app.world().resource::<Stats>().counter("perception_failed") == 0 {
            app.update();
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(is_empty(&app));
    }
}
