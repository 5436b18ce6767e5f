//! Mattes with a shape of their own: grown, shrunk, softened, turned inside out.

use bevy::math::{IVec4, Vec4};
use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{storage_buffer_read_only, texture_2d};
use bevy::render::render_resource::{
    BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, CachedRenderPipelineId,
    CommandEncoder, PipelineCache, ShaderStages, ShaderType, StorageBuffer, TextureSampleType, TextureUsages,
    TextureView,
};

use super::smooth::KNOWN;
use super::{Composition, Gpu, Planes};
use crate::compositor::bind_groups::BindGroups;
use crate::compositor::passes::{draw_fullscreen, fullscreen_pipeline, texture};
use crate::frame::{Frame, Region};
use crate::look::{Look, RegionStyle};

/// Grow across, grow down, soften across, soften down.
const STEPS: usize = 4;

/// `Shape` in the shader.
#[derive(ShaderType, Debug, Clone, Copy, Default, PartialEq)]
struct ShapeParams {
    axis: IVec4,
    grow: [Vec4; 2],
    soft: [Vec4; 2],
    invert: [Vec4; 2],
}

/// One pass along one axis.
#[derive(Default)]
struct Step {
    params: StorageBuffer<ShapeParams>,
    groups: BindGroups,
}

/// The passes, and the textures that they fill in turns.
#[derive(Resource)]
pub(in crate::compositor) struct Shape {
    layout: BindGroupLayoutDescriptor,
    pipeline: Option<CachedRenderPipelineId>,
    steps: [Step; STEPS],
    params: Vec<ShapeParams>,
    shaped: Option<[[TextureView; 2]; 2]>,
    size: (u32, u32),
    pending: bool,
    input: u64,
    version: u64,
}

impl FromWorld for Shape {
    fn from_world(_: &mut World) -> Self {
        let plane = || texture_2d(TextureSampleType::Float { filterable: false });
        let layout = BindGroupLayoutDescriptor::new(
            "masque_shape",
            &BindGroupLayoutEntries::sequential(
                ShaderStages::FRAGMENT,
                (storage_buffer_read_only::<ShapeParams>(false), plane(), plane()),
            ),
        );
        Self {
            layout,
            pipeline: None,
            steps: default(),
            params: Vec::new(),
            shaped: None,
            size: (0, 0),
            pending: false,
            input: 0,
            version: 0,
        }
    }
}

impl Shape {
    /// The shaped masks; none while no region has a shape of its own.
    pub(super) fn planes(&self) -> Option<Planes<'_>> {
        let last = self.params.len().checked_sub(1)?;
        self.shaped.as_ref().map(|shaped| shaped[last % 2].each_ref())
    }

    /// Counts the changes of [`planes`](Self::planes).
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn prepare(
        &mut self,
        gpu: &Gpu<'_>,
        (composition, look): (&Composition, &Look),
        (input, version): (Planes<'_>, u64),
    ) {
        let (Some(frame), Some(parsed)) = (&composition.frame, &composition.parsed) else { return };
        let size = (parsed.perception.mask.width, parsed.perception.mask.height);
        let params = steps(look, frame, size);
        if params == self.params && version == self.input && size == self.size {
            return;
        }
        (self.params, self.input) = (params, version);
        self.version += 1;
        self.steps[self.params.len()..].iter_mut().for_each(|step| step.groups.clear());
        if self.params.is_empty() {
            (self.shaped, self.pending) = (None, false);
            return;
        }
        if self.shaped.is_none() || self.size != size {
            let usage = TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING;
            let plane = |_| texture(gpu.device, "masque_shaped", size, KNOWN, usage).1;
            self.shaped = Some([[0, 1].map(plane), [2, 3].map(plane)]);
            self.size = size;
        }
        self.pipeline.get_or_insert_with(|| {
            let shader = gpu.server.load("embedded://masque/matte_shape.wgsl");
            fullscreen_pipeline(
                gpu.cache,
                gpu.fullscreen,
                shader,
                "shape",
                vec![self.layout.clone()],
                &[KNOWN; 2],
            )
        });
        let Some(shaped) = &self.shaped else { return };
        for (index, (step, params)) in self.steps.iter_mut().zip(&self.params).enumerate() {
            step.params.set(*params);
            step.params.write_buffer(gpu.device, gpu.queue);
            let Some(buffer) = step.params.binding() else { return };
            let [low, high] = if index == 0 { input } else { shaped[(index - 1) % 2].each_ref() };
            step.groups.fit([low, high], || {
                let layout = gpu.cache.get_bind_group_layout(&self.layout);
                let entries = BindGroupEntries::sequential((buffer, low, high));
                gpu.device.create_bind_group("masque_shape", &layout, &entries)
            });
        }
        self.pending = true;
    }

    pub(super) fn encode(&mut self, encoder: &mut CommandEncoder, cache: &PipelineCache) -> bool {
        if !self.pending {
            return true;
        }
        let pipeline = self.pipeline.and_then(|id| cache.get_render_pipeline(id));
        let (Some(pipeline), Some(shaped)) = (pipeline, &self.shaped) else { return false };
        for (index, step) in self.steps[..self.params.len()].iter().enumerate() {
            let Some(group) = step.groups.group() else { return false };
            let [low, high] = &shaped[index % 2];
            draw_fullscreen(encoder, "masque_shape", pipeline, &[group], &[low, high]);
        }
        self.pending = false;
        true
    }
}

