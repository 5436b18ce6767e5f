//! The thread that makes sessions anew beside the old ones and frees those, so that no frame waits.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::books::Books;
use super::native::Native;
use super::shared::Shared;
use crate::memory::{Bound, Each, Receiver, Sender, bound, queue};

/// Jobs that wait: one renewal and one old session for each of a handful of networks.
const WAITING: usize = 16;
pub(in crate::models) const JOBS: Bound = bound!(
    "models.jobs",
    "sessions to make anew or to free",
    WAITING,
    Each::In("models"),
    "asked for again after the next run; an old session is freed at once"
);

/// Runs until a renewal that failed is tried again.
const PATIENCE: u64 = 1000;

/// What there is to do.
#[derive(Debug)]
pub(super) enum Job {
    /// Make a session anew.
    Renew(Arc<Shared>),
    /// Unload what is not needed.
    Trim,
    /// Free an old one.
    Discard(Box<Native>),
}

/// The thread; one at a time, so that at most one network is in memory twice.
#[derive(Debug)]
pub(super) struct Keeper {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread; without one nothing is renewed, and that is counted.
    pub fn start(books: &Arc<Books>) -> Self {
        let (sender, jobs) = queue(&JOBS, &books.stats);
        let worker = books.clone();
        let thread = std::thread::Builder::new().name("sessions".into()).spawn(move || work(&jobs, &worker));
        let thread = thread.inspect_err(|error| tracing::warn!("no thread for sessions: {error}")).ok();
        Self { jobs: thread.is_some().then_some(sender), thread }
    }

    /// Leaves a job to the thread; false when it has more than enough to do, and the job is dropped.
    pub fn send(&self, job: Job) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok())
    }
}

impl Drop for Keeper {
    /// Native code that still runs while the process ends would crash it: it is waited for.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It has said what went wrong.
            let _ = thread.join();
        }
    }
}

fn work(jobs: &Receiver<Job>, books: &Books) {
    for job in jobs.iter() {
        match job {
            Job::Renew(shared) => renew(&shared, books),
            Job::Trim => {
                books.trim();
            }
            Job::Discard(old) => drop(old),
        }
    }
}

fn renew(shared: &Shared, books: &Books) {
    if let Err(error) = books.renew(shared) {
        shared.give_up(PATIENCE);
        let stats = &books.stats;
        stats.count("model_recycles_failed");
        if stats.counter("model_recycles_failed") == 1 {
            stats.event(format!("a session stays as it is, since a new one could not be made: {error}"));
        }
    }
}
