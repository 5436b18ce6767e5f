//! `masque render`: every frame of a file, each with its own mask.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use bevy::prelude::*;
use clap::Args;

use super::UsageError;
use super::assemble::Assembly;
use super::size::Size;
use crate::ffmpeg::WriterOptions;
use crate::look::load_look;
use crate::perception::Pairing;
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
    /// A look that comes with Masque, or a .toml file
    #[arg(long, value_name = "NAME|FILE")]
    look: Option<String>,
    /// Size of the output; none takes the input's
    #[arg(long, value_name = "WxH")]
    size: Option<Size>,
    /// End after so many frames
    #[arg(long, value_name = "N")]
    frames: Option<u64>,
    /// Write counters, timings and memory
    #[arg(long, value_name = "FILE.json")]
    stats: Option<PathBuf>,
}

/// Renders the file.
pub(super) fn run(args: RenderArgs) -> anyhow::Result<ExitCode> {
    let stats = Stats::default();
    let look = load_look(args.look.as_deref())?;
    let still = matches!(args.input, SourceUri::Image(_));
    check_output(&args, still)?;
    let (screenshot, record, options) = if still {
        (Some(args.output.clone()), None, WriterOptions::default())
    } else {
        let audio_from = match &args.input {
            SourceUri::Video(path) => Some(path.clone()),
            _ => None,
        };
        (None, Some(args.output.clone()), WriterOptions { audio_from, ..default() })
    };
    let code = Assembly {
        source: args.input,
        source_options: SourceOptions { repeat: false, ..default() },
        look,
        size: args.size.map(|size| size.0),
        pairing: Pairing::Matched,
        pacing: Pacing::Lossless,
        window: None,
        kiosk: false,
        limits: RunLimits { frames: args.frames, screenshot, ..default() },
        stats_path: args.stats,
        record: record.map(|path| (path, options)),
        wait_for_gpu: true,
    }
    .run(&stats)?;
    if code == ExitCode::SUCCESS {
        if !args.output.exists() {
            bail!("the input has no picture, so {} was not written", args.output.display());
        }
        let frames = stats.counter("frames_captured");
        eprintln!("masque: {frames} frames to {}", args.output.display());
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
    let folder =
        args.output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(UsageError(format!("there is no folder {}; make it first", folder.display())));
    }
    Ok(())
}

fn is_finite(input: &SourceUri) -> bool {
    matches!(input, SourceUri::Image(_) | SourceUri::Folder(_) | SourceUri::Video(_))
}
