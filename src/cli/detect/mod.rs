//! `masque detect`: what is in pictures and videos, as files (`docs/detect.md`).

mod crowd;
mod load;
mod progress;
mod stop;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::UsageError;
use super::bytes::ByteSize;
use super::in_out::InOutArgs;
use crate::batch::results::ResultFormat;
use crate::batch::{self, BatchError, InputError, JobSettings, Outcome, Shard};
use crate::memory::Size;
use crate::perception::DetectorOptions;
use crate::stats::Stats;

/// Exit code of a job that was ended by a signal.
const INTERRUPTED: u8 = 130;
/// The smallest limit that the default model works in.
const LEAST_MEMORY: u64 = 128 << 20;

/// Options of `masque detect`.
#[derive(Args, Debug)]
pub(super) struct DetectArgs {
    /// Pictures, videos, folders of them, patterns in quotes ('archive/**/*.mp4'), or - for a list on standard input
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<OsString>,
    /// Folder for the results: NAME.jsonl and the like for each input, and manifest.json. What is done already is left out
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Name of a model (see masque models list) or an ONNX file: YOLOX, YOLOv8 and later, RT-DETR, D-FINE
    #[arg(long, value_name = "NAME|FILE")]
    model: Option<String>,
    /// Only these classes, by name or number, separated by commas
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    classes: Vec<String>,
    /// Names of the model's classes, one on each line
    #[arg(long, value_name = "FILE")]
    classes_file: Option<PathBuf>,
    /// Detections have to be surer than this, 0 to 1
    #[arg(long, value_name = "C", default_value_t = DetectorOptions::default().confidence)]
    conf: f32,
    /// Of boxes of one class that overlap by more than this (intersection over union), the surest is kept
    #[arg(long, value_name = "IOU", default_value_t = DetectorOptions::default().iou)]
    iou: f32,
    /// Side of the network's input, where the model leaves it open
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(32..=4096))]
    size: Option<u32>,
    /// Most detections in a frame, up to 20000; the surest are kept
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u16).range(1..=20_000))]
    max_detections: u16,
    /// Look at every Nth frame only
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    #[command(flatten)]
    in_out: InOutArgs,
    /// Frames in one run of the network, where the model leaves it open
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    batch: u8,
    /// Threads that detect; none takes all cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    threads: Option<u8>,
    /// Do not follow what is found from frame to frame
    #[arg(long)]
    no_track: bool,
    /// Files of results, separated by commas: jsonl, csv, coco, parquet
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', default_value = "jsonl", value_parser = format)]
    format: Vec<ResultFormat>,
    /// Write each video with what was found in it, as NAME.annotated.mp4
    #[arg(long)]
    annotate: bool,
    /// Write pictures of the first N detections of each input, into crops/NAME
    #[arg(long, value_name = "N", default_value_t = 0)]
    crops: u64,
    /// Largest side of these pictures in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 256, value_parser = clap::value_parser!(u32).range(8..=4096))]
    crop_size: u32,
    /// Bytes that the program may hold
    #[arg(long, value_name = "SIZE", default_value = "1GiB")]
    memory_limit: ByteSize,
    /// Do part I of N of the inputs, counted from 0; a scheduler's JOB_COMPLETION_INDEX or SLURM_ARRAY_TASK_ID says it, too
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Go on where an earlier run with the same settings ended, which happens anyway
    #[arg(long, conflicts_with = "overwrite")]
    resume: bool,
    /// Begin anew, whatever is in the folder
    #[arg(long)]
    overwrite: bool,
    /// Tell how it goes as JSON lines on standard output
    #[arg(long)]
    json_progress: bool,
    /// Add N made-up detections to every frame: to measure what many cost
    #[arg(long, value_name = "N", default_value_t = 0, hide = true)]
    synthetic_load: u32,
}

fn format(name: &str) -> Result<ResultFormat, String> {
    ResultFormat::named(name).ok_or_else(|| {
        let known = ResultFormat::ALL.map(ResultFormat::name).join(", ");
        format!("there is no format \"{name}\"; type one of {known}")
    })
}

