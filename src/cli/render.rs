//! `masque render`: every frame of a file, each with its own mask.

mod bar;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use bevy::prelude::*;
use clap::Args;

use super::assemble::Assembly;
use super::bytes::ByteSize;
use super::care::CareArgs;
use super::effects::EffectArgs;
use super::in_out::InOutArgs;
use super::look::{LookArgs, Looks};
use super::objects::ObjectArgs;
use super::picture::PictureArgs;
use super::sessions::SessionArgs;
use super::textures::TextureArgs;
use super::{UsageError, check_folder};
use crate::ffmpeg::{WriterOptions, partial_path};
use crate::look::FadeDefaults;
use crate::memory::MemoryLimit;
use crate::perception::Pairing;
use crate::record::RecordingOptions;
use crate::schedule::Pacing;
use crate::show::RunLimits;
use crate::source::{SourceOptions, SourceUri};
use crate::stats::Stats;

/// Options of `masque render`.
#[derive(Args, Debug)]
pub(super) struct RenderArgs {
    /// An image, a video, a folder of images, or demo: with --frames
    input: SourceUri,
    /// A video (.mp4) for moving input, a .png for an image
    output: PathBuf,
    #[command(flatten)]
    in_out: InOutArgs,
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
    #[command(flatten)]
    objects: ObjectArgs,
    #[command(flatten)]
    picture: PictureArgs,
    /// End after so many frames
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    frames: Option<u64>,
    /// Replace the output if it is there
    #[arg(long)]
    overwrite: bool,
    /// Write counters, timings and memory
    #[arg(long, value_name = "FILE.json")]
    stats: Option<PathBuf>,
}

/// Renders the file.
pub(super) fn run(args: RenderArgs) -> anyhow::Result<ExitCode> {
    let stats = Stats::default();
    let (effects, effect_folders) = args.effects.library(&stats)?;
    let library = args.textures.library(&stats)?.with_effects(effects);
    let looks = Looks { file: None, ..args.look.load(&library, &stats)? };
    let still = matches!(args.input, SourceUri::Image(_));
    check_output(&args, still)?;
    let objects = args.objects.options()?;
    let (screenshot, record, options) = if still {
        (Some(args.output.clone()), None, WriterOptions::default())
    } else {
        let audio_from = match &args.input {
            SourceUri::Video(path) => Some(path.clone()),
            _ => None,
        };
        (
            None,
            Some(args.output.clone()),
            WriterOptions { audio_from, audio_start: args.in_out.from.unwrap_or_default(), ..default() },
        )
    };
    let (limit, fit) = (args.frames, args.picture.fit());
    let code = Assembly {
        source: args.input,
        source_options: args.in_out.of(SourceOptions { repeat: false, ..default() }),
        care: CareArgs::default(),
        looks,
        fade: FadeDefaults::default().duration,
        textures: (library, args.textures.budget()),
        sessions: args.sessions.limits(args.memory_limit),
        effect_folders,
        size: args.picture.size(),
        objects,
        pairing: Pairing::Matched,
        pacing: Pacing::Lossless,
        window: None,
        kiosk: false,
        limits: RunLimits { frames: args.frames, screenshot, ..default() },
        stats_path: args.stats,
        record: record.map(|path| RecordingOptions::exact(path, options)),
        memory_limit: args.memory_limit.map(|limit| MemoryLimit(limit.0)),
        wait_for_gpu: true,
    }
    .run_with(&stats, |app| {
        app.insert_resource(fit);
        if !still {
            bar::add_to(app, limit);
        }
    })?;
    if code == ExitCode::SUCCESS {
        if !args.output.exists() {
            bail!("the input has no picture, so {} was not written", args.output.display());
        }
        let frames = if still { 1 } else { stats.counter("frames_recorded") };
        let output = args.output.display();
        if stats.counter("interrupted") > 0 {
            bail!(
                "interrupted: {output} plays and holds the first {frames} frames; --overwrite renders it whole"
            );
        }
        eprintln!("masque: {output}, frames: {frames}");
    }
    Ok(code)
}

fn check_output(args: &RenderArgs, still: bool) -> Result<(), UsageError> {
    let extension = args.output.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let fits = |known: &[&str]| known.iter().any(|known| extension.eq_ignore_ascii_case(known));
    let output = args.output.display();
    if still && !fits(&["png"]) {
        return Err(UsageError(format!("an image is rendered to a .png file, not to {output}")));
    }
    if !still && !fits(&["mp4", "mkv", "mov"]) {
        return Err(UsageError(format!("moving pictures are rendered to an .mp4 file, not to {output}")));
    }
    if !still && !is_finite(&args.input) && args.frames.is_none() {
        return Err(UsageError("this input never ends; type --frames N".into()));
    }
    if let SourceUri::Image(input) | SourceUri::Video(input) = &args.input
        && same_file(input, &args.output)
    {
        return Err(UsageError(format!("{output} is the input; name another file for the output")));
    }
    if args.output.is_file() && !args.overwrite {
        return Err(UsageError(format!("{output} is there already; type --overwrite, or name another file")));
    }
    let partial = partial_path(&args.output);
    if partial.is_file() && !args.overwrite {
        let partial = partial.display();
        return Err(UsageError(format!(
            "{partial} is what a rendering that was cut off has left; it plays: give it another name, or type --overwrite"
        )));
    }
    check_folder(&args.output)
}

fn same_file(a: &Path, b: &Path) -> bool {
    a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

fn is_finite(input: &SourceUri) -> bool {
    matches!(input, SourceUri::Image(_) | SourceUri::Folder(_) | SourceUri::Video(_))
}
