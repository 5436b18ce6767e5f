//! `masque bench`: every stage, one picture after the other, nothing dropped.

use std::path::PathBuf;
use std::process::ExitCode;

use bevy::prelude::*;
use clap::Args;

use super::assemble::{Assembly, find_ffmpeg};
use super::bytes::ByteSize;
use super::care::CareArgs;
use super::effects::EffectArgs;
use super::look::{LookArgs, Looks};
use super::sessions::SessionArgs;
use super::size::Size;
use super::textures::TextureArgs;
use super::{against, bench_capture, bench_record};
use crate::look::FadeDefaults;
use crate::memory::MemoryLimit;
use crate::perception::Pairing;
use crate::schedule::Pacing;
use crate::show::{RunLimits, write_json};
use crate::source::{SourceOptions, SourceUri};
use crate::stats::{StageReport, Stats, StatsReport};

/// Frames before the measurement: models warm, pools full, files cached.
const WARM_UP: u64 = 50;

/// Options of `masque bench`.
#[derive(Args, Debug)]
pub(super) struct BenchArgs {
    /// What to run over; none is the demo performer
    #[arg(default_value = "demo:")]
    source: SourceUri,
    /// Frames to measure, after a warm-up
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    frames: u64,
    /// Size of the output; none takes the source's
    #[arg(long, value_name = "WxH")]
    size: Option<Size>,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    textures: TextureArgs,
    /// Bytes that the program may hold, as 350MiB: what comes near it gives up caches first, then quality; none
    /// takes half of the machine, or nine tenths of the container
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<ByteSize>,
    #[command(flatten)]
    sessions: SessionArgs,
    #[command(flatten)]
    effects: EffectArgs,
    /// Measure what recording costs instead: live, three times so many frames without a recording, and as many with
    #[arg(long, conflicts_with = "against")]
    record: bool,
    /// Measure cameras instead: unpacking their formats, and the way of a picture from its driver to the newest frame
    #[arg(long, conflicts_with_all = ["record", "against", "json"])]
    capture: bool,
    /// Then measure this look in the same way, and print how many times as much it costs
    #[arg(long, value_name = "NAME|FILE")]
    against: Option<String>,
    /// Write the result as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Measures and prints a table.
pub(super) fn run(args: BenchArgs) -> anyhow::Result<ExitCode> {
    if args.capture {
        bench_capture::run(&args.source, args.frames)?;
        return Ok(ExitCode::SUCCESS);
    }
    let stats = Stats::default();
    let (effects, effect_folders) = args.effects.library(&stats)?;
    let library = args.textures.library(&stats)?.with_effects(effects);
    let looks = Looks { file: None, ..args.look.load(&library, &stats)? };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("stats.json");
    let assembly = Assembly {
        source: args.source,
        source_options: SourceOptions { repeat: true, ..default() },
        care: CareArgs::default(),
        looks,
        fade: FadeDefaults::default().duration,
        textures: (library, args.textures.budget()),
        sessions: args.sessions.limits(args.memory_limit),
        effect_folders,
        size: args.size.map(|size| size.0),
        objects: None,
        pairing: Pairing::Matched,
        pacing: if args.record { Pacing::Live } else { Pacing::Lossless },
        window: None,
        kiosk: false,
        limits: RunLimits { warm_up: WARM_UP, frames: (!args.record).then_some(args.frames), ..default() },
        stats_path: Some(path.clone()),
        record: None,
        memory_limit: args.memory_limit.map(|limit| MemoryLimit(limit.0)),
        wait_for_gpu: !args.record,
    };
    let ffmpeg = args.record.then(find_ffmpeg).transpose()?;
    let code = assembly.run_with(&stats, |app| {
        if let Some(ffmpeg) = ffmpeg {
            bench_record::add_to(app, ffmpeg, folder.path(), WARM_UP, args.frames);
        }
    })?;
    let report: StatsReport = serde_json::from_slice(&std::fs::read(&path)?)?;
    if !args.record {
        print_table(&report);
    }
    if let Some(json) = &args.json {
        write_json(json, &report).map_err(anyhow::Error::msg)?;
        eprintln!("masque: wrote {}", json.display());
    }
    if let Some(look) = &args.against {
        println!("\n{look}");
        let other = against::measure(look)?;
        against::print_ratio(&report, &other, look);
    }
    Ok(code)
}

fn print_table(report: &StatsReport) {
    println!(
        "{:<28} {:>7} {:>9} {:>9} {:>9} {:>9}",
        "stage", "count", "p50 ms", "p95 ms", "p99 ms", "max ms"
    );
    for (name, stage) in &report.stages {
        let StageReport { count, p50_ms, p95_ms, p99_ms, max_ms } = stage;
        println!("{name:<28} {count:>7} {p50_ms:>9.2} {p95_ms:>9.2} {p99_ms:>9.2} {max_ms:>9.2}");
    }
    let frames = &report.frames;
    println!(
        "frames: {} captured, {} dropped, {} perceived, {} composed",
        frames.captured, frames.dropped, frames.perceived, frames.composed
    );
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let pool = &report.memory.pool;
    println!(
        "frame pool: {:.2} % of {} requests without an allocation, {} buffers ({:.1} MB) at the peak, {} refused",
        pool.hit_rate * 100.0,
        pool.hits + pool.misses,
        pool.peak,
        megabytes(pool.peak_bytes as u64),
        pool.exhausted
    );
    println!(
        "memory: {:.1} MB resident, {:.1} MB at the peak; parser: {}",
        megabytes(report.memory.rss_bytes),
        megabytes(report.memory.peak_rss_bytes),
        report.perception.parser
    );
}