/// Goes through all inputs; one that fails is told and the others go on.
pub(super) fn run(args: DetectArgs) -> anyhow::Result<ExitCode> {
    let stop = stop::listen();
    let shard = match args.shard {
        Some(shard) => Some(shard),
        None => Shard::from_environment(|name| std::env::var(name).ok()).map_err(UsageError)?,
    };
    if args.memory_limit.0 < LEAST_MEMORY {
        let least = Size(LEAST_MEMORY);
        return Err(UsageError(format!("--memory-limit has to be {least} at least")).into());
    }
    let inputs = batch::gather(&args.inputs, &mut BufReader::new(io::stdin()), &args.out).map_err(usage)?;
    let stats = Stats::default();
    let loaded = load::detectors(&args, &stats)?;
    let mut formats = args.format.clone();
    formats.sort();
    formats.dedup();
    let settings = JobSettings {
        out: args.out.clone(),
        model: loaded.model,
        classes: loaded.classes,
        detection: detection(&args),
        every: args.every,
        from: args.in_out.from,
        to: args.in_out.to,
        batch: loaded.batch,
        track: !args.no_track,
        formats,
        crops: args.crops,
        crop_size: args.crop_size,
        annotate: args.annotate,
        shard,
        memory_limit: args.memory_limit.0,
        overwrite: args.overwrite,
    };
    let mut progress = progress::Progress::new(args.json_progress);
    let outcome = batch::run(&settings, &inputs, loaded.detectors, &mut progress, &stop, &stats);
    let outcome = outcome.map_err(|error| match error {
        BatchError::OtherSettings { .. } | BatchError::IsThere(_) => UsageError(error.to_string()).into(),
        error => anyhow::Error::from(error),
    })?;
    progress.done(&outcome);
    tell(&outcome, &args);
    Ok(match outcome {
        Outcome { interrupted: true, .. } => ExitCode::from(INTERRUPTED),
        outcome if outcome.bad() > 0 => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

fn usage(error: InputError) -> anyhow::Error {
    UsageError(error.to_string()).into()
}

/// What results depend on besides what every job has.
fn detection(args: &DetectArgs) -> BTreeMap<String, serde_json::Value> {
    let settings = [
        ("conf", json!(args.conf)),
        ("iou", json!(args.iou)),
        ("classes", json!(args.classes)),
        ("size", json!(args.size)),
        ("max-detections", json!(args.max_detections)),
        ("synthetic-load", json!(args.synthetic_load)),
    ];
    settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Says how it went. Who does not listen any more misses nothing.
fn tell(outcome: &Outcome, args: &DetectArgs) {
    let Outcome { totals, skipped, again, timing, .. } = outcome;
    let mut lines = Vec::new();
    for (path, reason) in &outcome.troubles {
        lines.push(if reason.contains(path.as_str()) { reason.clone() } else { format!("{path}: {reason}") });
    }
    let more = outcome.bad().saturating_sub(outcome.troubles.len() as u64);
    if more > 0 {
        lines.push(format!("and {more} more; see {}", outcome.manifest.display()));
    }
    if *skipped > 0 {
        lines.push(format!("{skipped} inputs were done before"));
    }
    if *again > 0 {
        lines.push(format!("{again} inputs were done again: they or their results have changed"));
    }
    let left = totals.inputs - totals.done - totals.incomplete - totals.failed;
    let how = if args.overwrite { "the same command without --overwrite" } else { "the same command" };
    let state = if outcome.interrupted { format!(", {left} left: {how} goes on") } else { String::new() };
    let incomplete =
        if totals.incomplete > 0 { format!(", {} incomplete", totals.incomplete) } else { String::new() };
    lines.push(format!(
        "{} detections in {} frames to {}, {} of {} inputs failed{incomplete}{state} ({:.1} frames/s)",
        totals.detections,
        totals.frames,
        args.out.display(),
        totals.failed,
        totals.inputs,
        timing.frames_per_second
    ));
    let mut stderr = io::stderr().lock();
    for line in lines {
        let _ = writeln!(stderr, "masque: {line}");
    }
}
