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
use super::boxes::{BoxLayer, BoxPipeline};
use super::composition::Drawn;
use super::convert::Convert;
use super::effects::{Effects, SharedGroups};
use super::face::{FaceLayer, FacePipelines};
use super::fade::Fader;
use super::matte::MatteChain;
use super::nv12::Nv12;
use super::outline::Outline;
use super::overlays::{OverlayLayer, OverlayPipeline};
use super::params::shown_part;
use super::passes::{Steps, draw_fullscreen, fill, fill_over, keep_within};
use super::program::Program;
use super::readback::{ReadBack, ReadbackRing};
use super::scene::{Scene, note_drawn};
use super::tiles::Tiles;
use crate::frame::PixelFormat;
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
    (mut effects, mut fader): (ResMut<Effects>, ResMut<Fader>),
    mut outline: ResMut<Outline>,
    (faces, face_pipelines): (Res<FaceLayer>, Res<FacePipelines>),
    (overlays, overlay_pipeline): (Res<OverlayLayer>, Res<OverlayPipeline>),
    (boxes, box_pipeline): (Res<BoxLayer>, Res<BoxPipeline>),
    (mut ring, mut nv12): (ResMut<ReadbackRing>, ResMut<Nv12>),
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
    let boxed = !composition.wait || boxes.is_settled(&box_pipeline, &cache);
    let laid = overlays.is_ready(&overlay_pipeline, &cache) && boxed;
    if !faces.is_ready(&face_pipelines, &cache) || !laid {
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
    fader.fit(&device, &cache, due.from.as_ref().map(|_| composition.output_size));
    let found = composition.parsed.is_some();
    let part = shown_part(composition.uv_of(frame), composition.output_size);
    let mut steps = Steps::new(&device, &queue, &stats, composition.wait);
    let ready = steps.record("gpu.convert", |encoder| convert.encode(encoder, frame, &cache))
        && (!(found && due.needs_mattes())
            || (chain.encode(&mut steps, &cache)
                && steps.record("gpu.tiles", |encoder| tiles.encode(encoder, &cache))))
        && {
            let outline = outline.views().map(|[current, _]| current);
            let drawing = |program, stage| Drawing {
                program,
                bindings: &bindings,
                tiles: &tiles,
                outline,
                effects: &effects,
                stage,
                found,
                part,
            };
            let paint = |encoder: &mut CommandEncoder, target: &TextureView, stage| {
                faces.draw(encoder, (target, part), stage, &face_pipelines, &cache);
            };
            let lay = |steps: &mut Steps<'_>, target: &TextureView, stage| {
                let nothing = !overlays.has(stage) && !boxes.has(stage);
                nothing
                    || steps.record("gpu.overlays", |encoder| {
                        overlays.draw(encoder, (target, stage), &overlay_pipeline, &cache);
                        if boxes.has(stage) && !boxes.draw(encoder, (target, stage), &box_pipeline, &cache) {
                            stats.count("boxes_late");
                        }
                        true
                    })
            };
            let worn = drawing(&due.worn.program, 0);
            match (&due.from, fader.spare()) {
                (Some((from, seen)), Some(spare)) => {
                    draw_dress(&mut steps, &drawing(&from.program, 1), &target, paint)
                        && lay(&mut steps, &target, 1)
                        && draw_dress(&mut steps, &worn, spare, paint)
                        && lay(&mut steps, spare, 0)
                        && steps.record("gpu.fade", |encoder| fader.draw(encoder, &cache, (&target, *seen)))
                }
                _ => draw_dress(&mut steps, &worn, &target, paint) && lay(&mut steps, &target, 0),
            }
        };
    let mut wanted = if ready { composition.read_back } else { ReadBack::default() };
    let mut ready = ready;
    if wanted.nv12 {
        let picture = (&target, composition.output_size);
        if !steps.record("gpu.nv12", |encoder| nv12.encode(encoder, (&device, &cache), picture)) {
            // The first pictures of a program come before its shaders. A run that must be whole draws them again.
            ready = !composition.wait;
            wanted = ReadBack { nv12: false, rgba: wanted.rgba && ready };
            stats.add("readback_skipped", ready.into());
        }
    } else {
        nv12.forget();
    }
    let mut encoder = steps.encoder;
    known_target.0 = Some((composition.output.id(), composition.output_size, target));
    let pictures = [
        (PixelFormat::Rgba8, Some(&output.texture).filter(|_| wanted.rgba)),
        (PixelFormat::Nv12, nv12.texture().filter(|_| wanted.nv12)),
    ];
    for (format, texture) in pictures {
        if let Some(texture) = texture {
            ring.copy(&device, &mut encoder, (format, texture), &composition, frame.seq, &stats);
        }
    }
    queue.submit([encoder.finish()]);
    if !ready {
        return;
    }
    faces.count(&stats);
    outline.turn();
    effects.turn();
    if composition.wait {
        // A device that fails here reports through the render error handler.
        let _ = device.poll(wgpu::PollType::wait_indefinitely());
    }
    note_drawn(&mut scene, &drawn);
    waker.wake();
    stats.stage("compose", start.elapsed());
    stats.count("frames_composed");
}

