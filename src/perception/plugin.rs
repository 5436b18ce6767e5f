//! Perception beside the main schedule: at most one inference at a time, results published with the
//! number of their frame.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};
use crossbeam_channel::{Receiver, bounded};

use super::{FaceLandmarks, ParserReport, Perception, PerceptionEngine, PerceptionError};
use crate::capture::{CaptureGate, LatestFrame, SourceStatus, SwitchSource};
use crate::frame::{Frame, FrameSeq};
use crate::schedule::{MasqueSystems, Pacing, Waker};
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

/// Which mask a frame is shown with.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pairing {
    /// Each frame with its own mask: exact, at the rate and with the delay of perception.
    #[default]
    Matched,
    /// The newest frame with the newest mask: smooth, the mask may lag.
    Latest,
}

/// One result of perception.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Mask and faces.
    pub perception: Perception,
}

impl Parsed {
    /// The frame that it was made from.
    pub fn seq(&self) -> FrameSeq {
        self.perception.seq
    }
}

/// The newest mask; none until the first frame was perceived.
#[derive(Resource, Debug, Clone, Default, Deref)]
pub struct SegmentationMask(pub Option<Arc<Parsed>>);

/// The picture that is to be shown now.
#[derive(Resource, Debug, Clone, Default)]
pub struct Shown {
    /// The frame.
    pub frame: Option<Arc<Frame>>,
    /// Its regions.
    pub parsed: Option<Arc<Parsed>>,
    /// Left and right swapped, as in a mirror.
    pub mirror: bool,
}

/// Whether perception works, for people.
#[derive(Resource, Debug, Clone, Default)]
pub enum PerceptionStatus {
    /// Models are fetched, converted and loaded.
    #[default]
    Loading,
    /// It runs.
    Ready(ParserReport),
    /// It cannot run.
    Failed(String),
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
    result: Result<(), String>,
}

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
            .init_resource::<PerceptionStatus>()
            .add_systems(Update, (finish_loading, forget_old_source).before(MasqueSystems::Capture))
            .add_systems(Update, perceive_newest_frame.in_set(MasqueSystems::Perceive))
            .add_systems(Update, (publish_results, show_newest_frame).chain().in_set(MasqueSystems::Publish));
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
) {
    let Some(frame) = &latest.frame else { return };
    let seen = task.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, frame));
    if seen || !matches!(task.engine, Engine::Idle(_)) {
        return;
    }
    let Engine::Idle(mut engine) = std::mem::replace(&mut task.engine, Engine::Failed) else { return };
    task.last = Some(frame.clone());
    if std::mem::take(&mut task.source_changed) {
        engine.reset();
    }
    gate.perception_busy = true;
    let mut parsed = task.take_retired();
    let frame = frame.clone();
    let seen = frame.clone();
    let waker = waker.clone();
    let running = AsyncComputeTaskPool::get().spawn(async move {
        let result = catch_unwind(AssertUnwindSafe(|| engine.perceive(&seen, &mut parsed.perception)));
        waker.wake();
        match result {
            Ok(result) => {
                let result = result.map_err(|error| describe(&error));
                Outcome { engine: Some(engine), parsed, result }
            }
            // What a panicking engine left behind is not trusted again.
            Err(_) => Outcome { engine: None, parsed, result: Err("perception crashed".into()) },
        }
    });
    task.engine = Engine::Running { frame, task: running };
}

fn publish_results(
    mut task: ResMut<PerceptionTask>,
    (mut mask, mut landmarks): (ResMut<SegmentationMask>, ResMut<FaceLandmarks>),
    mut shown: ResMut<Shown>,
    mut status: ResMut<PerceptionStatus>,
    mut gate: ResMut<CaptureGate>,
    (waker, stats): (Res<Waker>, Res<Stats>),
    (pairing, pacing): (Res<Pairing>, Res<Pacing>),
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
    if let Err(error) = outcome.result {
        landmarks.clear();
        stats.count("perception_failed");
        if stats.counter("perception_failed") == 1 {
            stats.event(format!("a frame could not be perceived: {error}"));
        }
        // A frame that is owed to the output is shown bare rather than left out.
        if *pacing == Pacing::Lossless {
            (shown.frame, shown.parsed) = (Some(frame), None);
        }
        return;
    }
    let parsed = Arc::new(outcome.parsed);
    task.retire(parsed.clone());
    mask.0 = Some(parsed.clone());
    if !task.source_changed {
        landmarks.publish(&parsed);
    }
    shown.parsed = Some(parsed);
    if *pairing == Pairing::Matched || *pacing == Pacing::Lossless {
        shown.frame = Some(frame);
    }
    stats.stage("publish", start.elapsed());
}

/// Shows the newest frame at once where it need not wait for its mask: pairing `latest`, and, live,
/// until perception is there.
fn show_newest_frame(
    latest: Res<LatestFrame>,
    source: Res<SourceStatus>,
    task: Res<PerceptionTask>,
    (pairing, pacing): (Res<Pairing>, Res<Pacing>),
    mut shown: ResMut<Shown>,
) {
    if shown.mirror != source.mirror {
        shown.mirror = source.mirror;
    }
    let waits = *pacing == Pacing::Lossless
        || (*pairing == Pairing::Matched && matches!(task.engine, Engine::Idle(_) | Engine::Running { .. }));
    if waits || !latest.is_changed() {
        return;
    }
    if let Some(frame) = &latest.frame {
        shown.frame = Some(frame.clone());
    }
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
