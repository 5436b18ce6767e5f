//! The passes that make one picture, in one submission.

use std::time::Instant;

use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{
    BindGroupEntries, BufferId, CommandEncoder, PipelineCache, RenderPassDescriptor, TextureFormat,
    TextureView, UniformBuffer,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::{FallbackImage, GpuImage};
use wgpu::TextureViewDescriptor;

use super::Composition;
use super::composition::Drawn;
use super::convert::Convert;
use super::face::{FaceLayer, FacePipelines};
use super::matte::{MatteChain, Mattes};
use super::outline::Outline;
use super::params::ComposeParams;
use super::passes::{Bound, Steps, fill};
use super::pipeline::{ComposePipeline, Variant};
use super::readback::ReadbackRing;
use super::tiles::Tiles;
use crate::frame::Region;
use crate::schedule::Waker;
use crate::stats::Stats;

/// Textures of the scene: the frame and six regions.
const TEXTURES: usize = 1 + Region::COUNT;

/// Parameters and bind groups, made anew only when a texture is another one.
#[derive(Resource, Default)]
pub(super) struct ComposeBindings {
    params: UniformBuffer<ComposeParams>,
    scene: Bound<TEXTURES>,
    mattes: Bound<6>,
    lists: Option<BufferId>,
    variant: Variant,
    target: Option<(AssetId<Image>, UVec2, TextureView)>,
}

pub(super) fn prepare_bindings(
    composition: Res<Composition>,
    mut pipeline: ResMut<ComposePipeline>,
    cache: Res<PipelineCache>,
    images: Res<RenderAssets<GpuImage>>,
    fallback: Res<FallbackImage>,
    (convert, chain): (Res<Convert>, MatteChain),
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    drawn: Res<Drawn>,
    (mut tiles, mut outline): (ResMut<Tiles>, ResMut<Outline>),
    mut bindings: ResMut<ComposeBindings>,
) {
    let Some(frame) = &composition.frame else { return };
    if drawn.revision() == composition.revision {
        return;
    }
    let worn = Region::ALL.map(|region| {
        let texture = composition.textures[region.index()].as_ref();
        texture.and_then(|handle| images.get(handle))
    });
    let textures =
        worn.map(|image| image.map(|image| UVec2::new(image.texture.width(), image.texture.height())));
    let worn = worn.map(|image| image.map(|image| &image.texture_view));
    let Some([picture, last]) = convert.pictures() else { return };
    let size = composition.output_size;
    let mut follow = chain.follow().filter(|_| composition.parsed.is_some());
    if let Some(follow) = &mut follow {
        outline.fit(&device, size);
        follow.anew |= !outline.known;
    } else {
        outline.forget();
    }
    let params = ComposeParams::new(&composition, frame, textures, follow);
    bindings.params.set(params);
    bindings.params.write_buffer(&device, &queue);
    let mattes = chain.mattes();
    bindings.variant = Variant {
        exact: (size.x, size.y) == (frame.width, frame.height),
        refined: matches!(mattes, Mattes::Fitted(_)),
        moved: composition.motion.as_ref().is_some_and(|motion| !motion.is_empty()),
        calm: follow.is_some(),
    };
    pipeline.request(&cache, bindings.variant);

    let blank = &fallback.d2.texture_view;
    let [t0, t1, t2, t3, t4, t5] = worn.map(|view| view.unwrap_or(blank));
    let ComposeBindings { params: buffer, scene, mattes: bound, lists: known_lists, .. } = &mut *bindings;
    let Some(buffer) = buffer.binding() else { return };
    scene.fit([picture, t0, t1, t2, t3, t4, t5], || {
        let (edge, tile) = (&pipeline.edge_sampler, &pipeline.tile_sampler);
        let entries = (buffer, edge, tile, picture, t0, t1, t2, t3, t4, t5);
        let layout = cache.get_bind_group_layout(&pipeline.scene);
        device.create_bind_group("masque_scene", &layout, &BindGroupEntries::sequential(entries))
    });
    if composition.parsed.is_none() {
        return;
    }
    let motion = chain.shown_motion();
    let (views, refined) = match mattes {
        Mattes::Plain([low, high]) => ([low, high, high], false),
        Mattes::Fitted(fits) => (fits, true),
    };
    tiles.prepare((&device, &queue), &cache, (size, params.uv), (views, refined, motion));
    let [m0, m1, m2] = views;
    let Some(lists) = tiles.lists() else { return };
    if known_lists.replace(lists.id()) != Some(lists.id()) {
        *bound = Bound::default();
    }
    let before = outline.views().map_or(blank, |[_, before]| before);
    bound.fit([m0, m1, m2, motion, last, before], || {
        let layout = cache.get_bind_group_layout(&pipeline.mattes);
        let entries = (lists.as_entire_binding(), m0, m1, m2, motion, last, before);
        device.create_bind_group("masque_mattes", &layout, &BindGroupEntries::sequential(entries))
    });
}

/// Draws the picture when it is another one than before, and starts reading it back where wanted.
pub(super) fn compose_regions(
    composition: Res<Composition>,
    pipeline: Res<ComposePipeline>,
    cache: Res<PipelineCache>,
    images: Res<RenderAssets<GpuImage>>,
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    (stats, waker, drawn): (Res<Stats>, Res<Waker>, Res<Drawn>),
    (mut convert, mut chain, tiles): (ResMut<Convert>, MatteChain, Res<Tiles>),
    mut outline: ResMut<Outline>,
    (faces, face_pipelines): (Res<FaceLayer>, Res<FacePipelines>),
    mut ring: ResMut<ReadbackRing>,
    mut bindings: ResMut<ComposeBindings>,
) {
    if drawn.revision() == composition.revision {
        return;
    }
    let Some(frame) = &composition.frame else { return };
    let Some(output) = images.get(&composition.output) else { return };
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
    let mut steps = Steps::new(&device, &queue, &stats, composition.wait);
    let ready = steps.record("gpu.convert", |encoder| convert.encode(encoder, frame, &cache))
        && (composition.parsed.is_none()
            || (chain.encode(&mut steps, &cache)
                && steps.record("gpu.tiles", |encoder| tiles.encode(encoder, &cache))))
        && steps.record("gpu.dress", |encoder| {
            let current = outline.views().map(|[current, _]| current);
            draw(encoder, &composition, &pipeline, &cache, &bindings, &tiles, (&target, current))
        })
        && steps.record("gpu.faces", |encoder| {
            faces.draw(encoder, &target, &face_pipelines, &cache, &stats);
            true
        });
    let mut encoder = steps.encoder;
    bindings.target = Some((composition.output.id(), composition.output_size, target));
    if ready && composition.read_back {
        ring.copy(&device, &mut encoder, &output.texture, &composition, frame.seq, &stats);
    }
    queue.submit([encoder.finish()]);
    if !ready {
        return;
    }
    outline.turn();
    if composition.wait {
        // A device that fails here reports through the render error handler.
        let _ = device.poll(wgpu::PollType::wait_indefinitely());
    }
    drawn.set(composition.revision);
    waker.wake();
    stats.stage("compose", start.elapsed());
    stats.count("frames_composed");
}

/// Records the dressing itself. `false`: a pipeline is not there yet.
fn draw(
    encoder: &mut CommandEncoder,
    composition: &Composition,
    pipeline: &ComposePipeline,
    cache: &PipelineCache,
    bindings: &ComposeBindings,
    tiles: &Tiles,
    (target, outline): (&TextureView, Option<&TextureView>),
) -> bool {
    let Some(scene) = bindings.scene.group() else { return false };
    let outline = outline.filter(|_| bindings.variant.calm);
    let attachments = [Some(fill(target)), outline.map(fill)];
    let count = if outline.is_some() { 2 } else { 1 };
    let descriptor = RenderPassDescriptor {
        label: Some("masque_compose"),
        color_attachments: &attachments[..count],
        ..default()
    };
    if composition.parsed.is_none() {
        let Some(bare) = pipeline.bare(cache, bindings.variant) else { return false };
        let mut pass = encoder.begin_render_pass(&descriptor);
        pass.set_pipeline(bare);
        pass.set_bind_group(0, scene, &[]);
        pass.draw(0..3, 0..1);
        return true;
    }
    let (Some(pipelines), Some(mattes)) = (pipeline.tiles(cache, bindings.variant), bindings.mattes.group())
    else {
        return false;
    };
    let mut pass = encoder.begin_render_pass(&descriptor);
    for (index, pipeline) in pipelines.into_iter().enumerate() {
        let (buffer, offset) = tiles.draw(index);
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, scene, &[]);
        pass.set_bind_group(1, mattes, &[]);
        pass.draw_indirect(buffer, offset);
    }
    true
}
