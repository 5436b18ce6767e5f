//! What the programs are bound to for the picture that is due.

use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BufferId, PipelineCache, TextureId, TextureView, UniformBuffer,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::{FallbackImage, GpuImage};
use wgpu::TextureViewDescriptor;

use super::bind_groups::BindGroups;
use super::convert::Convert;
use super::matte::{Follow, MatteChain, Mattes};
use super::outline::Outline;
use super::params::{ComposeParams, mip_level};
use super::program::Layouts;
use super::scene::Scene;
use super::tiles::Tiles;
use super::{Composition, Dress};
use crate::frame::Region;

/// Parameters and bind groups, made anew only when a texture is another one.
#[derive(Resource, Default)]
pub(super) struct ComposeBindings {
    /// The dress that is worn, and the one that fades.
    stages: [DressBindings; 2],
    mattes: BindGroups,
    lists: Option<BufferId>,
}

impl ComposeBindings {
    /// The scene of the dress of this `stage`: 0 the one that is worn, 1 the one that fades.
    pub(super) fn scene(&self, stage: usize) -> Option<&BindGroup> {
        self.stages.get(stage).and_then(|stage| stage.scene.group())
    }

    /// Tiles and mattes.
    pub(super) fn mattes(&self) -> Option<&BindGroup> {
        self.mattes.group()
    }
}

/// What one dress is bound to.
#[derive(Default)]
struct DressBindings {
    params: UniformBuffer<ComposeParams>,
    cloths: [Option<Cloth>; Region::COUNT],
    scene: BindGroups,
}

/// One mip level of a texture: the shader samples no other.
struct Cloth {
    texture: TextureId,
    level: u32,
    view: TextureView,
}

impl DressBindings {
    fn choose_cloths(&mut self, dress: &Dress, output: UVec2, images: &RenderAssets<GpuImage>) {
        for region in Region::ALL {
            let slot = &mut self.cloths[region.index()];
            let image = dress.textures[region.index()].as_ref().and_then(|handle| images.get(handle));
            let Some(image) = image else {
                *slot = None;
                continue;
            };
            let texture = &image.texture;
            let size = UVec2::new(texture.width(), texture.height());
            let level = mip_level(size, dress.look.style(region).scale, output)
                .min(texture.mip_level_count().saturating_sub(1));
            if slot.as_ref().is_none_or(|cloth| cloth.texture != texture.id() || cloth.level != level) {
                let view = texture.create_view(&TextureViewDescriptor {
                    base_mip_level: level,
                    mip_level_count: Some(1),
                    ..default()
                });
                *slot = Some(Cloth { texture: texture.id(), level, view });
            }
        }
    }
}

/// Uploads parameters and binds textures of the picture that is due.
pub(super) fn prepare_bindings(
    (composition, scene): (Res<Composition>, Res<Scene>),
    layouts: Res<Layouts>,
    cache: Res<PipelineCache>,
    images: Res<RenderAssets<GpuImage>>,
    fallback: Res<FallbackImage>,
    (convert, chain): (Res<Convert>, MatteChain),
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    (mut tiles, mut outline): (ResMut<Tiles>, ResMut<Outline>),
    mut bindings: ResMut<ComposeBindings>,
) {
    let (Some(frame), Some(due)) = (&composition.frame, scene.due()) else { return };
    let Some([picture, last]) = convert.pictures() else { return };
    let (size, uv) = (composition.output_size, composition.uv_of(frame));
    let is_calm = due.is_calm() && composition.parsed.is_some();
    let follow = if is_calm {
        outline.fit(&device, (size, uv));
        let follow = chain.follow().filter(|_| outline.known);
        Some(follow.unwrap_or(Follow { anew: true, ..default() }))
    } else {
        outline.forget();
        None
    };
    let blank = &fallback.d2.texture_view;
    let ComposeBindings { stages, mattes: matte_groups, lists: known_lists } = &mut *bindings;
    let dresses = [Some(&due.worn), due.from.as_ref().map(|(worn, _)| worn)];
    for (stage, worn) in stages.iter_mut().zip(dresses) {
        let Some(worn) = worn else {
            *stage = DressBindings::default();
            continue;
        };
        stage.choose_cloths(&worn.dress, size, &images);
        let textured = stage.cloths.each_ref().map(Option::is_some);
        stage.params.set(ComposeParams::new(&composition, &worn.dress.look, frame, textured, follow));
        stage.params.write_buffer(&device, &queue);
        let [t0, t1, t2, t3, t4, t5] =
            stage.cloths.each_ref().map(|cloth| cloth.as_ref().map_or(blank, |cloth| &cloth.view));
        let Some(buffer) = stage.params.binding() else { return };
        stage.scene.fit([picture, t0, t1, t2, t3, t4, t5], || {
            let (edge, tile) = (&layouts.edge_sampler, &layouts.tile_sampler);
            let entries = (buffer, edge, tile, picture, t0, t1, t2, t3, t4, t5);
            device.create_bind_group("masque_scene", &layouts.scene, &BindGroupEntries::sequential(entries))
        });
    }
    if composition.parsed.is_none() || !due.needs_mattes() {
        matte_groups.clear();
        tiles.rest();
        return;
    }
    let motion = chain.shown_motion();
    let (views, refined) = match chain.mattes() {
        Mattes::Plain([low, high]) => ([low, high, high], false),
        Mattes::Fitted(fits) => (fits, true),
    };
    tiles.prepare((&device, &queue), &cache, (size, uv), (views, refined, motion));
    let [m0, m1, m2] = views;
    let Some(lists) = tiles.lists() else { return };
    if known_lists.replace(lists.id()) != Some(lists.id()) {
        matte_groups.clear();
    }
    let before = outline.views().map_or(blank, |[_, before]| before);
    matte_groups.fit([m0, m1, m2, motion, last, before], || {
        let entries = (lists.as_entire_binding(), m0, m1, m2, motion, last, before);
        device.create_bind_group("masque_mattes", &layouts.mattes, &BindGroupEntries::sequential(entries))
    });
}
