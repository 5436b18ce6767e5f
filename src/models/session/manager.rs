//! The networks of the program, one session each.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bevy::prelude::Resource;

use super::books::Books;
use super::keeper::{Job, Keeper};
use super::native::Native;
use super::options::CPU;
use super::shared::Shared;
use super::{Session, SessionError, SessionLimits, SessionOptions};
use crate::stats::Stats;

/// Loads networks, each once, and answers for the bytes that they hold. Clones are the same manager.
///
/// Counts `models_shared`, `models_refused`, `models_unloaded`, `models_reloaded`, `models_recycled`,
/// `models_recycled_in_place`, `model_runs_beside`, `model_recycles_failed`, `model_recycles_put_off`,
/// `model_out_of_memory`.
#[derive(Debug, Clone, Resource)]
pub struct SessionManager {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    books: Arc<Books>,
    /// Started by the first renewal, joined when the last handle goes.
    keeper: Mutex<Option<Keeper>>,
}

/// What is known of one network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionReport {
    /// The model's name.
    pub name: String,
    /// What it runs on.
    pub provider: &'static str,
    /// Bytes that it holds while it is loaded: measured where the system tells, else estimated.
    pub bytes: u64,
    /// Whether it is loaded now.
    pub loaded: bool,
    /// Whether it may be unloaded while it rests.
    pub on_demand: bool,
    /// Runs that succeeded.
    pub runs: u64,
    /// Times that its session was made anew.
    pub recycles: u64,
}

impl SessionManager {
    /// A manager without networks.
    pub fn new(limits: SessionLimits, stats: &Stats) -> Self {
        let books = Arc::new(Books::new(limits, stats));
        Self { inner: Arc::new(Inner { books, keeper: Mutex::default() }) }
    }

    /// A handle to the network of the ONNX file `path`, which is loaded as model `name` and run once on zeros
    /// unless it is there already. Starts ONNX Runtime when it does not run yet (see
    /// [`init_runtime`](crate::models::init_runtime)).
    ///
    /// # Errors
    /// [`SessionError`]: the file cannot be loaded, or neither the budget nor the machine has room for it
    /// though all that is not used was unloaded.
    pub fn load(&self, path: &Path, name: &str, options: &SessionOptions) -> Result<Session, SessionError> {
        let books = &self.inner.books;
        let shared = match books.find(path, options) {
            Some(shared) => {
                books.stats.count("models_shared");
                shared
            }
            None => books.load(path, name, options)?,
        };
        Ok(Session::new(shared, self.clone()))
    }

    /// What is allowed now.
    pub fn limits(&self) -> SessionLimits {
        self.inner.books.limits()
    }

    /// Allows something else from now on; a smaller budget unloads what is not used.
    pub fn set_limits(&self, limits: SessionLimits) {
        self.inner.books.set_limits(limits);
        if self.used_bytes() > limits.budget_bytes {
            self.inner.books.unload_unused(None);
        }
    }

    /// Bytes that loaded networks hold.
    pub fn used_bytes(&self) -> u64 {
        self.inner.books.used()
    }

    /// What [`used_bytes`](Self::used_bytes) says, for a gauge, which does not keep the networks loaded.
    pub fn probe(&self) -> impl Fn() -> Option<f64> + Send + Sync + 'static {
        let books = Arc::downgrade(&self.inner.books);
        move || books.upgrade().map(|books| books.used() as f64)
    }

    /// Unloads every network that is not needed now, and lets the others give back at their next run what
    /// their arenas do not need; the bytes that the unloaded ones held. Takes some milliseconds each.
    pub fn unload_unused(&self) -> u64 {
        self.inner.books.trim()
    }

    /// As [`unload_unused`](Self::unload_unused), on a thread of its own: for when memory is short and
    /// nobody may wait.
    pub fn trim(&self) {
        self.send(Job::Trim);
    }

    /// Whether memory is too tight for a network beside itself. While it is, sessions are not made anew; only one
    /// whose runs took more than a new one needs is, and its own next run lets it go first.
    pub fn set_tight(&self, tight: bool) {
        self.inner.books.tight.store(tight, Ordering::Relaxed);
    }

    /// Has every loaded session made anew beside the old one.
    pub fn recycle_all(&self) {
        for shared in self.inner.books.all() {
            if shared.loaded.load(Ordering::Relaxed) && shared.ask() {
                self.renew(&shared);
            }
        }
    }

    /// What is known of every network.
    pub fn report(&self) -> Vec<SessionReport> {
        let report = |shared: &Arc<Shared>| SessionReport {
            name: shared.name.clone(),
            provider: CPU,
            bytes: shared.bytes.load(Ordering::Relaxed),
            loaded: shared.loaded.load(Ordering::Relaxed),
            on_demand: shared.options.on_demand,
            runs: shared.runs.load(Ordering::Relaxed),
            recycles: shared.recycles.load(Ordering::Relaxed),
        };
        self.inner.books.all().iter().map(report).collect()
    }

    pub(super) fn stats(&self) -> &Stats {
        &self.inner.books.stats
    }

    pub(super) fn is_tight(&self) -> bool {
        self.inner.books.tight.load(Ordering::Relaxed)
    }

    pub(super) fn load_again(&self, shared: &Shared) -> Result<Native, SessionError> {
        self.inner.books.load_again(shared)
    }

    /// Unloads what is not needed, so that a run that lacked memory can be tried again.
    pub(super) fn make_room_for(&self, shared: &Shared) {
        self.inner.books.unload_unused(Some(shared));
    }

    /// Leaves it to the thread to make the session anew.
    pub(super) fn renew(&self, shared: &Arc<Shared>) {
        if !self.send(Job::Renew(shared.clone())) {
            shared.give_up(1);
        }
    }

    /// Leaves it to the thread to free an old session, which takes some milliseconds; one that is too busy has
    /// it freed here.
    pub(super) fn discard(&self, old: Native) {
        self.send(Job::Discard(Box::new(old)));
    }

    fn send(&self, job: Job) -> bool {
        let mut keeper = self.keeper();
        keeper.get_or_insert_with(|| Keeper::start(&self.inner.books)).send(job)
    }

    fn keeper(&self) -> MutexGuard<'_, Option<Keeper>> {
        // It is there or it is not.
        self.inner.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
