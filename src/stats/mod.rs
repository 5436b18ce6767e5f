//! Counters, stage timings and the event log: what happened, how often and how long it took.
//!
//! One [`Stats`] handle is cloned into every room; names are `&'static str`, so its size is bounded
//! by the program text.

mod describe;
mod report;
mod stage;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bevy::prelude::Resource;

pub use describe::describe;
pub use report::{
    FrameCounts, MemoryReport, ModelReport, PerceptionReport, SourceReport, StageReport, StatsReport,
};
use stage::Stage;

/// How many events are kept for the panel and the health endpoint.
pub(crate) const EVENTS_KEPT: usize = 256;
/// Most bytes of an event's message; the rest of a longer one is cut off.
pub(crate) const EVENT_BYTES: usize = 2048;
/// Most stages: each has a histogram of [`STAGE_BYTES`]. Names are in the program text, so there are fewer.
pub(crate) const STAGES: usize = 64;
pub(crate) use stage::STAGE_BYTES;

/// Shared counters, timings and events. Cloning is cheap; clones write to the same place.
#[derive(Debug, Clone, Default, Resource)]
pub struct Stats {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    counters: BTreeMap<&'static str, u64>,
    gauges: BTreeMap<&'static str, f64>,
    probes: BTreeMap<&'static str, Probe>,
    stages: BTreeMap<&'static str, Stage>,
    events: VecDeque<Event>,
    /// Events that are kept at most, less than [`EVENTS_KEPT`].
    fewer_events: Option<usize>,
    failure: Option<String>,
}

/// A gauge that is asked whenever it is read; `None` when what it told of is gone.
struct Probe(Box<dyn Fn() -> Option<f64> + Send + Sync>);

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0().fmt(f)
    }
}

/// One line of the event log.
#[derive(Debug, Clone)]
pub struct Event {
    /// When it happened.
    pub at: SystemTime,
    /// What happened, one sentence.
    pub message: String,
}

impl Stats {
    /// Adds one to counter `name`.
    pub fn count(&self, name: &'static str) {
        self.add(name, 1);
    }

    /// Adds `n` to counter `name`; `n` = 0 makes the counter appear.
    pub fn add(&self, name: &'static str, n: u64) {
        *self.lock().counters.entry(name).or_default() += n;
    }

    /// The value of counter `name`; 0 when it was never counted.
    pub fn counter(&self, name: &str) -> u64 {
        self.lock().counters.get(name).copied().unwrap_or(0)
    }

