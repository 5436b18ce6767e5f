//! What all handles to one network share.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use super::native::Native;
use super::{SessionLimits, SessionOptions, TensorInfo};
use crate::stats::Stats;

/// How the stages of sessions are named: this and the model's name.
pub const MODEL_STAGE: &str = "model:";

/// The threshold of growth is doubled at most so many times.
const MOST_DOUBLINGS: u32 = 4;

/// The session of one network and what is known of it. The session goes while it is not needed, the rest stays.
#[derive(Debug)]
pub(super) struct Shared {
    pub name: String,
    pub path: PathBuf,
    pub options: SessionOptions,
    pub inputs: Vec<TensorInfo>,
    pub outputs: Vec<TensorInfo>,
    pub stage: &'static str,
    /// Bytes that it holds while it is loaded.
    pub bytes: AtomicU64,
    pub loaded: AtomicBool,
    pub runs: AtomicU64,
    pub recycles: AtomicU64,
    /// The next run gives memory of the arena back.
    pub shrink: AtomicBool,
    place: Mutex<Option<Native>>,
    renewal: Renewal,
    last_used: Mutex<Instant>,
}

/// The session that is made beside the one that runs.
#[derive(Debug, Default)]
struct Renewal {
    asked: AtomicBool,
    ready: AtomicBool,
    /// The next run lets the session go and loads another one.
    in_place: AtomicBool,
    fresh: Mutex<Option<(Native, u64)>>,
    /// Runs there had been when it was asked for.
    asked_at: AtomicU64,
    /// No renewal before so many runs, because one failed.
    not_before: AtomicU64,
    /// Times that growth was the reason: each doubles the threshold, so that growth which is not the
    /// session's own does not make it go round.
    for_growth: AtomicU32,
}

/// How a session is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Beside the old one: no run waits.
    Beside,
    /// In its place: the next run waits for it.
    InPlace,
}

impl Due {
    /// What is due for a session of `bytes` whose runs took `gained` bytes, if that is too much (`grown`) or there
    /// were enough runs (`worn`).
    ///
    /// While memory is tight, nothing is made beside anything, and what works goes on: a session that is let go
    /// might not be loaded again. But one that has taken more than another one needs is what memory is tight
    /// by; letting it go makes the room for the new one, and a run that takes as long as loading does is a
    /// lesser evil than the kernel, which ends the show.
    fn of(grown: bool, worn: bool, tight: bool, gained: u64, bytes: u64) -> Option<Self> {
        match tight {
            false => (grown || worn).then_some(Self::Beside),
            true => (grown && gained > bytes).then_some(Self::InPlace),
        }
    }
}

