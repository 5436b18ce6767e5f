//! The pipeline of `shaders/overlay.wgsl`.

use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{sampler, storage_buffer_read_only, texture_2d};
use bevy::render::render_resource::{
    AddressMode, BindGroupLayoutDescriptor, BindGroupLayoutEntries, CachedRenderPipelineId, FilterMode,
    FragmentState, PipelineCache, PrimitiveState, PrimitiveTopology, RenderPipelineDescriptor, Sampler,
    SamplerBindingType, SamplerDescriptor, ShaderStages, TextureFormat, TextureSampleType, VertexState,
};
use bevy::render::renderer::RenderDevice;

use super::layer::OverlayParams;
use crate::compositor::passes::targets;

/// The shader; made in the main world, which owns assets.
#[derive(Resource, Debug, Clone)]
pub(super) struct OverlayShader(Handle<Shader>);

impl OverlayShader {
    pub(super) fn new(shaders: &mut Assets<Shader>) -> Self {
        let source = concat!(
            include_str!("../../../shaders/compose/blend.wgsl"),
            include_str!("../../../shaders/overlay.wgsl"),
        );
        Self(shaders.add(Shader::from_wgsl(source, "masque/overlay.wgsl")))
    }
}

/// Made in `RenderStartup`, so that a new device after a loss has it again.
#[derive(Resource)]
pub(in crate::compositor) struct OverlayPipeline {
    pub(super) layout: BindGroupLayoutDescriptor,
    pub(super) sampler: Sampler,
    pub(super) pipeline: CachedRenderPipelineId,
}

pub(super) fn init_overlay_pipeline(
    mut commands: Commands,
    (device, cache): (Res<RenderDevice>, Res<PipelineCache>),
    shader: Res<OverlayShader>,
) {
    let texture = || texture_2d(TextureSampleType::Float { filterable: true });
    let layout = BindGroupLayoutDescriptor::new(
        "masque_overlay",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                storage_buffer_read_only::<OverlayParams>(false),
                sampler(SamplerBindingType::Filtering),
                texture(),
                texture(),
            ),
        ),
    );
    let pipeline = cache.queue_render_pipeline(RenderPipelineDescriptor {
        label: Some("masque_overlay".into()),
        layout: vec![layout.clone()],
        vertex: VertexState {
            shader: shader.0.clone(),
            entry_point: Some("overlay_vertex".into()),
            ..default()
        },
        fragment: Some(FragmentState {
            shader: shader.0.clone(),
            entry_point: Some("overlay_fragment".into()),
            targets: targets(&[TextureFormat::Rgba8Unorm]),
            ..default()
        }),
        primitive: PrimitiveState { topology: PrimitiveTopology::TriangleStrip, ..default() },
        ..default()
    });
    let sampler = device.create_sampler(&SamplerDescriptor {
        address_mode_u: AddressMode::ClampToEdge,
        address_mode_v: AddressMode::ClampToEdge,
        mag_filter: FilterMode::Linear,
        min_filter: FilterMode::Linear,
        mipmap_filter: wgpu::MipmapFilterMode::Linear,
        ..default()
    });
    commands.insert_resource(OverlayPipeline { layout, sampler, pipeline });
}
