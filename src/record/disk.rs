//! Looks at the disk once a second: what is free, how long that lasts, and whether the file is still there.

use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, Sender};

use crate::folders::free_space;
use crate::memory::{Size, signal};
use crate::stats::Stats;

/// How often it looks.
const INTERVAL: Duration = Duration::from_secs(1);
/// A warning comes when the disk will be full in less than one of these.
const WARNINGS: [Duration; 3] =
    [Duration::from_secs(3600), Duration::from_secs(600), Duration::from_secs(60)];
/// How much of the newest second's rate goes into the mean.
const NEWEST: f64 = 0.2;

/// A thread that looks, until it is dropped. Nobody waits for it, since a disk may take its time.
#[derive(Debug)]
pub(super) struct DiskGuard {
    shared: Arc<Shared>,
    /// Its end tells the thread to end.
    _alive: Sender<()>,
}

#[derive(Debug, Default)]
struct Shared {
    file: Mutex<Option<Watched>>,
    bytes: AtomicU64,
    rate: AtomicU64,
    full: AtomicBool,
    missing: AtomicBool,
}

#[derive(Debug, Default)]
struct Watched {
    path: PathBuf,
    handle: Option<File>,
}

impl DiskGuard {
    /// Looks after recordings; `reserve` bytes are to stay free, 0 for none.
    pub(super) fn start(reserve: u64, stats: &Stats) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (alive, ended) = signal();
        let mut watch = Watch { shared: shared.clone(), reserve, stats: stats.clone(), rate: 0.0, warned: 0 };
        std::thread::Builder::new().name("recording-disk".into()).spawn(move || {
            let mut before = (Instant::now(), 0);
            while matches!(ended.recv_timeout(INTERVAL), Err(RecvTimeoutError::Timeout)) {
                before = watch.look(before);
            }
        })?;
        Ok(Self { shared, _alive: alive })
    }

    /// From now on this file is looked at.
    pub(super) fn watch(&self, path: PathBuf, handle: Option<File>) {
        *lock(&self.shared.file) = Some(Watched { path, handle });
        self.shared.bytes.store(0, Ordering::Relaxed);
        self.shared.missing.store(false, Ordering::Relaxed);
    }

    /// The file is called so now.
    pub(super) fn renamed(&self, path: PathBuf) {
        if let Some(file) = lock(&self.shared.file).as_mut() {
            file.path = path;
        }
        // It may have been looked for under its former name meanwhile.
        self.shared.missing.store(false, Ordering::Relaxed);
    }

    /// Bytes of the file when it was looked at, and what is written in a second.
    pub(super) fn progress(&self) -> (u64, u64) {
        (self.shared.bytes.load(Ordering::Relaxed), self.shared.rate.load(Ordering::Relaxed))
    }

    /// Whether the reserve is reached.
    pub(super) fn is_full(&self) -> bool {
        self.shared.full.load(Ordering::Relaxed)
    }

    /// Whether the file has gone.
    pub(super) fn is_missing(&self) -> bool {
        self.shared.missing.load(Ordering::Relaxed)
    }
}

struct Watch {
    shared: Arc<Shared>,
    reserve: u64,
    stats: Stats,
    rate: f64,
    warned: usize,
}

impl Watch {
    fn look(&mut self, (at, bytes_before): (Instant, u64)) -> (Instant, u64) {
        let file = lock(&self.shared.file)
            .as_ref()
            .map(|file| (file.path.clone(), file.handle.as_ref().and_then(|handle| handle.try_clone().ok())));
        let Some((path, handle)) = file else { return (at, bytes_before) };
        // After a loss of power all but the last second is there.
        let synced = self.stats.time("record.flush", || handle.map_or(Ok(()), |handle| handle.sync_data()));
        if synced.is_err() {
            self.stats.count("recording_sync_failed");
        }
        let bytes = match std::fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // The next file may have taken its place meanwhile.
                if lock(&self.shared.file).as_ref().is_some_and(|file| file.path == path) {
                    self.shared.missing.store(true, Ordering::Relaxed);
                }
                return (Instant::now(), 0);
            }
            Err(_) => bytes_before,
        };
        let written = bytes.saturating_sub(bytes_before) as f64 / at.elapsed().as_secs_f64().max(0.001);
        self.rate = if self.rate == 0.0 { written } else { self.rate + NEWEST * (written - self.rate) };
        self.shared.bytes.store(bytes, Ordering::Relaxed);
        self.shared.rate.store(self.rate as u64, Ordering::Relaxed);
        self.stats.gauge("recording_bytes", bytes as f64);
        self.stats.gauge("recording_bytes_per_second", self.rate.round());
        if let Some(free) = path.parent().and_then(free_space).filter(|_| self.reserve > 0) {
            self.judge(free);
        }
        (Instant::now(), bytes)
    }

    fn judge(&mut self, free: u64) {
        self.stats.gauge("recording_disk_free_bytes", free as f64);
        if free <= self.reserve {
            self.shared.full.store(true, Ordering::Relaxed);
            return;
        }
        if self.rate < 1.0 {
            return;
        }
        let left = Duration::from_secs_f64(((free - self.reserve) as f64 / self.rate).min(1e9));
        self.stats.gauge("recording_seconds_left", left.as_secs() as f64);
        let due = WARNINGS.iter().filter(|limit| left < **limit).count();
        if due > self.warned {
            self.stats.count("recording_disk_warnings");
            self.stats.event(format!(
                "the disk of the recording is full in {} at this rate ({} free)",
                hours_and_minutes(left),
                Size(free)
            ));
        }
        self.warned = due;
    }
}

/// `01:05` for an hour and five minutes.
fn hours_and_minutes(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_fills_up_is_told_of_three_times_and_then_is_full() {
        let stats = Stats::default();
        let shared = Arc::new(Shared::default());
        let mut watch =
            Watch { shared: shared.clone(), reserve: 1000, stats: stats.clone(), rate: 10.0, warned: 0 };
        for free in (900..100_000_u64).rev().step_by(100) {
            assert!(!shared.full.load(Ordering::Relaxed), "it is not full at {} bytes", free + 100);
            watch.judge(free);
            if free <= 1000 {
                break;
            }
        }
        assert!(shared.full.load(Ordering::Relaxed));
        assert_eq!(stats.counter("recording_disk_warnings"), 3);
        let told: Vec<String> = stats.events().into_iter().map(|event| event.message).collect();
        assert!(told[0].contains("full in 00:59") && told[2].contains("full in 00:00"), "{told:?}");
    }
}
