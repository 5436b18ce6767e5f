//! The overlays of one picture on the GPU, and the calls that draw them.

use bevy::math::{UVec2, UVec4, Vec4};
use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, CommandEncoder, Extent3d, PipelineCache, RenderPassDescriptor, ShaderType,
    StorageBuffer, Texture, TextureFormat, TextureUsages, TextureView, TextureViewId,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;
use wgpu::{Origin3d, TexelCopyTextureInfo, TextureAspect};

use super::pipeline::OverlayPipeline;
use crate::compositor::passes::{over, texture};
use crate::compositor::scene::Scene;
use crate::compositor::{Composition, Dress};
use crate::look::{MOST_OVERLAYS, Overlay};
use crate::parameters::BlendMode;

/// The new dress and the one that is faded out.
const STAGES: usize = 2;
/// `overlays` in the shader.
const SLOTS: usize = STAGES * MOST_OVERLAYS;

#[derive(ShaderType, Clone, Copy, Default)]
struct OverlayParam {
    place: Vec4,
    turn: Vec4,
    output: Vec4,
    mode: UVec4,
}

#[derive(ShaderType, Clone, Copy, Default)]
pub(super) struct OverlayParams {
    overlays: [OverlayParam; SLOTS],
}

/// What is below, and its size.
struct Below {
    size: UVec2,
    texture: Texture,
    view: TextureView,
}

/// Buffers, textures and bind groups, made when first needed; textures go when they are not.
#[derive(Resource, Default)]
pub(in crate::compositor) struct OverlayLayer {
    params: StorageBuffer<OverlayParams>,
    below: Option<Below>,
    groups: [Option<([TextureViewId; 2], BindGroup)>; SLOTS],
    /// Left, top, width and height of what an overlay of the picture being drawn can reach.
    drawn: [Option<[u32; 4]>; SLOTS],
}

impl OverlayLayer {
    /// Whether [`OverlayLayer::draw`] would draw all that is wanted: nothing is, or the shader is compiled.
    pub(in crate::compositor) fn is_ready(&self, pipeline: &OverlayPipeline, cache: &PipelineCache) -> bool {
        self.drawn.iter().all(Option::is_none) || cache.get_render_pipeline(pipeline.pipeline).is_some()
    }

    /// Whether the dress of `stage` has any.
    pub(in crate::compositor) fn has(&self, stage: usize) -> bool {
        self.drawn[stage * MOST_OVERLAYS..][..MOST_OVERLAYS].iter().any(Option::is_some)
    }

    /// Records the overlays of `stage` over what is in `target`.
    pub(in crate::compositor) fn draw(
        &self,
        encoder: &mut CommandEncoder,
        (target, stage): (&TextureView, usize),
        pipeline: &OverlayPipeline,
        cache: &PipelineCache,
    ) {
        let (Some(ready), Some(below)) = (cache.get_render_pipeline(pipeline.pipeline), &self.below) else {
            return;
        };
        for slot in stage * MOST_OVERLAYS..(stage + 1) * MOST_OVERLAYS {
            let (Some([x, y, width, height]), Some((_, group))) = (self.drawn[slot], &self.groups[slot])
            else {
                continue;
            };
            let part = |texture| TexelCopyTextureInfo {
                texture,
                mip_level: 0,
                origin: Origin3d { x, y, z: 0 },
                aspect: TextureAspect::All,
            };
            let size = Extent3d { width, height, depth_or_array_layers: 1 };
            encoder.copy_texture_to_texture(part(target.texture()), part(&below.texture), size);
            let mut pass = encoder.begin_render_pass(&RenderPassDescriptor {
                label: Some("masque_overlay"),
                color_attachments: &[Some(over(target))],
                ..default()
            });
            pass.set_pipeline(ready);
            pass.set_bind_group(0, group, &[]);
            pass.draw(0..4, slot as u32..slot as u32 + 1);
        }
    }
}

