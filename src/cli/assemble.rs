//! Puts the app together for `run`, `render` and `bench`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use bevy::log::{BoxedFmtLayer, Level, LogPlugin, tracing_subscriber};
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::settings::{Backends, MemoryHints, RenderCreation, WgpuSettings};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;

use super::care::CareArgs;
use super::look::Looks;
use super::progress::TerminalProgress;
use crate::capture::{
    Capture, CaptureOptions, CapturePlugin, CaptureWorker, Opener, Pace, Retiring, SourceStatus,
};
use crate::compositor::{CompositorPlugin, OutputSize, ReadbackDemand, probe_gpu};
use crate::effect::{EffectFolders, EffectPlugin, WatchedEffects};
use crate::ffmpeg::{self, Ffmpeg};
use crate::frame::FramePool;
use crate::look::{FadeDefaults, LookFile, LookPlugin, TextureBudget, TextureLibrary, WatchedLook};
use crate::memory::{Bound, Each, MemoryLimit, MemoryPlugin, bound};
use crate::models::tools::fetch_ffmpeg;
use crate::models::{ModelStore, SessionLimits, SessionManager};
use crate::panel::PanelPlugin;
use crate::perception::{
    EngineLoader, ObjectOptions, Pairing, PerceptionEngine, PerceptionOptions, PerceptionPlugin,
};
use crate::record::{RecordPlugin, Recorder, RecordingOptions};
use crate::schedule::{self, HeadlessRunnerPlugin, Pacing, Waker};
use crate::show::{RunLimits, ShowPlugin, StatsPath, WindowedShowPlugin};
use crate::source::{CameraWatch, FrameSource, Reopener, SourceOptions, SourceUri};
use crate::stats::Stats;

/// Bytes of captured frames: enough for a dozen 4K pictures.
const FRAME_POOL_BYTES: usize = 128 * 1024 * 1024;

pub(super) const FRAMES: Bound = bound!(
    "frames",
    "captured frames, idle buffers included",
    FRAME_POOL_BYTES,
    Each::Bytes(1),
    "the newest frame of a live source is dropped, `frame_pool_exhausted`; others wait, `capture_pool_waits`"
);

/// What is logged when `RUST_LOG` says nothing.
const LOG_FILTER: &str = "warn,masque=info,wgpu_hal=error,bevy_render=error,calloop=error";

/// What is put around each source that is opened.
#[derive(Resource, Clone)]
pub(super) struct SourceWrapper(pub(super) Arc<WrapSource>);

type WrapSource = dyn Fn(Box<dyn FrameSource>) -> Box<dyn FrameSource> + Send + Sync;

impl Default for SourceWrapper {
    fn default() -> Self {
        Self(Arc::new(|source| source))
    }
}

/// Everything that a run is made of.
pub(super) struct Assembly {
    pub(super) source: SourceUri,
    pub(super) source_options: SourceOptions,
    pub(super) care: CareArgs,
    /// A file among them is watched, so that an edited look is worn at once.
    pub(super) looks: Looks,
    /// How long another look takes to fade in.
    pub(super) fade: Duration,
    pub(super) textures: (TextureLibrary, TextureBudget),
    /// What networks may cost.
    pub(super) sessions: SessionLimits,
    /// Looked at, so that an edited effect is drawn at once.
    pub(super) effect_folders: EffectFolders,
    pub(super) size: Option<UVec2>,
    /// Things that are detected, too.
    pub(super) objects: Option<ObjectOptions>,
    pub(super) pairing: Pairing,
    pub(super) pacing: Pacing,
    pub(super) window: Option<Window>,
    pub(super) kiosk: bool,
    pub(super) limits: RunLimits,
    pub(super) stats_path: Option<PathBuf>,
    pub(super) record: Option<RecordingOptions>,
    /// What the program may hold; none takes a share of the machine.
    pub(super) memory_limit: Option<MemoryLimit>,
    /// Wait for the GPU after each picture: every one comes back, and its time is measured.
    pub(super) wait_for_gpu: bool,
}

