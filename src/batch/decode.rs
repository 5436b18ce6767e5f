//! The first stage: opens one input after the other and cuts it into work for the networks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::journal::{Extent, JournalReader};
use super::ledger::Journals;
use super::permits::Permits;
use super::sink::has_journal;
use super::step::{Ending, GivenUp, Opened, Step, What, Work};
use super::{Input, JobSettings};
use crate::ffmpeg::ChildError;
use crate::frame::{Frame, FramePool};
use crate::memory::{Sender, Size};
use crate::source::{FrameSource, SourceError, SourceOptions, open};
use crate::stats::Stats;

/// How long a full pool is left alone before it is asked again.
const POOL_PATIENCE: Duration = Duration::from_millis(2);

/// An input that is to be read.
#[derive(Debug)]
pub(super) struct Pending<'a> {
    pub(super) index: usize,
    pub(super) input: &'a Input,
}

/// Reads inputs, and hands over frames in the order of their numbers.
pub(super) struct Decoder<'a> {
    pub(super) settings: &'a JobSettings,
    pub(super) pool: &'a FramePool,
    pub(super) permits: &'a Permits,
    pub(super) journals: Journals,
    pub(super) work: Sender<Work>,
    pub(super) steps: Sender<Step>,
    pub(super) stop: &'a AtomicBool,
    pub(super) stats: &'a Stats,
    /// Number of the next thing.
    pub(super) number: u64,
}

/// Who takes what is handed over is gone.
struct Alone;

