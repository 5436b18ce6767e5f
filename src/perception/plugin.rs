//! Perception beside the main schedule: at most one inference at a time, results published with the
//! number of their frame.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use bevy::prelude::*;
use bevy::tasks::AsyncComputeTaskPool;

use super::pairing::{Follower, note_age, pair_newest_frame};
use super::publish::publish_results;
use super::task::{Done, Engine, EngineLoader, Outcome, PerceptionTask};
use super::thrift::{save_in_emergency, unload_what_rests};
use super::{
    Cadence, CadenceState, CostLevel, Detections, FaceLandmarks, Pairing, PerceptionStatus, SegmentationMask,
    Shown,
};
use crate::capture::{CaptureGate, LatestFrame, SourceStatus, SwitchSource};
use crate::memory::MemoryPressure;
use crate::schedule::{FrameTime, MasqueSystems, Pacing, Waker};
use crate::stats::{Stats, describe};

/// Runs perception and decides which frame is shown with which mask.
pub struct PerceptionPlugin {
    /// How the engine is made.
    pub loader: EngineLoader,
    /// Which mask goes with which frame.
    pub pairing: Pairing,
}

impl Plugin for PerceptionPlugin {
    fn build(&self, app: &mut App) {
        let waker = app.world().resource::<Waker>().clone();
        let stats = app.world().resource::<Stats>().clone();
        app.insert_resource(PerceptionTask::new(self.loader.clone(), waker, &stats))
            .insert_resource(self.pairing)
            .add_message::<SwitchSource>()
            .init_resource::<FaceLandmarks>()
            .init_resource::<Detections>()
            .init_resource::<SegmentationMask>()
            .init_resource::<Shown>()
            .init_resource::<FrameTime>()
            .init_resource::<PerceptionStatus>()
            .init_resource::<Follower>()
            .init_resource::<Cadence>()
            .init_resource::<CadenceState>()
            .add_message::<MemoryPressure>()
            .add_systems(
                Update,
                (finish_loading, forget_old_source, save_in_emergency, unload_what_rests)
                    .before(MasqueSystems::Capture),
            )
            .add_systems(Update, perceive_newest_frame.in_set(MasqueSystems::Perceive))
            .add_systems(
                Update,
                (publish_results, pair_newest_frame, note_age, tell_frame_time)
                    .chain()
                    .in_set(MasqueSystems::Publish),
            );
    }
}

fn finish_loading(
    mut task: ResMut<PerceptionTask>,
    mut status: ResMut<PerceptionStatus>,
    mut gate: ResMut<CaptureGate>,
) {
    let Engine::Loading(receiver) = &task.engine else { return };
    gate.perception_busy = true;
    let Ok(loaded) = receiver.try_recv() else { return };
    match loaded {
        Ok(engine) => {
            let report = engine.parser().clone();
            *status = PerceptionStatus::Ready(report);
            task.engine = Engine::Idle(Box::new(engine));
            gate.perception_busy = false;
        }
        Err(error) => {
            *status = PerceptionStatus::Failed(describe(&error));
            task.engine = Engine::Failed;
        }
    }
}

/// Frames that are there or under way are of the old source, and nobody in them is in the new one.
fn forget_old_source(
    mut switches: MessageReader<SwitchSource>,
    latest: Res<LatestFrame>,
    mut task: ResMut<PerceptionTask>,
    (mut landmarks, mut detections): (ResMut<FaceLandmarks>, ResMut<Detections>),
) {
    if switches.read().count() > 0 {
        task.source_changed = true;
        task.last = latest.frame.clone();
        landmarks.clear();
        detections.clear();
    }
}

fn perceive_newest_frame(
    latest: Res<LatestFrame>,
    waker: Res<Waker>,
    mut task: ResMut<PerceptionTask>,
    mut gate: ResMut<CaptureGate>,
    (cadence, pacing, stats): (Res<Cadence>, Res<Pacing>, Res<Stats>),
    source: Res<SourceStatus>,
    mut state: ResMut<CadenceState>,
    mut mask: ResMut<SegmentationMask>,
) {
    let Some(frame) = &latest.frame else { return };
    let seen = task.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, frame));
    if seen || !matches!(task.engine, Engine::Idle(_)) {
        return;
    }
    task.last = Some(frame.clone());
    let live = *pacing == Pacing::Live;
    if live && !state.is_due(&cadence) {
        stats.count("perception_skipped_cadence");
        return;
    }
    let Engine::Idle(mut engine) = std::mem::replace(&mut task.engine, Engine::Failed) else { return };
    if std::mem::take(&mut task.source_changed) {
        engine.reset();
        mask.0 = None;
    }
    engine.set_mirrored(source.mirror);
    engine.set_cost(if live { state.level() } else { CostLevel::Full });
    let may_rest = live && state.may_rest(&cadence);
    let cadence = *cadence;
    gate.perception_busy = true;
    let mut parsed = task.retired.take();
    let frame = frame.clone();
    let seen = frame.clone();
    let waker = waker.clone();
    let running = AsyncComputeTaskPool::get().spawn(async move {
        let start = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| {
            if may_rest && engine.is_still(&seen, &cadence) {
                return Ok(Done::Still);
            }
            engine.perceive(&seen, &mut Arc::make_mut(&mut parsed).perception).map(|()| Done::Perceived)
        }));
        let spent = start.elapsed();
        waker.wake();
        match result {
            Ok(result) => {
                let result = result.map_err(|error| describe(&error));
                Outcome { engine: Some(engine), parsed, result, spent }
            }
            // What a panicking engine left behind is not trusted again.
            Err(_) => Outcome { engine: None, parsed, result: Err("perception crashed".into()), spent },
        }
    });
    task.engine = Engine::Running { frame, task: running };
}

/// Says when the frame that is shown was taken.
fn tell_frame_time(shown: Res<Shown>, mut time: ResMut<FrameTime>) {
    time.set_if_neq(FrameTime(shown.frame.as_ref().map(|frame| frame.timestamp)));
}