impl Assembly {
    /// Runs until a limit, the end of the source or the user ends it; `prepare` adds to the app before the rooms do.
    pub(super) fn run_with(self, stats: &Stats, prepare: impl FnOnce(&mut App)) -> anyhow::Result<ExitCode> {
        let mut app = self.build(stats, prepare)?;
        let exit = app.run();
        match (stats.failure(), exit) {
            (Some(reason), _) => Err(anyhow!(reason)),
            (None, AppExit::Success) => Ok(ExitCode::SUCCESS),
            // Bevy's code for Ctrl-C: the user ended the run, and its files are complete.
            (None, AppExit::Error(code)) if code.get() == 130 => {
                stats.count("interrupted");
                Ok(ExitCode::SUCCESS)
            }
            (None, AppExit::Error(_)) => Ok(ExitCode::FAILURE),
        }
    }

    fn build(self, stats: &Stats, prepare: impl FnOnce(&mut App)) -> anyhow::Result<App> {
        probe_gpu()?;
        let encoder = self.record.is_some().then(find_ffmpeg).transpose()?;
        let mut app = App::new();
        let (library, budget) = self.textures;
        app.insert_resource(self.pacing).insert_resource(stats.clone());
        app.insert_resource(library.effects().clone()).insert_resource(library).insert_resource(budget);
        app.insert_resource(FadeDefaults { duration: self.fade, ..default() });
        app.insert_resource(self.care.attract());
        app.insert_resource(self.looks.playlist);
        app.insert_resource(self.looks.library).insert_resource(self.looks.worn);
        add_bevy(&mut app, self.window);
        schedule::plugin(&mut app);
        prepare(&mut app);
        let sessions = SessionManager::new(self.sessions, stats);
        stats.probe("models_resident_bytes", sessions.probe());
        app.insert_resource(sessions.clone());
        app.add_plugins((
            MemoryPlugin { limit: self.memory_limit },
            CapturePlugin,
            PerceptionPlugin { loader: engine_loader(sessions, self.objects, stats), pairing: self.pairing },
            EffectPlugin,
            LookPlugin { look: self.looks.look },
            CompositorPlugin { size: OutputSize(self.size) },
            RecordPlugin,
            ShowPlugin,
        ));
        if app.is_plugin_added::<WinitPlugin>() {
            app.add_plugins((WindowedShowPlugin { kiosk: self.kiosk }, PanelPlugin));
        }
        watch_effects(&mut app, self.effect_folders, stats);
        app.insert_resource(self.limits).insert_resource(StatsPath(self.stats_path));
        if let Some(file) = self.looks.file {
            watch_look(&mut app, file, stats);
        }
        app.world_mut().resource_mut::<ReadbackDemand>().wait = self.wait_for_gpu;
        app.insert_resource(watch_cameras(self.pacing, &app));
        app.world_mut().resource_mut::<SourceStatus>().wanted = self.source.to_string();
        let capture = capture(self.source, self.source_options, self.care, self.pacing, &app);
        app.insert_resource(capture);
        if let (Some(ffmpeg), Some(options)) = (encoder, self.record) {
            let waker = app.world().resource::<Waker>().clone();
            app.world_mut().resource_mut::<Recorder>().start(ffmpeg, options, stats, &waker);
        }
        Ok(app)
    }
}

fn watch_effects(app: &mut App, folders: EffectFolders, stats: &Stats) {
    let waker = app.world().resource::<Waker>().clone();
    app.world_mut().resource_mut::<WatchedEffects>().watch(folders, &waker, stats);
}

fn watch_look(app: &mut App, file: LookFile, stats: &Stats) {
    let library = app.world().resource::<TextureLibrary>().clone();
    let waker = app.world().resource::<Waker>().clone();
    app.world_mut().resource_mut::<WatchedLook>().watch(file, &library, &waker, stats);
}

fn add_bevy(app: &mut App, window: Option<Window>) {
    let headless = window.is_none();
    let exit_condition = if headless { ExitCondition::DontExit } else { ExitCondition::OnPrimaryClosed };
    let plugins = DefaultPlugins
        .set(WindowPlugin { primary_window: window, exit_condition, ..default() })
        .set(AssetPlugin { watch_for_changes_override: Some(false), ..default() })
        .set(RenderPlugin {
            render_creation: RenderCreation::Automatic(Box::new(gpu_settings())),
            ..default()
        })
        .set(LogPlugin { filter: LOG_FILTER.into(), level: Level::INFO, fmt_layer: log_lines, ..default() });
    if headless {
        app.add_plugins(plugins.disable::<WinitPlugin>().disable::<PipelinedRenderingPlugin>());
        app.add_plugins(HeadlessRunnerPlugin);
    } else {
        app.add_plugins(plugins);
    }
}

