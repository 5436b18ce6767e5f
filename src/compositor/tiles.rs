//! The output in tiles, sorted on the GPU by what is in them; each list is one indirect draw.

use bevy::math::{UVec2, Vec4};
use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{
    sampler, storage_buffer_read_only, storage_buffer_read_only_sized, storage_buffer_sized, texture_2d,
};
use bevy::render::render_resource::{
    BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, Buffer, BufferDescriptor,
    BufferUsages, CachedComputePipelineId, CommandEncoder, ComputePassDescriptor, ComputePipelineDescriptor,
    PipelineCache, Sampler, SamplerBindingType, ShaderStages, ShaderType, StorageBuffer, TextureSampleType,
    TextureView,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};

use super::bind_groups::BindGroups;
use super::passes::edge_sampler;
use crate::frame::Region;

/// Side of a tile in pixels: small enough that an outline touches few, large enough that they are few.
const SIDE: u32 = 16;
/// One list per region, and one for tiles with several.
pub(super) const LISTS: usize = Region::COUNT + 1;
/// Bytes of one indirect draw.
const DRAW: u64 = 16;
/// Invocations per workgroup in the shader.
const WORKGROUP: u32 = 64;

/// `Sort` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
struct SortParams {
    uv: Vec4,
    tiles: Vec4,
}

/// Columns and rows of tiles, and a tile's size as a fraction of the output.
pub(super) fn grid(output: UVec2) -> Vec4 {
    let count = output.map(|side| side.div_ceil(SIDE));
    let side = Vec2::splat(SIDE as f32) / output.max(UVec2::ONE).as_vec2();
    Vec4::new(count.x as f32, count.y as f32, side.x, side.y)
}

/// The lists and the draws.
#[derive(Resource)]
pub(super) struct Tiles {
    layout: BindGroupLayoutDescriptor,
    sampler: Sampler,
    /// For plain and for refined mattes.
    pipelines: [CachedComputePipelineId; 2],
    refined: bool,
    params: StorageBuffer<SortParams>,
    draws: Buffer,
    lists: Option<(u32, Buffer)>,
    groups: BindGroups,
}

pub(super) fn init_tiles(
    mut commands: Commands,
    device: Res<RenderDevice>,
    server: Res<AssetServer>,
    cache: Res<PipelineCache>,
) {
    let plane = || texture_2d(TextureSampleType::Float { filterable: true });
    let layout = BindGroupLayoutDescriptor::new(
        "masque_tiles",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::COMPUTE,
            (
                storage_buffer_read_only::<SortParams>(false),
                plane(),
                plane(),
                plane(),
                sampler(SamplerBindingType::Filtering),
                plane(),
                storage_buffer_sized(false, None),
                storage_buffer_sized(false, None),
            ),
        ),
    );
    let pipelines = [vec![], vec!["REFINED".into()]].map(|shader_defs| {
        cache.queue_compute_pipeline(ComputePipelineDescriptor {
            label: Some("masque_tiles".into()),
            layout: vec![layout.clone()],
            shader: server.load("embedded://masque/tiles.wgsl"),
            shader_defs,
            entry_point: Some("sort".into()),
            ..default()
        })
    });
    let draws = device.create_buffer(&BufferDescriptor {
        label: Some("masque_tile_draws"),
        size: LISTS as u64 * DRAW,
        usage: BufferUsages::STORAGE | BufferUsages::INDIRECT | BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    commands.insert_resource(Tiles {
        layout,
        sampler: edge_sampler(&device),
        pipelines,
        refined: false,
        params: StorageBuffer::default(),
        draws,
        lists: None,
        groups: BindGroups::default(),
    });
}

impl Tiles {
    /// The lists one after the other, each with room for every tile.
    pub(super) fn lists(&self) -> Option<&Buffer> {
        self.lists.as_ref().map(|(_, buffer)| buffer)
    }

    /// The draw of list `index`: buffer and offset.
    pub(super) fn draw(&self, index: usize) -> (&Buffer, u64) {
        (&self.draws, index as u64 * DRAW)
    }

    pub(super) fn prepare(
        &mut self,
        (device, queue): (&RenderDevice, &RenderQueue),
        cache: &PipelineCache,
        (output, uv): (UVec2, Vec4),
        (mattes, refined, motion): ([&TextureView; 3], bool, &TextureView),
    ) {
        self.refined = refined;
        let tiles = grid(output);
        let count = (tiles.x * tiles.y) as u32;
        if self.lists.as_ref().is_none_or(|(room, _)| *room != count) {
            let buffer = device.create_buffer(&BufferDescriptor {
                label: Some("masque_tile_lists"),
                size: u64::from(count) * LISTS as u64 * 4,
                usage: BufferUsages::STORAGE,
                mapped_at_creation: false,
            });
            self.lists = Some((count, buffer));
            self.groups.clear();
        }
        self.params.set(SortParams { uv, tiles });
        self.params.write_buffer(device, queue);
        // Six vertices per tile, no tiles yet.
        queue.write_buffer(&self.draws, 0, bytemuck::cast_slice(&[[6_u32, 0, 0, 0]; LISTS]));
        let [m0, m1, m2] = mattes;
        let (Some(params), Some((_, lists))) = (self.params.binding(), &self.lists) else { return };
        self.groups.fit([m0, m1, m2, motion], || {
            let (lists, draws) = (lists.as_entire_binding(), self.draws.as_entire_binding());
            let entries = (params, m0, m1, m2, &self.sampler, motion, lists, draws);
            let layout = cache.get_bind_group_layout(&self.layout);
            device.create_bind_group("masque_tiles", &layout, &BindGroupEntries::sequential(entries))
        });
    }

    /// Nothing is sorted: lets go of the mattes.
    pub(super) fn rest(&mut self) {
        self.groups.clear();
    }

    /// Records the sorting. `false`: the pipeline is not there yet.
    pub(super) fn encode(&self, encoder: &mut CommandEncoder, cache: &PipelineCache) -> bool {
        let pipeline = cache.get_compute_pipeline(self.pipelines[usize::from(self.refined)]);
        let (Some(pipeline), Some((count, _)), Some(group)) = (pipeline, &self.lists, self.groups.group())
        else {
            return false;
        };
        let mut pass =
            encoder.begin_compute_pass(&ComputePassDescriptor { label: Some("masque_tiles"), ..default() });
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, group, &[]);
        pass.dispatch_workgroups(count.div_ceil(WORKGROUP), 1, 1);
        true
    }
}

/// How the lists are bound for drawing.
pub(super) fn lists_binding() -> bevy::render::render_resource::BindGroupLayoutEntryBuilder {
    storage_buffer_read_only_sized(false, None).visibility(ShaderStages::VERTEX)
}
