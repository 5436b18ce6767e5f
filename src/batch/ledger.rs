//! Which inputs have ended: kept in a hidden folder beside the results, one line for each, so that a job goes on where it was.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BatchError, Input, InputRecord, InputState, JobSettings, Manifest, ModelRecord, Totals};
use crate::folders::write_atomically;

/// Where a job keeps what it needs to go on.
const FOLDER: &str = ".masque";
/// Counted up when results of the same settings change.
const VERSION: u32 = 1;
/// Differences that are told.
const TOLD: usize = 4;

/// What results depend on, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Identity {
    version: u32,
    model: ModelRecord,
    classes: Vec<String>,
    settings: BTreeMap<String, Value>,
}

/// The list of inputs that have ended.
#[derive(Debug)]
pub(super) struct Ledger {
    folder: PathBuf,
    done: File,
    done_path: PathBuf,
    bytes: u64,
    /// For each input of the job where its line begins, once it has ended.
    lines: Vec<Option<u64>>,
    /// Says to whom journals belong.
    owner: String,
    _lock: File,
}

impl Ledger {
    /// The list of the job `settings` for `inputs`; those that ended before, and whose files are as they were left, have
    /// ended. Gives besides how many have to be done again because they changed.
    pub(super) fn open(settings: &JobSettings, inputs: &[&Input]) -> Result<(Self, u64), BatchError> {
        let out = &settings.out;
        let folder = out.join(FOLDER);
        fs::create_dir_all(&folder).map_err(BatchError::folder(&folder))?;
        let part = settings
            .shard
            .map_or_else(String::new, |shard| format!("-{}-of-{}", shard.0.index, shard.0.count));
        let lock_path = folder.join(format!("lock{part}"));
        let lock = File::create(&lock_path).map_err(BatchError::folder(&lock_path))?;
        if lock.try_lock().is_err() {
            return Err(BatchError::InUse(out.clone()));
        }
        let identity = Identity {
            version: VERSION,
            model: settings.model.clone(),
            classes: settings.classes.clone(),
            settings: settings.told(),
        };
        agree(&folder, out, &identity, settings.overwrite)?;
        let owner = serde_json::to_string(&identity).unwrap_or_default();
        // What other shards do with the folder meanwhile must not make results of other settings count.
        let job = crc32fast::hash(owner.as_bytes());
        let done_path = folder.join(format!("done-{job:08x}{part}.jsonl"));
        let open = || {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(settings.overwrite).open(&done_path)
        };
        let done = open().map_err(BatchError::folder(&done_path))?;
        let lines = vec![None; inputs.len()];
        let mut this = Self { folder, done, done_path, bytes: 0, lines, owner, _lock: lock };
        let again = this.read(out, inputs).map_err(BatchError::folder(&this.done_path))?;
        if settings.overwrite {
            for input in inputs {
                this.forget_journal(input);
            }
        }
        Ok((this, again))
    }

    /// Whether input number `index` has ended.
    pub(super) fn has_ended(&self, index: usize) -> bool {
        self.lines.get(index).is_some_and(Option::is_some)
    }

    /// Where the journal of `input` is, and what it has to begin with.
    pub(super) fn journal(&self, input: &Input) -> (PathBuf, Vec<u8>) {
        let (bytes, changed) = input.stamp();
        let owner = format!("masque {bytes} {changed} {} {}", input.identity, self.owner);
        (self.folder.join(format!("{}.journal", input.name)), owner.into_bytes())
    }

    /// Removes the journal of `input`, if it has one.
    pub(super) fn forget_journal(&self, input: &Input) {
        let (path, _) = self.journal(input);
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("{} could not be removed: {error}", path.display());
        }
    }

    /// Writes down how input number `index` ended.
    pub(super) fn add(&mut self, index: usize, record: &InputRecord) -> Result<(), BatchError> {
        let mut line = serde_json::to_vec(record).unwrap_or_default();
        line.push(b'\n');
        self.done.write_all(&line).map_err(BatchError::folder(&self.done_path))?;
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
        write_atomically(path, 0o644, write).map_err(BatchError::folder(path))
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

    /// Reads what is there; a line that a kill left half-written is cut off.
    fn read(&mut self, out: &Path, inputs: &[&Input]) -> io::Result<u64> {
        let by_name: BTreeMap<&str, usize> =
            inputs.iter().enumerate().map(|(index, input)| (input.name.as_str(), index)).collect();
        let mut again = 0;
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
                again += u64::from(!stands && record.state != InputState::Failed);
                self.lines[index] = stands.then_some(self.bytes);
            }
            self.bytes += length;
        }
        self.done.set_len(self.bytes)?;
        self.done.seek(SeekFrom::Start(self.bytes))?;
        Ok(again)
    }
}

/// Whether the results of `record` are there, and of the input as it is now. What failed is tried again.
fn is_as_it_was(out: &Path, input: &Input, record: &InputRecord) -> bool {
    let whole =
        |(name, bytes): (&String, &u64)| fs::metadata(out.join(name)).is_ok_and(|file| file.len() == *bytes);
    record.state != InputState::Failed
        && record.key == input.key
        && (record.input_bytes, record.input_modified) == input.stamp()
        && record.files.iter().all(whole)
}

/// Checks that the results in `out` are of `identity`, or writes it down where there are none, or others that go.
fn agree(folder: &Path, out: &Path, identity: &Identity, overwrite: bool) -> Result<(), BatchError> {
    let path = folder.join("job.json");
    let known = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Identity>(&bytes).ok());
    match known {
        Some(known) if known == *identity => return Ok(()),
        Some(known) if !overwrite => {
            let differ = differences(&known, identity).join(", ");
            return Err(BatchError::OtherSettings { out: out.to_owned(), differ });
        }
        _ => {}
    }
    let text = serde_json::to_vec_pretty(identity).unwrap_or_default();
    write_atomically(&path, 0o644, |file| file.write_all(&text)).map_err(BatchError::folder(&path))
}

fn differences(known: &Identity, now: &Identity) -> Vec<String> {
    let mut differ = Vec::new();
    if known.version != now.version {
        differ.push("they are of another version of masque".to_owned());
    }
    if known.model != now.model {
        differ.push(format!("model {} before, {} now", known.model.name, now.model.name));
    } else if known.classes != now.classes {
        differ.push("other names of classes".to_owned());
    }
    let names =
        known.settings.keys().chain(now.settings.keys().filter(|name| !known.settings.contains_key(*name)));
    let told = |settings: &BTreeMap<String, Value>, name: &str| {
        settings.get(name).unwrap_or(&Value::Null).to_string()
    };
    for name in names {
        let (before, now) = (told(&known.settings, name), told(&now.settings, name));
        if before != now {
            differ.push(format!("--{name} {before} before, {now} now"));
        }
    }
    if differ.len() > TOLD {
        let more = differ.len() - TOLD;
        differ.truncate(TOLD);
        differ.push(format!("and {more} more"));
    }
    differ
}
