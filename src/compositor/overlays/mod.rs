//! What a look draws over everything: pictures at fixed places. Shader: `shaders/overlay.wgsl`.
//!
//! An overlay may blend with what is below in any mode, so what is below is copied first, only as far as the overlay
//! reaches. Nothing is uploaded and nothing is drawn while no look has overlays.

mod layer;
mod pipeline;

use bevy::prelude::*;
use bevy::render::{GpuResourceAppExt, Render, RenderStartup, RenderSystems};

pub(super) use layer::OverlayLayer;
pub(super) use pipeline::OverlayPipeline;
use pipeline::OverlayShader;

/// Adds what both worlds need.
pub(super) fn plugin(app: &mut App) {
    let shader = OverlayShader::new(&mut app.world_mut().resource_mut::<Assets<Shader>>());
    let Some(render_app) = app.get_sub_app_mut(bevy::render::RenderApp) else { return };
    render_app
        .insert_resource(shader)
        .init_gpu_resource::<OverlayLayer>()
        .add_systems(RenderStartup, pipeline::init_overlay_pipeline)
        .add_systems(Render, layer::prepare_overlays.in_set(RenderSystems::PrepareBindGroups));
}
