//! The two pipelines of `shaders/face.wgsl`: filled parts, and lines.

use bevy::asset::AssetServer;
use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{
    sampler, storage_buffer_read_only, storage_buffer_read_only_sized, texture_2d,
};
use bevy::render::render_resource::{
    AddressMode, BindGroupLayoutDescriptor, BindGroupLayoutEntries, BlendState, CachedRenderPipelineId,
    ColorTargetState, ColorWrites, FilterMode, FragmentState, PipelineCache, RenderPipeline,
    RenderPipelineDescriptor, Sampler, SamplerBindingType, SamplerDescriptor, ShaderStages, TextureFormat,
    TextureSampleType, VertexState,
};
use bevy::render::renderer::RenderDevice;

use super::params::FaceParams;

/// Made in `RenderStartup`, so that a new device after a loss has it again.
#[derive(Resource)]
pub(in crate::compositor) struct FacePipelines {
    pub(super) layout: BindGroupLayoutDescriptor,
    pub(super) cloth_layout: BindGroupLayoutDescriptor,
    pub(super) edge_sampler: Sampler,
    pub(super) tile_sampler: Sampler,
    fill: CachedRenderPipelineId,
    lines: CachedRenderPipelineId,
    /// What the shader imports stays loaded.
    _light: Handle<Shader>,
}

impl FacePipelines {
    /// Both pipelines, filled parts first, once they are compiled.
    pub(super) fn ready<'a>(
        &self,
        cache: &'a PipelineCache,
    ) -> Option<(&'a RenderPipeline, &'a RenderPipeline)> {
        Some((cache.get_render_pipeline(self.fill)?, cache.get_render_pipeline(self.lines)?))
    }
}

pub(in crate::compositor) fn init_face_pipelines(
    mut commands: Commands,
    device: Res<RenderDevice>,
    server: Res<AssetServer>,
    cache: Res<PipelineCache>,
) {
    let texture = || texture_2d(TextureSampleType::Float { filterable: true });
    let stored = || storage_buffer_read_only_sized(false, None);
    let layout = BindGroupLayoutDescriptor::new(
        "masque_face",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                storage_buffer_read_only::<FaceParams>(false),
                stored(),
                stored(),
                stored(),
                sampler(SamplerBindingType::Filtering),
                sampler(SamplerBindingType::Filtering),
                texture(),
                texture(),
            ),
        ),
    );
    let cloth_layout = BindGroupLayoutDescriptor::new(
        "masque_face_cloth",
        &BindGroupLayoutEntries::single(ShaderStages::FRAGMENT, texture()),
    );
    let shader = server.load("embedded://masque/face.wgsl");
    let pipeline = |label: &'static str, layout: Vec<_>, vertex: &'static str, fragment: &'static str| {
        cache.queue_render_pipeline(RenderPipelineDescriptor {
            label: Some(label.into()),
            layout,
            vertex: VertexState { shader: shader.clone(), entry_point: Some(vertex.into()), ..default() },
            fragment: Some(FragmentState {
                shader: shader.clone(),
                entry_point: Some(fragment.into()),
                targets: vec![Some(ColorTargetState {
                    format: TextureFormat::Rgba8Unorm,
                    blend: Some(BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: ColorWrites::COLOR,
                })],
                ..default()
            }),
            ..default()
        })
    };
    let both = vec![layout.clone(), cloth_layout.clone()];
    let fill = pipeline("masque_face_fill", both, "fill_vertex", "fill_fragment");
    let lines = pipeline("masque_face_lines", vec![layout.clone()], "line_vertex", "line_fragment");
    let sampler_of = |mode: AddressMode| {
        device.create_sampler(&SamplerDescriptor {
            address_mode_u: mode,
            address_mode_v: mode,
            mag_filter: FilterMode::Linear,
            min_filter: FilterMode::Linear,
            mipmap_filter: wgpu::MipmapFilterMode::Linear,
            ..default()
        })
    };
    commands.insert_resource(FacePipelines {
        layout,
        cloth_layout,
        edge_sampler: sampler_of(AddressMode::ClampToEdge),
        tile_sampler: sampler_of(AddressMode::Repeat),
        fill,
        lines,
        _light: server.load("embedded://masque/light.wgsl"),
    });
}
