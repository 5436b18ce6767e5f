//! Which inputs have ended: kept in a hidden folder beside the results, one line for each, so that a job goes on where it was.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::identity::Identity;
use super::inputs::Stamp;
use super::leftovers::{forget_all, remove, remove_results};
use super::{BatchError, Input, InputRecord, InputState, JobSettings, Manifest, Totals};
use crate::folders::write_alone;

/// Where a job keeps what it needs to go on.
const FOLDER: &str = ".masque";

/// The list of inputs that have ended.
#[derive(Debug)]
pub(super) struct Ledger {
    done: File,
    done_path: PathBuf,
    bytes: u64,
    /// For each input of the job where its line begins, once it has ended.
    lines: Vec<Option<u64>>,
    journals: Journals,
    _locks: Vec<File>,
}

/// Where journals are, and to whom they belong.
#[derive(Debug, Clone)]
pub(super) struct Journals {
    folder: PathBuf,
    /// Of the job: its model and all its settings.
    job: String,
}

impl Journals {
    /// Where the journal of `input` is, and what it has to begin with while the file is as `stamp` says.
    pub(super) fn of(&self, input: &Input, stamp: Stamp) -> (PathBuf, Vec<u8>) {
        let mut owner = format!("masque {} {} {} ", stamp.bytes, stamp.modified, self.job).into_bytes();
        owner.extend_from_slice(input.identity.as_encoded_bytes());
        (self.folder.join(format!("{}.journal", input.name)), owner)
    }

    /// Removes the journal of `input`, if it has one.
    pub(super) fn forget(&self, input: &Input) {
        remove(&self.of(input, Stamp::default()).0);
    }
}

