//! A whole job: the stages, their threads, and what is written about it all.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::decode::{Decoder, Pending};
use super::infer::{Detect, Worker};
use super::ledger::Ledger;
use super::permits::Permits;
use super::shelf::Shelf;
use super::sink::{Observer, Sink};
use super::step::{MOST_BATCH, MOST_UNDER_WAY, step_queue, work_queue};
use super::watch::MemoryWatch;
use super::{BatchError, Input, JobSettings, JobState, Manifest, MemoryRecord, Timing, Totals};
use crate::frame::FramePool;
use crate::memory::{Bound, Each, bound, peak_resident_bytes};
use crate::perception::{Tracker, TrackerOptions};
use crate::stats::Stats;

/// Frames under way besides those that networks work on: one that is read, one that waits.
const AHEAD: usize = 2;
/// Part of the memory limit that frames may take.
const FRAMES_SHARE: u64 = 4;
/// More than this they do not need: five pictures of 8K as RGBA and six hundred of 720p.
const FRAMES_MOST: u64 = 768 << 20;

pub(super) const FRAMES: Bound = bound!(
    "batch.frames",
    "frames of `masque detect`: a quarter of its --memory-limit",
    FRAMES_MOST,
    Each::Bytes(1),
    "decoding waits"
);

/// How a job ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// All inputs, those of earlier runs included.
    pub totals: Totals,
    /// Inputs that had ended before.
    pub skipped: u64,
    /// Inputs that had ended before and were done again, because they or their results changed.
    pub again: u64,
    /// Whether it was stopped.
    pub interrupted: bool,
    /// What is written about it.
    pub manifest: PathBuf,
    /// What this run did in which time.
    pub timing: Timing,
    /// Inputs that broke off or failed, and why: the first ones, at most [`Outcome::TOLD`].
    pub troubles: Vec<(String, String)>,
}

impl Outcome {
    /// As many troubles are told.
    pub const TOLD: usize = 20;

    /// Inputs that are not done well.
    pub fn bad(&self) -> u64 {
        self.totals.incomplete + self.totals.failed
    }
}

