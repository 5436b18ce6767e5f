//! What both sides know of the source, and the look-out for stalls.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::SourceState;
use crate::source::{Interrupt, SourceInfo};
use crate::stats::Stats;

/// Without a frame for this long a live source counts as stalled.
const STALL: Duration = Duration::from_secs(3);
/// Without a frame for this long it is interrupted, so that it is opened again.
const HANG: Duration = Duration::from_secs(10);

/// State of the source, shared by its thread and its owner.
pub(super) struct Watch {
    inner: Mutex<Inner>,
    stats: Stats,
    wake: Box<dyn Fn() + Send + Sync>,
}

struct Inner {
    state: SourceState,
    info: Option<SourceInfo>,
    last_sign: Instant,
    interrupt: Option<Interrupt>,
    interrupted: bool,
}

impl Watch {
    pub(super) fn new(stats: Stats, wake: Box<dyn Fn() + Send + Sync>) -> Self {
        let inner = Inner {
            state: SourceState::Starting,
            info: None,
            last_sign: Instant::now(),
            interrupt: None,
            interrupted: false,
        };
        Self { inner: Mutex::new(inner), stats, wake }
    }

    pub(super) fn opened(&self, info: &SourceInfo, interrupt: Option<Interrupt>) {
        self.stats.event(format!("source open: {} ({})", info.uri, info.description));
        let mut inner = self.lock();
        inner.info = Some(info.clone());
        inner.interrupt = interrupt;
        inner.interrupted = false;
        inner.last_sign = Instant::now();
    }

    /// The source is about to be dropped: its interrupt must not outlive it.
    pub(super) fn closed(&self) {
        self.lock().interrupt = None;
    }

    pub(super) fn frame_arrived(&self) {
        let mut inner = self.lock();
        inner.last_sign = Instant::now();
        if inner.state != SourceState::Live {
            inner.state = SourceState::Live;
        }
    }

    /// A frame lies in the slot.
    pub(super) fn frame_ready(&self) {
        (self.wake)();
    }

    pub(super) fn reconnecting(&self, attempt: u32) {
        self.lock().state = SourceState::Reconnecting(attempt);
        (self.wake)();
    }

    pub(super) fn end(&self) {
        self.lock().state = SourceState::Ended;
        (self.wake)();
    }

    pub(super) fn fail(&self, sentence: String) {
        self.stats.event(format!("source failed: {sentence}"));
        self.lock().state = SourceState::Failed(sentence);
        (self.wake)();
    }

    pub(super) fn state(&self) -> SourceState {
        self.lock().state.clone()
    }

    pub(super) fn info(&self) -> Option<SourceInfo> {
        self.lock().info.clone()
    }

    pub(super) fn interrupt(&self) {
        if let Some(interrupt) = &self.lock().interrupt {
            interrupt();
        }
    }

    /// Notices a live source from which nothing comes.
    pub(super) fn supervise(&self) {
        let mut inner = self.lock();
        let live = inner.info.as_ref().is_some_and(|info| info.live);
        if !live || !matches!(inner.state, SourceState::Live | SourceState::Stalled) {
            return;
        }
        let silence = inner.last_sign.elapsed();
        if silence >= STALL && inner.state == SourceState::Live {
            inner.state = SourceState::Stalled;
            self.stats.count("source_stalls");
            self.stats.event(format!("no frame for {} s: the source has stalled", STALL.as_secs()));
        }
        if silence >= HANG && !inner.interrupted {
            inner.interrupted = true;
            if let Some(interrupt) = &inner.interrupt {
                self.stats.count("source_interrupts");
                self.stats.event(format!("no frame for {} s: the source is interrupted", HANG.as_secs()));
                interrupt();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every field stands for itself, so a panicking holder left nothing half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watch").field(&self.state()).finish()
    }
}
