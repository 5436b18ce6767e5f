//! Files that are edited while the program runs: looked at four times a second by a thread.
//!
//! That works on network drives, too, and whether an editor writes in place or renames; and no system waits for a
//! disk. A file is taken when it has rested for one interval, so that a half-written one is never read.

use std::path::Path;
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::schedule::Waker;

/// How often files are looked at.
const INTERVAL: Duration = Duration::from_millis(250);

/// A thread that looks for something new until this is dropped. While what it found was not taken, it waits.
#[derive(Debug)]
pub struct Watcher<T> {
    found: Receiver<T>,
    /// Dropped with the rest; that ends the thread.
    _stop: Sender<()>,
}

impl<T: Send + 'static> Watcher<T> {
    /// Calls `look` four times a second, and wakes the main loop when it finds something.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn start(
        name: &str,
        waker: &Waker,
        mut look: impl FnMut() -> Option<T> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = bounded(0);
        let (sender, found) = bounded(1);
        let waker = waker.clone();
        let work = move || {
            // Dropping the other end is what ends the wait for good.
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let Some(new) = look() else { continue };
                if sender.send(new).is_err() {
                    return;
                }
                waker.wake();
            }
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Self { found, _stop: stop })
    }

    /// What was found, if anything.
    pub fn take(&self) -> Option<T> {
        self.found.try_recv().ok()
    }
}

/// When a file was written, and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    modified: SystemTime,
    length: u64,
}

impl Stamp {
    /// That of the file `path`; none where there is none.
    pub fn of(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        Some(Self { modified: data.modified().ok()?, length: data.len() })
    }
}

/// What is remembered of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resting<S = Option<Stamp>> {
    seen: Option<S>,
    taken: Option<S>,
}

impl<S: PartialEq + Clone> Resting<S> {
    /// A file that was taken when it was as `stamp` says.
    pub fn taken(stamp: S) -> Self {
        Self { seen: Some(stamp.clone()), taken: Some(stamp) }
    }

    /// Whether it is to be taken: it is another than the one taken last, and as it was at the call before.
    pub fn has_come_to_rest(&mut self, stamp: S) -> bool {
        let rests = self.seen.replace(stamp.clone()) == Some(stamp.clone());
        if !rests || self.taken.as_ref() == Some(&stamp) {
            return false;
        }
        self.taken = Some(stamp);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_once_when_it_rests() {
        let mut file = Resting::default();
        let taken: Vec<_> = [1, 2, 2, 2, 3, 2, 3, 3].map(|stamp| file.has_come_to_rest(stamp)).into();
        assert_eq!(taken, [false, false, true, false, false, false, false, true]);
        let mut known = Resting::taken(1);
        assert!(!known.has_come_to_rest(1) && !known.has_come_to_rest(2) && known.has_come_to_rest(2));
    }

    #[test]
    fn a_watcher_finds_until_it_is_dropped() {
        let mut calls = 0;
        let (ended, end) = bounded::<()>(0);
        let watcher = Watcher::start("test", &Waker::default(), move || {
            let _kept = &ended;
            calls += 1;
            Some(calls)
        });
        let watcher = watcher.expect("a thread");
        let mut found = Vec::new();
        while found.len() < 2 {
            found.extend(watcher.take());
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(found, [1, 2]);
        drop(watcher);
        // The thread drops what it holds when it ends.
        assert!(end.recv().is_err());
    }
}
