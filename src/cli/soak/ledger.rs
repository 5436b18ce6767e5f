//! What happened in a soak, shared with whoever reports it.
//!
//! It is kept in a file without a name: samples in memory came to about 4 kB each, and that is growth which the soak would find.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use serde::{Deserialize, Serialize};

use super::meter::Sample;

/// Everything that is written down while it runs; clones share it.
#[derive(Resource, Debug, Clone)]
pub(super) struct Ledger(Arc<Mutex<Book>>);

#[derive(Debug)]
struct Book {
    file: File,
    /// An entry on its way, kept for reuse.
    line: Vec<u8>,
    /// Why something could not be written.
    failed: Option<io::Error>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Entry {
    Sample(Sample),
    Outcome(Outcome),
}

#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) samples: Vec<Sample>,
    pub(super) outcomes: Vec<Outcome>,
}

impl Ledger {
    pub(super) fn new() -> io::Result<Self> {
        let book = Book { file: tempfile::tempfile()?, line: Vec::new(), failed: None };
        Ok(Self(Arc::new(Mutex::new(book))))
    }

    pub(super) fn add_sample(&self, sample: Sample) {
        self.add(&Entry::Sample(sample));
    }

    pub(super) fn add_outcome(&self, outcome: Outcome) {
        self.add(&Entry::Outcome(outcome));
    }

    fn add(&self, entry: &Entry) {
        let Book { file, line, failed } = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        line.clear();
        let written = serde_json::to_writer(&mut *line, entry).map_err(io::Error::other);
        line.push(b'\n');
        if let Err(error) = written.and_then(|()| file.write_all(line)) {
            failed.get_or_insert(error);
        }
    }

    /// All that was written down.
    ///
    /// # Errors
    /// When something could not be written, or not be read again.
    pub(super) fn entries(&self) -> io::Result<Entries> {
        let book = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = book.failed.take() {
            return Err(error);
        }
        book.file.rewind()?;
        let mut entries = Entries::default();
        for line in BufReader::new(&book.file).lines() {
            match serde_json::from_str(&line?)? {
                Entry::Sample(sample) => entries.samples.push(sample),
                Entry::Outcome(outcome) => entries.outcomes.push(outcome),
            }
        }
        Ok(entries)
    }
}

/// What became of one fault.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Which.
    pub(super) fault: String,
    /// Frames that were dressed before it.
    pub(super) frame: u64,
    /// How long it lasted.
    pub(super) seconds: f64,
    /// Resident bytes before it.
    pub(super) before_bytes: u64,
    /// How many bytes more there were at most, until the picture was back.
    pub(super) rise_bytes: u64,
    /// From its end until the next picture that shows it (a frame from after it, the look that was asked for); none: it
    /// did not come back within a minute, or nothing had happened.
    pub(super) recovered_ms: Option<f64>,
    /// Whether it happened: there may have been no encoder to freeze.
    #[serde(default = "yes")]
    pub(super) injected: bool,
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_there_in_its_order() {
        let ledger = Ledger::new().expect("a file");
        let sample = |frame| Sample {
            frame,
            seconds: 0.25,
            at_rest: frame == 2,
            values: [("rss_bytes".to_owned(), 1.5e9 + frame as f64)].into(),
        };
        let outcome = Outcome {
            fault: "record".to_owned(),
            frame: 7,
            seconds: 0.0,
            before_bytes: 3,
            rise_bytes: 4,
            recovered_ms: None,
            injected: false,
        };
        ledger.add_sample(sample(1));
        ledger.clone().add_outcome(outcome);
        ledger.add_sample(sample(2));
        let entries = ledger.entries().expect("reads");
        let told: Vec<_> = entries.samples.iter().map(|sample| (sample.frame, sample.at_rest)).collect();
        assert_eq!(told, [(1, false), (2, true)]);
        assert_eq!(entries.samples[1].values["rss_bytes"], 1_500_000_002.0);
        let [outcome] = &entries.outcomes[..] else { panic!("{entries:?}") };
        assert_eq!((outcome.frame, outcome.recovered_ms, outcome.injected), (7, None, false));
    }
}
