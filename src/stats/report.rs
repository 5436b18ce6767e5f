//! The stats file: what `--stats` writes and the health endpoint serves. `docs/stats.md` describes it
//! field by field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::frame::PoolStats;

/// Timings of one stage since the start or the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct StageReport {
    /// Passes recorded.
    pub count: u64,
    /// Median in milliseconds.
    pub p50_ms: f64,
    /// 95th percentile in milliseconds.
    pub p95_ms: f64,
    /// 99th percentile in milliseconds.
    pub p99_ms: f64,
    /// Longest pass in milliseconds.
    pub max_ms: f64,
}

/// The whole stats file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct StatsReport {
    /// How many frames came how far.
    pub frames: FrameCounts,
    /// Timings by stage.
    pub stages: BTreeMap<String, StageReport>,
    /// Bytes.
    pub memory: MemoryReport,
    /// Networks that run, by role.
    pub models: BTreeMap<String, ModelReport>,
    /// How regions are found.
    pub perception: PerceptionReport,
    /// Where frames come from.
    pub source: SourceReport,
    /// What is so now, by name; the name ends in its unit.
    #[serde(default)]
    pub gauges: BTreeMap<String, f64>,
    /// Everything that was counted, drops and fallbacks included.
    pub counters: BTreeMap<String, u64>,
}

/// How many frames came how far.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct FrameCounts {
    /// Came from the source.
    pub captured: u64,
    /// Replaced by a newer one before anybody took them.
    pub dropped: u64,
    /// Went through perception.
    pub perceived: u64,
    /// Were drawn.
    pub composed: u64,
    /// Were encoded.
    pub recorded: u64,
}

/// Bytes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MemoryReport {
    /// Resident memory of the process now.
    pub rss_bytes: u64,
    /// Most resident memory seen.
    pub peak_rss_bytes: u64,
    /// Resident memory, pages that other processes map too counted by their share; absent where the system does
    /// not tell.
    #[serde(default)]
    pub pss_bytes: Option<u64>,
    /// What the machine could still give.
    #[serde(default)]
    pub available_bytes: Option<u64>,
    /// What the program may hold.
    #[serde(default)]
    pub budget_bytes: u64,
    /// How tight memory is: `normal`, `warning`, `critical` or `emergency`.
    #[serde(default)]
    pub pressure: String,
    /// Growth of resident memory over the last ten minutes, in megabytes per hour; absent at first.
    #[serde(default)]
    pub growth_mb_per_hour: Option<f64>,
    /// The same over the last day.
    #[serde(default)]
    pub growth_of_the_day_mb_per_hour: Option<f64>,
    /// Open files, pipes and sockets.
    #[serde(default)]
    pub files: Option<u64>,
    /// Threads.
    #[serde(default)]
    pub threads: Option<u64>,
    /// The pool of captured frames.
    pub pool: PoolStats,
    /// Caches by name.
    pub caches: BTreeMap<String, u64>,
}

/// One network.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ModelReport {
    /// Execution provider.
    pub provider: String,
    /// Runs so far.
    pub runs: u64,
    /// Median in milliseconds.
    pub p50_ms: f64,
    /// How often its session was made anew.
    pub recycles: u64,
    /// Whether it is loaded now.
    #[serde(default)]
    pub loaded: bool,
    /// Bytes that it holds.
    #[serde(default)]
    pub bytes: u64,
}

/// How regions are found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PerceptionReport {
    /// `loading`, `ready` or `failed`.
    pub state: String,
    /// The parser that runs.
    pub parser: String,
    /// Why this one.
    pub why: String,
    /// What would make it better; empty when nothing would.
    pub better: String,
}

/// Where frames come from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SourceReport {
    /// Address without credentials.
    pub uri: String,
    /// How it does.
    pub state: String,
    /// How often it was opened again.
    pub reconnects: u64,
    /// How often it was silent.
    pub gaps: u64,
}