impl Shared {
    pub fn new(name: &str, path: &Path, options: &SessionOptions, native: Native, bytes: u64) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            options: options.clone(),
            inputs: native.inputs().to_vec(),
            outputs: native.outputs(),
            stage: stage_name(name),
            bytes: AtomicU64::new(bytes),
            loaded: AtomicBool::new(true),
            runs: AtomicU64::new(0),
            recycles: AtomicU64::new(0),
            shrink: AtomicBool::new(false),
            place: Mutex::new(Some(native)),
            renewal: Renewal::default(),
            last_used: Mutex::new(Instant::now()),
        }
    }

    /// The session for a run; `None` while it is unloaded. What a run that panicked left behind is not
    /// trusted again.
    pub fn lock(&self) -> MutexGuard<'_, Option<Native>> {
        self.place.lock().unwrap_or_else(|poisoned| self.clear(poisoned.into_inner()))
    }

    fn clear<'a>(&self, mut place: MutexGuard<'a, Option<Native>>) -> MutexGuard<'a, Option<Native>> {
        self.place.clear_poison();
        *place = None;
        self.loaded.store(false, Ordering::Relaxed);
        place
    }

    /// Takes the session out, and the one that is ready beside it; `None` when it runs just now.
    pub fn unload(&self) -> Option<(Option<Native>, Option<Native>)> {
        let mut place = match self.place.try_lock() {
            Ok(place) => place,
            Err(TryLockError::Poisoned(poisoned)) => self.clear(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => return None,
        };
        self.loaded.store(false, Ordering::Relaxed);
        Some((place.take(), self.take_fresh().map(|(native, _)| native)))
    }

    /// Notes a run that succeeded.
    pub fn ran(&self) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        *unpoisoned(&self.last_used) = Instant::now();
    }

    /// Since the last run, or since it was loaded.
    pub fn rested(&self) -> Duration {
        unpoisoned(&self.last_used).elapsed()
    }

    /// Whether, and how, `native` is to be made anew now; told once per renewal.
    pub fn is_due(&self, native: &Native, limits: &SessionLimits, tight: bool) -> Option<Due> {
        let gained = native.growth.bytes();
        let grown = limits.recycle_growth.is_some_and(|most| {
            let doublings = self.renewal.for_growth.load(Ordering::Relaxed).min(MOST_DOUBLINGS);
            gained >= most << doublings
        });
        let worn = limits.recycle_after.is_some_and(|most| native.runs >= most.max(1));
        let due = Due::of(grown, worn, tight, gained, self.bytes.load(Ordering::Relaxed))?;
        let runs = self.runs.load(Ordering::Relaxed);
        if runs < self.renewal.not_before.load(Ordering::Relaxed) || !self.ask() {
            return None;
        }
        self.renewal.for_growth.fetch_add(u32::from(grown), Ordering::Relaxed);
        self.renewal.in_place.store(due == Due::InPlace, Ordering::Relaxed);
        Some(due)
    }

    /// Frees the session in `place` when it is to be let go before another one is there: the run that asks loads
    /// that.
    pub fn let_go_first(&self, place: &mut Option<Native>, stats: &Stats) {
        if !self.renewal.in_place.swap(false, Ordering::Relaxed) {
            return;
        }
        self.renewal.asked.store(false, Ordering::Release);
        let Some(old) = place.take() else { return };
        self.loaded.store(false, Ordering::Relaxed);
        self.recycles.fetch_add(1, Ordering::Relaxed);
        stats.count("models_recycled_in_place");
        stats.event(format!(
            "model {}: its session took {} MiB in {} runs and is let go before a new one is loaded, because memory is \
             tight",
            self.name,
            old.growth.bytes() >> 20,
            old.runs
        ));
    }

    /// Notes that a renewal is wanted; false when one is under way.
    pub fn ask(&self) -> bool {
        let first = !self.renewal.asked.swap(true, Ordering::AcqRel);
        if first {
            self.renewal.asked_at.store(self.runs.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        first
    }

    /// The renewal did not come about; none is asked for within the next `runs`.
    pub fn give_up(&self, runs: u64) {
        self.renewal.not_before.store(self.runs.load(Ordering::Relaxed) + runs, Ordering::Relaxed);
        self.renewal.asked.store(false, Ordering::Release);
    }

    /// The new session, warmed, and the bytes that it holds: whoever has the place next takes it. False, and it
    /// goes, when the old one was unloaded meanwhile.
    pub fn put_fresh(&self, native: Native, bytes: u64) -> bool {
        // Who unloads it says so first and looks here then.
        let mut fresh = unpoisoned(&self.renewal.fresh);
        if !self.loaded.load(Ordering::Relaxed) {
            drop(fresh);
            self.give_up(0);
            return false;
        }
        *fresh = Some((native, bytes));
        self.renewal.ready.store(true, Ordering::Release);
        true
    }

    /// Whether a new session is there that nobody has taken.
    pub fn has_fresh(&self) -> bool {
        self.renewal.ready.load(Ordering::Acquire)
    }

    /// Puts the new session into `place` when there is one, and returns the old one. Takes no longer than
    /// moving a few pointers.
    pub fn take_turn(&self, place: &mut Option<Native>, stats: &Stats) -> Option<Native> {
        if !self.renewal.ready.load(Ordering::Acquire) {
            return None;
        }
        let (fresh, bytes) = self.take_fresh()?;
        let old = place.replace(fresh);
        self.bytes.store(bytes, Ordering::Relaxed);
        self.loaded.store(true, Ordering::Relaxed);
        let old = old?;
        let beside = self.runs.load(Ordering::Relaxed) - self.renewal.asked_at.load(Ordering::Relaxed);
        stats.count("models_recycled");
        stats.add("model_runs_beside", beside);
        if self.recycles.fetch_add(1, Ordering::Relaxed) == 0 {
            stats.event(format!(
                "model {}: its session was made anew after {} runs, {beside} of them meanwhile; further times are counted",
                self.name, old.runs
            ));
        }
        Some(old)
    }

    fn take_fresh(&self) -> Option<(Native, u64)> {
        let mut place = unpoisoned(&self.renewal.fresh);
        self.renewal.ready.store(false, Ordering::Relaxed);
        let fresh = place.take();
        drop(place);
        self.renewal.asked.store(false, Ordering::Release);
        fresh
    }
}

/// Whatever a panicking holder was doing, what these hold is a single value.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Statistics are keyed by `&'static str`; one string per distinct model name lives for ever.
fn stage_name(model: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let name = format!("{MODEL_STAGE}{model}");
    let mut names = unpoisoned(&NAMES);
    if let Some(known) = names.get(name.as_str()) {
        return known;
    }
    let name: &'static str = Box::leak(name.into_boxed_str());
    names.insert(name);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_memory_is_tight_only_a_session_that_is_the_reason_is_made_anew() {
        let due = |grown, worn, tight, gained| Due::of(grown, worn, tight, gained, 30);
        assert_eq!(due(false, false, false, 100), None);
        assert_eq!(due(true, false, false, 64), Some(Due::Beside));
        assert_eq!(due(false, true, false, 0), Some(Due::Beside));
        assert_eq!(due(false, true, true, 100), None, "it waits");
        assert_eq!(due(true, false, true, 30), None, "letting it go might not make the room for another one");
        assert_eq!(due(true, false, true, 64), Some(Due::InPlace));
    }
}
