//! Ends a child on which a write or a read hangs.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, Sender};

use super::child::{KillSwitch, lock};
use super::error::ChildError;
use crate::memory::signal;

/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(100);

/// Watches one child from a thread of its own, until it is dropped.
#[derive(Debug)]
pub(super) struct Watchdog {
    state: Arc<Mutex<State>>,
    /// Its end tells the thread to end.
    _alive: Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    due: Option<Instant>,
    fired: bool,
}

impl Watchdog {
    /// Watches the child of `switch`, as soon as it is told to.
    pub(super) fn start(switch: KillSwitch) -> Result<Self, ChildError> {
        let state = Arc::new(Mutex::new(State::default()));
        let (alive, ended) = signal();
        let shared = state.clone();
        std::thread::Builder::new()
            .name("ffmpeg-watchdog".into())
            .spawn(move || {
                while matches!(ended.recv_timeout(INTERVAL), Err(RecvTimeoutError::Timeout)) {
                    let mut state = lock(&shared);
                    if state.due.is_some_and(|due| Instant::now() >= due) {
                        *state = State { due: None, fired: true };
                        drop(state);
                        switch.kill();
                    }
                }
            })
            .map_err(ChildError::Pipe)?;
        Ok(Self { state, _alive: alive })
    }

    /// As [`Self::start`], with the time running.
    pub(super) fn armed(switch: KillSwitch, patience: Duration) -> Result<Self, ChildError> {
        let this = Self::start(switch)?;
        this.arm(patience);
        Ok(this)
    }

    /// The child is ended in `patience` unless [`Self::disarm`] comes first.
    pub(super) fn arm(&self, patience: Duration) {
        lock(&self.state).due = Instant::now().checked_add(patience);
    }

    /// The child did what was waited for.
    pub(super) fn disarm(&self) {
        lock(&self.state).due = None;
    }

    /// Whether it had to end the child.
    pub(super) fn has_fired(&self) -> bool {
        lock(&self.state).fired
    }
}
