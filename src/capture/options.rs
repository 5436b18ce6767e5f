//! How a source is taken care of.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::source::{Cancel, FrameSource, Reopener, SourceError};

/// What happens when frames come faster than they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// The newest frame wins, older ones are dropped and counted (`frames_dropped_capture`); sources that
    /// are not live are played at the speed of their timestamps.
    RealTime,
    /// Every frame is handed over, the source waits.
    Lossless,
}

/// Opens a source; from any thread, at any time, and again while an earlier call still hangs in a driver.
#[derive(Clone)]
pub struct Opener {
    open: Arc<OpenSource>,
    changes: Arc<dyn Fn() -> u64 + Send + Sync>,
    hung: Arc<dyn Fn() + Send + Sync>,
    patient: bool,
}

type OpenSource = dyn Fn(&Cancel) -> Result<Box<dyn FrameSource>, SourceError> + Send + Sync;

impl Opener {
    /// One that does `open`.
    pub fn new(open: impl Fn() -> Result<Box<dyn FrameSource>, SourceError> + Send + Sync + 'static) -> Self {
        Self::cancellable(move |_| open())
    }

    /// One whose opening can be given up: then it returns early, with an error that does not matter.
    pub fn cancellable(
        open: impl Fn(&Cancel) -> Result<Box<dyn FrameSource>, SourceError> + Send + Sync + 'static,
    ) -> Self {
        Self { open: Arc::new(open), changes: Arc::new(|| 0), hung: Arc::new(|| {}), patient: false }
    }

    /// `hung` is told when a thread was left alone because the source hangs in it. Must not block.
    pub fn with_hung(self, hung: impl Fn() + Send + Sync + 'static) -> Self {
        Self { hung: Arc::new(hung), ..self }
    }

    /// What it opens is handed to `wrap` first.
    pub fn wrapped(
        self,
        wrap: impl Fn(Box<dyn FrameSource>) -> Box<dyn FrameSource> + Send + Sync + 'static,
    ) -> Self {
        let open = self.open;
        Self { open: Arc::new(move |cancel| open(cancel).map(&wrap)), ..self }
    }

    /// It opens when somebody else wants it to, however late: an address that listens.
    pub fn patient(self, patient: bool) -> Self {
        Self { patient, ..self }
    }

    /// `changes` gives another number when opening may work that did not before: something was plugged in. Then the pause
    /// before the next attempt is cut short. Asked ten times a second; must not block.
    pub fn with_changes(self, changes: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        let before = self.changes;
        Self { changes: Arc::new(move || before().wrapping_add(changes())), ..self }
    }

    pub(super) fn open(&self, cancel: &Cancel) -> Result<Box<dyn FrameSource>, SourceError> {
        (self.open)(cancel)
    }

    pub(super) fn hung(&self) {
        (self.hung)();
    }

    pub(super) fn is_patient(&self) -> bool {
        self.patient
    }

    pub(super) fn changes(&self) -> u64 {
        (self.changes)()
    }
}

impl From<Reopener> for Opener {
    fn from(reopener: Reopener) -> Self {
        let reopener = Arc::new(reopener);
        let listens = reopener.listens();
        let (hanging, answering) = (reopener.clone(), reopener.clone());
        Self::cancellable(move |cancel| reopener.open(cancel))
            .with_hung(move || hanging.hung())
            .with_changes(move || answering.answers())
            .patient(listens)
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener")
    }
}

/// How a source is taken care of.
#[derive(Debug, Clone)]
pub struct CaptureOptions {
    /// What happens when frames come faster than they are taken.
    pub pace: Pace,
    /// Without a frame for this long, or for three of its frames where that is longer, a live source has stalled: it is torn
    /// down and opened again. Default [`STALL`].
    pub stall: Duration,
    /// A source that has never worked is waited for, as one that has; else it fails at once. Default no.
    pub wait: bool,
    /// While a live source is away its last frame goes on coming, 30 times a second, so that what is drawn over it keeps
    /// moving and what is recorded keeps its time. Default no; never in a lossless run.
    pub hold: bool,
    /// What is shown while the source is away. Default nothing; never in a lossless run.
    pub stand_in: Option<Opener>,
}

/// Default of [`CaptureOptions::stall`].
pub const STALL: Duration = Duration::from_secs(3);

impl From<Pace> for CaptureOptions {
    fn from(pace: Pace) -> Self {
        Self { pace, stall: STALL, wait: false, hold: false, stand_in: None }
    }
}
