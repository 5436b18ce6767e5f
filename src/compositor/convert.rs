//! The camera's planes become one RGBA picture of the frame's size, once per frame; the picture before it is
//! kept to see what changed.
//!
//! The shader is written for each pixel format and colour space, with the conversion's numbers in it:
//! looked up from a buffer, they would double its cost on a software device.

use bevy::core_pipeline::FullscreenShader;
use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{sampler, texture_2d};
use bevy::render::render_resource::{
    BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, CachedRenderPipelineId,
    CommandEncoder, PipelineCache, Sampler, SamplerBindingType, ShaderStages, Texture, TextureFormat,
    TextureSampleType, TextureUsages, TextureView,
};
use bevy::render::renderer::RenderDevice;

use super::Composition;
use super::bind_groups::BindGroups;
use super::frame_upload::FrameTextures;
use super::passes::{draw_fullscreen, edge_sampler, fullscreen_pipeline, texture};
use super::scene::Scene;
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, Frame, PixelFormat};

const FORMATS: [PixelFormat; 4] =
    [PixelFormat::Nv12, PixelFormat::I420, PixelFormat::Yuyv, PixelFormat::Rgba8];

type Kind = (PixelFormat, ColorSpace);

/// The written shaders; made in the main world, which owns assets.
#[derive(Resource, Debug, Clone, Default)]
pub(super) struct ConvertShaders(HashMap<Kind, Handle<Shader>>);

impl ConvertShaders {
    pub(super) fn new(shaders: &mut Assets<Shader>) -> Self {
        let mut all = HashMap::default();
        for format in FORMATS {
            for matrix in [ColorMatrix::Bt601, ColorMatrix::Bt709] {
                for range in [ColorRange::Limited, ColorRange::Full] {
                    let color = ColorSpace { matrix, range };
                    let path = format!("masque/convert_{format:?}_{matrix:?}_{range:?}.wgsl");
                    let shader = Shader::from_wgsl(source(format, color), path);
                    all.insert((format, color), shaders.add(shader));
                }
            }
        }
        Self(all)
    }
}

/// For frames that are RGBA already.
const COPY: &str = "#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput

@group(0) @binding(1) var plane0: texture_2d<f32>;

@fragment
fn convert(in: FullscreenVertexOutput) -> @location(0) vec4<f32> {
    return textureLoad(plane0, vec2<i32>(in.position.xy), 0);
}
";

fn source(format: PixelFormat, color: ColorSpace) -> String {
    let planes = match format {
        PixelFormat::I420 => {
            "let luma = textureLoad(plane0, at, 0).r;
    let chroma = vec2(
        textureSampleLevel(plane1, linear_sampler, in.uv, 0.0).r,
        textureSampleLevel(plane2, linear_sampler, in.uv, 0.0).r,
    );"
        }
        PixelFormat::Yuyv => {
            "let pair = textureLoad(plane0, vec2(at.x / 2, at.y), 0);
    let luma = select(pair.r, pair.b, (at.x & 1) == 1);
    let chroma = textureSampleLevel(plane0, linear_sampler, in.uv, 0.0).ga;"
        }
        PixelFormat::Rgba8 => return COPY.into(),
        PixelFormat::Nv12 => {
            "let luma = textureLoad(plane0, at, 0).r;
    let chroma = textureSampleLevel(plane1, linear_sampler, in.uv, 0.0).rg;"
        }
    };
    let (rows, offset) = color.to_rgb();
    let rows: Vec<String> = rows
        .iter()
        .zip(offset)
        .map(|([y, cb, cr], offset)| format!("        dot(vec3({y:?}, {cb:?}, {cr:?}), yuv) + {offset:?},"))
        .collect();
    format!(
        "#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput

@group(0) @binding(0) var linear_sampler: sampler;
@group(0) @binding(1) var plane0: texture_2d<f32>;
@group(0) @binding(2) var plane1: texture_2d<f32>;
@group(0) @binding(3) var plane2: texture_2d<f32>;

@fragment
fn convert(in: FullscreenVertexOutput) -> @location(0) vec4<f32> {{
    let at = vec2<i32>(in.position.xy);
    {planes}
    let yuv = vec3(luma, chroma);
    return vec4(
{}
        1.0,
    );
}}
",
        rows.join("\n")
    )
}

