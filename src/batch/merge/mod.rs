//! Results of several machines as one: their files side by side, and one manifest.

mod error;
mod files;
mod shards;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

pub use error::MergeError;
pub use files::Placed;

use super::{InputRecord, InputState, JobState, Manifest, Totals};
use crate::folders::write_atomically;
use crate::frame::PoolStats;
use crate::memory::{Bound, Each, bound};
use shards::Part;

/// Inputs of all parts together, at most.
const MOST_INPUTS: usize = 2 << 20;

/// What manifests tell of inputs.
pub(super) const RECORDS: Bound = bound!(
    "batch.merged",
    "what the manifests of `masque merge` tell of their inputs, about half a kilobyte each",
    MOST_INPUTS,
    Each::Bytes(512),
    "refused"
);

/// How it went.
#[derive(Debug, Clone)]
pub struct Merged {
    /// The manifest of all.
    pub manifest: PathBuf,
    /// Sums over all inputs.
    pub totals: Totals,
    /// Manifests that were put together.
    pub parts: usize,
    /// What became of files.
    pub placed: Placed,
    /// What is missing or not complete, where that is allowed; what else a person should know.
    pub remarks: Vec<String>,
}

/// Puts the results in `folders` together in folder `out`, which may be one of them: files are linked where the disk can do that, else
/// copied, never over other bytes; the manifest comes last, with inputs in the order of their names. Nothing is written before
/// everything was looked through. Done again, it does what is left.
///
/// Times are those of machines side by side: the longest one's seconds, and all frames per second together. Memory is
/// the largest of any. `allow_missing` takes shards that are not there or not complete as they are, and says so.
///
/// # Errors
/// [`MergeError`].
pub fn merge(folders: &[PathBuf], out: &Path, allow_missing: bool) -> Result<Merged, MergeError> {
    let parts = shards::read(folders)?;
    let mut remarks = shards::agree(&parts)?;
    if let Some(missing) = shards::missing(&parts) {
        if !allow_missing {
            return Err(MergeError::Missing { missing });
        }
        remarks.push(missing);
    }
    shards::agree_with_results_in(out, &parts)?;
    let count: usize = parts.iter().map(|part| part.manifest.inputs.len()).sum();
    if count > MOST_INPUTS {
        return Err(MergeError::TooMany(MOST_INPUTS));
    }
    let inputs = inputs(&parts)?;
    let records = || inputs.values().map(|(part, record)| (&parts[*part], *record));
    records().try_for_each(|(part, record)| files::check(part, record, out))?;
    let mut placed = Placed::default();
    records().try_for_each(|(part, record)| files::place(part, record, out, &mut placed))?;
    let head = head(&parts, &inputs, allow_missing);
    let manifest = out.join(Manifest::file_name(None));
    let written = write_atomically(&manifest, 0o644, |file| write(file, &head, &inputs));
    written.map_err(|error| MergeError::Unwritable { path: manifest.clone(), error })?;
    Ok(Merged { manifest, totals: head.totals, parts: parts.len(), placed, remarks })
}

/// Inputs by name, with the part that each is in.
type Inputs<'p> = BTreeMap<&'p str, (usize, &'p InputRecord)>;

/// Every input once. What two parts did is taken once where the bytes are the same.
fn inputs(parts: &[Part]) -> Result<Inputs<'_>, MergeError> {
    let mut inputs = Inputs::new();
    for (at, part) in parts.iter().enumerate() {
        for record in &part.manifest.inputs {
            match inputs.entry(&record.name) {
                Entry::Vacant(place) => {
                    place.insert((at, record));
                }
                Entry::Occupied(place) => {
                    let (first, known) = *place.get();
                    files::same(&parts[first], known, part, record)?;
                }
            }
        }
    }
    Ok(inputs)
}

/// The manifest of all, but for its inputs.
fn head(parts: &[Part], inputs: &Inputs<'_>, allow_missing: bool) -> Manifest {
    let mut head = Manifest { inputs: Vec::new(), ..shards::first(parts) };
    head.shard = None;
    head.masque = env!("CARGO_PKG_VERSION").to_owned();
    let is_complete = |part: &Part| part.manifest.state == JobState::Complete;
    let is_whole = parts.iter().all(is_complete) && (!allow_missing || shards::missing(parts).is_none());
    head.state = if is_whole { JobState::Complete } else { JobState::Interrupted };
    for part in &parts[1..] {
        let Manifest { totals, memory, pool, timing, counters, .. } = &part.manifest;
        // Of a part that is not complete, what it has not begun.
        head.totals.inputs += totals.inputs;
        head.memory.limit_bytes = head.memory.limit_bytes.max(memory.limit_bytes);
        head.memory.peak_rss_bytes = head.memory.peak_rss_bytes.max(memory.peak_rss_bytes);
        head.timing.seconds = head.timing.seconds.max(timing.seconds);
        head.timing.frames_per_second += timing.frames_per_second;
        head.pool = together(head.pool, pool);
        for (name, count) in counters {
            *head.counters.entry(name.clone()).or_default() += count;
        }
    }
    let twice = parts.iter().map(|part| part.manifest.inputs.len()).sum::<usize>() - inputs.len();
    let mut totals = Totals { inputs: head.totals.inputs.saturating_sub(twice as u64), ..Totals::default() };
    for (_, record) in inputs.values() {
        match record.state {
            InputState::Done => totals.done += 1,
            InputState::Incomplete => totals.incomplete += 1,
            InputState::Failed => totals.failed += 1,
        }
        totals.frames += record.frames;
        totals.detections += record.detections;
    }
    head.totals = totals;
    head
}

/// Frame buffers of machines side by side.
fn together(one: PoolStats, other: &PoolStats) -> PoolStats {
    let (hits, misses) = (one.hits + other.hits, one.misses + other.misses);
    PoolStats {
        budget_bytes: one.budget_bytes.max(other.budget_bytes),
        in_use_bytes: one.in_use_bytes + other.in_use_bytes,
        idle_bytes: one.idle_bytes + other.idle_bytes,
        peak_bytes: one.peak_bytes.max(other.peak_bytes),
        in_use: one.in_use + other.in_use,
        peak: one.peak.max(other.peak),
        hits,
        misses,
        exhausted: one.exhausted + other.exhausted,
        hit_rate: if hits + misses == 0 { 1.0 } else { hits as f64 / (hits + misses) as f64 },
    }
}

/// The manifest, an input on each line, as jobs write it.
fn write(file: &mut File, head: &Manifest, inputs: &Inputs<'_>) -> io::Result<()> {
    let text = serde_json::to_string_pretty(head)?;
    let mut file = BufWriter::new(file);
    file.write_all(text.strip_suffix("]\n}").unwrap_or(&text).as_bytes())?;
    for (at, (_, record)) in inputs.values().enumerate() {
        file.write_all(if at == 0 { b"\n    " } else { b",\n    " })?;
        serde_json::to_writer(&mut file, record)?;
    }
    file.write_all(b"\n  ]\n}\n")?;
    file.flush()
}
