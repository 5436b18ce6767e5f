//! What every pass of the compositor makes the same way.

use std::time::Instant;

use bevy::core_pipeline::FullscreenShader;
use bevy::prelude::*;
use bevy::render::render_resource::{
    AddressMode, BindGroup, BindGroupLayoutDescriptor, CachedRenderPipelineId, ColorTargetState, ColorWrites,
    CommandEncoder, CommandEncoderDescriptor, Extent3d, FilterMode, FragmentState, LoadOp, Operations,
    PipelineCache, RenderPassColorAttachment, RenderPassDescriptor, RenderPipeline, RenderPipelineDescriptor,
    Sampler, SamplerDescriptor, StoreOp, Texture, TextureDescriptor, TextureDimension, TextureFormat,
    TextureUsages, TextureView,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use wgpu::TextureViewDescriptor;

use crate::stats::Stats;

/// A texture and the view of all of it.
pub(super) fn texture(
    device: &RenderDevice,
    label: &'static str,
    (width, height): (u32, u32),
    format: TextureFormat,
    usage: TextureUsages,
) -> (Texture, TextureView) {
    let texture = device.create_texture(&TextureDescriptor {
        label: Some(label),
        size: Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    });
    let view = texture.create_view(&TextureViewDescriptor::default());
    (texture, view)
}

/// Linear; beyond the edges the outermost texels go on.
pub(super) fn edge_sampler(device: &RenderDevice) -> Sampler {
    linear_sampler(device, AddressMode::ClampToEdge)
}

/// Linear, tiled.
pub(super) fn tile_sampler(device: &RenderDevice) -> Sampler {
    linear_sampler(device, AddressMode::Repeat)
}

fn linear_sampler(device: &RenderDevice, mode: AddressMode) -> Sampler {
    device.create_sampler(&SamplerDescriptor {
        address_mode_u: mode,
        address_mode_v: mode,
        mag_filter: FilterMode::Linear,
        min_filter: FilterMode::Linear,
        ..default()
    })
}

/// Targets of these formats, written whole.
pub(super) fn targets(formats: &[TextureFormat]) -> Vec<Option<ColorTargetState>> {
    let target = |format: &TextureFormat| {
        Some(ColorTargetState { format: *format, blend: None, write_mask: ColorWrites::ALL })
    };
    formats.iter().map(target).collect()
}

/// A pipeline that runs `entry` of `shader` for every pixel of its targets.
pub(super) fn fullscreen_pipeline(
    cache: &PipelineCache,
    fullscreen: &FullscreenShader,
    shader: Handle<Shader>,
    entry: &'static str,
    layout: Vec<BindGroupLayoutDescriptor>,
    formats: &[TextureFormat],
) -> CachedRenderPipelineId {
    cache.queue_render_pipeline(RenderPipelineDescriptor {
        label: Some(entry.into()),
        layout,
        vertex: fullscreen.to_vertex_state(),
        fragment: Some(FragmentState {
            shader,
            entry_point: Some(entry.into()),
            targets: targets(formats),
            ..default()
        }),
        ..default()
    })
}

/// Records one pass that fills `views`; `groups` are bound from 0 on.
pub(super) fn draw_fullscreen(
    encoder: &mut CommandEncoder,
    label: &'static str,
    pipeline: &RenderPipeline,
    groups: &[&BindGroup],
    views: &[&TextureView],
) {
    draw_part(encoder, label, pipeline, groups, (views, None));
}

/// The same where `part` is drawn only, and the rest is black; none draws all.
pub(super) fn draw_part(
    encoder: &mut CommandEncoder,
    label: &'static str,
    pipeline: &RenderPipeline,
    groups: &[&BindGroup],
    (views, part): (&[&TextureView], Option<URect>),
) {
    let attachments: Vec<_> = views.iter().map(|view| Some(fill(view))).collect();
    let mut pass = encoder.begin_render_pass(&RenderPassDescriptor {
        label: Some(label),
        color_attachments: &attachments,
        ..default()
    });
    if let Some(part) = part {
        keep_within(&mut pass, part);
    }
    pass.set_pipeline(pipeline);
    for (group, index) in groups.iter().zip(0..) {
        pass.set_bind_group(index, *group, &[]);
    }
    pass.draw(0..3, 0..1);
}

/// A target that is written whole.
pub(super) fn fill(view: &TextureView) -> RenderPassColorAttachment<'_> {
    fill_over(view, wgpu::Color::BLACK)
}

/// A target that has this colour where nothing is drawn.
pub(super) fn fill_over(view: &TextureView, color: wgpu::Color) -> RenderPassColorAttachment<'_> {
    RenderPassColorAttachment {
        view,
        depth_slice: None,
        resolve_target: None,
        ops: Operations { load: LoadOp::Clear(color), store: StoreOp::Store },
    }
}

/// A target that is drawn over.
pub(super) fn over(view: &TextureView) -> RenderPassColorAttachment<'_> {
    RenderPassColorAttachment {
        view,
        depth_slice: None,
        resolve_target: None,
        ops: Operations { load: LoadOp::Load, store: StoreOp::Store },
    }
}

/// What is drawn from now on changes no pixel outside of `part`.
pub(super) fn keep_within(pass: &mut wgpu::RenderPass<'_>, part: URect) {
    pass.set_scissor_rect(part.min.x, part.min.y, part.width(), part.height());
}

/// The steps of one picture: one submission, or, where each is to be timed, one per step.
pub(super) struct Steps<'a> {
    pub(super) encoder: CommandEncoder,
    device: &'a RenderDevice,
    queue: &'a RenderQueue,
    stats: &'a Stats,
    timed: bool,
}

impl<'a> Steps<'a> {
    pub(super) fn new(
        device: &'a RenderDevice,
        queue: &'a RenderQueue,
        stats: &'a Stats,
        timed: bool,
    ) -> Self {
        Self { encoder: encoder(device), device, queue, stats, timed }
    }

    /// Records one step; its time on the GPU becomes stage `name` where it is to be timed. `false`: it
    /// cannot be recorded yet.
    pub(super) fn record(
        &mut self,
        name: &'static str,
        step: impl FnOnce(&mut CommandEncoder) -> bool,
    ) -> bool {
        let start = Instant::now();
        let done = step(&mut self.encoder);
        if done && self.timed {
            let recorded = std::mem::replace(&mut self.encoder, encoder(self.device));
            self.queue.submit([recorded.finish()]);
            // A device that fails here reports through the render error handler.
            let _ = self.device.poll(wgpu::PollType::wait_indefinitely());
            self.stats.stage(name, start.elapsed());
        }
        done
    }
}

fn encoder(device: &RenderDevice) -> CommandEncoder {
    device.create_command_encoder(&CommandEncoderDescriptor { label: Some("masque_compose") })
}
