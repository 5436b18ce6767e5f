//! The pipeline of `shaders/compose.wgsl` and the layout of its bindings.

use bevy::asset::AssetServer;
use bevy::core_pipeline::FullscreenShader;
use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{sampler, storage_buffer_read_only, texture_2d};
use bevy::render::render_resource::{
    AddressMode, BindGroupLayoutDescriptor, BindGroupLayoutEntries, CachedRenderPipelineId, ColorTargetState,
    ColorWrites, FilterMode, FragmentState, PipelineCache, RenderPipelineDescriptor, Sampler,
    SamplerBindingType, SamplerDescriptor, ShaderStages, TextureFormat, TextureSampleType,
};
use bevy::render::renderer::RenderDevice;

use super::params::ComposeParams;

/// Made in `RenderStartup`, so that a new device after a loss has it again.
#[derive(Resource)]
pub(super) struct ComposePipeline {
    pub(super) layout: BindGroupLayoutDescriptor,
    /// Clamps at the edges: frame and mask.
    pub(super) edge_sampler: Sampler,
    /// Repeats: textures of regions.
    pub(super) tile_sampler: Sampler,
    pub(super) id: CachedRenderPipelineId,
    /// What shaders import stays loaded.
    _imported: Handle<Shader>,
}

pub(super) fn init_pipeline(
    mut commands: Commands,
    device: Res<RenderDevice>,
    server: Res<AssetServer>,
    fullscreen: Res<FullscreenShader>,
    cache: Res<PipelineCache>,
) {
    let texture = || texture_2d(TextureSampleType::Float { filterable: true });
    let layout = BindGroupLayoutDescriptor::new(
        "masque_compose",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::FRAGMENT,
            (
                // Not a uniform buffer: Mesa's software driver compiles uniforms that decide branches
                // into the shader anew for every draw, and keeps each one.
                storage_buffer_read_only::<ComposeParams>(false),
                sampler(SamplerBindingType::Filtering),
                sampler(SamplerBindingType::Filtering),
                texture(),
                texture(),
                texture(),
                texture(),
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
    let sampler_of = |mode: AddressMode| {
        device.create_sampler(&SamplerDescriptor {
            address_mode_u: mode,
            address_mode_v: mode,
            mag_filter: FilterMode::Linear,
            min_filter: FilterMode::Linear,
            ..default()
        })
    };
    let id = cache.queue_render_pipeline(RenderPipelineDescriptor {
        label: Some("masque_compose".into()),
        layout: vec![layout.clone()],
        vertex: fullscreen.to_vertex_state(),
        fragment: Some(FragmentState {
            shader: server.load("embedded://masque/compose.wgsl"),
            entry_point: Some("compose".into()),
            targets: vec![Some(ColorTargetState {
                format: TextureFormat::Rgba8Unorm,
                blend: None,
                write_mask: ColorWrites::ALL,
            })],
            ..default()
        }),
        ..default()
    });
    commands.insert_resource(ComposePipeline {
        layout,
        edge_sampler: sampler_of(AddressMode::ClampToEdge),
        tile_sampler: sampler_of(AddressMode::Repeat),
        id,
        _imported: server.load("embedded://masque/frame.wgsl"),
    });
}
