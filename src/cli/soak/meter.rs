//! Resident memory, read by a thread of its own: a main loop that stands still does not hide what happens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use crossbeam_channel::{RecvTimeoutError, Sender};
use serde::{Deserialize, Serialize};

use crate::memory::{handles, proportional_bytes, resident_bytes, signal};
use crate::stats::Stats;

/// How often the thread looks.
const INTERVAL: Duration = Duration::from_millis(50);

/// Follows the process; ends with its last clone.
#[derive(Resource, Debug, Clone)]
pub(super) struct Meter {
    peak: Arc<AtomicU64>,
    start: Instant,
    _stop: Sender<()>,
}

/// What was held when so many frames had been dressed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sample {
    /// Dressed frames.
    pub(super) frame: u64,
    /// Seconds since the start.
    pub(super) seconds: f64,
    /// Everything was as at the start.
    #[serde(default)]
    pub(super) at_rest: bool,
    /// `rss_bytes`, `pss_bytes`, `files`, `threads`, and every gauge of the program.
    pub(super) values: BTreeMap<String, f64>,
}

impl Meter {
    pub(super) fn start() -> Self {
        let (stop, stopped) = signal();
        let peak = Arc::new(AtomicU64::new(0));
        let seen = peak.clone();
        std::thread::spawn(move || {
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                seen.fetch_max(resident_bytes().unwrap_or(0), Ordering::Relaxed);
            }
        });
        Self { peak, start: Instant::now(), _stop: stop }
    }

    /// Resident bytes now; the peak begins anew.
    pub(super) fn mark(&self) -> u64 {
        let now = resident_bytes().unwrap_or(0);
        self.peak.store(now, Ordering::Relaxed);
        now
    }

    /// Most resident bytes since the last mark.
    pub(super) fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    pub(super) fn sample(&self, frame: u64, stats: &Stats) -> Sample {
        let handles = handles();
        let own = [
            ("rss_bytes", resident_bytes()),
            ("pss_bytes", proportional_bytes()),
            ("files", handles.files),
            ("threads", handles.threads),
        ];
        let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value? as f64)));
        let gauges = stats.gauges().into_iter().map(|(name, value)| (name.to_owned(), value));
        let seconds = self.start.elapsed().as_secs_f64();
        Sample { frame, seconds, at_rest: false, values: own.chain(gauges).collect() }
    }
}
