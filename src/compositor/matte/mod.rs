//! From the network's small masks to mattes: smoothed over time, shaped per region, fitted to the
//! picture's edges. Each step is left out while it would change nothing.

mod guide;
mod motion;
mod shape;
mod smooth;

use bevy::core_pipeline::FullscreenShader;
use bevy::prelude::*;
use bevy::render::render_resource::{PipelineCache, TextureView};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::{GpuResourceAppExt, Render, RenderApp, RenderSystems};

use super::Composition;
use super::convert::{Convert, prepare_convert};
use super::frame_upload::FrameTextures;
use super::mask_upload::{MaskTextures, upload_mask};
use super::passes::Steps;
use super::scene::Scene;
use guide::Guide;
use motion::MotionTextures;
use shape::Shape;
pub(super) use smooth::Follow;
use smooth::Smooth;

/// Bytes of the shaders, by their paths.
pub(super) const SHADERS: [(&str, &str); 4] = [
    ("matte_smooth.wgsl", include_str!("../../../shaders/matte_smooth.wgsl")),
    ("matte_shape.wgsl", include_str!("../../../shaders/matte_shape.wgsl")),
    ("matte_detail.wgsl", include_str!("../../../shaders/matte_detail.wgsl")),
    ("matte_guide.wgsl", include_str!("../../../shaders/matte_guide.wgsl")),
];

pub(super) fn plugin(app: &mut App) {
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else { return };
    render_app
        .init_gpu_resource::<MotionTextures>()
        .init_gpu_resource::<Smooth>()
        .init_gpu_resource::<Shape>()
        .init_gpu_resource::<Guide>()
        .add_systems(
            Render,
            (motion::upload_motion, prepare_mattes)
                .chain()
                .after(upload_mask)
                .after(prepare_convert)
                .in_set(RenderSystems::PrepareResources),
        );
}

/// Two textures: (background, hair, body skin, face skin) and (clothes, accessories, luma, –).
type Planes<'a> = [&'a TextureView; 2];

/// What the compositor samples.
pub(super) enum Mattes<'a> {
    /// Probabilities as they are.
    Plain(Planes<'a>),
    /// Lines to evaluate with the picture's luma, as `shaders/matte_guide.wgsl` gives them.
    Fitted([&'a TextureView; 3]),
}

/// The steps of the chain.
#[derive(bevy::ecs::system::SystemParam)]
pub(super) struct MatteChain<'w> {
    masks: Res<'w, MaskTextures>,
    motion: Res<'w, MotionTextures>,
    smooth: ResMut<'w, Smooth>,
    shape: ResMut<'w, Shape>,
    guide: ResMut<'w, Guide>,
}

impl MatteChain<'_> {
    /// Records what has to be done anew. `false`: a pipeline is not there yet.
    pub(super) fn encode(&mut self, steps: &mut Steps<'_>, cache: &PipelineCache) -> bool {
        steps.record("gpu.smooth", |encoder| self.smooth.encode(encoder, cache))
            && steps.record("gpu.shape", |encoder| self.shape.encode(encoder, cache))
            && steps.record("gpu.refine", |encoder| self.guide.encode(encoder, cache))
    }

    /// The probabilities after smoothing and shaping: what tiles are sorted by.
    pub(super) fn planes(&self) -> Planes<'_> {
        let smoothed = self.smooth.planes(&self.masks);
        self.shape.planes().unwrap_or(smoothed)
    }

    /// What the compositor samples.
    pub(super) fn mattes(&self) -> Mattes<'_> {
        self.guide.fits().map_or_else(|| Mattes::Plain(self.planes()), Mattes::Fitted)
    }

    /// How fast a matte follows on pixels that did not change; none while nothing is smoothed.
    pub(super) fn follow(&self) -> Option<Follow> {
        self.smooth.follow()
    }

    /// How the perceived frame moved since the one before, backwards.
    pub(super) fn frame_motion(&self) -> &TextureView {
        self.motion.last()
    }

    /// Where the mask's content was in the mask, seen from the shown frame.
    pub(super) fn shown_motion(&self) -> &TextureView {
        self.motion.shown()
    }
}

fn prepare_mattes(
    (composition, scene): (Res<Composition>, Res<Scene>),
    (masks, motion): (Res<MaskTextures>, Res<MotionTextures>),
    (planes, convert): (Res<FrameTextures>, Res<Convert>),
    (device, queue, cache): (Res<RenderDevice>, Res<RenderQueue>, Res<PipelineCache>),
    (server, fullscreen): (Res<AssetServer>, Res<FullscreenShader>),
    (mut smooth, mut shape, mut guide): (ResMut<Smooth>, ResMut<Shape>, ResMut<Guide>),
    mut prepared: Local<u64>,
) {
    let Some([picture, _]) = convert.pictures() else { return };
    let Some(due) = scene.due() else { return };
    if composition.parsed.is_none() || *prepared == scene.turn() {
        return;
    }
    let look = &due.worn.dress.look;
    *prepared = scene.turn();
    let gpu = Gpu { device: &device, queue: &queue, cache: &cache, server: &server, fullscreen: &fullscreen };
    smooth.prepare(&gpu, (&composition, look), &masks, motion.last());
    let smoothed = (smooth.planes(&masks), smooth.version());
    shape.prepare(&gpu, (&composition, look), smoothed);
    let shaped = shape.planes().map_or(smoothed, |planes| (planes, shape.version()));
    guide.prepare(&gpu, (&composition, look), shaped, (picture, planes.version, motion.shown()));
}

/// What preparing takes.
struct Gpu<'a> {
    device: &'a RenderDevice,
    queue: &'a RenderQueue,
    cache: &'a PipelineCache,
    server: &'a AssetServer,
    fullscreen: &'a FullscreenShader,
}
