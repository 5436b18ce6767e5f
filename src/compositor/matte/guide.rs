//! Mattes that follow the edges of the full picture.

use bevy::math::Vec4;
use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{sampler, texture_2d, uniform_buffer};
use bevy::render::render_resource::{
    BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, CachedRenderPipelineId,
    CommandEncoder, PipelineCache, Sampler, SamplerBindingType, ShaderStages, ShaderType, TextureFormat,
    TextureSampleType, TextureUsages, TextureView, UniformBuffer,
};
use bevy::render::renderer::RenderDevice;

use super::{Composition, Gpu, Planes};
use crate::compositor::bind_groups::BindGroups;
use crate::compositor::params::shaped;
use crate::compositor::passes::{draw_fullscreen, edge_sampler, fullscreen_pipeline, texture};
use crate::look::Look;

const FIT: TextureFormat = TextureFormat::Rgba16Float;
const DETAIL: TextureFormat = TextureFormat::Rg16Float;

/// `Guide` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default, PartialEq)]
struct GuideParams {
    keep: [Vec4; 2],
    strength: Vec4,
}

/// The pass and what it fills.
#[derive(Resource)]
pub(in crate::compositor) struct Guide {
    layout: BindGroupLayoutDescriptor,
    pipeline: Option<CachedRenderPipelineId>,
    buffer: UniformBuffer<GuideParams>,
    params: GuideParams,
    detail_layout: BindGroupLayoutDescriptor,
    detail_pipeline: Option<CachedRenderPipelineId>,
    sampler: Sampler,
    detail_groups: BindGroups,
    /// Luma of the picture, then the lines.
    made: Option<(TextureView, [TextureView; 3])>,
    size: (u32, u32),
    groups: BindGroups,
    input: (u64, u64),
    pending: bool,
}

impl FromWorld for Guide {
    fn from_world(world: &mut World) -> Self {
        let plane = |filterable| texture_2d(TextureSampleType::Float { filterable });
        let layout = BindGroupLayoutDescriptor::new(
            "masque_guide",
            &BindGroupLayoutEntries::sequential(
                ShaderStages::FRAGMENT,
                (uniform_buffer::<GuideParams>(false), plane(false), plane(false), plane(false)),
            ),
        );
        let detail_layout = BindGroupLayoutDescriptor::new(
            "masque_detail",
            &BindGroupLayoutEntries::sequential(
                ShaderStages::FRAGMENT,
                (sampler(SamplerBindingType::Filtering), plane(true), plane(true)),
            ),
        );
        Self {
            detail_layout,
            detail_pipeline: None,
            sampler: edge_sampler(world.resource::<RenderDevice>()),
            detail_groups: BindGroups::default(),
            layout,
            pipeline: None,
            buffer: UniformBuffer::default(),
            params: GuideParams::default(),
            made: None,
            size: (0, 0),
            groups: BindGroups::default(),
            input: (0, 0),
            pending: false,
        }
    }
}

impl Guide {
    /// The lines that were fitted; none while mattes are not refined.
    pub(super) fn fits(&self) -> Option<[&TextureView; 3]> {
        self.made.as_ref().map(|(_, fits)| fits.each_ref())
    }

    /// `mask`: the planes and the count of their changes. `picture`: the shown frame, the count of its
    /// changes and the motion from it back to the mask's frame.
    pub(super) fn prepare(
        &mut self,
        gpu: &Gpu<'_>,
        (composition, look): (&Composition, &Look),
        ([low, high], version): (Planes<'_>, u64),
        (picture, seen, motion): (&TextureView, u64, &TextureView),
    ) {
        let Some(parsed) = &composition.parsed else { return };
        let refinement = look.matte.refinement;
        if refinement <= 0.0 {
            (self.made, self.pending) = (None, false);
            self.detail_groups.clear();
            self.groups.clear();
            return;
        }
        let size = (parsed.perception.mask.width, parsed.perception.mask.height);
        let strength = Vec4::new(refinement, 0.0, 0.0, 0.0);
        let params = GuideParams { keep: shaped(look), strength };
        let same = params == self.params && (version, seen) == self.input && size == self.size;
        if self.made.is_some() && same {
            return;
        }
        (self.params, self.input) = (params, (version, seen));
        if self.made.is_none() || self.size != size {
            let usage = TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING;
            let fits = [0, 1, 2].map(|_| texture(gpu.device, "masque_fit", size, FIT, usage).1);
            self.made = Some((texture(gpu.device, "masque_detail", size, DETAIL, usage).1, fits));
            self.size = size;
        }
        self.request(gpu);
        self.buffer.set(params);
        self.buffer.write_buffer(gpu.device, gpu.queue);
        let (Some(buffer), Some((detail, _))) = (self.buffer.binding(), &self.made) else { return };
        self.detail_groups.fit([picture, motion], || {
            let layout = gpu.cache.get_bind_group_layout(&self.detail_layout);
            let entries = BindGroupEntries::sequential((&self.sampler, picture, motion));
            gpu.device.create_bind_group("masque_detail", &layout, &entries)
        });
        self.groups.fit([low, high, detail], || {
            let layout = gpu.cache.get_bind_group_layout(&self.layout);
            let entries = BindGroupEntries::sequential((buffer, low, high, detail));
            gpu.device.create_bind_group("masque_guide", &layout, &entries)
        });
        self.pending = true;
    }

    fn request(&mut self, gpu: &Gpu<'_>) {
        self.detail_pipeline.get_or_insert_with(|| {
            let shader = gpu.server.load("embedded://masque/matte_detail.wgsl");
            let layout = vec![self.detail_layout.clone()];
            fullscreen_pipeline(gpu.cache, gpu.fullscreen, shader, "detail", layout, &[DETAIL])
        });
        self.pipeline.get_or_insert_with(|| {
            let shader = gpu.server.load("embedded://masque/matte_guide.wgsl");
            fullscreen_pipeline(
                gpu.cache,
                gpu.fullscreen,
                shader,
                "fit",
                vec![self.layout.clone()],
                &[FIT; 3],
            )
        });
    }

    pub(super) fn encode(&mut self, encoder: &mut CommandEncoder, cache: &PipelineCache) -> bool {
        if !self.pending {
            return true;
        }
        let pipeline = |id: Option<CachedRenderPipelineId>| id.and_then(|id| cache.get_render_pipeline(id));
        let (Some(to_detail), Some(to_fits)) = (pipeline(self.detail_pipeline), pipeline(self.pipeline))
        else {
            return false;
        };
        let (Some(picture), Some(planes)) = (self.detail_groups.group(), self.groups.group()) else {
            return false;
        };
        let Some((detail, fits)) = &self.made else { return false };
        draw_fullscreen(encoder, "masque_detail", to_detail, &[picture], &[detail]);
        draw_fullscreen(encoder, "masque_guide", to_fits, &[planes], &fits.each_ref());
        self.pending = false;
        true
    }
}