/// Uploads the overlays of the next picture where it has any.
pub(super) fn prepare_overlays(
    (composition, scene): (Res<Composition>, Res<Scene>),
    (pipeline, cache): (Res<OverlayPipeline>, Res<PipelineCache>),
    images: Res<RenderAssets<GpuImage>>,
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    mut layer: ResMut<OverlayLayer>,
) {
    let Some(due) = scene.due() else { return };
    let layer = &mut *layer;
    let size = composition.output_size;
    let from = due.from.as_ref().map(|(from, _)| &*from.dress);
    layer.drawn = [None; SLOTS];
    let mut params = OverlayParams::default();
    let mut pictures = [const { None }; SLOTS];
    for (stage, dress) in [Some(&*due.worn.dress), from].into_iter().enumerate() {
        for (at, overlay) in
            dress.map(|dress| dress.look.overlays.as_slice()).unwrap_or_default().iter().enumerate()
        {
            let slot = stage * MOST_OVERLAYS + at;
            let picture = dress.and_then(|dress| picture(dress, at, &images)).filter(|_| at < MOST_OVERLAYS);
            if let Some(picture) = picture.filter(|_| overlay.is_drawn() && size != UVec2::ZERO) {
                let aspect = picture.texture.width() as f32 / picture.texture.height().max(1) as f32;
                let (param, reach) = place(overlay, aspect, size);
                (params.overlays[slot], layer.drawn[slot], pictures[slot]) = (param, reach, Some(picture));
            }
        }
    }
    if layer.drawn.iter().all(Option::is_none) {
        // Nothing holds on to textures that nobody wears.
        layer.groups = [const { None }; SLOTS];
        layer.below = None;
        return;
    }
    layer.params.set(params);
    layer.params.write_buffer(&device, &queue);
    if layer.below.as_ref().is_none_or(|below| below.size != size) {
        let usage = TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST;
        let format = TextureFormat::Rgba8Unorm;
        let (texture, view) = texture(&device, "masque_overlay_below", (size.x, size.y), format, usage);
        layer.below = Some(Below { size, texture, view });
    }
    let (Some(buffer), Some(below)) = (layer.params.binding(), &layer.below) else { return };
    for (slot, picture) in pictures.into_iter().enumerate() {
        let Some(picture) = picture else {
            layer.groups[slot] = None;
            continue;
        };
        let ids = [picture.texture_view.id(), below.view.id()];
        if layer.groups[slot].as_ref().is_none_or(|(known, _)| *known != ids) {
            let layout = cache.get_bind_group_layout(&pipeline.layout);
            let entries = (buffer.clone(), &pipeline.sampler, &picture.texture_view, &below.view);
            let entries = BindGroupEntries::sequential(entries);
            layer.groups[slot] = Some((ids, device.create_bind_group("masque_overlay", &layout, &entries)));
        }
    }
}

/// The picture of the overlay number `at`, if it is there.
fn picture<'a>(dress: &Dress, at: usize, images: &'a RenderAssets<GpuImage>) -> Option<&'a GpuImage> {
    images.get(dress.overlay_textures.get(at)?.as_ref()?)
}

/// What the shader needs, and the part of the output that it can reach; none where it is outside.
fn place(overlay: &Overlay, aspect: f32, size: UVec2) -> (OverlayParam, Option<[u32; 4]>) {
    let output = size.as_vec2();
    let [left, top, width, height] = overlay.place((output.x, output.y), aspect);
    let (sin, cos) = overlay.rotation.to_radians().sin_cos();
    let mode = BlendMode::ALL.iter().position(|mode| *mode == overlay.blend).unwrap_or(0);
    let param = OverlayParam {
        place: Vec4::new(left, top, width, height),
        turn: Vec4::new(cos, sin, overlay.opacity, 0.0),
        output: Vec4::new(output.x, output.y, 0.0, 0.0),
        mode: UVec4::new(mode as u32, 0, 0, 0),
    };
    let middle = Vec2::new(left + width / 2.0, top + height / 2.0);
    let half = Vec2::new(
        (width * cos.abs() + height * sin.abs()) / 2.0 + 2.0,
        (width * sin.abs() + height * cos.abs()) / 2.0 + 2.0,
    );
    let least = (middle - half).floor().clamp(Vec2::ZERO, output).as_uvec2();
    let most = (middle + half).ceil().clamp(Vec2::ZERO, output).as_uvec2();
    let reach = (most.x > least.x && most.y > least.y)
        .then(|| [least.x, least.y, most.x - least.x, most.y - least.y]);
    (param, reach)
}
