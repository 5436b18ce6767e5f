//! What effects are given while they run: values, faces, edge distances, textures that they draw themselves.

mod bind;
mod clock;
mod draw;
mod edge_textures;
mod edges;
mod faces;
mod prepare;
mod stage;
mod targets;
mod values;

use bevy::prelude::*;
use bevy::render::{GpuResourceAppExt, Render, RenderSystems};

pub(super) use draw::SharedGroups;
pub(super) use prepare::Effects;
pub(super) use targets::TARGETS;

/// Adds what the render world needs.
pub(super) fn add_to(render_app: &mut SubApp) {
    render_app.init_gpu_resource::<Effects>().add_systems(
        Render,
        prepare::prepare_effects
            .after(super::bindings::prepare_bindings)
            .in_set(RenderSystems::PrepareBindGroups),
    );
}
