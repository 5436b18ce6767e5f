//! `masque run`: the mirror.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bevy::prelude::*;
use bevy::window::WindowResolution;
use clap::{Args, ValueEnum};

use super::assemble::Assembly;
use super::bytes::ByteSize;
use super::camera::CameraArgs;
use super::care::CareArgs;
use super::check_folder;
use super::effects::EffectArgs;
use super::in_out::InOutArgs;
use super::look::LookArgs;
use super::objects::ObjectArgs;
use super::picture::PictureArgs;
use super::recording::RecordArgs;
use super::rolling::RollingArgs;
use super::sessions::SessionArgs;
use super::textures::TextureArgs;
use crate::capture::SourceStatus;
use crate::memory::MemoryLimit;
use crate::perception::{Cadence, Pairing};
use crate::record::RecordingOptions;
use crate::schedule::Pacing;
use crate::show::RunLimits;
use crate::source::{SourceUri, default_source};
use crate::stats::Stats;

/// Options of `masque run`.
#[derive(Args, Debug)]
pub(super) struct RunArgs {
    /// camera:0, camera:NAME, camera:@SERIAL, demo:, an image, a video, a folder of images, rtsp://…, http(s)://…,
    /// udp://… and other streams (docs/sources.md), env:NAME for what that variable says; none takes the first camera,
    /// else the demo performer
    source: Option<SourceUri>,
    #[command(flatten)]
    camera: CameraArgs,
    #[command(flatten)]
    care: CareArgs,
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
    /// Draw without a window
    #[arg(long)]
    headless: bool,
    /// End after so many dressed frames
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    frames: Option<u64>,
    /// End after a time, for example 10s or 2m, counted from the first dressed frame
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, conflicts_with = "frames")]
    duration: Option<Duration>,
    #[command(flatten)]
    picture: PictureArgs,
    /// Write the last picture as PNG
    #[arg(long, value_name = "FILE.png")]
    screenshot: Option<PathBuf>,
    #[command(flatten)]
    record: RecordArgs,
    #[command(flatten)]
    rolling: RollingArgs,
    /// Write counters, timings and memory once a second
    #[arg(long, value_name = "FILE.json")]
    stats: Option<PathBuf>,
    /// How long another look takes to fade in, for example 2s; 0s is a cut
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "1s")]
    fade: Duration,
    /// Full screen, without cursor and panel
    #[arg(long)]
    kiosk: bool,
    /// matched shows each frame with its own mask, latest the newest frame with the newest mask
    #[arg(long, value_enum, default_value_t = PairingArg::Matched)]
    pairing: PairingArg,
    /// Look for people in every Nth frame only, 1 to 60; frames between are shown with --pairing latest, dressed by the
    /// mask before
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(EVERY))]
    perceive_every: u32,
}

/// As clap takes it.
const EVERY: RangeInclusive<i64> = *Cadence::EVERY.start() as i64..=*Cadence::EVERY.end() as i64;

/// How long a run lasts that has neither a display nor a limit.
const UNSEEN_DURATION: Duration = Duration::from_secs(8);

/// Which mask goes with which frame.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub(super) enum PairingArg {
    Matched,
    Latest,
}

impl From<PairingArg> for Pairing {
    fn from(arg: PairingArg) -> Self {
        match arg {
            PairingArg::Matched => Self::Matched,
            PairingArg::Latest => Self::Latest,
        }
    }
}

/// Runs the mirror.
pub(super) fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let stats = Stats::default();
    let (effects, effect_folders) = args.effects.library(&stats)?;
    let library = args.textures.library(&stats)?.with_effects(effects);
    let looks = args.look.load(&library, &stats)?;
    let rolling = args.rolling.load()?;
    let objects = args.objects.options()?;
    let source = match args.source {
        Some(source) => source,
        None => {
            let (source, line) = default_source();
            eprintln!("masque: {line}");
            source
        }
    };
    let headless = args.headless || !has_display();
    let mut screenshot = args.screenshot;
    let unlimited = args.frames.is_none() && args.duration.is_none();
    let mut record = args.record.recording(&looks.look.name)?;
    let mut duration = args.duration;
    if headless && !args.headless {
        eprintln!("masque: no display was found, so the picture is drawn without a window");
        let writes = screenshot.is_some() || record.is_some() || args.stats.is_some();
        if unlimited && !writes {
            // A run that nobody sees leaves something to look at, and ends.
            screenshot = Some("masque.png".into());
            record = Some(RecordingOptions::live("masque.mp4"));
            duration = Some(UNSEEN_DURATION);
            eprintln!(
                "masque: {} seconds go to masque.mp4 and masque.png; type --headless to run until stopped",
                UNSEEN_DURATION.as_secs()
            );
        }
    }
    let outputs: Vec<PathBuf> = [&screenshot, &args.stats].into_iter().flatten().cloned().collect();
    outputs.iter().try_for_each(|path| check_folder(path))?;
    let size = args.picture.size();
    let window = (!headless).then(|| window(size));
    let code = Assembly {
        source,
        source_options: args.in_out.of(args.camera.options(true)),
        care: args.care,
        looks,
        fade: args.fade,
        textures: (library, args.textures.budget()),
        sessions: args.sessions.limits(args.memory_limit),
        effect_folders,
        size,
        objects,
        pairing: args.pairing.into(),
        pacing: Pacing::Live,
        window,
        kiosk: args.kiosk,
        limits: RunLimits { frames: args.frames, duration, screenshot, ..default() },
        stats_path: args.stats,
        record,
        memory_limit: args.memory_limit.map(|limit| MemoryLimit(limit.0)),
        wait_for_gpu: false,
    }
    .run_with(&stats, |app| {
        app.insert_resource(SourceStatus { mirror_wish: args.camera.mirror(), ..default() });
        app.insert_resource(args.picture.fit());
        app.insert_resource(Cadence { every: args.perceive_every, ..default() });
        rolling.add_to(app);
    })?;
    if headless && code == ExitCode::SUCCESS {
        for path in outputs.into_iter().filter(|path| path.exists()) {
            eprintln!("masque: wrote {}", std::path::absolute(&path).unwrap_or(path).display());
        }
    }
    Ok(code)
}

fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("WAYLAND_DISPLAY") || set("DISPLAY")
}

fn window(size: Option<UVec2>) -> Window {
    let size = size.unwrap_or(UVec2::new(1280, 720));
    Window {
        title: "Masque".into(),
        name: Some("masque".into()),
        resolution: WindowResolution::new(size.x, size.y),
        ..default()
    }
}
