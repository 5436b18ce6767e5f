//! A source on its own thread.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::feed::{Feed, Slot};
use super::watch::Watch;
use crate::frame::{Frame, FramePool};
use crate::memory::{self, Bound, Each, bound};
use crate::source::{FrameSource, SourceError, SourceInfo};
use crate::stats::Stats;

/// How long [`CaptureWorker::stop`] waits for its thread before it leaves it alone.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// The slot between the source's thread and its owner.
pub(super) const FRAMES: Bound = bound!(
    "capture.frames",
    "the newest captured frame",
    1,
    Each::In("frames"),
    "the older frame goes, `frames_dropped_capture`; lossless runs wait"
);

/// What happens when frames come faster than they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// The newest frame wins, older ones are dropped and counted (`frames_dropped_capture`); sources that
    /// are not live are played at the speed of their timestamps.
    RealTime,
    /// Every frame is handed over, the source waits.
    Lossless,
}

/// How a source is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SourceState {
    /// It is being opened.
    #[default]
    Starting,
    /// Frames come.
    Live,
    /// It is open, but no frame has come for 3 s.
    Stalled,
    /// It failed after it had been live; the number of the attempt to open it again, from 1.
    Reconnecting(u32),
    /// It came to its end.
    Ended,
    /// It could not be opened, or failed for good; the sentence for the user.
    Failed(String),
}

impl fmt::Display for SourceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("Starting…"),
            Self::Live => f.write_str("Live"),
            Self::Stalled => f.write_str("Stalled"),
            Self::Reconnecting(attempt) => write!(f, "Reconnecting, attempt {attempt}"),
            Self::Ended => f.write_str("Ended"),
            Self::Failed(reason) => write!(f, "Failed: {reason}"),
        }
    }
}

/// A source on its own thread, its frames in a slot of one.
///
/// Dropping it stops the thread and never blocks for more than half a second: a thread that hangs in a
/// driver is left alone and counted (`capture_threads_detached`).
#[derive(Debug)]
pub struct CaptureWorker {
    frames: memory::Receiver<Arc<Frame>>,
    watch: Arc<Watch>,
    stop: Option<Sender<()>>,
    stopping: Arc<AtomicBool>,
    done: Receiver<()>,
    thread: Option<JoinHandle<()>>,
    stats: Stats,
}

impl CaptureWorker {
    /// Starts the thread. `open` is called there, again after each failure of a live source; `wake` after
    /// each frame and each change of state.
    ///
    /// Counts `frames_captured`, `frames_dropped_capture`, `source_failures`, `source_reconnects`,
    /// `source_stalls`, `source_interrupts`, `frame_pool_exhausted`, `capture_pool_waits`, `capture_late`; times
    /// stage `capture`.
    pub fn spawn(
        open: impl FnMut() -> Result<Box<dyn FrameSource>, SourceError> + Send + 'static,
        pool: FramePool,
        stats: Stats,
        pace: Pace,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let (sender, frames) = memory::newest_wins(&FRAMES, &stats);
        let (stop, stopped) = memory::signal();
        let (finished, done) = memory::signal();
        let watch = Arc::new(Watch::new(stats.clone(), Box::new(wake)));
        let stopping = Arc::new(AtomicBool::new(false));
        let slot = Slot::new(sender, pace, stats.clone());
        let feed = Feed::new(slot, watch.clone(), pool, stats.clone(), pace, stopped, stopping.clone());
        let thread = std::thread::Builder::new().name("capture".into()).spawn(move || {
            feed.run(open);
            // Nobody waits any more when the worker was dropped.
            let _ = finished.send(());
        });
        let thread = thread.map_err(|error| watch.fail(format!("no thread for the source: {error}"))).ok();
        Self { frames, watch, stop: Some(stop), stopping, done, thread, stats }
    }

    /// The newest frame that was not taken yet. Call it often: it also notices stalls, and wakes a source
    /// that has hung for 10 s by interrupting it.
    pub fn try_latest(&self) -> Option<Arc<Frame>> {
        self.watch.supervise();
        self.frames.try_recv().ok()
    }

    /// Waits for the next frame; `None` when no more come: see [`Self::state`] for why.
    pub fn next_frame(&self) -> Option<Arc<Frame>> {
        loop {
            match self.frames.recv_timeout(Duration::from_millis(250)) {
                Ok(frame) => return Some(frame),
                Err(RecvTimeoutError::Timeout) if self.is_running() => self.watch.supervise(),
                // One more look: the last frame may have come just before the thread ended.
                Err(_) => return self.frames.try_recv().ok(),
            }
        }
    }

    /// How the source is doing. It has ended or failed only when its last frame was taken.
    pub fn state(&self) -> SourceState {
        self.watch.supervise();
        match self.watch.state() {
            SourceState::Ended | SourceState::Failed(_) if !self.frames.is_empty() => SourceState::Live,
            state => state,
        }
    }

    /// What the source is; `None` until it is open for the first time.
    pub fn info(&self) -> Option<SourceInfo> {
        self.watch.info()
    }

    /// Ends the thread; frames that were not taken are dropped. Called by `Drop`.
    pub fn stop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.stopping.store(true, Ordering::Relaxed);
        // Closing the channel wakes a thread that waits for a frame's time or for the next attempt.
        self.stop = None;
        self.watch.interrupt();
        if self.done.recv_timeout(STOP_PATIENCE).is_ok() {
            // Its last statement is behind it: this ends at once.
            let _ = thread.join();
        } else {
            self.stats.count("capture_threads_detached");
            tracing::warn!("the source hangs and does not stop: its thread is left alone");
        }
    }

    fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for CaptureWorker {
    fn drop(&mut self) {
        self.stop();
    }
}
