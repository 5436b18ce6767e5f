//! How much is under way at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How often who waits asks whether it still should.
const POLL: Duration = Duration::from_millis(50);

/// Counts what is under way: whoever begins something waits until there is room.
#[derive(Debug, Clone)]
pub(super) struct Permits {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    came_back: Condvar,
}

#[derive(Debug)]
struct State {
    lent: usize,
    most: usize,
    is_closed: bool,
}

/// Room for one thing, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    shared: Arc<Shared>,
}

impl Permits {
    /// Room for `most` things, at least one.
    pub(super) fn new(most: usize) -> Self {
        let state = Mutex::new(State { lent: 0, most: most.max(1), is_closed: false });
        Self { shared: Arc::new(Shared { state, came_back: Condvar::new() }) }
    }

    /// Has room for `most` from now on, at least one; what is under way is not stopped.
    pub(super) fn allow(&self, most: usize) {
        self.shared.lock().most = most.max(1);
        self.shared.came_back.notify_all();
    }

    /// Things that there is room for.
    pub(super) fn most(&self) -> usize {
        self.shared.lock().most
    }

    /// Lets nothing begin any more.
    pub(super) fn close(&self) {
        self.shared.lock().is_closed = true;
        self.shared.came_back.notify_all();
    }

    /// Room for one thing, once there is; none when `stop` says so, and when it is closed.
    pub(super) fn take(&self, stop: &AtomicBool) -> Option<Permit> {
        let mut state = self.shared.lock();
        while state.lent >= state.most || state.is_closed {
            if state.is_closed || stop.load(Ordering::Relaxed) {
                return None;
            }
            let waited = self.shared.came_back.wait_timeout(state, POLL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.lent += 1;
        Some(Permit { shared: self.shared.clone() })
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Two numbers that are right between any two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shared.lock().lent -= 1;
        self.shared.came_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_under_way_than_there_is_room_for() {
        let (permits, stop) = (Permits::new(2), AtomicBool::new(false));
        let held = [permits.take(&stop), permits.take(&stop)];
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let third = permits.take(&stop);
                sender.send(third.is_some()).expect("somebody listens");
            });
            assert!(receiver.recv_timeout(POLL * 3).is_err(), "there is no room");
            drop(held);
            assert_eq!(receiver.recv(), Ok(true));
        });
        permits.allow(1);
        let _only = permits.take(&stop);
        stop.store(true, Ordering::Relaxed);
        assert!(permits.take(&stop).is_none(), "it is not waited for ever");
        let (permits, go_on) = (Permits::new(2), AtomicBool::new(false));
        permits.close();
        assert!(permits.take(&go_on).is_none(), "nothing begins any more");
    }
}