/// Goes through `inputs` with `detectors`, each on a thread of its own, and writes results into the folder that
/// `settings` say, until `stop`. Inputs that ended in an earlier run with the same settings are left out.
///
/// Counts `inputs_done`, `inputs_incomplete`, `inputs_failed`, `inputs_skipped`, `inputs_changed`, `batch_halved`,
/// `batch_frames_known`, `batch_cut_short`, `batch_memory_lowered`, `batch_memory_raised`, `batch_over_limit`, `batch_write_failures`.
///
/// # Errors
/// [`BatchError`]: results of other settings, a folder that cannot be written. What is wrong with single inputs is in the
/// manifest.
pub fn run(
    settings: &JobSettings,
    inputs: &[Input],
    detectors: Vec<Box<dyn Detect>>,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
    stats: &Stats,
) -> Result<Outcome, BatchError> {
    std::fs::create_dir_all(&settings.out).map_err(BatchError::folder(&settings.out))?;
    let inputs: Vec<&Input> =
        inputs.iter().filter(|input| settings.shard.is_none_or(|shard| shard.holds(input))).collect();
    let (mut ledger, again) = Ledger::open(settings, &inputs)?;
    let pending: Vec<Pending> = (0..inputs.len())
        .filter(|index| !ledger.has_ended(*index))
        .map(|index| Pending { index, input: inputs[index] })
        .collect();
    let skipped = (inputs.len() - pending.len()) as u64;
    stats.add("inputs_skipped", skipped);
    stats.add("inputs_changed", again);

    let batch = settings.batch.clamp(1, MOST_BATCH);
    let limit = settings.memory_limit;
    let pool = FramePool::new((limit / FRAMES_SHARE).min(FRAMES_MOST) as usize);
    let permits = Permits::new((detectors.len() + AHEAD).min(MOST_UNDER_WAY));
    let batch_now = AtomicUsize::new(batch);
    let shelf = Shelf::default();
    let (work_sender, work) = work_queue(stats);
    let (steps_sender, steps) = step_queue(stats);
    observer.starts(inputs.len() as u64, skipped);
    let begun = Instant::now();
    let mut counted = Counted { inner: observer, frames: 0 };
    let manifest = settings.out.join(Manifest::file_name(settings.shard.map(|shard| shard.0)));
    if !pending.is_empty() {
        // Killed from here on, the job is not what the manifest of an earlier run says.
        let totals = ledger.totals()?;
        let timing = Timing::default();
        ledger.write_manifest(
            &manifest,
            &head(settings, stats, JobState::Interrupted, totals, &pool, timing),
        )?;
    }
    let journals = ledger.journals().clone();
    let mut sink = Sink {
        settings,
        inputs: &inputs,
        ledger: &mut ledger,
        tracker: Tracker::new(TrackerOptions::default()).counting_in(stats),
        shelf: &shelf,
        observer: &mut counted,
        stats,
        current: None,
    };
    let mut watch = MemoryWatch::new(limit, &pool, &permits, (&batch_now, &shelf), stats);
    let written = thread::scope(|scope| {
        for (n, detector) in detectors.into_iter().enumerate() {
            let worker = Worker {
                detector,
                work: work.clone(),
                steps: steps_sender.clone(),
                batch: &batch_now,
                shelf: &shelf,
                keep_pixels: settings.needs_pixels(),
                stats,
            };
            spawn(scope, format!("detect-{n}"), move || worker.run())?;
        }
        drop(work);
        let (pool, permits) = (&pool, &permits);
        let decoder = Decoder {
            settings,
            pool,
            permits,
            journals,
            work: work_sender,
            steps: steps_sender,
            stop,
            stats,
            number: 0,
        };
        spawn(scope, "decode".to_owned(), move || decoder.run(pending.into_iter()))?;
        let outcome = sink.run(&steps, |sink| {
            if let Some(reason) = watch.look() {
                sink.give_up(reason);
            }
        });
        // Whoever still works finds nobody who wants it.
        permits.close();
        drop(steps);
        outcome
    });
    let frames = counted.frames;
    written?;
    let interrupted = stop.load(Ordering::Relaxed) && (0..inputs.len()).any(|index| !ledger.has_ended(index));
    let seconds = begun.elapsed().as_secs_f64();
    let timing = Timing { seconds, frames_per_second: frames as f64 / seconds.max(1e-9) };
    let totals = ledger.totals()?;
    // A run that found nothing to do leaves what the one before it measured.
    if skipped < totals.inputs || !manifest.exists() {
        let state = if interrupted { JobState::Interrupted } else { JobState::Complete };
        ledger.write_manifest(&manifest, &head(settings, stats, state, totals, &pool, timing))?;
    }
    let mut troubles = Vec::new();
    ledger.each(|record, _| {
        if let (Some(error), true) = (&record.error, troubles.len() < Outcome::TOLD) {
            troubles.push((record.path.clone(), error.clone()));
        }
        Ok(())
    })?;
    Ok(Outcome { totals, skipped, again, interrupted, manifest, timing, troubles })
}

/// A manifest without inputs.
fn head(
    settings: &JobSettings,
    stats: &Stats,
    state: JobState,
    totals: Totals,
    pool: &FramePool,
    timing: Timing,
) -> Manifest {
    let memory = MemoryRecord {
        limit_bytes: settings.memory_limit,
        peak_rss_bytes: peak_resident_bytes().unwrap_or(0),
    };
    Manifest {
        masque: env!("CARGO_PKG_VERSION").to_owned(),
        state,
        model: settings.model.clone(),
        classes: settings.classes.clone(),
        settings: settings.told(),
        shard: settings.shard.map(|shard| shard.0),
        totals,
        memory,
        pool: pool.stats(),
        timing,
        counters: stats.counters().into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
        inputs: Vec::new(),
    }
}

fn spawn<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    name: String,
    run: impl FnOnce() + Send + 'scope,
) -> Result<(), BatchError> {
    thread::Builder::new().name(name).spawn_scoped(scope, run).map_err(BatchError::Thread)?;
    Ok(())
}

/// Counts the frames that went through the network.
struct Counted<'a> {
    inner: &'a mut dyn Observer,
    frames: u64,
}

impl Observer for Counted<'_> {
    fn starts(&mut self, inputs: u64, skipped: u64) {
        self.inner.starts(inputs, skipped);
    }

    fn begins(&mut self, input: &Input, frames: Option<u64>) {
        self.inner.begins(input, frames);
    }

    fn advanced(&mut self, frames: u64, detections: u64, known: bool) {
        self.frames += if known { 0 } else { frames };
        self.inner.advanced(frames, detections, known);
    }

    fn ended(&mut self, record: &super::InputRecord) {
        self.inner.ended(record);
    }
}
