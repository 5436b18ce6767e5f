//! The last stage: puts what was found in order, follows it, and writes it.

use std::collections::BTreeMap;

use super::inputs::Stamp;
use super::ledger::Ledger;
use super::ongoing::{Ongoing, WriteError, record};
use super::shelf::Shelf;
use super::step::{Ending, GivenUp, Opened, Step, What};
use super::{BatchError, Input, InputRecord, InputState, JobSettings};
use crate::frame::Frame;
use crate::memory::Receiver;
use crate::perception::Tracker;
use crate::stats::Stats;

/// Is told how a job goes; from one thread.
pub trait Observer {
    /// A job begins, of so many inputs, of which some ended in an earlier run.
    fn starts(&mut self, inputs: u64, skipped: u64);
    /// An input begins; `frames` is how many of them will be looked at, about.
    fn begins(&mut self, input: &Input, frames: Option<u64>);
    /// So many frames more were looked at, and so much was found in them; `known` are from an earlier run.
    fn advanced(&mut self, frames: u64, detections: u64, known: bool);
    /// An input has ended.
    fn ended(&mut self, record: &InputRecord);
}

/// Writes down what comes.
pub(super) struct Sink<'a> {
    pub(super) settings: &'a JobSettings,
    pub(super) inputs: &'a [&'a Input],
    pub(super) ledger: &'a mut Ledger,
    pub(super) tracker: Tracker,
    pub(super) shelf: &'a Shelf,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) stats: &'a Stats,
    /// What is being written.
    pub(super) current: Option<Current<'a>>,
}

/// The input that is being written.
pub(super) struct Current<'a> {
    index: usize,
    input: &'a Input,
    stamp: Stamp,
    /// None once it failed.
    ongoing: Option<Ongoing<'a>>,
    failure: Option<String>,
    given_up: GivenUp,
}

impl Sink<'_> {
    /// Writes everything down, in the order of the steps' numbers, doing `between` after each.
    ///
    /// # Errors
    /// What keeps the job itself from being written; what is wrong with one input is in its record.
    pub(super) fn run(
        &mut self,
        steps: &Receiver<Step>,
        mut between: impl FnMut(&mut Self),
    ) -> Result<(), BatchError> {
        // As many as there are permits: what is under way is bounded.
        let mut early: BTreeMap<u64, Step> = BTreeMap::new();
        let mut next = 0;
        while let Ok(step) = steps.recv() {
            early.insert(step.number, step);
            while let Some(step) = early.remove(&next) {
                next += 1;
                let Step { what, permit, .. } = step;
                self.step(what)?;
                drop(permit);
                between(self);
            }
        }
        Ok(())
    }

    /// Gives the current input up: `reason` is told of it.
    pub(super) fn give_up(&mut self, reason: String) {
        let Some(current) = &mut self.current else { return };
        current.given_up.give_up();
        current.failure.get_or_insert(reason);
        // Its files go; its journal stays.
        current.ongoing = None;
    }

    fn step(&mut self, what: What) -> Result<(), BatchError> {
        match what {
            What::Begin(Opened { index, stamp, given_up, frames, journal, known }) => {
                let Some(input) = self.inputs.get(index).copied() else { return Ok(()) };
                self.observer.begins(input, frames);
                self.tracker.reset();
                let begun = Ongoing::begin(input, self.settings, journal.as_ref(), known);
                let mut current = Current { index, input, stamp, ongoing: None, failure: None, given_up };
                let begun = begun.and_then(|mut ongoing| {
                    if let (Some(journal), Some(known)) = (&journal, known) {
                        let observer = &mut *self.observer;
                        let told = |frames, found| observer.advanced(frames, found, true);
                        let frames = ongoing.replay(journal, known, &mut self.tracker, told)?;
                        self.stats.add("batch_frames_known", frames);
                    }
                    Ok(ongoing)
                });
                let failed = begun.map(|ongoing| current.ongoing = Some(ongoing)).err();
                self.current = Some(current);
                self.take_failure(failed);
            }
            What::Found { found, pictures } => {
                self.found(&found, &pictures);
                self.shelf.give_back(found);
            }
            What::Failed(reason) => self.give_up(reason),
            What::End(ending) => self.end(ending)?,
        }
        Ok(())
    }

    fn found(&mut self, found: &[super::journal::Found], pictures: &[Frame]) {
        let Some(ongoing) = self.current.as_mut().and_then(|current| current.ongoing.as_mut()) else {
            return;
        };
        let start = std::time::Instant::now();
        let failed = ongoing.add(found, pictures, &mut self.tracker).err();
        self.stats.stage("write", start.elapsed());
        let detections = found.iter().map(|found| found.detections.len() as u64).sum();
        self.observer.advanced(found.len() as u64, detections, false);
        self.take_failure(failed);
    }

    /// Results that cannot be written end their input.
    fn take_failure(&mut self, failed: Option<WriteError>) {
        if let Some(error) = failed {
            self.stats.count("batch_write_failures");
            self.give_up(error.to_string());
        }
    }

    fn end(&mut self, ending: Ending) -> Result<(), BatchError> {
        let Some(Current { index, input, stamp, ongoing, failure, .. }) = self.current.take() else {
            return Ok(());
        };
        if ending == Ending::Interrupted && failure.is_none() {
            // Its journal is on disk; its other files are written anew.
            return Ok(());
        }
        let failed = |reason: String| record(input, stamp, InputState::Failed, Some(reason));
        let record = match (ongoing, failure, ending) {
            (Some(ongoing), None, Ending::Whole) => {
                ongoing.finish((stamp, InputState::Done, None), self.stats)
            }
            (Some(ongoing), None, Ending::Broken(why)) => {
                ongoing.finish((stamp, InputState::Incomplete, Some(why)), self.stats)
            }
            (ongoing, failure, ending) => {
                drop(ongoing);
                let why = match ending {
                    Ending::Unreadable(why) | Ending::Stopped(why) => why,
                    _ => "it was given up".to_owned(),
                };
                Ok(failed(failure.unwrap_or(why)))
            }
        };
        let record = record.unwrap_or_else(|error| {
            self.stats.count("batch_write_failures");
            failed(error.to_string())
        });
        self.stats.count(match record.state {
            InputState::Done => "inputs_done",
            InputState::Incomplete => "inputs_incomplete",
            InputState::Failed => "inputs_failed",
        });
        self.ledger.add(index, &record)?;
        // What failed for a reason that may pass goes on from its journal.
        if record.state != InputState::Failed {
            self.ledger.journals().forget(input);
        }
        self.observer.ended(&record);
        Ok(())
    }
}

/// Whether what is found in `input` is remembered while it is worked on: where it takes long, and what comes
/// after the network needs no pixels.
pub(super) fn has_journal(settings: &JobSettings, input: &Input) -> bool {
    !settings.needs_pixels() && !input.is_still()
}