    /// All counters.
    pub fn counters(&self) -> BTreeMap<&'static str, u64> {
        self.lock().counters.clone()
    }

    /// Says that `name` is `value` now; the name ends in its unit. Not a number is not taken.
    pub fn gauge(&self, name: &'static str, value: f64) {
        if value.is_finite() {
            self.lock().gauges.insert(name, value);
        }
    }

    /// Lets `read` say what `name` is whenever gauges are read; `None` when what it tells of is gone. It takes
    /// the place of what told `name` before, and must not use [`Stats`] itself.
    pub fn probe(&self, name: &'static str, read: impl Fn() -> Option<f64> + Send + Sync + 'static) {
        self.lock().probes.insert(name, Probe(Box::new(read)));
    }

    /// What `name` was last said to be; none before.
    pub fn gauge_value(&self, name: &str) -> Option<f64> {
        let inner = self.lock();
        inner.gauges.get(name).copied().or_else(|| inner.probes.get(name).and_then(|probe| probe.0()))
    }

    /// All gauges.
    pub fn gauges(&self) -> BTreeMap<&'static str, f64> {
        let inner = self.lock();
        let mut gauges = inner.gauges.clone();
        gauges.extend(inner.probes.iter().filter_map(|(name, probe)| Some((*name, probe.0()?))));
        gauges
    }

    /// Records that one pass of stage `name` took `elapsed`.
    pub fn stage(&self, name: &'static str, elapsed: Duration) {
        self.lock().stages.entry(name).or_default().record(elapsed);
    }

    /// Runs `work` and records its time as stage `name`.
    pub fn time<T>(&self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let out = work();
        self.stage(name, start.elapsed());
        out
    }

    /// Percentiles of every stage.
    pub fn stages(&self) -> BTreeMap<&'static str, StageReport> {
        self.lock().stages.iter().map(|(name, stage)| (*name, stage.report())).collect()
    }

    /// The stage, of those that `counts`, whose last pass took the most of the time since `since`, and how much of
    /// it; none when none of them ended since then.
    pub fn busiest_since(
        &self,
        since: Instant,
        counts: impl Fn(&str) -> bool,
    ) -> Option<(&'static str, Duration)> {
        let inner = self.lock();
        let shares = inner.stages.iter().filter(|(name, _)| counts(name));
        let shares = shares.map(|(name, stage)| (*name, stage.share_since(since)));
        shares.max_by_key(|(_, share)| *share).filter(|(_, share)| !share.is_zero())
    }

    /// The longest pass, of those stages that `counts`, since this was last asked of them.
    pub fn take_longest(&self, counts: impl Fn(&str) -> bool) -> Option<(&'static str, Duration)> {
        let mut inner = self.lock();
        let passes = inner.stages.iter_mut().filter(|(name, _)| counts(name));
        let passes = passes.map(|(name, stage)| (*name, stage.take_longest()));
        passes.max_by_key(|(_, longest)| *longest).filter(|(_, longest)| !longest.is_zero())
    }

    /// Forgets the timings so far (after a warm-up); counters stay.
    pub fn reset_stages(&self) {
        self.lock().stages.clear();
    }

    /// Writes `message` to the log and keeps it among the last events.
    pub fn event(&self, message: impl Into<String>) {
        let mut message = message.into();
        tracing::info!("{message}");
        message.truncate(message.floor_char_boundary(EVENT_BYTES));
        let mut inner = self.lock();
        inner.events.push_back(Event { at: SystemTime::now(), message });
        inner.fit_events();
    }

    /// Keeps at most `most` events from now on, and never more than usual: memory is tight.
    pub(crate) fn keep_events(&self, most: usize) {
        let mut inner = self.lock();
        inner.fewer_events = Some(most);
        inner.fit_events();
        inner.events.shrink_to_fit();
    }

    /// The last events, oldest first.
    pub fn events(&self) -> Vec<Event> {
        self.lock().events.iter().cloned().collect()
    }

    /// Says that the run has failed, and why; the first reason stays.
    pub fn fail(&self, reason: impl Into<String>) {
        self.lock().failure.get_or_insert_with(|| reason.into());
    }

    /// Why the run has failed, in one sentence; none while it goes well.
    pub fn failure(&self) -> Option<String> {
        self.lock().failure.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Counters stay meaningful whatever a panicking holder was doing.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn fit_events(&mut self) {
        let most = self.fewer_events.map_or(EVENTS_KEPT, |fewer| fewer.min(EVENTS_KEPT));
        while self.events.len() > most {
            self.events.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_count_together_and_percentiles_are_ordered() {
        let stats = Stats::default();
        let other = stats.clone();
        other.count("frames_dropped");
        stats.add("frames_dropped", 2);
        assert_eq!(stats.counter("frames_dropped"), 3);
        for ms in 1..=100 {
            stats.stage("compose", Duration::from_millis(ms));
        }
        let report = stats.stages()["compose"];
        assert_eq!(report.count, 100);
        assert!((report.p50_ms - 50.0).abs() < 1.0, "{report:?}");
        assert!((report.p95_ms - 95.0).abs() < 1.0 && report.p99_ms <= report.max_ms);
    }

    #[test]
    fn the_stage_that_took_the_time_is_found() {
        let stats = Stats::default();
        let start = Instant::now();
        assert_eq!(stats.busiest_since(start, |_| true), None);
        std::thread::sleep(Duration::from_millis(20));
        stats.stage("upload", Duration::from_millis(2));
        stats.stage("compose", Duration::from_millis(12));
        assert_eq!(stats.busiest_since(start, |_| true), Some(("compose", Duration::from_millis(12))));
        let only = |name: &str| name == "upload";
        assert_eq!(stats.busiest_since(start, only), Some(("upload", Duration::from_millis(2))));
        assert_eq!(stats.busiest_since(Instant::now(), |_| true), None, "what was before does not count");
        // A pass counts with what of it lies in the time that is asked for.
        stats.stage("encode", Duration::from_secs(60));
        let share = stats.busiest_since(start, |_| true).expect("a stage").1;
        assert!(share < Duration::from_secs(60), "{share:?}");
        assert_eq!(stats.take_longest(|_| true), Some(("encode", Duration::from_secs(60))));
        assert_eq!(stats.take_longest(|_| true), None, "asked already");
    }

    #[test]
    fn a_gauge_is_what_it_was_last() {
        let stats = Stats::default();
        assert_eq!(stats.gauge_value("mask_age_ms"), None);
        for value in [40.0, 12.5, f64::NAN] {
            stats.clone().gauge("mask_age_ms", value);
        }
        assert_eq!(stats.gauge_value("mask_age_ms"), Some(12.5));
    }

    #[test]
    fn the_event_log_is_bounded() {
        let stats = Stats::default();
        for n in 0..1000 {
            stats.event(format!("event {n}"));
        }
        let events = stats.events();
        assert_eq!(events.len(), EVENTS_KEPT);
        assert_eq!(events.last().map(|e| e.message.as_str()), Some("event 999"));
    }
}
