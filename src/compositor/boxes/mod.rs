//! Boxes with labels around the things that were detected, and zones, over everything. Shader: `shaders/boxes.wgsl`.
//!
//! Nothing but the pipeline is made, and nothing uploaded or drawn, before the first thing is to be drawn.

mod layer;
mod marks;
mod zones;

use bevy::prelude::*;
use bevy::render::{GpuResourceAppExt, Render, RenderStartup, RenderSystems};

pub(super) use layer::{BoxLayer, BoxPipeline};
pub(super) use marks::MARKS;

/// Adds what both worlds need.
pub(super) fn plugin(app: &mut App) {
    let shader = layer::BoxShader::new(&mut app.world_mut().resource_mut::<Assets<Shader>>());
    let Some(render_app) = app.get_sub_app_mut(bevy::render::RenderApp) else { return };
    render_app
        .insert_resource(shader)
        .init_gpu_resource::<BoxLayer>()
        .add_systems(RenderStartup, layer::init_box_pipeline)
        .add_systems(Render, layer::prepare_boxes.in_set(RenderSystems::PrepareBindGroups));
}
