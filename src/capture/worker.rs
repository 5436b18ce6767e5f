//! A source that is looked after, seen by whoever wants its frames.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::life::Room;
use super::outlet::Outlet;
use super::status::Status;
use super::supervisor::{Message, Supervisor};
use super::{CaptureOptions, Opener, SourceState};
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

pub(super) const MESSAGES: Bound = bound!(
    "capture.messages",
    "what the threads of a source tell the one that looks after them",
    16,
    Each::Bytes(256),
    "the thread waits"
);

/// A source on threads of its own, its frames in a slot of one; it is opened again for ever when it goes away.
///
/// Dropping it ends the source and never blocks for more than half a second: a thread that hangs in a
/// driver is left alone and counted (`capture_threads_detached`).
#[derive(Debug)]
pub struct CaptureWorker {
    frames: memory::Receiver<Arc<Frame>>,
    status: Arc<Status>,
    running: Option<Retiring>,
}

/// The threads of a source that is to end: they end when this is dropped, which takes half a second at most.
#[derive(Debug)]
pub struct Retiring {
    messages: memory::Sender<Message>,
    done: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl CaptureWorker {
    /// Starts the source. `open` is called on a thread of its own, again after each failure of a live source; `wake` after
    /// each frame and each change of state.
    pub fn spawn(
        open: impl Fn() -> Result<Box<dyn FrameSource>, SourceError> + Send + Sync + 'static,
        pool: FramePool,
        stats: Stats,
        options: impl Into<CaptureOptions>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self::start(Opener::new(open), None, pool, stats, options, wake)
    }

    /// As [`Self::spawn`]. `before` is ended first, beside the caller: two sources may want the same device.
    ///
    /// Counts `frames_captured`, `frames_dropped_capture`, `frames_held`, `source_failures`, `source_reconnects`,
    /// `source_stalls`, `source_gaps`, `source_openings_refused`, `stand_in_reconnects`, `frame_pool_exhausted`,
    /// `capture_pool_waits`, `capture_late`, `capture_threads_abandoned`, `capture_threads_returned`; times stages `capture`
    /// and `source_gap`.
    pub fn start(
        opener: Opener,
        before: Option<Retiring>,
        pool: FramePool,
        stats: Stats,
        options: impl Into<CaptureOptions>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let options = options.into();
        let (slot, frames) = memory::newest_wins(&FRAMES, &stats);
        let (messages, mail) = memory::queue(&MESSAGES, &stats);
        let (finished, done) = memory::signal();
        let status = Arc::new(Status::new(stats.clone(), Box::new(wake)));
        let outlet = Arc::new(Outlet::new(slot, options.pace, options.hold, stats.clone()));
        let pace = options.pace;
        let room = Room { outlet, status: status.clone(), pool, stats, pace, messages: messages.clone() };
        let supervisor = Supervisor::new(opener, options, room, mail);
        let thread = std::thread::Builder::new().name("capture".into()).spawn(move || {
            drop(before);
            supervisor.run();
            // Nobody waits any more when the worker was dropped.
            let _ = finished.send(());
        });
        let failed =
            |error: std::io::Error| status.set(SourceState::Failed(SourceError::NoThread(error).to_string()));
        let thread = thread.map_err(failed).ok();
        Self { frames, status, running: Some(Retiring { messages, done, thread }) }
    }

    /// The newest frame that was not taken yet.
    pub fn try_latest(&self) -> Option<Arc<Frame>> {
        self.frames.try_recv().ok()
    }

    /// Waits for the next frame; `None` when no more come: see [`Self::state`] for why.
    pub fn next_frame(&self) -> Option<Arc<Frame>> {
        loop {
            match self.frames.recv_timeout(Duration::from_millis(250)) {
                Ok(frame) => return Some(frame),
                Err(RecvTimeoutError::Timeout) if self.is_running() => {}
                // One more look: the last frame may have come just before the thread ended.
                Err(_) => return self.frames.try_recv().ok(),
            }
        }
    }

    /// How the source is doing. It has ended or failed only when its last frame was taken.
    pub fn state(&self) -> SourceState {
        match self.status.state() {
            SourceState::Ended | SourceState::Failed(_) if !self.frames.is_empty() => SourceState::Live,
            state => state,
        }
    }

    /// What the source of the last frames is; `None` before the first frame.
    pub fn info(&self) -> Option<SourceInfo> {
        self.status.info()
    }

    /// As [`Self::info`], but none where it is `known`.
    pub fn info_unless(&self, known: Option<&SourceInfo>) -> Option<SourceInfo> {
        self.status.info_unless(known)
    }

    /// Ends the source; frames that were not taken are dropped. Called by `Drop`.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Lets go of the source's threads, which are to end: give them to [`Self::start`].
    pub fn retire(&mut self) -> Option<Retiring> {
        self.running.take()
    }

    fn is_running(&self) -> bool {
        let thread = self.running.as_ref().and_then(|running| running.thread.as_ref());
        thread.is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Retiring {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        // One that has ended by itself hears nothing.
        let _ = self.messages.send_timeout(Message::Stop, STOP_PATIENCE);
        if self.done.recv_timeout(STOP_PATIENCE).is_ok() {
            // Its last statement is behind it: this ends at once.
            let _ = thread.join();
        }
    }
}
