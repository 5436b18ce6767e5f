//! The engine and where it is: being made, waiting, at work in a task.

use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use bevy::tasks::{Task, block_on};

use super::retired::Retired;
use super::{Parsed, PerceptionEngine, PerceptionError};
use crate::frame::Frame;
use crate::memory::{Bound, Each, Receiver, bound, queue};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Makes an engine, on a thread of its own; called again after a crash of the engine.
pub type EngineLoader = Arc<dyn Fn() -> Result<PerceptionEngine, PerceptionError> + Send + Sync>;

/// Results kept for reuse: one shown, one in the render world, one being made, one spare.
const RESULTS_KEPT: usize = 4;

pub(super) const RESULTS: Bound = bound!(
    "perception.results",
    "what was found in a frame, kept for reuse",
    RESULTS_KEPT,
    Each::Bytes(4 << 20),
    "the oldest goes"
);
pub(super) const TASK: Bound = bound!(
    "perception.task",
    "the frame that is perceived; one task at a time",
    1,
    Each::In("frames"),
    "the next frame waits in its slot"
);
pub(super) const ENGINE: Bound = bound!(
    "perception.engine",
    "the networks, on the way from the thread that loads them",
    1,
    Each::In("models"),
    "never full: one is sent"
);

/// How long the end of the app waits for models that are being loaded.
const LOADING_PATIENCE: Duration = Duration::from_secs(5);

/// The engine and where it is.
#[derive(Resource)]
pub(super) struct PerceptionTask {
    pub loader: EngineLoader,
    pub engine: Engine,
    /// Results that may be reused once nobody looks at them.
    pub retired: Retired<Parsed>,
    /// The last frame that was taken, or that is not to be.
    pub last: Option<Arc<Frame>>,
    /// The next frame is the first of another source.
    pub source_changed: bool,
}

/// Where the engine is.
pub(super) enum Engine {
    Loading(Receiver<Result<PerceptionEngine, PerceptionError>>),
    Idle(Box<PerceptionEngine>),
    Running { frame: Arc<Frame>, task: Task<Outcome> },
    Failed,
}

/// What the task hands back.
pub(super) struct Outcome {
    pub engine: Option<Box<PerceptionEngine>>,
    pub parsed: Arc<Parsed>,
    pub result: Result<Done, String>,
    pub spent: Duration,
}

/// What became of a frame.
pub(super) enum Done {
    Perceived,
    /// It shows what the last perceived one did.
    Still,
}

impl PerceptionTask {
    /// Begins to make an engine.
    pub fn new(loader: EngineLoader, waker: Waker, stats: &Stats) -> Self {
        let engine = Engine::Loading(load(&loader, waker, stats));
        let retired = Retired::new(RESULTS_KEPT);
        Self { loader, engine, retired, last: None, source_changed: false }
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

/// Starts the thread that makes an engine.
pub(super) fn load(
    loader: &EngineLoader,
    waker: Waker,
    stats: &Stats,
) -> Receiver<Result<PerceptionEngine, PerceptionError>> {
    let (sender, receiver) = queue(&ENGINE, stats);
    let loader = loader.clone();
    std::thread::spawn(move || {
        // The receiver is gone only when the app is.
        let _ = sender.send(loader());
        waker.wake();
    });
    receiver
}
