//! The render world: frame and mask go up, regions are dressed, the picture comes out.
//!
//! One pass draws the composed picture into one texture ([`ComposedImage`]) of the output's size. A
//! window shows that texture; recording and snapshots read it back. Nothing is created per frame.

mod bind_groups;
mod bindings;
mod boxes;
mod composed;
mod composition;
mod convert;
mod dress;
mod effects;
mod face;
mod fade;
mod failures;
mod frame_upload;
mod gauge;
mod gpu;
mod mask_upload;
mod matte;
mod nv12;
mod outline;
mod overlays;
mod params;
mod pass;
mod passes;
mod program;
mod readback;
mod scene;
mod tiles;

use bevy::asset::io::embedded::EmbeddedAssetRegistry;
use bevy::prelude::*;
use bevy::render::error_handler::RenderErrorHandler;
use bevy::render::extract_resource::ExtractResourcePlugin;
use bevy::render::renderer::{RenderGraph, RenderGraphSystems};
use bevy::render::{GpuResourceAppExt, Render, RenderApp, RenderStartup, RenderSystems};
use bevy::time::common_conditions::on_timer;

pub use composed::{ComposedFrame, ComposedFrames, ComposedImage, OutputSize};
pub use composition::{Composition, Drawn, Fade, Fit};
pub use dress::{Dress, EffectWorn};
pub use gpu::{GpuError, GpuInfo, probe_gpu};
pub use readback::ReadbackDemand;

use crate::look::LookFade;
use crate::memory::{MemoryPressure, MemoryStatus};
use crate::schedule::{MasqueSystems, Waker};
use crate::stats::Stats;

/// What this room may hold, beside textures and buffers of a fixed number (see `ARCHITECTURE.md`).
pub const BOUNDS: &[crate::memory::Bound] = &[
    composition::COMPOSITION,
    readback::BUFFERS,
    readback::PICTURES,
    readback::WAITING,
    face::FACES,
    program::PROGRAMS,
    program::ASKED,
    program::COMPILED,
    effects::TARGETS,
    boxes::MARKS,
];

/// How often pictures of the main world are counted.
const GAUGE_INTERVAL: std::time::Duration = std::time::Duration::from_secs(1);

/// Composes what [`Composition`] says.
pub struct CompositorPlugin {
    /// Fixed size of the output; none follows the source.
    pub size: OutputSize,
}

/// Bytes of the shaders, by their names.
const SHADERS: [(&str, &str); 4] = [
    ("fade.wgsl", include_str!("../../shaders/fade.wgsl")),
    ("light.wgsl", include_str!("../../shaders/light.wgsl")),
    ("nv12.wgsl", include_str!("../../shaders/nv12.wgsl")),
    ("tiles.wgsl", include_str!("../../shaders/tiles.wgsl")),
];

impl Plugin for CompositorPlugin {
    fn build(&self, app: &mut App) {
        let registry = app.world().resource::<EmbeddedAssetRegistry>();
        for (name, source) in SHADERS.into_iter().chain(matte::SHADERS) {
            let path = format!("masque/{name}");
            registry.insert_asset(format!("shaders/{name}").into(), path.as_ref(), source.as_bytes());
        }
        face::embed(app);
        app.insert_resource(RenderErrorHandler(failures::go_on));
        app.insert_resource(self.size)
            .init_resource::<Fit>()
            .init_resource::<Composition>()
            .init_resource::<Drawn>()
            .init_resource::<ComposedImage>()
            .init_resource::<ReadbackDemand>()
            .init_resource::<scene::Thrift>()
            .add_plugins((
                ExtractResourcePlugin::<Composition>::default(),
                ExtractResourcePlugin::<scene::Thrift>::default(),
            ))
            .init_resource::<LookFade>()
            .add_systems(
                Update,
                (composition::hold_capture, composition::hold_fade).before(MasqueSystems::Capture),
            )
            .add_systems(
                Update,
                composition::hold_capture.after(MasqueSystems::Compose).before(MasqueSystems::Record),
            )
            .init_resource::<MemoryStatus>()
            .add_message::<MemoryPressure>()
            .add_systems(
                Update,
                (
                    readback::free_idle_pictures,
                    scene::note_pressure.run_if(resource_changed::<MemoryStatus>),
                    gauge::gauge_images.run_if(on_timer(GAUGE_INTERVAL)),
                )
                    .in_set(MasqueSystems::Report),
            )
            .add_systems(
                Update,
                (composed::fit_output, composition::end_events, composition::compose)
                    .chain()
                    .in_set(MasqueSystems::Compose),
            );
    }

    fn finish(&self, app: &mut App) {
        let stats = app.world().resource::<Stats>().clone();
        let waker = app.world().resource::<Waker>().clone();
        let drawn = app.world().resource::<Drawn>().clone();
        let (sink, frames) = readback::channel(stats.clone(), waker.clone());
        app.insert_resource(readback::PicturePool(sink.pool().clone())).insert_resource(frames);
        let shaders = convert::ConvertShaders::new(&mut app.world_mut().resource_mut::<Assets<Shader>>());
        matte::plugin(app);
        overlays::plugin(app);
        boxes::plugin(app);
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else { return };
        face::add_to(render_app);
        effects::add_to(render_app);
        render_app
            .insert_resource(stats)
            .insert_resource(waker)
            .insert_resource(drawn)
            .insert_resource(sink)
            .insert_resource(shaders)
            .init_gpu_resource::<frame_upload::FrameTextures>()
            .init_gpu_resource::<mask_upload::MaskTextures>()
            .init_gpu_resource::<bindings::ComposeBindings>()
            .init_gpu_resource::<program::Programs>()
            .init_gpu_resource::<scene::Scene>()
            .init_gpu_resource::<readback::ReadbackRing>()
            .init_gpu_resource::<outline::Outline>()
            .init_gpu_resource::<convert::Convert>()
            .add_systems(
                RenderStartup,
                (program::init_layouts, tiles::init_tiles, fade::init_fader, nv12::init_nv12),
            )
            .add_systems(
                Render,
                (
                    scene::choose_picture,
                    frame_upload::upload_frame,
                    convert::prepare_convert,
                    mask_upload::upload_mask,
                )
                    .chain()
                    .in_set(RenderSystems::PrepareResources),
            )
            .add_systems(Render, bindings::prepare_bindings.in_set(RenderSystems::PrepareBindGroups))
            .add_systems(RenderGraph, pass::compose_regions.in_set(RenderGraphSystems::Begin))
            .add_systems(
                Render,
                (
                    readback::collect,
                    failures::note_failed_shaders,
                    gauge::gauge_gpu,
                    scene::let_go_of_programs,
                )
                    .in_set(RenderSystems::Cleanup),
            );
    }
}
