//! Perception beside the main schedule: at most one inference at a time, results published with the
//! number of their frame.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};
use crossbeam_channel::{Receiver, bounded};

use super::pairing::{Follower, note_age, pair_newest_frame};
use super::{
    Cadence, CadenceState, CostChange, CostLevel, FaceLandmarks, Pairing, Parsed, PerceptionEngine,
    PerceptionError, PerceptionStatus, SegmentationMask, Shown,
};
use crate::capture::{CaptureGate, LatestFrame, SourceStatus, SwitchSource};
use crate::frame::Frame;
use crate::schedule::{FrameTime, MasqueSystems, Pacing, Waker};
use crate::stats::{Stats, describe};

/// Makes an engine, on a thread of its own; called again after a crash of the engine.
pub type EngineLoader = Arc<dyn Fn() -> Result<PerceptionEngine, PerceptionError> + Send + Sync>;

/// Runs perception and decides which frame is shown with which mask.
pub struct PerceptionPlugin {
    /// How the engine is made.
    pub loader: EngineLoader,
    /// Which mask goes with which frame.
    pub pairing: Pairing,
}

/// The engine and where it is.
#[derive(Resource)]
struct PerceptionTask {
    loader: EngineLoader,
    engine: Engine,
    /// Results that may be reused once nobody looks at them.
    retired: Vec<Arc<Parsed>>,
    /// The last frame that was taken, or that is not to be.
    last: Option<Arc<Frame>>,
    /// The next frame is the first of another source.
    source_changed: bool,
}

enum Engine {
    Loading(Receiver<Result<PerceptionEngine, PerceptionError>>),
    Idle(Box<PerceptionEngine>),
    Running { frame: Arc<Frame>, task: Task<Outcome> },
    Failed,
}

struct Outcome {
    engine: Option<Box<PerceptionEngine>>,
    parsed: Parsed,
    result: Result<Done, String>,
    spent: Duration,
}

/// What became of a frame.
enum Done {
    Perceived,
    /// It shows what the last perceived one did.
    Still,
}

/// Time between two frames where the source does not say.
const FRAME_TIME: Duration = Duration::from_nanos(33_333_333);

/// Results kept for reuse: one shown, one in the render world, one being made, one spare.
const RESULTS_KEPT: usize = 4;

/// How long the end of the app waits for models that are being loaded.
const LOADING_PATIENCE: Duration = Duration::from_secs(5);

impl Plugin for PerceptionPlugin {
    fn build(&self, app: &mut App) {
        let waker = app.world().resource::<Waker>().clone();
        let engine = Engine::Loading(load(&self.loader, waker));
        let loader = self.loader.clone();
        let task = PerceptionTask { loader, engine, retired: Vec::new(), last: None, source_changed: false };
        app.insert_resource(task)
            .insert_resource(self.pairing)
            .add_message::<SwitchSource>()
            .init_resource::<FaceLandmarks>()
            .init_resource::<SegmentationMask>()
            .init_resource::<Shown>()
            .init_resource::<FrameTime>()
            .init_resource::<PerceptionStatus>()
            .init_resource::<Follower>()
            .init_resource::<Cadence>()
            .init_resource::<CadenceState>()
            .add_systems(Update, (finish_loading, forget_old_source).before(MasqueSystems::Capture))
            .add_systems(Update, perceive_newest_frame.in_set(MasqueSystems::Perceive))
            .add_systems(
                Update,
                (publish_results, pair_newest_frame, note_age, tell_frame_time)
                    .chain()
                    .in_set(MasqueSystems::Publish),
            );
    }
}

impl Drop for PerceptionTask {
    /// Native code that still runs while the process ends would crash it: it is waited for.
    fn drop(&mut self) {
        match std::mem::replace(&mut self.engine, Engine::Failed) {
            Engine::Running { task, .. } => drop(block_on(task)),
            // Past the patience it is a download, which may be cut off at any time.
            Engine::Loading(receiver) => drop(receiver.recv_timeout(LOADING_PATIENCE)),
            Engine::Idle(_) | Engine::Failed => {}
        }
    }
}