impl Ledger {
    /// The list of the job `settings` for `inputs`; those that ended before, and whose files are as they were left, have
    /// ended. Gives besides how many have to be done again because they changed: what was written of those is removed.
    pub(super) fn open(settings: &JobSettings, inputs: &[&Input]) -> Result<(Self, u64), BatchError> {
        let out = &settings.out;
        let folder = out.join(FOLDER);
        fs::create_dir_all(&folder).map_err(BatchError::folder(&folder))?;
        let shard = settings.shard.map(|shard| shard.0);
        let part = shard.map_or_else(String::new, |shard| format!("-{}-of-{}", shard.index, shard.count));
        // Shards may share a folder with one another, each only once, and with nobody else.
        let mut locks = vec![lock(&folder.join("lock"), shard.is_some(), out)?];
        if shard.is_some() {
            locks.push(lock(&folder.join(format!("lock{part}")), false, out)?);
        }
        let job = Identity::of(settings).settle(&folder, settings, inputs)?;
        // What other shards do with the folder meanwhile must not make results of other settings count.
        let done_path = folder.join(format!("done-{}{part}.jsonl", &job[..8]));
        if settings.overwrite {
            forget_all(&folder, &part, out);
        }
        let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&done_path);
        let done = open().map_err(BatchError::folder(&done_path))?;
        let lines = vec![None; inputs.len()];
        let journals = Journals { folder, job };
        let mut this = Self { done, done_path, bytes: 0, lines, journals, _locks: locks };
        let changed = this.read(out, inputs).map_err(BatchError::folder(&this.done_path))?;
        for record in &changed {
            remove_results(out, record);
        }
        if settings.overwrite {
            for input in inputs {
                this.journals.forget(input);
            }
        }
        Ok((this, changed.len() as u64))
    }

    /// Where journals are.
    pub(super) fn journals(&self) -> &Journals {
        &self.journals
    }

    /// Whether input number `index` has ended.
    pub(super) fn has_ended(&self, index: usize) -> bool {
        self.lines.get(index).is_some_and(Option::is_some)
    }

    /// Writes down how input number `index` ended.
    pub(super) fn add(&mut self, index: usize, record: &InputRecord) -> Result<(), BatchError> {
        let mut line = serde_json::to_vec(record).unwrap_or_default();
        line.push(b'\n');
        let written = self.done.write_all(&line).and_then(|()| self.done.sync_data());
        written.map_err(BatchError::folder(&self.done_path))?;
        if let Some(place) = self.lines.get_mut(index) {
            *place = Some(self.bytes);
        }
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Sums over the inputs that have ended.
    pub(super) fn totals(&mut self) -> Result<Totals, BatchError> {
        let mut totals = Totals { inputs: self.lines.len() as u64, ..Totals::default() };
        self.each(|record, _| {
            match record.state {
                InputState::Done => totals.done += 1,
                InputState::Incomplete => totals.incomplete += 1,
                InputState::Failed => totals.failed += 1,
            }
            totals.frames += record.frames;
            totals.detections += record.detections;
            Ok(())
        })?;
        Ok(totals)
    }

    /// Writes `manifest`, which has no inputs, with those that have ended.
    pub(super) fn write_manifest(&mut self, path: &Path, manifest: &Manifest) -> Result<(), BatchError> {
        let head = serde_json::to_string_pretty(manifest).unwrap_or_default();
        let head = head.strip_suffix("]\n}").unwrap_or(&head).to_owned();
        let write = |file: &mut File| {
            let mut file = BufWriter::new(file);
            file.write_all(head.as_bytes())?;
            let mut first = true;
            self.each(|_, line| {
                file.write_all(if first { b"\n    " } else { b",\n    " })?;
                first = false;
                file.write_all(line)
            })
            .map_err(io::Error::other)?;
            file.write_all(b"\n  ]\n}\n")?;
            file.flush()
        };
        write_alone(path, 0o644, write).map_err(BatchError::folder(path))
    }

    /// Does `work` for the line of every input that has ended, in the order in which they were given.
    pub(super) fn each(
        &mut self,
        mut work: impl FnMut(&InputRecord, &[u8]) -> io::Result<()>,
    ) -> Result<(), BatchError> {
        let mut reader = BufReader::new(&self.done);
        let mut line = Vec::new();
        let mut step = |start: u64| {
            reader.seek(SeekFrom::Start(start))?;
            line.clear();
            reader.read_until(b'\n', &mut line)?;
            let record: InputRecord = serde_json::from_slice(&line)?;
            work(&record, line.trim_ascii_end())
        };
        let done = self.lines.iter().flatten().try_for_each(|start| step(*start));
        let back = self.done.seek(SeekFrom::Start(self.bytes));
        done.and(back.map(|_| ())).map_err(BatchError::folder(&self.done_path))
    }

    /// Reads what is there; a line that a kill left half-written is cut off. Gives the last records of inputs that
    /// have changed since.
    fn read(&mut self, out: &Path, inputs: &[&Input]) -> io::Result<Vec<InputRecord>> {
        let by_name: BTreeMap<&str, usize> =
            inputs.iter().enumerate().map(|(index, input)| (input.name.as_str(), index)).collect();
        let mut changed = BTreeMap::new();
        let mut reader = BufReader::new(&self.done);
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = reader.by_ref().read_until(b'\n', &mut line)? as u64;
            let Some((b'\n', text)) = line.split_last() else { break };
            if let Ok(record) = serde_json::from_slice::<InputRecord>(text)
                && let Some(index) = by_name.get(record.name.as_str()).copied()
            {
                let stands = is_as_it_was(out, inputs[index], &record);
                self.lines[index] = stands.then_some(self.bytes);
                changed.remove(&index);
                if !stands && record.state != InputState::Failed {
                    changed.insert(index, record);
                }
            }
            self.bytes += length;
        }
        self.done.set_len(self.bytes)?;
        self.done.seek(SeekFrom::Start(self.bytes))?;
        Ok(changed.into_values().collect())
    }
}

/// Locks `path`, together with others or alone. Where the system cannot lock there, it goes on without.
fn lock(path: &Path, together: bool, out: &Path) -> Result<File, BatchError> {
    let file = File::create(path).map_err(BatchError::folder(path))?;
    let locked = if together { file.try_lock_shared() } else { file.try_lock() };
    match locked {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BatchError::InUse(out.to_owned())),
        Err(TryLockError::Error(error)) => {
            tracing::warn!(
                "{} cannot be locked ({error}): start only one job that writes there",
                path.display()
            );
            Ok(file)
        }
    }
}

/// Whether the results of `record` are there, and of the input as it is now. What failed is tried again.
fn is_as_it_was(out: &Path, input: &Input, record: &InputRecord) -> bool {
    let whole =
        |(name, bytes): (&String, &u64)| fs::metadata(out.join(name)).is_ok_and(|file| file.len() == *bytes);
    record.state != InputState::Failed
        && record.key == input.key
        && Stamp { bytes: record.input_bytes, modified: record.input_modified } == input.stamp()
        && record.files.iter().all(whole)
}
