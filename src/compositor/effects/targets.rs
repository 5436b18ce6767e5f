//! Textures that effects draw into before they are seen.

use bevy::math::UVec2;
use bevy::render::render_resource::{TextureFormat, TextureUsages, TextureView};
use bevy::render::renderer::RenderDevice;

use crate::compositor::passes::texture;
use crate::compositor::program::{Plan, TargetPlan};
use crate::memory::{Bound, Each, bound};
use crate::stats::Stats;

/// Bytes of all targets of one dress; what does not fit is drawn smaller.
const BUDGET: u64 = 256 << 20;

pub(in crate::compositor) const TARGETS: Bound = bound!(
    "compositor.effect_targets",
    "textures that effects draw, of two dresses while one fades",
    2,
    Each::Gpu(BUDGET),
    "their sides are divided, `effect_targets_shrunk`"
);

/// One target; persistent ones have two textures that take turns. Textures begin cleared.
#[derive(Debug)]
pub(super) struct Target {
    /// Stack, place in it, effect and name: it stays while these do.
    of: (usize, usize, String, String),
    pub(super) size: UVec2,
    format: TextureFormat,
    views: Vec<TextureView>,
    current: usize,
}

impl Target {
    /// What it held in the picture before; none where it is not kept.
    pub(super) fn before(&self) -> Option<&TextureView> {
        if self.views.len() > 1 { self.views.get(self.current) } else { None }
    }

    /// What is drawn into it for this picture.
    pub(super) fn drawn(&self) -> Option<&TextureView> {
        self.views.get((self.current + 1) % self.views.len().max(1))
    }

    /// What it holds as long as it is not drawn for this picture.
    pub(super) fn held(&self) -> Option<&TextureView> {
        self.views.get(self.current)
    }
}

/// All targets of one dress, in the order of its plan.
#[derive(Debug, Default)]
pub(super) struct Targets {
    pub(super) all: Vec<Target>,
    /// What sides are divided by to fit the budget.
    divided: u32,
}

fn size(plan: &TargetPlan, output: UVec2, divided: u32) -> UVec2 {
    let scaled = (output.as_vec2() * plan.scale / divided as f32).round().as_uvec2();
    scaled.max(UVec2::ONE)
}

/// Textures that a target needs: persistent ones take turns.
fn textures(plan: &TargetPlan) -> usize {
    if plan.persistent { 2 } else { 1 }
}

fn bytes(size: UVec2, format: TextureFormat, textures: usize) -> u64 {
    let texel = if format == TextureFormat::Rgba16Float { 8 } else { 4 };
    u64::from(size.x) * u64::from(size.y) * texel * textures as u64
}

/// The least number that sides are to be divided by so that all targets fit the budget.
fn divisor(plan: &Plan, output: UVec2) -> u32 {
    let fits = |divided: &u32| {
        let of = |target| bytes(size(target, output, *divided), TargetPlan::format(target), textures(target));
        plan.targets.iter().map(of).sum::<u64>() <= BUDGET
    };
    (0..8).map(|halvings| 1 << halvings).find(fits).unwrap_or(1 << 8)
}

impl Targets {
    /// Makes them what `plan` says; those that were there before go on.
    pub(super) fn fit(&mut self, device: &RenderDevice, plan: &Plan, output: UVec2, stats: &Stats) {
        let divided = divisor(plan, output);
        if divided > self.divided.max(1) {
            stats.count("effect_targets_shrunk");
            stats.event(format!(
                "the textures of effects do not fit into {} MiB: their sides are divided by {divided}",
                BUDGET >> 20
            ));
        }
        self.divided = divided;
        let mut known = std::mem::take(&mut self.all);
        for target in &plan.targets {
            let Some(layer) = plan.layers.get(target.layer) else { continue };
            let (size, format) = (size(target, output, divided), target.format());
            let count = textures(target);
            let same = known.iter().position(|known| {
                let (stack, place, effect, name) = &known.of;
                (*stack, *place) == (layer.stack, layer.place)
                    && effect == layer.effect.name()
                    && *name == target.name
                    && (known.size, known.format, known.views.len()) == (size, format, count)
            });
            self.all.push(match same {
                Some(place) => known.swap_remove(place),
                None => {
                    let usage = TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING;
                    let view = |_| texture(device, "masque_effect_target", size.into(), format, usage).1;
                    let name = target.name.clone();
                    let of = (layer.stack, layer.place, layer.effect.name().to_owned(), name);
                    Target { of, size, format, views: (0..count).map(view).collect(), current: 0 }
                }
            });
        }
    }

    /// They were drawn: what is kept is what was drawn.
    pub(super) fn turn(&mut self) {
        for target in &mut self.all {
            target.current = (target.current + 1) % target.views.len().max(1);
        }
    }

    /// Bytes on the GPU.
    pub(super) fn bytes(&self) -> u64 {
        let of = |target: &Target| bytes(target.size, target.format, target.views.len());
        self.all.iter().map(of).sum()
    }
}