impl Decoder<'_> {
    /// Reads all of `inputs`, until it is stopped.
    pub(super) fn run<'b>(mut self, inputs: impl Iterator<Item = Pending<'b>>) {
        for pending in inputs {
            if self.stop.load(Ordering::Relaxed) || self.input(&pending).is_err() {
                break;
            }
        }
    }

    fn input(&mut self, pending: &Pending) -> Result<(), Alone> {
        let Some(permit) = self.permits.take(self.stop) else { return Err(Alone) };
        let given_up = GivenUp::default();
        // Before it is opened: what changes later is of another file.
        let stamp = pending.input.stamp();
        // Its own, so that what is wrong with this input is known to be this one's.
        let own = Stats::default();
        let options =
            SourceOptions { from: self.settings.from, to: self.settings.to, ..SourceOptions::default() };
        let source = guarded(|| open(&pending.input.uri(), &options, &own))
            .and_then(|source| source.map_err(|error| self.cannot(error)));
        let frames = source.as_ref().ok().and_then(|source| source.info().frames);
        let journal =
            has_journal(self.settings, pending.input).then(|| self.journals.of(pending.input, stamp));
        let known = journal.as_ref().and_then(|(path, owner)| {
            let reader = JournalReader::open(path, owner).ok()??;
            reader.extent().ok()?
        });
        let frames = frames.map(|frames| frames.div_ceil(self.settings.every));
        let index = pending.index;
        let opened = Opened { index, stamp, given_up: given_up.clone(), frames, journal, known };
        self.put(What::Begin(opened), Some(permit))?;
        let ending = match source {
            Ok(mut source) => self.frames(source.as_mut(), known, &given_up, &own)?,
            Err(ending) => ending,
        };
        for (name, count) in own.counters() {
            self.stats.add(name, count);
        }
        self.put(What::End(ending), None)
    }

    /// Hands over the frames of `source` that are not `known`.
    fn frames(
        &mut self,
        source: &mut dyn FrameSource,
        known: Option<Extent>,
        given_up: &GivenUp,
        own: &Stats,
    ) -> Result<Ending, Alone> {
        let first = known.map_or(0, |known| known.last_frame + 1);
        let mut seen = 0;
        let mut batch = Vec::with_capacity(self.settings.batch);
        let mut ending = loop {
            if self.stop.load(Ordering::Relaxed) {
                break Ending::Interrupted;
            }
            if given_up.is_given_up() {
                break Ending::Whole;
            }
            let next = match guarded(|| source.next_frame(self.pool)) {
                Ok(next) => next,
                Err(ending) => break ending,
            };
            match next {
                Ok(Some(frame)) => {
                    seen += 1;
                    let number = frame.seq.0;
                    if number < first || !number.is_multiple_of(self.settings.every) {
                        continue;
                    }
                    batch.push(frame);
                    if batch.len() == self.settings.batch {
                        self.hand_over(&mut batch, given_up)?;
                    }
                }
                // Whoever ends the program may end what reads for it as well.
                Ok(None) if self.stop.load(Ordering::Relaxed) => break Ending::Interrupted,
                Ok(None) => break ending(seen, source, own),
                // Frames that wait here for others do not come back by themselves.
                Err(SourceError::Pool(_)) if !batch.is_empty() => {
                    self.stats.count("batch_cut_short");
                    self.hand_over(&mut batch, given_up)?;
                }
                Err(SourceError::Pool(_)) => std::thread::sleep(POOL_PATIENCE),
                Err(_) if self.stop.load(Ordering::Relaxed) => break Ending::Interrupted,
                Err(error) => break self.cannot(error),
            }
        };
        // An interrupted one is gone on with at the beginning of a batch, so that batches are always the same.
        let is_rest = ending != Ending::Interrupted && !batch.is_empty();
        if is_rest && !self.hand_over(&mut batch, given_up)? {
            ending = Ending::Interrupted;
        }
        Ok(ending)
    }

    /// How an input ends that `error` keeps from being read. What may pass is no fault of the file.
    fn cannot(&self, error: SourceError) -> Ending {
        let passes = matches!(
            &error,
            SourceError::Video {
                error: ChildError::Killed | ChildError::Stalled(_) | ChildError::Pipe(_),
                ..
            }
        );
        match error {
            SourceError::FrameTooLarge { .. } => Ending::Stopped(format!(
                "{error}; or type a larger --memory-limit than {}",
                Size(self.settings.memory_limit)
            )),
            error if passes => Ending::Stopped(error.to_string()),
            error => Ending::Unreadable(error.to_string()),
        }
    }

    /// Whether there was room for it before the job was stopped.
    fn hand_over(&mut self, batch: &mut Vec<Frame>, given_up: &GivenUp) -> Result<bool, Alone> {
        let frames = std::mem::replace(batch, Vec::with_capacity(self.settings.batch));
        let Some(permit) = self.permits.take(self.stop) else {
            // When the job is stopped while it waits, what was read is read again.
            return if self.stop.load(Ordering::Relaxed) { Ok(false) } else { Err(Alone) };
        };
        let work = Work { number: self.number, frames, given_up: given_up.clone(), permit };
        self.number += 1;
        self.work.send(work).map_err(|_| Alone)?;
        Ok(true)
    }

    fn put(&mut self, what: What, permit: Option<super::permits::Permit>) -> Result<(), Alone> {
        let number = self.number;
        self.number += 1;
        self.steps.send(Step { number, what, permit }).map_err(|_| Alone)
    }
}

/// Does what may go wrong in ways it should not in code of others; one file must not end the job.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Ending> {
    let failed = |_| Ending::Unreadable("its decoder failed in a way it should not".to_owned());
    catch_unwind(AssertUnwindSafe(work)).map_err(failed)
}

/// How a source that has no more frames has ended, given what was counted while it was read.
fn ending(seen: u64, source: &dyn FrameSource, own: &Stats) -> Ending {
    let damage = own.counter("source_damage");
    if seen == 0 {
        Ending::Unreadable(format!("{}: there is no picture in it", source.info().uri))
    } else if own.counter("source_broken_off") > 0 {
        Ending::Broken(format!("it breaks off after {seen} frames: damaged, or not copied to its end"))
    } else if damage > 0 {
        Ending::Broken(format!("parts of it are damaged: ffmpeg complained {damage} times"))
    } else {
        Ending::Whole
    }
}
