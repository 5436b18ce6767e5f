//! What every program is bound to, whatever it draws.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{sampler, texture_2d, uniform_buffer};
use bevy::render::render_resource::{
    BindGroupLayout, BindGroupLayoutEntries, PipelineLayout, PipelineLayoutDescriptor, Sampler,
    SamplerBindingType, ShaderStages, TextureSampleType,
};
use bevy::render::renderer::RenderDevice;

use crate::compositor::params::ComposeParams;
use crate::compositor::passes::{edge_sampler, tile_sampler};
use crate::compositor::tiles::lists_binding;

/// Made in `RenderStartup`, so that a new device after a loss has it again.
#[derive(Resource, Clone)]
pub(in crate::compositor) struct Layouts {
    /// Parameters, frame and textures.
    pub(in crate::compositor) scene: BindGroupLayout,
    /// Tiles and mattes.
    pub(in crate::compositor) mattes: BindGroupLayout,
    /// Clamps at the edges: frame and mattes.
    pub(in crate::compositor) edge_sampler: Sampler,
    /// Repeats: textures of regions.
    pub(in crate::compositor) tile_sampler: Sampler,
    /// The scene alone.
    pub(super) whole: Arc<PipelineLayout>,
    /// Scene and mattes.
    pub(super) tiles: Arc<PipelineLayout>,
}

pub(in crate::compositor) fn init_layouts(mut commands: Commands, device: Res<RenderDevice>) {
    let texture = || texture_2d(TextureSampleType::Float { filterable: true });
    let scene = device.create_bind_group_layout(
        "masque_scene",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                uniform_buffer::<ComposeParams>(false),
                sampler(SamplerBindingType::Filtering),
                sampler(SamplerBindingType::Filtering),
                texture(),
                texture(),
                texture(),
                texture(),
                texture(),
                texture(),
                texture(),
            ),
        ),
    );
    let mattes = device.create_bind_group_layout(
        "masque_mattes",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::FRAGMENT,
            (lists_binding(), texture(), texture(), texture(), texture(), texture(), texture()),
        ),
    );
    let layout = |groups: &[&BindGroupLayout]| {
        let groups: Vec<_> = groups.iter().map(|group| Some(&***group)).collect();
        Arc::new(device.create_pipeline_layout(&PipelineLayoutDescriptor {
            label: Some("masque_dress"),
            bind_group_layouts: &groups,
            ..default()
        }))
    };
    commands.insert_resource(Layouts {
        whole: layout(&[&scene]),
        tiles: layout(&[&scene, &mattes]),
        edge_sampler: edge_sampler(&device),
        tile_sampler: tile_sampler(&device),
        scene,
        mattes,
    });
}
