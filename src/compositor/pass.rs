//! The passes that make one picture, in one submission.

use std::time::Instant;

use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{
    CommandEncoder, PipelineCache, RenderPassDescriptor, TextureFormat, TextureView,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;
use wgpu::TextureViewDescriptor;

use super::Composition;
use super::bindings::ComposeBindings;
use super::composition::Drawn;
use super::convert::Convert;
use super::face::{FaceLayer, FacePipelines};
use super::matte::MatteChain;
use super::outline::Outline;
use super::passes::{Steps, fill};
use super::program::Program;
use super::readback::ReadbackRing;
use super::scene::{Scene, note_drawn};
use super::tiles::Tiles;
use crate::schedule::Waker;
use crate::stats::Stats;

/// Where the composed picture is drawn: the output's view for bytes that are encoded already.
#[derive(Default)]
pub(super) struct Target(Option<(AssetId<Image>, UVec2, TextureView)>);

/// Draws the picture that is due, and starts reading it back where wanted.
pub(super) fn compose_regions(
    (composition, mut scene): (Res<Composition>, ResMut<Scene>),
    cache: Res<PipelineCache>,
    images: Res<RenderAssets<GpuImage>>,
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    (stats, waker, drawn): (Res<Stats>, Res<Waker>, Res<Drawn>),
    (mut convert, mut chain, tiles): (ResMut<Convert>, MatteChain, Res<Tiles>),
    mut outline: ResMut<Outline>,
    (faces, face_pipelines): (Res<FaceLayer>, Res<FacePipelines>),
    mut ring: ResMut<ReadbackRing>,
    bindings: Res<ComposeBindings>,
    mut known_target: Local<Target>,
) {
    let (Some(frame), Some(due)) = (&composition.frame, scene.due()) else { return };
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
    let target = match known_target.0.take() {
        Some((id, size, view)) if id == composition.output.id() && size == composition.output_size => view,
        // The asset's own view decodes sRGB; video is blended encoded, so the bytes are written as such.
        _ => output
            .texture
            .create_view(&TextureViewDescriptor { format: Some(TextureFormat::Rgba8Unorm), ..default() }),
    };
    let program = &due.worn.program;
    let parted = composition.parsed.is_some() && program.tiles.is_some();
    let mut steps = Steps::new(&device, &queue, &stats, composition.wait);
    let ready = steps.record("gpu.convert", |encoder| convert.encode(encoder, frame, &cache))
        && (!parted
            || (chain.encode(&mut steps, &cache)
                && steps.record("gpu.tiles", |encoder| tiles.encode(encoder, &cache))))
        && steps.record("gpu.dress", |encoder| {
            let current = outline.views().map(|[current, _]| current);
            if parted {
                draw_tiles(encoder, program, &bindings, &tiles, (&target, current))
            } else {
                draw_bare(encoder, program, &bindings, &target)
            }
        })
        && steps.record("gpu.faces", |encoder| {
            faces.draw(encoder, &target, &face_pipelines, &cache, &stats);
            true
        });
    let mut encoder = steps.encoder;
    known_target.0 = Some((composition.output.id(), composition.output_size, target));
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
    note_drawn(&mut scene, &drawn);
    waker.wake();
    stats.stage("compose", start.elapsed());
    stats.count("frames_composed");
}

/// Records the frame as it is. `false`: nothing is bound yet.
fn draw_bare(
    encoder: &mut CommandEncoder,
    program: &Program,
    bindings: &ComposeBindings,
    target: &TextureView,
) -> bool {
    let Some(scene) = bindings.worn() else { return false };
    let mut pass = encoder.begin_render_pass(&RenderPassDescriptor {
        label: Some("masque_bare"),
        color_attachments: &[Some(fill(target))],
        ..default()
    });
    pass.set_pipeline(&program.bare);
    pass.set_bind_group(0, scene, &[]);
    pass.draw(0..3, 0..1);
    true
}

/// Records the dressing of every list of tiles. `false`: nothing is bound yet.
fn draw_tiles(
    encoder: &mut CommandEncoder,
    program: &Program,
    bindings: &ComposeBindings,
    tiles: &Tiles,
    (target, outline): (&TextureView, Option<&TextureView>),
) -> bool {
    let (Some(scene), Some(mattes), Some(pipelines)) = (bindings.worn(), bindings.mattes(), &program.tiles)
    else {
        return false;
    };
    let outline = outline.filter(|_| program.structure().is_calm());
    let attachments = [Some(fill(target)), outline.map(fill)];
    let count = if outline.is_some() { 2 } else { 1 };
    let mut pass = encoder.begin_render_pass(&RenderPassDescriptor {
        label: Some("masque_compose"),
        color_attachments: &attachments[..count],
        ..default()
    });
    for (index, pipeline) in pipelines.iter().enumerate() {
        let (buffer, offset) = tiles.draw(index);
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, scene, &[]);
        pass.set_bind_group(1, mattes, &[]);
        pass.draw_indirect(buffer, offset);
    }
    true
}
