//! Which networks are loaded, and the bytes that they hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::estimate::{estimated_bytes, file_bytes, held_bytes};
use super::native::Native;
use super::shared::Shared;
use super::{SessionError, SessionLimits, SessionOptions, machine};
use crate::models::runtime;
use crate::stats::Stats;

type Key = (PathBuf, SessionOptions);

/// The sessions, shared by the manager and its thread.
#[derive(Debug)]
pub(super) struct Books {
    pub stats: Stats,
    limits: Mutex<SessionLimits>,
    sessions: Mutex<BTreeMap<Key, Arc<Shared>>>,
    /// One network is loaded at a time: what memory grows by meanwhile is its own.
    loading: Mutex<()>,
}

impl Books {
    pub fn new(limits: SessionLimits, stats: &Stats) -> Self {
        Self {
            stats: stats.clone(),
            limits: Mutex::new(limits),
            sessions: Mutex::default(),
            loading: Mutex::default(),
        }
    }

    pub fn limits(&self) -> SessionLimits {
        *locked(&self.limits)
    }

    pub fn set_limits(&self, limits: SessionLimits) {
        *locked(&self.limits) = limits;
    }

    pub fn all(&self) -> Vec<Arc<Shared>> {
        locked(&self.sessions).values().cloned().collect()
    }

    /// The network that is loaded from `path`, or was while it was needed.
    pub fn find(&self, path: &Path, options: &SessionOptions) -> Option<Arc<Shared>> {
        locked(&self.sessions).get(&(path.to_owned(), options.clone())).cloned()
    }

    /// The network of the ONNX file `path`, loaded and warmed if it is not there.
    pub fn load(
        &self,
        path: &Path,
        name: &str,
        options: &SessionOptions,
    ) -> Result<Arc<Shared>, SessionError> {
        // Until it is listed: another one who asks for it meanwhile would load it again.
        let _loading = locked(&self.loading);
        if let Some(shared) = self.find(path, options) {
            return Ok(shared);
        }
        let wanted = estimated_bytes(file_bytes(path));
        self.reserve(name, wanted, None)?;
        let (native, bytes) = make(path, name, options)?;
        let shared = Arc::new(Shared::new(name, path, options, native, bytes));
        locked(&self.sessions).insert((path.to_owned(), options.clone()), shared.clone());
        Ok(shared)
    }

    /// A session for a network whose own was unloaded.
    pub fn load_again(&self, shared: &Shared) -> Result<Native, SessionError> {
        let _loading = locked(&self.loading);
        self.reserve(&shared.name, shared.bytes.load(Ordering::Relaxed), Some(shared))?;
        let (native, bytes) = make(&shared.path, &shared.name, &shared.options)?;
        shared.bytes.store(bytes, Ordering::Relaxed);
        shared.loaded.store(true, Ordering::Relaxed);
        self.stats.count("models_reloaded");
        Ok(native)
    }

    /// A second session for a network, for the next run to take. The budget is exceeded until then; the
    /// machine must have the memory.
    pub fn make_beside(&self, shared: &Shared) -> Result<(), SessionError> {
        let _loading = locked(&self.loading);
        if !shared.loaded.load(Ordering::Relaxed) {
            shared.give_up(0);
            return Ok(());
        }
        self.check_machine(&shared.name, shared.bytes.load(Ordering::Relaxed), Some(shared))?;
        let (native, bytes) = make(&shared.path, &shared.name, &shared.options)?;
        if shared.loaded.load(Ordering::Relaxed) {
            shared.put_fresh(native, bytes);
        } else {
            shared.give_up(0);
        }
        Ok(())
    }

    /// Makes room for `wanted` more bytes, the longest unused networks going first.
    fn reserve(&self, name: &str, wanted: u64, but: Option<&Shared>) -> Result<(), SessionError> {
        let budget = self.limits().budget_bytes;
        loop {
            let used = self.used();
            if used + wanted <= budget {
                break;
            }
            if self.unload_longest_unused(but).is_none() {
                self.stats.count("models_refused");
                return Err(SessionError::OverBudget { model: name.to_owned(), wanted, used, budget });
            }
        }
        self.check_machine(name, wanted, but)
    }

    fn check_machine(&self, name: &str, wanted: u64, but: Option<&Shared>) -> Result<(), SessionError> {
        loop {
            // Where the system does not say, loading is tried.
            let Some(available) = machine::available_bytes().filter(|available| *available < wanted) else {
                return Ok(());
            };
            if self.unload_longest_unused(but).is_none() {
                self.stats.count("models_refused");
                return Err(SessionError::NoMemory { model: name.to_owned(), wanted, available });
            }
        }
    }

    /// Bytes that loaded networks hold.
    pub fn used(&self) -> u64 {
        let loaded = |shared: &&Arc<Shared>| shared.loaded.load(Ordering::Relaxed);
        let bytes = |shared: &Arc<Shared>| shared.bytes.load(Ordering::Relaxed);
        locked(&self.sessions).values().filter(loaded).map(bytes).sum()
    }

    /// Unloads everything but `but` that is not needed now; the bytes it held.
    pub fn unload_unused(&self, but: Option<&Shared>) -> u64 {
        std::iter::from_fn(|| self.unload_longest_unused(but)).sum()
    }

    /// Unloads everything that is not needed now, and has the others shrink their arenas; the bytes freed.
    pub fn trim(&self) -> u64 {
        let freed = self.unload_unused(None);
        for shared in self.all() {
            shared.shrink.store(true, Ordering::Relaxed);
        }
        freed
    }

    /// Unloads the network that was not used for longest, of those that nobody has a handle to or that can be
    /// done without and rest; the bytes it held.
    fn unload_longest_unused(&self, but: Option<&Shared>) -> Option<u64> {
        let rest = self.limits().rest;
        let mut sessions = locked(&self.sessions);
        let mut unused: Vec<(&Key, &Arc<Shared>)> = sessions
            .iter()
            .filter(|(_, shared)| {
                let abandoned = Arc::strong_count(shared) == 1;
                let resting = shared.options.on_demand && shared.rested() >= rest;
                let spared = but.is_some_and(|but| std::ptr::eq(but, &***shared));
                (abandoned || resting) && !spared && shared.loaded.load(Ordering::Relaxed)
            })
            .collect();
        unused.sort_by_key(|(_, shared)| std::cmp::Reverse(shared.rested()));
        let (key, shared, freed) = unused
            .into_iter()
            .find_map(|(key, shared)| Some((key.clone(), shared.clone(), shared.unload()?)))?;
        if Arc::strong_count(&shared) == 2 {
            sessions.remove(&key);
        }
        drop(sessions);
        drop(freed);
        let bytes = shared.bytes.load(Ordering::Relaxed);
        self.stats.count("models_unloaded");
        tracing::info!("model {} is unloaded: it is not used ({} MiB)", shared.name, bytes >> 20);
        Some(bytes)
    }
}

/// A warm session and the bytes that it holds.
fn make(path: &Path, name: &str, options: &SessionOptions) -> Result<(Native, u64), SessionError> {
    // What the library itself takes is nobody's.
    runtime::init_runtime()?;
    let before = machine::resident_bytes();
    let native = Native::load(path, name, options)?;
    let grown = before.zip(machine::resident_bytes()).map(|(before, after)| after as i64 - before as i64);
    Ok((native, held_bytes(file_bytes(path), grown)))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every entry stands for itself, so a panicking holder left nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
