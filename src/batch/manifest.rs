//! What a job did: `manifest.json` beside its results.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::frame::PoolStats;

/// The whole file. Results are the same bytes whenever and wherever a job runs; this file is not: it tells times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the program that wrote it.
    pub masque: String,
    /// How far the job is.
    pub state: JobState,
    /// What detected.
    pub model: ModelRecord,
    /// Names of the classes, in the order of their numbers.
    pub classes: Vec<String>,
    /// All settings that results depend on, by the name of their option.
    pub settings: BTreeMap<String, serde_json::Value>,
    /// Which part of the inputs this is; none when it is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardRecord>,
    /// All inputs together.
    pub totals: Totals,
    /// What it took.
    pub memory: MemoryRecord,
    /// Frame buffers, of the last run that did anything.
    pub pool: PoolStats,
    /// Times, of the last run that did anything.
    pub timing: Timing,
    /// Everything that was counted by the last run, by name.
    pub counters: BTreeMap<String, u64>,
    /// One for each input that has ended, in the order in which they were given.
    pub inputs: Vec<InputRecord>,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Every input has ended.
    Complete,
    /// It was ended before: the same command goes on.
    Interrupted,
}

/// Which network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRecord {
    /// Its name, or the file's.
    pub name: String,
    /// SHA-256 of the ONNX file, hexadecimal.
    pub sha256: String,
    /// The form of its outputs.
    pub family: String,
}

/// Shard `index` (from 0) of `count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ShardRecord {
    /// From 0.
    pub index: u32,
    /// 1 or more.
    pub count: u32,
}

/// Sums over inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Inputs that belong to the job (or to the shard).
    pub inputs: u64,
    /// Whole ones.
    pub done: u64,
    /// Those that broke off; what was found before is kept.
    pub incomplete: u64,
    /// Those without results.
    pub failed: u64,
    /// Frames that were looked at.
    pub frames: u64,
    /// What was found in them.
    pub detections: u64,
}

/// What a job held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MemoryRecord {
    /// What it might hold.
    pub limit_bytes: u64,
    /// Most resident bytes of the program in the last run that did anything; 0 where the system does not tell.
    pub peak_rss_bytes: u64,
}

/// How long it took.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Timing {
    /// Wall time in seconds.
    pub seconds: f64,
    /// Frames that were looked at in a second of it.
    pub frames_per_second: f64,
}

/// How one input ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputState {
    /// All of it.
    Done,
    /// It broke off, or parts of it are damaged; its results are of what could be read.
    Incomplete,
    /// There are no results.
    Failed,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputRecord {
    /// Stem of its result files.
    pub name: String,
    /// Beginning of the ids of its detections.
    pub key: String,
    /// The path as it was given.
    pub path: String,
    /// How it ended.
    pub state: InputState,
    /// What was wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Bytes of the input file.
    pub input_bytes: u64,
    /// When the input file was last changed, in nanoseconds since 1970.
    pub input_modified: u64,
    /// Frames that were looked at.
    pub frames: u64,
    /// What was found in them.
    pub detections: u64,
    /// Tracks that it belongs to.
    pub tracks: u64,
    /// Wall time from its opening to its end, of the run that ended it, in seconds.
    pub seconds: f64,
    /// Its result files, relative to the manifest, with their sizes in bytes.
    pub files: BTreeMap<String, u64>,
}

impl Manifest {
    /// The manifests in folder `out`: one, or one of each shard that wrote there.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn find(out: &Path) -> std::io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(out)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name == "manifest.json" || is_of_a_shard(&name) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }

    /// Reads one.
    ///
    /// # Errors
    /// When there is none, or it is no manifest.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        let file = std::io::BufReader::new(std::fs::File::open(path)?);
        serde_json::from_reader(file).map_err(Into::into)
    }

    /// Name of the manifest of `shard`: `manifest.json`, or `manifest-INDEX-of-COUNT.json`.
    pub fn file_name(shard: Option<ShardRecord>) -> String {
        match shard {
            None => "manifest.json".to_owned(),
            Some(ShardRecord { index, count }) => format!("manifest-{index}-of-{count}.json"),
        }
    }
}

/// Whether `name` is `manifest-INDEX-of-COUNT.json`.
fn is_of_a_shard(name: &str) -> bool {
    let part = name.strip_prefix("manifest-").and_then(|rest| rest.strip_suffix(".json"));
    let numbers = part.and_then(|part| part.split_once("-of-"));
    numbers.is_some_and(|(index, count)| index.parse::<u32>().is_ok() && count.parse::<u32>().is_ok())
}
