//! Smoothing over time.

use std::sync::Arc;
use std::time::Duration;

use bevy::math::Vec4;
use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{sampler, texture_2d, uniform_buffer};
use bevy::render::render_resource::{
    BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, CachedRenderPipelineId,
    CommandEncoder, PipelineCache, Sampler, SamplerBindingType, ShaderStages, ShaderType, TextureFormat,
    TextureSampleType, TextureUsages, TextureView, UniformBuffer,
};
use bevy::render::renderer::RenderDevice;

use super::{Composition, Gpu, MaskTextures, Planes};
use crate::compositor::bind_groups::BindGroups;
use crate::compositor::passes::{draw_fullscreen, edge_sampler, fullscreen_pipeline, texture};
use crate::look::Look;
use crate::perception::Parsed;

/// What is known is kept finer than the network's bytes: a small share of a byte would be lost.
pub(super) const KNOWN: TextureFormat = TextureFormat::Rgba16Float;
/// How much faster a sure texel follows than an unsure one.
const SURE: f32 = 3.0;
/// Time between two masks when the clock says nothing sensible, and the longest that counts.
const USUAL: Duration = Duration::from_millis(33);
const LONGEST: Duration = Duration::from_secs(1);

/// Shares of a new mask, 0–1.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::compositor) struct Follow {
    /// Where nothing changed and the network is unsure.
    pub unsure: f32,
    /// Nothing that is known holds.
    pub anew: bool,
}

/// `Smooth` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default)]
struct SmoothParams {
    /// Share of a new mask where nothing changed: unsure, sure; 1 to start anew; unused.
    follow: Vec4,
}

/// What is known so far, twice: one is read, the other written.
#[derive(Resource)]
pub(in crate::compositor) struct Smooth {
    layout: BindGroupLayoutDescriptor,
    sampler: Sampler,
    pipeline: Option<CachedRenderPipelineId>,
    params: UniformBuffer<SmoothParams>,
    known: Option<[[TextureView; 2]; 2]>,
    size: (u32, u32),
    groups: [BindGroups; 2],
    current: usize,
    pending: bool,
    on: bool,
    follow: Follow,
    of: Option<Arc<Parsed>>,
    at: Duration,
    version: u64,
}

impl FromWorld for Smooth {
    fn from_world(world: &mut World) -> Self {
        let plane = || texture_2d(TextureSampleType::Float { filterable: true });
        let layout = BindGroupLayoutDescriptor::new(
            "masque_smooth",
            &BindGroupLayoutEntries::sequential(
                ShaderStages::FRAGMENT,
                (
                    uniform_buffer::<SmoothParams>(false),
                    sampler(SamplerBindingType::Filtering),
                    plane(),
                    plane(),
                    plane(),
                    plane(),
                    plane(),
                ),
            ),
        );
        Self {
            layout,
            sampler: edge_sampler(world.resource::<RenderDevice>()),
            pipeline: None,
            params: UniformBuffer::default(),
            known: None,
            size: (0, 0),
            groups: default(),
            current: 0,
            pending: false,
            on: false,
            follow: Follow::default(),
            of: None,
            at: Duration::ZERO,
            version: 0,
        }
    }
}

impl Smooth {
    /// The smoothed masks; the masks themselves while nothing is smoothed.
    pub(super) fn planes<'a>(&'a self, masks: &'a MaskTextures) -> Planes<'a> {
        match &self.known {
            Some(known) if self.on => known[self.current].each_ref(),
            _ => masks.views.each_ref(),
        }
    }

    /// How the last mask was taken; none while nothing is smoothed.
    pub(super) fn follow(&self) -> Option<Follow> {
        self.on.then_some(self.follow)
    }

    /// Counts the changes of [`planes`](Self::planes).
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn prepare(
        &mut self,
        gpu: &Gpu<'_>,
        (composition, look): (&Composition, &Look),
        masks: &MaskTextures,
        motion: &TextureView,
    ) {
        let Some(parsed) = &composition.parsed else { return };
        let seconds = look.matte.smoothing;
        let on = seconds > 0.0;
        let is_new = self.of.as_ref().is_none_or(|of| !Arc::ptr_eq(of, parsed));
        let was_on = std::mem::replace(&mut self.on, on);
        if is_new || was_on != on {
            self.version += 1;
        }
        if !on {
            self.known = None;
            self.groups.iter_mut().for_each(BindGroups::clear);
        }
        if !is_new && (was_on || !on) {
            return;
        }
        self.of = Some(parsed.clone());
        let elapsed = composition.timestamp().checked_sub(self.at).unwrap_or(USUAL);
        self.at = composition.timestamp();
        if !on {
            return;
        }
        let resized = self.known.is_none() || self.size != masks.size;
        if resized {
            self.make(gpu, masks.size);
        }
        // Nothing is known of another scene, after a gap, or while the last step was never drawn.
        let anew =
            resized || !was_on || self.pending || parsed.perception.motion.is_empty() || elapsed > LONGEST;
        if !self.pending {
            self.current = 1 - self.current;
        }
        self.pending = true;
        let elapsed = if elapsed.is_zero() { USUAL } else { elapsed };
        let share = |seconds: f32| 1.0 - (-elapsed.as_secs_f32() / seconds).exp();
        self.follow = Follow { unsure: share(seconds), anew };
        let anew = if anew { 1.0 } else { 0.0 };
        let follow = Vec4::new(self.follow.unsure, share(seconds / SURE), anew, 0.0);
        self.params.set(SmoothParams { follow });
        self.params.write_buffer(gpu.device, gpu.queue);
        self.bind(gpu, masks, motion);
    }

    fn make(&mut self, gpu: &Gpu<'_>, size: (u32, u32)) {
        let usage = TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING;
        let plane = |_| texture(gpu.device, "masque_known", size, KNOWN, usage).1;
        self.known = Some([[0, 1].map(plane), [2, 3].map(plane)]);
        self.size = size;
        self.pending = false;
        self.pipeline.get_or_insert_with(|| {
            let shader = gpu.server.load("embedded://masque/matte_smooth.wgsl");
            let layout = vec![self.layout.clone()];
            fullscreen_pipeline(gpu.cache, gpu.fullscreen, shader, "smooth_over_time", layout, &[KNOWN; 2])
        });
    }

    fn bind(&mut self, gpu: &Gpu<'_>, masks: &MaskTextures, motion: &TextureView) {
        let (Some(known), Some(params)) = (&self.known, self.params.binding()) else { return };
        let [mask0, mask1] = &masks.views;
        let [known0, known1] = &known[1 - self.current];
        self.groups[self.current].fit([mask0, mask1, known0, known1, motion], || {
            let layout = gpu.cache.get_bind_group_layout(&self.layout);
            let entries = (params, &self.sampler, mask0, mask1, known0, known1, motion);
            gpu.device.create_bind_group("masque_smooth", &layout, &BindGroupEntries::sequential(entries))
        });
    }

    pub(super) fn encode(&mut self, encoder: &mut CommandEncoder, cache: &PipelineCache) -> bool {
        if !self.on || !self.pending {
            return true;
        }
        let pipeline = self.pipeline.and_then(|id| cache.get_render_pipeline(id));
        let (Some(pipeline), Some(known), Some(group)) =
            (pipeline, &self.known, self.groups[self.current].group())
        else {
            return false;
        };
        let [low, high] = &known[self.current];
        draw_fullscreen(encoder, "masque_smooth", pipeline, &[group], &[low, high]);
        self.pending = false;
        true
    }
}
