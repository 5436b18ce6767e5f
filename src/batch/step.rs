//! What travels from stage to stage.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::inputs::Stamp;
use super::journal::{Extent, Found};
use super::permits::Permit;
use crate::frame::Frame;
use crate::memory::{Bound, Each, Receiver, Sender, bound, queue};
use crate::stats::Stats;

/// Things under way, at most: more threads than this find no work waiting.
pub(super) const MOST_UNDER_WAY: usize = 64;
/// Most frames in one run of the network.
pub(super) const MOST_BATCH: usize = 64;

pub(super) const WORK: Bound = bound!(
    "batch.work",
    "frames that wait for the network",
    MOST_UNDER_WAY,
    Each::In("batch.frames"),
    "decoding waits"
);
pub(super) const STEPS: Bound = bound!(
    "batch.steps",
    "what was detected and is not written yet, with what waits for its turn: 20,000 detections in each of a batch's frames at most",
    2 * MOST_UNDER_WAY,
    Each::Bytes(20_000 * 24),
    "detecting waits; as many as are under way"
);

/// From who decodes to who detects.
pub(super) fn work_queue(stats: &Stats) -> (Sender<Work>, Receiver<Work>) {
    queue(&WORK, stats)
}

/// From both to who writes.
pub(super) fn step_queue(stats: &Stats) -> (Sender<Step>, Receiver<Step>) {
    queue(&STEPS, stats)
}

/// Tells all stages that nothing more is wanted of an input.
#[derive(Debug, Clone, Default)]
pub(super) struct GivenUp(Arc<AtomicBool>);

impl GivenUp {
    pub(super) fn give_up(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Frames for one run of the network.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) number: u64,
    pub(super) frames: Vec<Frame>,
    pub(super) given_up: GivenUp,
    pub(super) permit: Permit,
}

/// One thing to be written down, in the order of `number`.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) number: u64,
    pub(super) what: What,
    /// Lets the next thing begin when this one is written down.
    pub(super) permit: Option<Permit>,
}

/// What is to be written down.
#[derive(Debug)]
pub(super) enum What {
    /// An input begins.
    Begin(Opened),
    /// These were found. `pictures` holds the frames where their pixels are needed.
    Found { found: Vec<Found>, pictures: Vec<Frame> },
    /// The network could not.
    Failed(String),
    /// The input that began last has ended.
    End(Ending),
}

/// An input that is read.
#[derive(Debug)]
pub(super) struct Opened {
    /// Its number in the job.
    pub(super) index: usize,
    /// What the file was like before it was opened.
    pub(super) stamp: Stamp,
    pub(super) given_up: GivenUp,
    /// How many frames will be looked at, about.
    pub(super) frames: Option<u64>,
    /// Where its journal is, and what it begins with; none where it is not read again.
    pub(super) journal: Option<(PathBuf, Vec<u8>)>,
    /// What is in the journal.
    pub(super) known: Option<Extent>,
}

/// How an input came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// All of it was read.
    Whole,
    /// It broke off or is damaged; what was read counts.
    Broken(String),
    /// Nothing could be read.
    Unreadable(String),
    /// It could not be read to its end for a reason that may pass; it is gone on with the next time.
    Stopped(String),
    /// The job is ended; the input is to be gone on with.
    Interrupted,
}
