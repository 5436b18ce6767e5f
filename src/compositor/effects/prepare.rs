//! Everything that the effects of the picture that is due need, before it is drawn.

use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::{FallbackImage, FallbackImageZero, GpuImage};

use super::clock::Clock;
use super::edge_textures::Edges;
use super::stage::{Common, Stage};
use super::values::Shared;
use crate::compositor::Composition;
use crate::compositor::matte::MatteChain;
use crate::compositor::program::{FIRST_SLOT, Layouts, PEOPLE};
use crate::compositor::scene::Scene;
use crate::frame::Region;
use crate::stats::Stats;

/// What effects need, made when it is first needed.
#[derive(Resource)]
pub(in crate::compositor) struct Effects {
    clock: Clock,
    pub(super) stages: [Stage; 2],
    edges: Edges,
}

impl FromWorld for Effects {
    fn from_world(world: &mut World) -> Self {
        let device = world.resource::<RenderDevice>();
        Self { clock: Clock::default(), stages: [0, 1].map(|_| Stage::new(device)), edges: Edges::default() }
    }
}

/// Uploads values and binds textures for the picture that is due.
pub(in crate::compositor) fn prepare_effects(
    (composition, scene): (Res<Composition>, Res<Scene>),
    layouts: Res<Layouts>,
    (images, white, zero): (Res<RenderAssets<GpuImage>>, Res<FallbackImage>, Res<FallbackImageZero>),
    chain: MatteChain,
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    stats: Res<Stats>,
    mut effects: ResMut<Effects>,
    mut prepared: Local<u64>,
    mut faded: Local<Option<u64>>,
) {
    let (Some(frame), Some(due)) = (&composition.frame, scene.due()) else { return };
    if *prepared != scene.turn() {
        *prepared = scene.turn();
        effects.clock.show(frame);
    }
    let Effects { clock, stages, edges } = &mut *effects;
    let worn = [Some(&due.worn), due.from.as_ref().map(|(from, _)| from)];
    // What fades takes what it keeps along; the new dress begins anew.
    let fading = due.from.as_ref().map(|(from, _)| from.dress.number);
    if fading.is_some() && fading != *faded {
        stages.swap(0, 1);
    }
    *faded = fading;
    let asked = worn.iter().flatten().fold(0, |all, worn| all | worn.program.plan().edges(&worn.dress));
    let aspect = frame.width as f32 / frame.height.max(1) as f32;
    if let (Some(parsed), 1..) = (&composition.parsed, asked) {
        edges.fit((&device, &queue), (parsed, aspect), &due.worn.dress.look, asked, &stats);
    } else {
        edges.forget();
    }
    let size = composition.output_size;
    let uv = composition.uv_of(frame);
    let blank = &zero.texture_view;
    let common = Common {
        blank,
        white: &white.d2.texture_view,
        edges: [0, 1].map(|plane| edges.view(plane, blank)),
        motion: chain.frame_motion(),
        images: &images,
    };
    let shared = Shared { composition: &composition, clock, uv };
    let mut bytes = 0;
    for (stage, worn) in stages.iter_mut().zip(worn) {
        let plan = worn.map(|worn| worn.program.plan()).filter(|plan| !plan.layers.is_empty());
        let (Some(plan), Some(worn)) = (plan, worn) else {
            stage.forget();
            continue;
        };
        stage.fit(&device, plan, size, &stats);
        bytes += stage.targets.bytes();
        stage.write(&queue, &shared, plan, &worn.dress);
        stage.bind((&device, &layouts), &common, (plan, &worn.dress));
    }
    if bytes > 0 || stats.gauge_value("effect_targets_resident_bytes").is_some() {
        stats.gauge("effect_targets_resident_bytes", bytes as f64);
    }
}

const _: () = assert!(PEOPLE == Region::COUNT && FIRST_SLOT > 4);