fn load(loader: &EngineLoader, waker: Waker) -> Receiver<Result<PerceptionEngine, PerceptionError>> {
    let (sender, receiver) = bounded(1);
    let loader = loader.clone();
    std::thread::spawn(move || {
        // The receiver is gone only when the app is.
        let _ = sender.send(loader());
        waker.wake();
    });
    receiver
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
    mut landmarks: ResMut<FaceLandmarks>,
) {
    if switches.read().count() > 0 {
        task.source_changed = true;
        task.last = latest.frame.clone();
        landmarks.clear();
    }
}

fn perceive_newest_frame(
    latest: Res<LatestFrame>,
    waker: Res<Waker>,
    mut task: ResMut<PerceptionTask>,
    mut gate: ResMut<CaptureGate>,
    (cadence, pacing, stats): (Res<Cadence>, Res<Pacing>, Res<Stats>),
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
    engine.set_cost(if live { state.level() } else { CostLevel::Full });
    let may_rest = live && state.may_rest(&cadence);
    let cadence = *cadence;
    gate.perception_busy = true;
    let mut parsed = task.take_retired();
    let frame = frame.clone();
    let seen = frame.clone();
    let waker = waker.clone();
    let running = AsyncComputeTaskPool::get().spawn(async move {
        let start = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| {
            if may_rest && engine.is_still(&seen, &cadence) {
                return Ok(Done::Still);
            }
            engine.perceive(&seen, &mut parsed.perception).map(|()| Done::Perceived)
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

fn publish_results(
    mut task: ResMut<PerceptionTask>,
    (mut mask, mut landmarks): (ResMut<SegmentationMask>, ResMut<FaceLandmarks>),
    mut shown: ResMut<Shown>,
    mut status: ResMut<PerceptionStatus>,
    mut gate: ResMut<CaptureGate>,
    (waker, stats): (Res<Waker>, Res<Stats>),
    (pairing, pacing): (Res<Pairing>, Res<Pacing>),
    (cadence, source): (Res<Cadence>, Res<SourceStatus>),
    mut state: ResMut<CadenceState>,
) {
    let Engine::Running { frame, task: running } = &mut task.engine else { return };
    let Some(outcome) = block_on(poll_once(running)) else { return };
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
            task.engine = Engine::Loading(load(&task.loader, waker.clone()));
        }
    }
    let own_mask = *pairing == Pairing::Matched || *pacing == Pacing::Lossless;
    match outcome.result {
        Ok(Done::Perceived) => {}
        Ok(Done::Still) => {
            stats.count("perception_skipped_still");
            state.rested();
            task.retire(Arc::new(outcome.parsed));
            if own_mask {
                // It looks the same, so the mask is the same.
                (shown.frame, shown.parsed, shown.motion) = (Some(frame), mask.0.clone(), None);
            }
            return;
        }
        Err(error) => {
            landmarks.clear();
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
        }
    }
    let parsed = Arc::new(outcome.parsed);
    task.retire(parsed.clone());
    if !task.source_changed {
        mask.0 = Some(parsed.clone());
        landmarks.publish(&parsed);
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
    stats.gauge("perception_cost_level", level.index() as f64);
    let budget = budget.as_secs_f64() * 1000.0;
    stats.event(format!(
        "perception {why} its {budget:.0} ms per frame; cost: {}",
        level.label().to_lowercase()
    ));
}

impl PerceptionTask {
    fn take_retired(&mut self) -> Parsed {
        let free = self.retired.iter().position(|parsed| Arc::strong_count(parsed) == 1);
        let taken = free.map(|index| self.retired.swap_remove(index));
        taken.and_then(Arc::into_inner).unwrap_or_default()
    }

    fn retire(&mut self, parsed: Arc<Parsed>) {
        if self.retired.len() == RESULTS_KEPT {
            self.retired.remove(0);
        }
        self.retired.push(parsed);
    }
}
