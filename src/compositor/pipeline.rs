//! The pipelines of `shaders/compose.wgsl` and the layouts of their bindings.

use bevy::asset::AssetServer;
use bevy::core_pipeline::FullscreenShader;
use bevy::prelude::*;
use bevy::render::render_resource::binding_types::{sampler, texture_2d, uniform_buffer};
use bevy::render::render_resource::{
    BindGroupLayoutDescriptor, BindGroupLayoutEntries, CachedRenderPipelineId, FragmentState, PipelineCache,
    RenderPipeline, RenderPipelineDescriptor, Sampler, SamplerBindingType, ShaderStages, TextureFormat,
    TextureSampleType, VertexState,
};
use bevy::render::renderer::RenderDevice;
use bevy::shader::ShaderDefVal;

use super::outline::OUTLINE;
use super::params::ComposeParams;
use super::passes::{edge_sampler, targets, tile_sampler};
use super::tiles::{LISTS, lists_binding};
use crate::frame::Region;

/// What a composition has, and its pipelines leave out what it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Variant {
    /// The output shows the frame pixel by pixel.
    pub exact: bool,
    /// Mattes follow the picture's edges.
    pub refined: bool,
    /// The mattes are of an older frame and moved along.
    pub moved: bool,
    /// The outline is calmed on pixels that stay.
    pub calm: bool,
}

impl Variant {
    const COUNT: usize = 16;

    fn index(self) -> usize {
        [self.exact, self.refined, self.moved, self.calm]
            .into_iter()
            .rev()
            .fold(0, |index, has| index * 2 + usize::from(has))
    }

    fn defs(self) -> Vec<ShaderDefVal> {
        let defs =
            [(self.exact, "EXACT"), (self.refined, "REFINED"), (self.moved, "MOVED"), (self.calm, "CALM")];
        defs.into_iter().filter(|(has, _)| *has).map(|(_, name)| name.into()).collect()
    }
}

/// Fragment entry that shows the frame as it is.
const BARE: &str = "bare";

/// Vertex and fragment entry of each list of tiles: the six regions alone, and all of them mixed.
const ENTRIES: [(&str, &str); LISTS] = [
    ("tile_background", "pure_background"),
    ("tile_hair", "pure_hair"),
    ("tile_body_skin", "pure_body_skin"),
    ("tile_face_skin", "pure_face_skin"),
    ("tile_clothes", "pure_clothes"),
    ("tile_accessories", "pure_accessories"),
    ("tile_mixed", "mixed"),
];

/// Made in `RenderStartup`, so that a new device after a loss has it again.
#[derive(Resource)]
pub(super) struct ComposePipeline {
    /// Parameters, frame and textures.
    pub(super) scene: BindGroupLayoutDescriptor,
    /// Tiles and mattes.
    pub(super) mattes: BindGroupLayoutDescriptor,
    /// Clamps at the edges: frame and mattes.
    pub(super) edge_sampler: Sampler,
    /// Repeats: textures of regions.
    pub(super) tile_sampler: Sampler,
    shader: Handle<Shader>,
    /// What shaders import stays loaded.
    _light: Handle<Shader>,
    whole: VertexState,
    bare: [Option<CachedRenderPipelineId>; Variant::COUNT],
    tiles: [Option<[CachedRenderPipelineId; LISTS]>; Variant::COUNT],
}

pub(super) fn init_pipeline(
    mut commands: Commands,
    device: Res<RenderDevice>,
    server: Res<AssetServer>,
    fullscreen: Res<FullscreenShader>,
) {
    let texture = || texture_2d(TextureSampleType::Float { filterable: true });
    let scene = BindGroupLayoutDescriptor::new(
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
    let mattes = BindGroupLayoutDescriptor::new(
        "masque_mattes",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::FRAGMENT,
            (lists_binding(), texture(), texture(), texture(), texture(), texture(), texture()),
        ),
    );
    commands.insert_resource(ComposePipeline {
        scene,
        mattes,
        edge_sampler: edge_sampler(&device),
        tile_sampler: tile_sampler(&device),
        shader: server.load("embedded://masque/compose.wgsl"),
        _light: server.load("embedded://masque/light.wgsl"),
        whole: fullscreen.to_vertex_state(),
        bare: [None; Variant::COUNT],
        tiles: [None; Variant::COUNT],
    });
}

impl ComposePipeline {
    /// Begins to compile what `variant` needs.
    pub(super) fn request(&mut self, cache: &PipelineCache, variant: Variant) {
        let index = variant.index();
        if self.bare[index].is_none() {
            let layout = vec![self.scene.clone()];
            self.bare[index] = Some(self.queue(cache, variant, layout, self.whole.clone(), BARE));
        }
        if self.tiles[index].is_none() {
            let ids = ENTRIES.map(|(vertex, fragment)| {
                let layout = vec![self.scene.clone(), self.mattes.clone()];
                let vertex = VertexState {
                    shader: self.shader.clone(),
                    shader_defs: variant.defs(),
                    entry_point: Some(vertex.into()),
                    ..default()
                };
                self.queue(cache, variant, layout, vertex, fragment)
            });
            self.tiles[index] = Some(ids);
        }
    }

    fn queue(
        &self,
        cache: &PipelineCache,
        variant: Variant,
        layout: Vec<BindGroupLayoutDescriptor>,
        vertex: VertexState,
        entry: &'static str,
    ) -> CachedRenderPipelineId {
        let all = [TextureFormat::Rgba8Unorm, OUTLINE];
        let formats = if variant.calm && entry != BARE { &all[..] } else { &all[..1] };
        cache.queue_render_pipeline(RenderPipelineDescriptor {
            label: Some(entry.into()),
            layout,
            vertex,
            fragment: Some(FragmentState {
                shader: self.shader.clone(),
                shader_defs: variant.defs(),
                entry_point: Some(entry.into()),
                targets: targets(formats),
            }),
            ..default()
        })
    }

    /// The pipeline that shows the frame as it is, once compiled.
    pub(super) fn bare<'a>(&self, cache: &'a PipelineCache, variant: Variant) -> Option<&'a RenderPipeline> {
        self.bare[variant.index()].and_then(|id| cache.get_render_pipeline(id))
    }

    /// The pipelines of the lists of tiles, once all are compiled.
    pub(super) fn tiles<'a>(
        &self,
        cache: &'a PipelineCache,
        variant: Variant,
    ) -> Option<[&'a RenderPipeline; LISTS]> {
        let ids = self.tiles[variant.index()]?;
        let mut found = ids.map(|id| cache.get_render_pipeline(id));
        if found.iter().any(Option::is_none) {
            return None;
        }
        let first = found[0]?;
        Some(found.each_mut().map(|pipeline| pipeline.take().unwrap_or(first)))
    }
}

const _: () = assert!(LISTS == Region::COUNT + 1);
