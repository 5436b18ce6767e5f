//! What the effects of one dress are drawn with.

use bevy::math::UVec2;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{
    BindGroup, Buffer, BufferDescriptor, BufferUsages, TextureFormat, TextureUsages, TextureView,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;

use super::bind::Groups;
use super::targets::Targets;
use super::values::{self, Shared};
use crate::compositor::Dress;
use crate::compositor::passes::texture;
use crate::compositor::program::{FIRST_SLOT, Layouts, Plan, WHOLE_STACK};
use crate::stats::Stats;

/// Values that there is room for: seven stacks of eight effects with 32 inputs and four targets.
const MOST_VALUES: usize = 4096;

/// The effects of one dress.
pub(super) struct Stage {
    values: Buffer,
    bytes: Vec<[f32; 4]>,
    pub(super) targets: Targets,
    groups: Groups,
    /// For each target, then for the tiles, then for the stack over the whole picture.
    pub(super) passes: Vec<BindGroup>,
    composed: Option<(UVec2, TextureView)>,
}

/// What a pass sees: how many targets are drawn already, which one it draws, and the composed picture.
#[derive(Clone, Copy)]
struct Sight {
    drawn: usize,
    own: Option<usize>,
    composed: bool,
}

/// Textures that every pass of a picture is bound to.
pub(super) struct Common<'a> {
    /// Nothing: transparent black.
    pub(super) blank: &'a TextureView,
    /// An image that was not chosen.
    pub(super) white: &'a TextureView,
    pub(super) edges: [&'a TextureView; 2],
    pub(super) motion: &'a TextureView,
    pub(super) images: &'a RenderAssets<GpuImage>,
}

impl Stage {
    pub(super) fn new(device: &RenderDevice) -> Self {
        Self {
            values: device.create_buffer(&BufferDescriptor {
                label: Some("masque_effect_values"),
                size: (MOST_VALUES * size_of::<[f32; 4]>()) as u64,
                usage: BufferUsages::STORAGE | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }),
            bytes: Vec::new(),
            targets: Targets::default(),
            groups: Groups::default(),
            passes: Vec::new(),
            composed: None,
        }
    }

    /// Makes the textures that `plan` needs.
    pub(super) fn fit(&mut self, device: &RenderDevice, plan: &Plan, size: UVec2, stats: &Stats) {
        self.targets.fit(device, plan, size, stats);
        if !plan.has_stack(WHOLE_STACK) {
            self.composed = None;
        } else if self.composed.as_ref().is_none_or(|(known, _)| *known != size) {
            let usage = TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING;
            let view = texture(device, "masque_composed", size.into(), TextureFormat::Rgba8Unorm, usage).1;
            self.composed = Some((size, view));
        }
    }

    /// Uploads the values of `dress`.
    pub(super) fn write(&mut self, queue: &RenderQueue, shared: &Shared<'_>, plan: &Plan, dress: &Dress) {
        let sizes = self.targets.all.iter().map(|target| target.size);
        values::fill(&mut self.bytes, shared, plan, dress, sizes);
        self.bytes.truncate(MOST_VALUES);
        queue.write_buffer(&self.values, 0, bytemuck::cast_slice(&self.bytes));
    }

    /// Where what lies below the whole picture's stack is drawn.
    pub(super) fn composed(&self) -> Option<&TextureView> {
        self.composed.as_ref().map(|(_, view)| view)
    }

    /// Binds every pass of the picture.
    pub(super) fn bind(
        &mut self,
        (device, layouts): (&RenderDevice, &Layouts),
        common: &Common<'_>,
        (plan, dress): (&Plan, &Dress),
    ) {
        self.passes.clear();
        self.groups.turn();
        let Some(layout) = &layouts.effects else { return };
        let of_regions = plan.targets.iter().filter(|target| !plan.is_of_whole(target));
        let (regions, all) = (of_regions.count(), plan.targets.len());
        let targets = (0..all).map(|own| Sight { drawn: own, own: Some(own), composed: own >= regions });
        let rest = [
            Sight { drawn: regions, own: None, composed: false },
            Sight { drawn: all, own: None, composed: true },
        ];
        for sight in targets.chain(rest) {
            let composed = self.composed.as_ref().map(|(_, view)| view);
            let mut views = vec![common.blank; FIRST_SLOT - 1 + layouts.slots];
            look((&self.targets, composed), &mut views, common, (plan, dress), sight);
            let group = self.groups.get(device, layout, &self.values, &views);
            self.passes.push(group);
        }
    }

    /// Nothing is drawn with it: its textures go.
    pub(super) fn forget(&mut self) {
        self.targets.all.clear();
        self.passes.clear();
        self.groups.clear();
        self.composed = None;
    }
}

/// The textures that a pass sees, in the order of their bindings.
fn look<'a>(
    (targets, composed): (&'a Targets, Option<&'a TextureView>),
    views: &mut [&'a TextureView],
    common: &Common<'a>,
    (plan, dress): (&Plan, &Dress),
    sight: Sight,
) {
    let composed = composed.filter(|_| sight.composed);
    let first = [common.edges[0], common.edges[1], common.motion, composed.unwrap_or(common.blank)];
    let mut set = |place: usize, view: &'a TextureView| {
        if let Some(slot) = views.get_mut(place) {
            *slot = view;
        }
    };
    for (place, view) in first.into_iter().enumerate() {
        set(place, view);
    }
    for (index, (target, plan)) in targets.all.iter().zip(&plan.targets).enumerate() {
        let view = if sight.own == Some(index) {
            target.before()
        } else if index < sight.drawn {
            target.drawn()
        } else {
            target.held()
        };
        set(FIRST_SLOT - 1 + plan.slot, view.unwrap_or(common.blank));
    }
    for layer in &plan.layers {
        let worn = dress.stacks.get(layer.stack).and_then(|stack| stack.get(layer.place));
        for (input, slot) in &layer.images {
            let handle = worn.and_then(|worn| worn.images.get(*input)?.as_ref());
            let image = handle.and_then(|handle| common.images.get(handle));
            set(FIRST_SLOT - 1 + slot, image.map_or(common.white, |image| &image.texture_view));
        }
    }
}
