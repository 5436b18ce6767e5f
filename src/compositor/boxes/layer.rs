//! Boxes on the GPU, and the call that draws them.

use std::ops::Range;

use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{sampler, storage_buffer_read_only_sized, texture_2d};
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, BlendComponent,
    BlendFactor, BlendOperation, BlendState, Buffer, BufferDescriptor, BufferUsages, CachedPipelineState,
    CachedRenderPipelineId, ColorTargetState, ColorWrites, CommandEncoder, Extent3d, FragmentState,
    PipelineCache, PrimitiveState, PrimitiveTopology, RenderPassDescriptor, RenderPipelineDescriptor,
    SamplerBindingType, ShaderStages, TextureFormat, TextureSampleType, TextureUsages, TextureView,
    VertexState,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use wgpu::TexelCopyBufferLayout;

use super::marks::{self, MOST, Mark, Marks, View};
use crate::compositor::Composition;
use crate::compositor::failures::failure;
use crate::compositor::passes::{edge_sampler, over, texture};
use crate::compositor::scene::Scene;
use crate::glyphs::Atlas;
use crate::look::BoxStyle;
use crate::stats::Stats;

/// The new dress and the one that is faded out.
const STAGES: usize = 2;

/// The shader; made in the main world, which owns assets.
#[derive(Resource, Debug, Clone)]
pub(super) struct BoxShader(Handle<Shader>);

impl BoxShader {
    pub(super) fn new(shaders: &mut Assets<Shader>) -> Self {
        let source = include_str!("../../../shaders/boxes.wgsl");
        Self(shaders.add(Shader::from_wgsl(source, "masque/boxes.wgsl")))
    }
}

/// Made in `RenderStartup`, so that it is compiled before the first box is drawn, and again after a loss of the device.
#[derive(Resource)]
pub(in crate::compositor) struct BoxPipeline {
    layout: BindGroupLayoutDescriptor,
    pipeline: CachedRenderPipelineId,
}

pub(super) fn init_box_pipeline(mut commands: Commands, cache: Res<PipelineCache>, shader: Res<BoxShader>) {
    let layout = BindGroupLayoutDescriptor::new(
        "masque_boxes",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                storage_buffer_read_only_sized(false, None),
                sampler(SamplerBindingType::Filtering),
                texture_2d(TextureSampleType::Float { filterable: true }),
            ),
        ),
    );
    let pipeline = cache.queue_render_pipeline(pipeline(&shader.0, layout.clone()));
    commands.insert_resource(BoxPipeline { layout, pipeline });
}

/// What is made when the first box is drawn.
struct Made {
    atlas: Atlas,
    buffer: Buffer,
    group: BindGroup,
}

/// Boxes of the picture that is due.
#[derive(Resource, Default)]
pub(in crate::compositor) struct BoxLayer {
    made: Option<Made>,
    marks: Marks,
    drawn: [Range<u32>; STAGES],
}

impl BoxLayer {
    /// Whether [`BoxLayer::draw`] would draw all that is wanted, or never will: for pictures that are drawn again until
    /// they are whole. Others come without boxes until then.
    pub(in crate::compositor) fn is_settled(&self, made: &BoxPipeline, cache: &PipelineCache) -> bool {
        let known = || {
            let state = cache.get_render_pipeline_state(made.pipeline);
            matches!(state, CachedPipelineState::Ok(_)) || failure(state).is_some()
        };
        self.drawn.iter().all(Range::is_empty) || known()
    }

    /// Whether the dress of `stage` has any.
    pub(in crate::compositor) fn has(&self, stage: usize) -> bool {
        !self.drawn[stage].is_empty()
    }

    /// Records the boxes of `stage` over what is in `target`. `false`: the shader is not compiled.
    pub(in crate::compositor) fn draw(
        &self,
        encoder: &mut CommandEncoder,
        (target, stage): (&TextureView, usize),
        pipeline: &BoxPipeline,
        cache: &PipelineCache,
    ) -> bool {
        let Some(made) = &self.made else { return false };
        let Some(pipeline) = cache.get_render_pipeline(pipeline.pipeline) else { return false };
        let mut pass = encoder.begin_render_pass(&RenderPassDescriptor {
            label: Some("masque_boxes"),
            color_attachments: &[Some(over(target))],
            ..default()
        });
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &made.group, &[]);
        pass.draw(0..4, self.drawn[stage].clone());
        true
    }
}

