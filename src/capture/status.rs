//! How a source does, known to its threads and its owner.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::source::SourceInfo;
use crate::stats::Stats;

/// A live source that is silent for longer than this, or than three of its frames, has a gap.
const GAP: Duration = Duration::from_secs(1);

/// How a source is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SourceState {
    /// It is being opened for the first time.
    #[default]
    Starting,
    /// Frames come.
    Live,
    /// It is open, but no frame has come for too long: it is being torn down.
    Stalled,
    /// It went away, or was never there; the number of the attempt to open it again, from 1; 0 while the first one lasts and a
    /// source is waited for.
    Reconnecting(u32),
    /// As before, and frames come from what stands in for it.
    Fallback,
    /// It came to its end.
    Ended,
    /// It could not be opened, or failed for good; the sentence for the user.
    Failed(String),
}

impl SourceState {
    /// Whether no frames come of a source that is expected back.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Stalled | Self::Reconnecting(_))
    }
}

impl fmt::Display for SourceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("Starting…"),
            Self::Live => f.write_str("Live"),
            Self::Stalled => f.write_str("Stalled"),
            Self::Reconnecting(0) => f.write_str("Waiting"),
            Self::Reconnecting(attempt) => write!(f, "Reconnecting, attempt {attempt}"),
            Self::Fallback => f.write_str("Fallback"),
            Self::Ended => f.write_str("Ended"),
            Self::Failed(reason) => write!(f, "Failed: {reason}"),
        }
    }
}

/// What both sides know.
pub(super) struct Status {
    inner: Mutex<Inner>,
    stats: Stats,
    wake: Box<dyn Fn() + Send + Sync>,
}

struct Inner {
    state: SourceState,
    info: Option<SourceInfo>,
    /// When the last frame of a live source came.
    last_frame: Option<Instant>,
    /// Why none comes, as far as it is known.
    cause: Option<String>,
}

impl Status {
    pub(super) fn new(stats: Stats, wake: Box<dyn Fn() + Send + Sync>) -> Self {
        let inner = Inner { state: SourceState::Starting, info: None, last_frame: None, cause: None };
        Self { inner: Mutex::new(inner), stats, wake }
    }

    /// A source is open.
    pub(super) fn opened(&self, info: &SourceInfo) {
        self.stats.event(format!("source open: {} ({})", info.uri, info.description));
    }

    /// What frames come from now is this.
    pub(super) fn shows(&self, info: &SourceInfo) {
        self.lock().info = Some(info.clone());
    }

    /// A frame of the source itself came; notes how long none did.
    pub(super) fn frame_came(&self, info: &SourceInfo) {
        let now = Instant::now();
        let mut inner = self.lock();
        let before = inner.last_frame.replace(now).filter(|_| info.live);
        let cause = inner.cause.take();
        drop(inner);
        let silence = before.map_or(Duration::ZERO, |before| now - before);
        if silence > GAP.max(three_frames(info)) {
            let cause = cause.unwrap_or_else(|| "it was silent; why is not known".to_owned());
            self.stats.count("source_gaps");
            self.stats.stage("source_gap", silence);
            self.stats.event(format!(
                "{}: frames come again after {:.1} s without: {cause}",
                info.uri,
                silence.as_secs_f64()
            ));
        }
    }

    /// No frames come, because of this.
    pub(super) fn gap_begins(&self, cause: String) {
        self.lock().cause.get_or_insert(cause);
    }

    /// A frame lies in the slot.
    pub(super) fn frame_ready(&self) {
        (self.wake)();
    }

    pub(super) fn set(&self, state: SourceState) {
        self.update(|| state);
    }

    /// `state` is asked while nobody else can set one.
    pub(super) fn update(&self, state: impl FnOnce() -> SourceState) {
        let mut inner = self.lock();
        let state = state();
        if inner.state == state {
            return;
        }
        if let SourceState::Failed(sentence) = &state {
            self.stats.event(format!("source failed: {sentence}"));
        }
        inner.state = state;
        drop(inner);
        (self.wake)();
    }

    pub(super) fn state(&self) -> SourceState {
        self.lock().state.clone()
    }

    pub(super) fn info(&self) -> Option<SourceInfo> {
        self.lock().info.clone()
    }

    /// As [`Self::info`], unless it is `known`: asked many times a second, it allocates for what is new only.
    pub(super) fn info_unless(&self, known: Option<&SourceInfo>) -> Option<SourceInfo> {
        self.lock().info.as_ref().filter(|info| Some(*info) != known).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every field stands for itself, so a panicking holder left nothing half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Three frames at the source's own rate; zero where it does not say.
pub(super) fn three_frames(info: &SourceInfo) -> Duration {
    let rate = info.nominal_rate.filter(|rate| *rate > 0.0);
    rate.and_then(|rate| Duration::try_from_secs_f64(3.0 / rate).ok()).unwrap_or_default()
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Status").field(&self.state()).finish()
    }
}
