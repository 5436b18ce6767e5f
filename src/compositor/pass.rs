//! The one pass that dresses the regions.

use std::time::Instant;

use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, CommandEncoderDescriptor, LoadOp, Operations, PipelineCache,
    RenderPassColorAttachment, RenderPassDescriptor, StorageBuffer, StoreOp, TextureFormat, TextureView,
    TextureViewId,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::{FallbackImage, GpuImage};
use wgpu::TextureViewDescriptor;

use super::Composition;
use super::composition::Drawn;
use super::face::{FaceLayer, FacePipelines};
use super::frame_upload::FrameTextures;
use super::mask_upload::MaskTextures;
use super::params::ComposeParams;
use super::pipeline::ComposePipeline;
use super::readback::ReadbackRing;
use crate::frame::Region;
use crate::schedule::Waker;
use crate::stats::Stats;

/// Textures in the bind group: three planes, two masks, six regions.
const TEXTURES: usize = 5 + Region::COUNT;

/// Parameters and bind group; the bind group is made anew only when a texture is another one.
#[derive(Resource, Default)]
pub(super) struct ComposeBindings {
    params: StorageBuffer<ComposeParams>,
    bound: Option<([TextureViewId; TEXTURES], BindGroup)>,
    target: Option<(AssetId<Image>, UVec2, TextureView)>,
}

pub(super) fn prepare_bindings(
    composition: Res<Composition>,
    pipeline: Res<ComposePipeline>,
    cache: Res<PipelineCache>,
    images: Res<RenderAssets<GpuImage>>,
    fallback: Res<FallbackImage>,
    (frame_textures, mask_textures): (Res<FrameTextures>, Res<MaskTextures>),
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    drawn: Res<Drawn>,
    mut bindings: ResMut<ComposeBindings>,
) {
    let Some(frame) = &composition.frame else { return };
    if drawn.revision() == composition.revision {
        return;
    }
    let worn = Region::ALL.map(|region| {
        let texture = composition.textures[region.index()].as_ref();
        texture.and_then(|handle| images.get(handle)).map(|image| &image.texture_view)
    });
    bindings.params.set(ComposeParams::new(&composition, frame, worn.map(|view| view.is_some())));
    bindings.params.write_buffer(&device, &queue);

    let [y, u, v] = &frame_textures.views;
    let [mask0, mask1] = &mask_textures.views;
    let blank = &fallback.d2.texture_view;
    let [t0, t1, t2, t3, t4, t5] = worn.map(|view| view.unwrap_or(blank));
    let ids = [y, u, v, mask0, mask1, t0, t1, t2, t3, t4, t5].map(TextureView::id);
    if bindings.bound.as_ref().is_some_and(|(bound, _)| *bound == ids) {
        return;
    }
    let Some(params) = bindings.params.binding() else { return };
    let group = device.create_bind_group(
        "masque_compose",
        &cache.get_bind_group_layout(&pipeline.layout),
        &BindGroupEntries::sequential((
            params,
            &pipeline.edge_sampler,
            &pipeline.tile_sampler,
            y,
            u,
            v,
            mask0,
            mask1,
            t0,
            t1,
            t2,
            t3,
            t4,
            t5,
        )),
    );
    bindings.bound = Some((ids, group));
}

/// Draws the picture when it is another one than before, and starts reading it back where wanted.
pub(super) fn compose_regions(
    composition: Res<Composition>,
    pipeline: Res<ComposePipeline>,
    cache: Res<PipelineCache>,
    images: Res<RenderAssets<GpuImage>>,
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    (stats, waker, drawn): (Res<Stats>, Res<Waker>, Res<Drawn>),
    (faces, face_pipelines): (Res<FaceLayer>, Res<FacePipelines>),
    mut ring: ResMut<ReadbackRing>,
    mut bindings: ResMut<ComposeBindings>,
) {
    if drawn.revision() == composition.revision {
        return;
    }
    let Some(frame) = &composition.frame else { return };
    let Some(output) = images.get(&composition.output) else { return };
    let Some(render_pipeline) = cache.get_render_pipeline(pipeline.id) else { return };
    // Pictures before this one belong to the output as it was.
    if output.texture.width() != composition.output_size.x
        || output.texture.height() != composition.output_size.y
    {
        return;
    }
    if !faces.is_ready(&face_pipelines, &cache) {
        return;
    }
    let start = Instant::now();
    let target = match bindings.target.take() {
        Some((id, size, view)) if id == composition.output.id() && size == composition.output_size => view,
        // The asset's own view decodes sRGB; video is blended encoded, so the bytes are written as such.
        _ => output
            .texture
            .create_view(&TextureViewDescriptor { format: Some(TextureFormat::Rgba8Unorm), ..default() }),
    };
    let Some((_, group)) = &bindings.bound else { return };
    let mut encoder =
        device.create_command_encoder(&CommandEncoderDescriptor { label: Some("masque_compose") });
    {
        let mut pass = encoder.begin_render_pass(&RenderPassDescriptor {
            label: Some("masque_compose"),
            color_attachments: &[Some(RenderPassColorAttachment {
                view: &target,
                depth_slice: None,
                resolve_target: None,
                ops: Operations { load: LoadOp::Clear(wgpu::Color::BLACK), store: StoreOp::Store },
            })],
            ..default()
        });
        pass.set_pipeline(render_pipeline);
        pass.set_bind_group(0, group, &[]);
        pass.draw(0..3, 0..1);
        faces.draw(&mut pass, &face_pipelines, &cache, &stats);
    }
    if composition.read_back {
        ring.copy(&device, &mut encoder, &output.texture, &composition, frame.seq, &stats);
    }
    queue.submit([encoder.finish()]);
    if composition.wait {
        // A device that fails here reports through the render error handler.
        let _ = device.poll(wgpu::PollType::wait_indefinitely());
    }
    bindings.target = Some((composition.output.id(), composition.output_size, target));
    drawn.set(composition.revision);
    waker.wake();
    stats.stage("compose", start.elapsed());
    stats.count("frames_composed");
}