/// The passes that `look` needs; none when no region has a shape of its own.
fn steps(look: &Look, frame: &Frame, (width, height): (u32, u32)) -> Vec<ShapeParams> {
    if !Region::ALL.iter().any(|region| look.style(*region).is_shaped()) {
        return Vec::new();
    }
    let of = |value: &dyn Fn(&RegionStyle) -> f32| {
        let mut values = [0.0; 8];
        for region in Region::ALL {
            values[region.index()] = value(look.style(region));
        }
        let [a, b, c, d, e, f, g, h] = values;
        [Vec4::new(a, b, c, d), Vec4::new(e, f, g, h)]
    };
    // From hundredths of the picture's height to texels.
    let down = height as f32 / 100.0;
    let across = width as f32 * frame.height as f32 / frame.width.max(1) as f32 / 100.0;
    let mut steps = Vec::new();
    for (axis, scale) in [(IVec4::X, across), (IVec4::Y, down)] {
        let grow = of(&|style| style.dilation * scale);
        push(&mut steps, axis, ShapeParams { grow, ..default() });
    }
    for (axis, scale) in [(IVec4::X, across), (IVec4::Y, down)] {
        let soft = of(&|style| style.softness * scale);
        push(&mut steps, axis, ShapeParams { soft, ..default() });
    }
    if steps.is_empty() {
        steps.push(ShapeParams { axis: IVec4::X, ..default() });
    }
    if let Some(last) = steps.last_mut() {
        last.invert = of(&|style| if style.invert { 1.0 } else { 0.0 });
    }
    steps
}

fn push(steps: &mut Vec<ShapeParams>, axis: IVec4, params: ShapeParams) {
    let reach = params.grow.iter().chain(&params.soft).map(|v| v.abs().max_element()).fold(0.0, f32::max);
    if reach > 0.0 {
        steps.push(ShapeParams { axis: axis + IVec4::Z * reach.ceil() as i32, ..params });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::frame::{ColorSpace, FramePool, FrameSeq, PixelFormat};

    #[test]
    fn a_neutral_look_needs_no_pass_and_a_shaped_one_as_many_as_it_has_axes() {
        let data = FramePool::new(1 << 20).acquire(PixelFormat::I420.bytes(160, 90)).expect("budget");
        let size = (160, 90);
        let frame =
            Frame::new(FrameSeq(0), Duration::ZERO, PixelFormat::I420, size, ColorSpace::default(), data)
                .expect("fits");
        let mut look = Look::default();
        assert!(steps(&look, &frame, (256, 256)).is_empty());
        look.hair.invert = true;
        assert_eq!(steps(&look, &frame, (256, 256)).len(), 1);
        look.hair.dilation = 2.0;
        let grown = steps(&look, &frame, (256, 256));
        assert_eq!(grown.len(), 2);
        assert!((grown[1].grow[0].y - 5.12).abs() < 1e-4 && (grown[0].grow[0].y - 2.88).abs() < 1e-4);
        assert_eq!((grown[0].axis, grown[1].axis), (IVec4::new(1, 0, 3, 0), IVec4::new(0, 1, 6, 0)));
        assert_eq!((grown[0].invert[0].y, grown[1].invert[0].y), (0.0, 1.0));
        look.clothes.softness = 1.0;
        assert_eq!(steps(&look, &frame, (256, 256)).len(), 4);
    }
}
