//! One dressed picture over another, while both are seen.

use bevy::asset::AssetServer;
use bevy::core_pipeline::FullscreenShader;
use bevy::math::UVec2;
use bevy::prelude::*;
use bevy::render::render_resource::binding_types::texture_2d;
use bevy::render::render_resource::{
    BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, BlendComponent, BlendFactor,
    BlendOperation, BlendState, CachedRenderPipelineId, ColorTargetState, ColorWrites, CommandEncoder,
    FragmentState, PipelineCache, RenderPassDescriptor, RenderPipelineDescriptor, ShaderStages,
    TextureFormat, TextureSampleType, TextureUsages, TextureView,
};
use bevy::render::renderer::RenderDevice;

use super::bind_groups::BindGroups;
use super::passes::{over, texture};

/// The picture of the new dress while the one before is seen, too; dropped after that.
#[derive(Resource)]
pub(super) struct Fader {
    layout: BindGroupLayoutDescriptor,
    pipeline: CachedRenderPipelineId,
    spare: Option<(UVec2, TextureView)>,
    groups: BindGroups,
}

pub(super) fn init_fader(
    mut commands: Commands,
    server: Res<AssetServer>,
    fullscreen: Res<FullscreenShader>,
    cache: Res<PipelineCache>,
) {
    let layout = BindGroupLayoutDescriptor::new(
        "masque_fade",
        &BindGroupLayoutEntries::single(
            ShaderStages::FRAGMENT,
            texture_2d(TextureSampleType::Float { filterable: false }),
        ),
    );
    let component = BlendComponent {
        src_factor: BlendFactor::Constant,
        dst_factor: BlendFactor::OneMinusConstant,
        operation: BlendOperation::Add,
    };
    let pipeline = cache.queue_render_pipeline(RenderPipelineDescriptor {
        label: Some("masque_fade".into()),
        layout: vec![layout.clone()],
        vertex: fullscreen.to_vertex_state(),
        fragment: Some(FragmentState {
            shader: server.load("embedded://masque/fade.wgsl"),
            entry_point: Some("fade".into()),
            targets: vec![Some(ColorTargetState {
                format: TextureFormat::Rgba8Unorm,
                blend: Some(BlendState { color: component, alpha: component }),
                write_mask: ColorWrites::ALL,
            })],
            ..default()
        }),
        ..default()
    });
    commands.insert_resource(Fader { layout, pipeline, spare: None, groups: BindGroups::default() });
}

impl Fader {
    /// Makes the texture for an output of this size; none: nothing fades, it goes.
    pub(super) fn fit(&mut self, device: &RenderDevice, cache: &PipelineCache, size: Option<UVec2>) {
        let Some(size) = size else {
            self.spare = None;
            self.groups.clear();
            return;
        };
        if self.spare.as_ref().is_none_or(|(known, _)| *known != size) {
            let usage =
                TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_SRC;
            let view = texture(device, "masque_fade", size.into(), TextureFormat::Rgba8Unorm, usage).1;
            self.spare = Some((size, view));
        }
        let Some((_, view)) = &self.spare else { return };
        self.groups.fit([view], || {
            let layout = cache.get_bind_group_layout(&self.layout);
            device.create_bind_group("masque_fade", &layout, &BindGroupEntries::single(view))
        });
    }

    /// Where the new dress is drawn while it fades in.
    pub(super) fn spare(&self) -> Option<&TextureView> {
        self.spare.as_ref().map(|(_, view)| view)
    }

    /// Records the new dress over the one before in `target`; `seen` is how much of it is seen. `false`: the
    /// pipeline is not there yet.
    pub(super) fn draw(
        &self,
        encoder: &mut CommandEncoder,
        cache: &PipelineCache,
        (target, seen): (&TextureView, f32),
    ) -> bool {
        let (Some(pipeline), Some(group)) = (cache.get_render_pipeline(self.pipeline), self.groups.group())
        else {
            return false;
        };
        let mut pass = encoder.begin_render_pass(&RenderPassDescriptor {
            label: Some("masque_fade"),
            color_attachments: &[Some(over(target))],
            ..default()
        });
        let seen = f64::from(seen.clamp(0.0, 1.0));
        pass.set_pipeline(pipeline);
        pass.set_blend_constant(wgpu::Color { r: seen, g: seen, b: seen, a: seen });
        pass.set_bind_group(0, group, &[]);
        pass.draw(0..3, 0..1);
        true
    }
}
