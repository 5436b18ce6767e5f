//! What every program is bound to, whatever it draws.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{
    sampler, storage_buffer_read_only_sized, texture_2d, uniform_buffer,
};
use bevy::render::render_resource::{
    BindGroupLayout, BindGroupLayoutEntries, PipelineLayout, PipelineLayoutDescriptor, Sampler,
    SamplerBindingType, ShaderStages, TextureSampleType,
};
use bevy::render::renderer::RenderDevice;

use super::interface;
use super::stacks::FIRST_SLOT;
use crate::compositor::params::ComposeParams;
use crate::compositor::passes::{edge_sampler, tile_sampler};
use crate::compositor::tiles::lists_binding;

/// Made in `RenderStartup`, so that a new device after a loss has it again.
#[derive(Resource, Clone)]
pub(in crate::compositor) struct Layouts {
    /// Parameters, frame and textures.
    pub(in crate::compositor) scene: BindGroupLayout,
    /// Tiles and mattes.
    pub(in crate::compositor) mattes: BindGroupLayout,
    /// Clamps at the edges: frame and mattes.
    pub(in crate::compositor) edge_sampler: Sampler,
    /// Repeats: textures of regions.
    pub(in crate::compositor) tile_sampler: Sampler,
    /// Values and textures of effects; none on a device that binds too few textures.
    pub(in crate::compositor) effects: Option<BindGroupLayout>,
    /// Textures that effects may have together.
    pub(in crate::compositor) slots: usize,
    /// Vectors of values that an entry point may take from the vertices.
    pub(super) handed: usize,
    /// The scene alone.
    pub(super) whole: Arc<PipelineLayout>,
    /// Scene and mattes.
    pub(super) tiles: Arc<PipelineLayout>,
    /// Scene, mattes and effects.
    pub(super) with_effects: Option<Arc<PipelineLayout>>,
}

/// Textures of scene and mattes, and those of effects besides the slots.
const TAKEN: usize = 13 + FIRST_SLOT - 1;
/// Most slots: what the targets and images of some effects take.
const MOST_SLOTS: usize = 24;

fn effects_layout(device: &RenderDevice, slots: usize) -> BindGroupLayout {
    let values = storage_buffer_read_only_sized(false, None);
    let view = texture_2d(TextureSampleType::Float { filterable: true });
    let mut entries = vec![values.build(0, ShaderStages::VERTEX_FRAGMENT)];
    let textures = 1..(FIRST_SLOT + slots) as u32;
    entries.extend(textures.map(|binding| view.build(binding, ShaderStages::FRAGMENT)));
    device.create_bind_group_layout("masque_effects", &entries)
}

pub(in crate::compositor) fn init_layouts(mut commands: Commands, device: Res<RenderDevice>) {
    let texture = || texture_2d(TextureSampleType::Float { filterable: true });
    let scene = device.create_bind_group_layout(
        "masque_scene",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                uniform_buffer::<ComposeParams>(false),
                sampler(SamplerBindingType::Filtering),
                sampler(SamplerBindingType::Filtering),
                texture(),
                texture(),
                texture(),
                texture(),
                texture(),
                texture(),
                texture(),
            ),
        ),
    );
    let mattes = device.create_bind_group_layout(
        "masque_mattes",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::FRAGMENT,
            (lists_binding(), texture(), texture(), texture(), texture(), texture(), texture()),
        ),
    );
    let layout = |groups: &[&BindGroupLayout]| {
        let groups: Vec<_> = groups.iter().map(|group| Some(&***group)).collect();
        Arc::new(device.create_pipeline_layout(&PipelineLayoutDescriptor {
            label: Some("masque_dress"),
            bind_group_layouts: &groups,
            ..default()
        }))
    };
    let limits = device.limits();
    let room = limits.max_sampled_textures_per_shader_stage as usize;
    let slots = room.checked_sub(TAKEN).map(|slots| slots.min(MOST_SLOTS));
    let effects = slots.map(|slots| effects_layout(&device, slots));
    commands.insert_resource(Layouts {
        with_effects: effects.as_ref().map(|effects| layout(&[&scene, &mattes, effects])),
        effects,
        slots: slots.unwrap_or_default(),
        handed: (limits.max_inter_stage_shader_variables as usize).saturating_sub(interface::SHARED),
        whole: layout(&[&scene]),
        tiles: layout(&[&scene, &mattes]),
        edge_sampler: edge_sampler(&device),
        tile_sampler: tile_sampler(&device),
        scene,
        mattes,
    });
}