/// Uploads the boxes of the next picture where it has any.
pub(super) fn prepare_boxes(
    (composition, scene, pipeline): (Res<Composition>, Res<Scene>, Res<BoxPipeline>),
    (cache, device, queue): (Res<PipelineCache>, Res<RenderDevice>, Res<RenderQueue>),
    stats: Res<Stats>,
    mut layer: ResMut<BoxLayer>,
) {
    let Some(due) = scene.due() else { return };
    let layer = &mut *layer;
    layer.drawn = [0..0, 0..0];
    let (Some(frame), Some(parsed)) = (&composition.frame, &composition.parsed) else { return };
    let things = &parsed.perception.things;
    let size = composition.output_size;
    if things.list.is_empty() && things.zones.is_empty() || size == UVec2::ZERO {
        return;
    }
    let uv = composition.uv_of(frame);
    let view = View { uv, output: size, motion: composition.motion.as_deref() };
    let from = due.from.as_ref().map(|(from, _)| &*from.dress);
    layer.marks.list.clear();
    for (stage, dress) in [Some(&*due.worn.dress), from].into_iter().enumerate() {
        let is_drawn = |style: &&BoxStyle| style.is_drawn() && (style.zones || !things.list.is_empty());
        let Some(style) = dress.map(|dress| &dress.look.boxes).filter(is_drawn) else { continue };
        let made = layer.made.get_or_insert_with(|| make(&device, &queue, &cache, &pipeline.layout));
        let first = layer.marks.list.len() as u32;
        let skipped = marks::add(things, style, &view, &made.atlas, &mut layer.marks);
        stats.add("boxes_skipped", skipped);
        layer.drawn[stage] = first..layer.marks.list.len() as u32;
    }
    layer.marks.list.iter_mut().for_each(|mark| mark.shrink(size.as_vec2()));
    if let Some(made) = layer.made.as_ref().filter(|_| !layer.marks.list.is_empty()) {
        queue.write_buffer(&made.buffer, 0, bytemuck::cast_slice(&layer.marks.list));
    }
}

fn make(
    device: &RenderDevice,
    queue: &RenderQueue,
    cache: &PipelineCache,
    layout: &BindGroupLayoutDescriptor,
) -> Made {
    let atlas = Atlas::drawn();
    let usage = TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST;
    let size = (atlas.width, atlas.height);
    let (letters, view) = texture(device, "masque_letters", size, TextureFormat::R8Unorm, usage);
    let rows = TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(atlas.width), rows_per_image: None };
    let extent = Extent3d { width: atlas.width, height: atlas.height, depth_or_array_layers: 1 };
    queue.write_texture(letters.as_image_copy(), &atlas.bytes, rows, extent);
    let buffer = device.create_buffer(&BufferDescriptor {
        label: Some("masque_boxes"),
        size: (MOST * size_of::<Mark>()) as u64,
        usage: BufferUsages::STORAGE | BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let entries = (buffer.as_entire_binding(), &edge_sampler(device), &view);
    let entries = BindGroupEntries::sequential(entries);
    let group = device.create_bind_group("masque_boxes", &cache.get_bind_group_layout(layout), &entries);
    Made { atlas, buffer, group }
}

/// Colours lie over what is below by their opacity; the picture stays opaque.
fn pipeline(shader: &Handle<Shader>, layout: BindGroupLayoutDescriptor) -> RenderPipelineDescriptor {
    let keep = BlendComponent {
        src_factor: BlendFactor::Zero,
        dst_factor: BlendFactor::One,
        operation: BlendOperation::Add,
    };
    let blend = BlendState { alpha: keep, ..BlendState::ALPHA_BLENDING };
    RenderPipelineDescriptor {
        label: Some("masque_boxes".into()),
        layout: vec![layout],
        vertex: VertexState { shader: shader.clone(), entry_point: Some("box_vertex".into()), ..default() },
        fragment: Some(FragmentState {
            shader: shader.clone(),
            entry_point: Some("box_fragment".into()),
            targets: vec![Some(ColorTargetState {
                format: TextureFormat::Rgba8Unorm,
                blend: Some(blend),
                write_mask: ColorWrites::ALL,
            })],
            ..default()
        }),
        primitive: PrimitiveState { topology: PrimitiveTopology::TriangleStrip, ..default() },
        ..default()
    }
}
