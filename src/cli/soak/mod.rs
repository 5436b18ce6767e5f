//! `masque soak`: the whole program, as fast as it goes, with faults by seed; what it holds must not grow.

mod driver;
mod faults;
mod inject;
mod ledger;
mod meter;
mod plot;
mod proof;
mod report;
mod source;
mod stall;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use bevy::prelude::*;
use clap::Args;

use super::assemble::{Assembly, SourceWrapper};
use super::bytes::ByteSize;
use super::care::CareArgs;
use super::effects::EffectArgs;
use super::look::{LookArgs, Looks};
use super::run::PairingArg;
use super::sessions::SessionArgs;
use super::size::Size;
use super::textures::TextureArgs;
use super::{UsageError, check_folder};
use crate::look::FadeDefaults;
use crate::memory::MemoryLimit;
use crate::schedule::Pacing;
use crate::show::RunLimits;
use crate::source::{SourceOptions, SourceUri};
use crate::stats::Stats;
use driver::{SoakOptions, SoakPlugin};
use faults::Fault;
use ledger::Ledger;
use report::{Run, SoakReport};
use source::FaultySource;
use stall::Switches;

/// Options of `masque soak`.
#[derive(Args, Debug)]
pub(super) struct SoakArgs {
    /// What to run over; none is the demo performer
    #[arg(default_value = "demo:")]
    source: SourceUri,
    /// End after so many dressed frames
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    frames: u64,
    /// Frames that are not judged: caches fill; none is a fifth
    #[arg(long, value_name = "N")]
    warm_up: Option<u64>,
    /// Size of the output; none takes the source's
    #[arg(long, value_name = "WxH")]
    size: Option<Size>,
    /// Most frames that come from the source in a second: as fast as they are decoded, they take the processor from
    /// everything else
    #[arg(long, value_name = "RATE", default_value_t = 120.0)]
    rate: f64,
    /// As in masque run; latest dresses more frames in a second than are perceived
    #[arg(long, value_enum, default_value_t = PairingArg::Matched)]
    pairing: PairingArg,
    /// Which faults, and when, follows from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The faults; one after the other until each was there, then by chance
    #[arg(long, value_name = "FAULT,…", value_enum, value_delimiter = ',', default_values_t = Fault::all())]
    faults: Vec<Fault>,
    /// No faults at all
    #[arg(long, conflicts_with = "faults")]
    no_faults: bool,
    /// Dressed frames between the end of a fault and the next one; while it warms up, a quarter of it, so that caches
    /// are full when it is judged
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Stalls last 1 to 30 s, times this
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    stall: f64,
    /// Megabytes per 100,000 frames that resident memory may grow by, after the warm-up
    #[arg(long, value_name = "MB", default_value_t = 1.0)]
    slope_limit: f64,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    textures: TextureArgs,
    #[command(flatten)]
    effects: EffectArgs,
    #[command(flatten)]
    sessions: SessionArgs,
    /// Bytes that the program may hold, as 350MiB; none takes half of the machine
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<ByteSize>,
    /// Write all samples and the verdict as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a plot
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
}

/// Runs, judges, and fails when memory grew.
pub(super) fn run(args: SoakArgs) -> anyhow::Result<ExitCode> {
    [&args.json, &args.plot].into_iter().flatten().try_for_each(|path| check_folder(path))?;
    let warm_up = args.warm_up.unwrap_or(args.frames / 5);
    if warm_up >= args.frames {
        return Err(UsageError("nothing is left after the warm-up; type more --frames".into()).into());
    }
    let stats = Stats::default();
    let (effects, effect_folders) = args.effects.library(&stats)?;
    let library = args.textures.library(&stats)?.with_effects(effects);
    let looks = Looks { file: None, ..args.look.load(&library, &stats)? };
    let folder = tempfile::tempdir().context("no folder for the recordings of a soak can be made")?;
    let switches = Switches::default();
    let ledger = Ledger::new().context("no file for what happens in a soak can be made")?;
    let faults = if args.no_faults { Vec::new() } else { args.faults.clone() };
    let options = SoakOptions {
        frames: args.frames,
        every: args.every,
        warm_up,
        plan: faults::Plan::new(faults, args.seed, args.stall),
        source: args.source.clone(),
        folder: folder.path().to_owned(),
    };
    let plugin = SoakPlugin { options, switches: switches.clone(), ledger: ledger.clone() };
    let rate = args.rate.max(0.1);
    let opener =
        SourceWrapper(Arc::new(move |inner| Box::new(FaultySource::new(inner, switches.clone(), rate))));
    let start = Instant::now();
    let outcome = Assembly {
        source: args.source.clone(),
        source_options: SourceOptions { repeat: true, ..default() },
        care: CareArgs::default(),
        looks,
        fade: FadeDefaults::default().duration,
        effect_folders,
        textures: (library, args.textures.budget()),
        sessions: args.sessions.limits(args.memory_limit),
        size: args.size.map(|size| size.0),
        objects: None,
        pairing: args.pairing.into(),
        pacing: Pacing::Live,
        window: None,
        kiosk: false,
        limits: RunLimits { frames: Some(args.frames), ..default() },
        stats_path: None,
        record: None,
        memory_limit: args.memory_limit.map(|limit| MemoryLimit(limit.0)),
        wait_for_gpu: false,
    }
    .run_with(&stats, move |app| {
        app.insert_resource(opener).add_plugins(plugin);
    });
    let run = Run {
        source: args.source.to_string(),
        seed: args.seed,
        frames: args.frames,
        warm_up,
        seconds: start.elapsed().as_secs_f64(),
        slope_limit: args.slope_limit,
    };
    let entries = ledger.entries().context("what happened in the soak cannot be read again")?;
    let mut report = SoakReport::new(run, entries, &stats);
    // What a run that failed came to is worth reading, too.
    report.reasons.extend(outcome.err().map(|error| crate::stats::describe(error.as_ref())));
    report.print();
    if let Some(path) = &args.json {
        report.write(path)?;
        eprintln!("masque: wrote {}", path.display());
    }
    if let Some(path) = &args.plot {
        std::fs::write(path, plot::svg(&report))
            .with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("masque: wrote {}", path.display());
    }
    anyhow::ensure!(report.passed(), "{}", report.reasons.join("; "));
    Ok(ExitCode::SUCCESS)
}