/// What one dress is drawn with.
struct Drawing<'a> {
    program: &'a Program,
    bindings: &'a ComposeBindings,
    tiles: &'a Tiles,
    outline: Option<&'a TextureView>,
    effects: &'a Effects,
    stage: usize,
    /// Whether it is known who is where.
    found: bool,
    /// Where the frame is.
    part: URect,
}

/// Records one dress with all its effects into `target`; `faces` paints faces. `false`: nothing is bound yet.
fn draw_dress(
    steps: &mut Steps<'_>,
    drawing: &Drawing<'_>,
    target: &TextureView,
    faces: impl FnOnce(&mut CommandEncoder, &TextureView, usize),
) -> bool {
    let Drawing { program, bindings, effects, stage, found, part, .. } = *drawing;
    let shared = match (bindings.scene(stage), bindings.mattes()) {
        (Some(scene), Some(mattes)) if found => Some(SharedGroups { scene, mattes }),
        _ => None,
    };
    let composed = effects.composed(stage).filter(|_| shared.is_some() && program.whole_stack.is_some());
    let below = composed.unwrap_or(target);
    if let Some(shared) = shared.filter(|_| !program.targets.is_empty()) {
        steps.record("gpu.targets", |encoder| effects.draw_targets(encoder, stage, program, shared, false));
    }
    let done = steps.record("gpu.dress", |encoder| {
        if found && program.tiles.is_some() {
            // Effects take its alpha for where people are.
            let beside = if composed.is_some() { wgpu::Color::TRANSPARENT } else { wgpu::Color::BLACK };
            draw_tiles(encoder, drawing, (below, beside))
        } else {
            draw_bare(encoder, drawing, below)
        }
    });
    if !done {
        return false;
    }
    steps.record("gpu.faces", |encoder| {
        faces(encoder, below, stage);
        true
    });
    if let (Some(shared), true) = (shared, composed.is_some()) {
        steps.record("gpu.stack", |encoder| {
            effects.draw_targets(encoder, stage, program, shared, true)
                && effects.draw_whole(encoder, stage, program, shared, (target, part))
        });
    }
    true
}

/// Records the frame as it is. `false`: nothing is bound yet.
fn draw_bare(encoder: &mut CommandEncoder, drawing: &Drawing<'_>, target: &TextureView) -> bool {
    let Drawing { program, bindings, stage, .. } = *drawing;
    let Some(scene) = bindings.scene(stage) else { return false };
    draw_fullscreen(encoder, "masque_bare", &program.bare, &[scene], &[target]);
    true
}

/// Records the dressing of every list of tiles; `beside` the frame, `target` has that colour. `false`: nothing is bound yet.
fn draw_tiles(
    encoder: &mut CommandEncoder,
    drawing: &Drawing<'_>,
    (target, beside): (&TextureView, wgpu::Color),
) -> bool {
    let Drawing { program, bindings, tiles, outline, effects, stage, part, .. } = *drawing;
    let (Some(scene), Some(mattes), Some(pipelines)) =
        (bindings.scene(stage), bindings.mattes(), &program.tiles)
    else {
        return false;
    };
    let outline = outline.filter(|_| program.structure().is_calm());
    let attachments = [Some(fill_over(target, beside)), outline.map(fill)];
    let count = if outline.is_some() { 2 } else { 1 };
    let mut pass = encoder.begin_render_pass(&RenderPassDescriptor {
        label: Some("masque_compose"),
        color_attachments: &attachments[..count],
        ..default()
    });
    // A matte goes on beside the frame as it ends at its edge.
    keep_within(&mut pass, part);
    for (index, pipeline) in pipelines.iter().enumerate() {
        let (buffer, offset) = tiles.draw(index);
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, scene, &[]);
        pass.set_bind_group(1, mattes, &[]);
        if let Some(effects) = effects.tiles(stage, program) {
            pass.set_bind_group(2, effects, &[]);
        }
        pass.draw_indirect(buffer, offset);
    }
    true
}