/// Pipelines as they are needed, and the two pictures.
#[derive(Resource)]
pub(super) struct Convert {
    layout: BindGroupLayoutDescriptor,
    sampler: Sampler,
    pipelines: HashMap<Kind, CachedRenderPipelineId>,
    pictures: Option<[(Texture, TextureView); 2]>,
    current: usize,
    groups: BindGroups,
    /// Version of the planes that the current picture is of.
    version: u64,
    pending: bool,
}

impl FromWorld for Convert {
    fn from_world(world: &mut World) -> Self {
        let plane = || texture_2d(TextureSampleType::Float { filterable: true });
        let layout = BindGroupLayoutDescriptor::new(
            "masque_convert",
            &BindGroupLayoutEntries::sequential(
                ShaderStages::FRAGMENT,
                (sampler(SamplerBindingType::Filtering), plane(), plane(), plane()),
            ),
        );
        let sampler = edge_sampler(world.resource::<RenderDevice>());
        let pipelines = HashMap::default();
        Self {
            layout,
            sampler,
            pipelines,
            pictures: None,
            current: 0,
            groups: BindGroups::default(),
            version: 0,
            pending: false,
        }
    }
}

impl Convert {
    /// The frame as RGBA, and the one before it.
    pub(super) fn pictures(&self) -> Option<[&TextureView; 2]> {
        let pictures = self.pictures.as_ref()?;
        Some([&pictures[self.current].1, &pictures[1 - self.current].1])
    }

    /// Records the conversion when the planes were written anew. `false`: the pipeline is not there yet.
    pub(super) fn encode(
        &mut self,
        encoder: &mut CommandEncoder,
        frame: &Frame,
        cache: &PipelineCache,
    ) -> bool {
        if !self.pending {
            return true;
        }
        let pipeline = self.pipelines.get(&(frame.format, frame.color));
        let pipeline = pipeline.and_then(|id| cache.get_render_pipeline(*id));
        let (Some(pipeline), Some([view, _]), Some(group)) = (pipeline, self.pictures(), self.groups.group())
        else {
            return false;
        };
        draw_fullscreen(encoder, "masque_convert", pipeline, &[group], &[view]);
        self.pending = false;
        true
    }
}

/// Makes what the conversion of this frame needs.
pub(super) fn prepare_convert(
    (composition, scene): (Res<Composition>, Res<Scene>),
    planes: Res<FrameTextures>,
    (device, cache): (Res<RenderDevice>, Res<PipelineCache>),
    (shaders, fullscreen): (Res<ConvertShaders>, Res<FullscreenShader>),
    mut convert: ResMut<Convert>,
    mut converted: Local<u64>,
) {
    let Some(frame) = &composition.frame else { return };
    if *converted == scene.turn() {
        return;
    }
    *converted = scene.turn();
    let convert = &mut *convert;
    let kind = (frame.format, frame.color);
    if let Some(shader) = shaders.0.get(&kind) {
        let layout = &convert.layout;
        convert.pipelines.entry(kind).or_insert_with(|| {
            let target = [TextureFormat::Rgba8Unorm];
            fullscreen_pipeline(&cache, &fullscreen, shader.clone(), "convert", vec![layout.clone()], &target)
        });
    }
    let size = (frame.width, frame.height);
    let fits = convert
        .pictures
        .as_ref()
        .is_some_and(|[(texture, _), _]| (texture.width(), texture.height()) == size);
    if !fits {
        let usage = TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING;
        let picture = |_| texture(&device, "masque_frame", size, TextureFormat::Rgba8Unorm, usage);
        convert.pictures = Some([0, 1].map(picture));
    }
    if !fits || convert.version != planes.version {
        convert.version = planes.version;
        convert.current = 1 - convert.current;
        convert.pending = true;
    }
    let [y, u, v] = &planes.views;
    let (layout, sampler) = (&convert.layout, &convert.sampler);
    convert.groups.fit([y, u, v], || {
        let layout = cache.get_bind_group_layout(layout);
        device.create_bind_group("masque_convert", &layout, &BindGroupEntries::sequential((sampler, y, u, v)))
    });
}