/// Log lines on stderr, coloured only where a person reads them.
fn log_lines(_: &mut App) -> Option<BoxedFmtLayer> {
    let layer = tracing_subscriber::fmt::Layer::default()
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_writer(std::io::stderr);
    Some(Box::new(layer))
}

/// GPU memory is taken in blocks of this size, and larger things on their own: what looks and sources leave behind is given
/// back. In blocks of 128 to 256 MB, which wgpu takes otherwise, a small texture holds all of one. These are the smallest it takes.
const GPU_BLOCK: u64 = 4 << 20;

/// The APIs that can draw without a window, unless the environment names others.
fn gpu_settings() -> WgpuSettings {
    let backends = Backends::from_env().unwrap_or(Backends::PRIMARY);
    let memory_hints = MemoryHints::Manual { suballocated_device_memory_block_size: GPU_BLOCK..GPU_BLOCK };
    WgpuSettings { backends: Some(backends), memory_hints, ..default() }
}

/// Only a live run wants to know what is plugged in.
fn watch_cameras(pacing: Pacing, app: &App) -> CameraWatch {
    if pacing == Pacing::Lossless {
        return CameraWatch::default();
    }
    let waker = app.world().resource::<Waker>().clone();
    CameraWatch::start(move || waker.wake()).unwrap_or_else(|error| {
        tracing::warn!("no thread to look for cameras ({error}): the panel lists none");
        CameraWatch::default()
    })
}

fn capture(uri: SourceUri, options: SourceOptions, care: CareArgs, pacing: Pacing, app: &App) -> Capture {
    let pool = FramePool::new(FRAME_POOL_BYTES);
    let stats = app.world().resource::<Stats>().clone();
    let held = pool.clone();
    stats.probe("frames_resident_bytes", move || Some(held.held_bytes() as f64));
    let waker = app.world().resource::<Waker>().clone();
    let wrapper = app.world().get_resource::<SourceWrapper>().cloned().unwrap_or_default();
    let cameras = app.world().resource::<CameraWatch>().clone();
    let opener = {
        let stats = stats.clone();
        let apart = care.apart;
        move |uri: SourceUri, is_first: bool| {
            let reopener = Reopener::new(uri, options.clone(), stats.clone());
            // What was typed was typed for the first source: another one may not have all of it.
            let reopener = if is_first { reopener } else { reopener.lenient() };
            let (wrapper, cameras) = (wrapper.clone(), cameras.clone());
            let reopener = match own_program() {
                Ok(program) => reopener.apart(program, apart),
                Err(_) => reopener,
            };
            Opener::from(reopener)
                .with_changes(move || cameras.arrivals())
                .wrapped(move |source| (wrapper.0)(source))
        }
    };
    let care = CaptureOptions {
        pace: match pacing {
            Pacing::Live => Pace::RealTime,
            Pacing::Lossless => Pace::Lossless,
        },
        stall: care.stall,
        wait: care.wait,
        hold: true,
        stand_in: care.stand_in.map(|uri| opener(uri, false)),
    };
    let spawn = {
        let pool = pool.clone();
        move |uri: SourceUri, before: Option<Retiring>| {
            let waker = waker.clone();
            let opener = opener(uri, before.is_none());
            let wake = move || waker.wake();
            CaptureWorker::start(opener, before, pool.clone(), stats.clone(), care.clone(), wake)
        }
    };
    Capture { worker: spawn(uri, None), pool, spawn: Box::new(spawn) }
}

/// This program, also when its file was replaced or deleted while it ran.
fn own_program() -> std::io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// The ffmpeg of this machine, else one that is fetched.
pub(super) fn find_ffmpeg() -> anyhow::Result<Ffmpeg> {
    if let Ok(found) = ffmpeg::locate() {
        return Ok(found);
    }
    fetch_ffmpeg(&ffmpeg::cached_program(), &TerminalProgress::default())?;
    Ok(ffmpeg::locate()?)
}

/// Makes an engine from the models that are there, fetching what is missing; another one finds the networks
/// loaded.
fn engine_loader(sessions: SessionManager, objects: Option<ObjectOptions>, stats: &Stats) -> EngineLoader {
    let stats = stats.clone();
    let options = PerceptionOptions { objects, ..PerceptionOptions::default() };
    Arc::new(move || {
        let store = ModelStore::open(&stats)?.with_sessions(sessions.clone());
        PerceptionEngine::load(&store, &options, &stats)
    })
}
