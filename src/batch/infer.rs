//! The second stage: a thread for each network.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::shelf::Shelf;
use super::step::{Step, What, Work};
use crate::frame::Frame;
use crate::memory::{Receiver, Sender};
use crate::perception::Detection;
use crate::stats::Stats;

/// Finds things in frames.
pub trait Detect: Send {
    /// Fills `found`, one list for each of `frames`, the surest first.
    ///
    /// # Errors
    /// [`DetectFailure`]; lists are unspecified then.
    fn detect(&mut self, frames: &[&Frame], found: &mut [Vec<Detection>]) -> Result<(), DetectFailure>;
}

/// Why nothing was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DetectFailure {
    /// Fewer frames at a time may do.
    #[error("out of memory: {0}")]
    OutOfMemory(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// One network and its thread.
pub(super) struct Worker<'a> {
    pub(super) detector: Box<dyn Detect>,
    pub(super) work: Receiver<Work>,
    pub(super) steps: Sender<Step>,
    /// Frames that are given to a network at once; less after it ran out of memory.
    pub(super) batch: &'a AtomicUsize,
    pub(super) shelf: &'a Shelf,
    pub(super) keep_pixels: bool,
    pub(super) stats: &'a Stats,
}

impl Worker<'_> {
    /// Works until there is no more work, or nobody wants its results.
    pub(super) fn run(mut self) {
        let mut lists: Vec<Vec<Detection>> = Vec::new();
        while let Ok(Work { number, frames, given_up, permit }) = self.work.recv() {
            let what = if given_up.is_given_up() {
                What::Found { found: Vec::new(), pictures: Vec::new() }
            } else {
                self.detect(frames, &mut lists)
            };
            if self.steps.send(Step { number, what, permit: Some(permit) }).is_err() {
                break;
            }
        }
    }

    fn detect(&mut self, frames: Vec<Frame>, lists: &mut Vec<Vec<Detection>>) -> What {
        let mut found = self.shelf.take(frames.len());
        lists.clear();
        lists.extend(found.iter_mut().map(|found| std::mem::take(&mut found.detections)));
        let outcome = self.in_pieces(&frames, lists);
        for ((found, list), frame) in found.iter_mut().zip(lists.drain(..)).zip(&frames) {
            found.frame = frame.seq.0;
            found.time = frame.timestamp;
            found.size = (frame.width, frame.height);
            found.detections = list;
        }
        match outcome {
            Ok(()) => What::Found { found, pictures: if self.keep_pixels { frames } else { Vec::new() } },
            Err(failure) => What::Failed(failure.to_string()),
        }
    }

    /// As many frames at a time as memory allows: after a failure for want of it, half as many, for good.
    fn in_pieces(&mut self, frames: &[Frame], lists: &mut [Vec<Detection>]) -> Result<(), DetectFailure> {
        let mut done = 0;
        while done < frames.len() {
            let most = self.batch.load(Ordering::Relaxed).max(1);
            let end = frames.len().min(done + most);
            let piece: Vec<&Frame> = frames[done..end].iter().collect();
            let start = std::time::Instant::now();
            // What a network's code does wrong must not leave its results waited for for ever.
            let outcome =
                catch_unwind(AssertUnwindSafe(|| self.detector.detect(&piece, &mut lists[done..end])));
            match outcome {
                Ok(Ok(())) => {
                    self.stats.stage("detect", start.elapsed());
                    done = end;
                }
                Ok(Err(DetectFailure::OutOfMemory(reason))) if most > 1 => {
                    let less = most / 2;
                    self.batch.fetch_min(less, Ordering::Relaxed);
                    self.stats.count("batch_halved");
                    tracing::warn!("{reason}: {less} frames at a time from now on");
                }
                Ok(Err(failure)) => return Err(failure),
                Err(_) => {
                    return Err(DetectFailure::Other(
                        "the detector failed in a way it should not".to_owned(),
                    ));
                }
            }
        }
        Ok(())
    }
}
