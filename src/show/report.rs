//! The stats file, once a second and at the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bevy::prelude::*;
use bevy::tasks::IoTaskPool;
use bevy::time::common_conditions::on_timer;

use crate::capture::{Capture, SourceStatus};
use crate::memory::{MemoryBudget, MemoryGauge, MemoryHistory, MemoryStatus, Span, parts};
use crate::models::{MODEL_STAGE, SessionManager};
use crate::perception::PerceptionStatus;
use crate::schedule::MasqueSystems;
use crate::stats::{
    FrameCounts, MemoryReport, ModelReport, PerceptionReport, SourceReport, StageReport, Stats, StatsReport,
};

/// How often the file is written.
const INTERVAL: Duration = Duration::from_secs(1);

/// Where the stats file goes; none writes none.
#[derive(Resource, Debug, Clone, Default)]
pub struct StatsPath(pub Option<PathBuf>);

/// Whether the last report is written: one that was begun earlier must not come after it.
#[derive(Resource, Debug, Clone, Default)]
struct Closed(Arc<Mutex<bool>>);

impl Closed {
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<StatsPath>()
        .init_resource::<Closed>()
        .add_systems(Update, report_now.in_set(MasqueSystems::Report).run_if(on_timer(INTERVAL)))
        .add_systems(Last, report_at_the_end.run_if(on_message::<AppExit>));
}

fn report_now(world: &mut World) {
    let Some(path) = world.resource::<StatsPath>().0.clone() else { return };
    let report = gather(world);
    let stats = world.resource::<Stats>().clone();
    let closed = world.resource::<Closed>().clone();
    IoTaskPool::get()
        .spawn(async move {
            let closed = closed.lock();
            if !*closed && write_json(&path, &report).is_err() {
                stats.count("stats_file_failed");
            }
        })
        .detach();
}

fn report_at_the_end(world: &mut World) {
    let Some(path) = world.resource::<StatsPath>().0.clone() else { return };
    let closed = world.resource::<Closed>().clone();
    *closed.lock() = true;
    if let Err(error) = write_json(&path, &gather(world)) {
        world.resource::<Stats>().fail(error);
    }
}

/// Everything that is known now, in the form of `docs/stats.md`.
pub fn gather(world: &World) -> StatsReport {
    let stats = world.resource::<Stats>();
    let memory = world.resource::<MemoryGauge>();
    let history = world.resource::<MemoryHistory>();
    let source = world.resource::<SourceStatus>();
    let counters: BTreeMap<String, u64> =
        stats.counters().into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    let count = |name: &str| counters.get(name).copied().unwrap_or(0);
    let perception = match world.resource::<PerceptionStatus>() {
        PerceptionStatus::Loading => PerceptionReport { state: "loading".into(), ..default() },
        PerceptionStatus::Failed(why) => {
            PerceptionReport { state: "failed".into(), why: why.clone(), ..default() }
        }
        PerceptionStatus::Ready(report) => PerceptionReport {
            state: "ready".into(),
            parser: report.kind.to_string(),
            why: report.why.clone(),
            better: report.better.clone().unwrap_or_default(),
        },
    };
    let stages = stats.stages();
    let models = models(world.get_resource::<SessionManager>(), &stages);
    StatsReport {
        frames: FrameCounts {
            captured: count("frames_captured"),
            dropped: count("frames_dropped_capture") + count("frame_pool_exhausted"),
            perceived: count("frames_perceived"),
            composed: count("frames_composed"),
            recorded: count("frames_recorded"),
        },
        stages: stages
            .into_iter()
            .filter(|(name, _)| !name.starts_with(MODEL_STAGE))
            .map(|(name, stage)| (name.to_owned(), stage))
            .collect(),
        memory: MemoryReport {
            rss_bytes: memory.rss_bytes,
            peak_rss_bytes: memory.peak_rss_bytes,
            pss_bytes: memory.pss_bytes,
            available_bytes: memory.available_bytes,
            budget_bytes: world.resource::<MemoryBudget>().bytes,
            pressure: world.resource::<MemoryStatus>().level.to_string(),
            growth_mb_per_hour: history.growth(Span::TenMinutes),
            growth_of_the_day_mb_per_hour: history.growth(Span::Day),
            files: memory.handles.files,
            threads: memory.handles.threads,
            pool: world.resource::<Capture>().pool.stats(),
            caches: parts(stats).into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect(),
        },
        models,
        perception,
        source: SourceReport {
            uri: source.info.as_ref().map_or_else(|| source.wanted.clone(), |info| info.uri.clone()),
            state: source.state.to_string(),
            reconnects: count("source_reconnects"),
            gaps: count("source_gaps"),
        },
        gauges: stats.gauges().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        counters,
    }
}

/// Every network, with the times of its runs.
fn models(
    sessions: Option<&SessionManager>,
    stages: &BTreeMap<&'static str, StageReport>,
) -> BTreeMap<String, ModelReport> {
    let mut models = BTreeMap::<String, ModelReport>::new();
    for (name, stage) in stages {
        if let Some(model) = name.strip_prefix(MODEL_STAGE) {
            let report = ModelReport { runs: stage.count, p50_ms: stage.p50_ms, ..default() };
            models.insert(model.to_owned(), report);
        }
    }
    for session in sessions.map(SessionManager::report).unwrap_or_default() {
        let model = models.entry(session.name).or_default();
        model.provider = session.provider.to_owned();
        model.recycles += session.recycles;
        model.loaded |= session.loaded;
        model.bytes += if session.loaded { session.bytes } else { 0 };
    }
    models
}

/// Writes a whole file or none.
///
/// # Errors
/// One sentence that names the file.
pub fn write_json(path: &Path, report: &StatsReport) -> Result<(), String> {
    let explain = |error: &dyn std::fmt::Display| format!("cannot write {}: {error}", path.display());
    let json = serde_json::to_vec_pretty(report).map_err(|error| explain(&error))?;
    let partial = path.with_extension("json.partial");
    std::fs::write(&partial, json).map_err(|error| explain(&error))?;
    std::fs::rename(&partial, path).map_err(|error| explain(&error))
}
