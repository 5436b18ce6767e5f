//! The app as `masque bench` puts it together, without its command line.

use std::sync::Arc;

use anyhow::{anyhow, bail};
use bevy::app::PluginsState;
use bevy::prelude::*;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use masque::capture::{
    Capture, CapturePlugin, CaptureWorker, Opener, Pace, Retiring, SourceState, SourceStatus,
};
use masque::compositor::{CompositorPlugin, OutputSize, ReadbackDemand};
use masque::frame::FramePool;
use masque::look::{Look, LookPlugin};
use masque::memory::MemoryPlugin;
use masque::models::ModelStore;
use masque::perception::{Pairing, PerceptionEngine, PerceptionOptions, PerceptionPlugin, PerceptionStatus};
use masque::schedule::{MasqueSystems, Pacing, Waker};
use masque::source::{self, SourceOptions, SourceUri};
use masque::stats::Stats;

/// Small, since nothing here depends on it and software rendering does.
const OUTPUT: UVec2 = UVec2::new(160, 90);

pub struct HeapApp {
    app: App,
    stats: Stats,
}

/// Every frame of `source`, over and over, perceived and drawn.
pub fn build(source: &SourceUri) -> anyhow::Result<HeapApp> {
    let stats = Stats::default();
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..default() })
            .disable::<WinitPlugin>()
            .disable::<PipelinedRenderingPlugin>(),
    );
    let waker = Waker::default();
    app.insert_resource(stats.clone()).insert_resource(waker.clone()).insert_resource(Pacing::Lossless);
    app.configure_sets(
        Update,
        (
            MasqueSystems::Capture,
            MasqueSystems::Perceive,
            MasqueSystems::Publish,
            MasqueSystems::Direct,
            MasqueSystems::Compose,
            MasqueSystems::Record,
            MasqueSystems::Report,
        )
            .chain(),
    );
    let loader_stats = stats.clone();
    let loader = move || {
        let store = ModelStore::open(&loader_stats)?;
        PerceptionEngine::load(&store, &PerceptionOptions::default(), &loader_stats)
    };
    app.add_plugins((
        MemoryPlugin { limit: None },
        CapturePlugin,
        PerceptionPlugin { loader: Arc::new(loader), pairing: Pairing::Matched },
        LookPlugin { look: Look::default() },
        CompositorPlugin { size: OutputSize(Some(OUTPUT)) },
    ));
    app.world_mut().resource_mut::<ReadbackDemand>().wait = true;
    let capture = capture(source.clone(), &stats, &waker);
    app.insert_resource(capture);
    while app.plugins_state() == PluginsState::Adding {
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();
    Ok(HeapApp { app, stats })
}

fn capture(source: SourceUri, stats: &Stats, waker: &Waker) -> Capture {
    let pool = FramePool::new(128 << 20);
    let (stats, waker, shared) = (stats.clone(), waker.clone(), pool.clone());
    let spawn = move |uri: SourceUri, before: Option<Retiring>| {
        let options = SourceOptions { repeat: true, ..default() };
        let (opened, waker) = (stats.clone(), waker.clone());
        let opener = Opener::new(move || source::open(&uri, &options, &opened));
        let wake = move || waker.wake();
        CaptureWorker::start(opener, before, shared.clone(), stats.clone(), Pace::Lossless, wake)
    };
    Capture { worker: spawn(source, None), pool, spawn: Box::new(spawn) }
}

impl HeapApp {
    /// Updates until so many pictures are composed.
    pub fn run_until(&mut self, composed: u64) -> anyhow::Result<()> {
        while self.composed() < composed {
            self.app.update();
            let world = self.app.world();
            if let PerceptionStatus::Failed(reason) = world.resource::<PerceptionStatus>() {
                bail!("{reason}");
            }
            match &world.resource::<SourceStatus>().state {
                SourceState::Failed(reason) => return Err(anyhow!("{reason}")),
                SourceState::Ended => bail!("the source has ended"),
                _ => {}
            }
            // What an update finds nothing to do in would be counted, too.
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        Ok(())
    }

    pub fn composed(&self) -> u64 {
        self.stats.counter("frames_composed")
    }

    pub fn perceived(&self) -> u64 {
        self.stats.counter("frames_perceived")
    }
}
