//! Looks that are switched and edited a thousand times while pictures are drawn: nothing breaks, and nothing piles up.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use bevy::render::RenderApp;
use bevy::render::render_asset::RenderAssets;
use bevy::render::renderer::RenderInstance;
use bevy::render::texture::GpuImage;
use masque::effect::{EffectFolders, EffectLibrary, EffectPlugin, WatchedEffects};
use masque::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use masque::look::{
    Look, LookFade, LookFile, LookLibrary, SwitchLook, TextureLibrary, WatchedLook, load_look, shipped_looks,
};
use masque::memory::resident_bytes;
use masque::perception::{Parsed, Perception};
use masque::schedule::Waker;
use masque::stats::Stats;

use crate::compositor::{Bench, flag, half_hair};

const TIMES: usize = 1000;
/// Resident memory may breathe: allocators and the driver give back late.
const BREATH: u64 = 48 << 20;

/// A bench and the number of its next frame.
struct Show {
    bench: Bench,
    frame: u64,
}

impl Show {
    fn new(look: Look) -> Self {
        let mut bench = Bench::with(look, None, |app| {
            app.add_plugins(EffectPlugin);
        });
        // As a live run: the last dress stays on while the next one is compiled.
        bench.wait(false);
        Self { bench, frame: 0 }
    }

    /// Shows another frame, 25 a second; each must come out.
    fn show(&mut self) {
        self.frame += 1;
        let Frame { width, height, .. } = flag();
        let mut data = FramePool::new(1 << 20).acquire(PixelFormat::Rgba8.bytes(width, height)).unwrap();
        data.copy_from_slice(flag().plane(0));
        let time = Duration::from_millis(40 * self.frame);
        let (format, color) = (PixelFormat::Rgba8, ColorSpace::default());
        let frame = Frame::new(FrameSeq(self.frame), time, format, (width, height), color, data).unwrap();
        let perception = Perception { mask: half_hair(), ..Perception::default() };
        let picture = self.bench.show(Arc::new(frame), Some(Arc::new(Parsed { perception })), false);
        assert!(picture.pixels.chunks(4).any(|pixel| pixel[..3] != [0, 0, 0]), "an empty picture");
    }

    fn counter(&self, name: &str) -> u64 {
        self.bench.counter(name)
    }

    fn world(&mut self) -> &mut World {
        self.bench.app.world_mut()
    }

    /// What is on the GPU, by kind.
    fn objects(&self) -> Vec<(&'static str, usize)> {
        let world = self.bench.app.sub_app(RenderApp).world();
        let report = world.resource::<RenderInstance>().generate_report().unwrap();
        let hub = report.hub_report();
        let images = world.resource::<RenderAssets<GpuImage>>().iter().count();
        vec![
            ("textures", hub.textures.num_allocated),
            ("buffers", hub.buffers.num_allocated),
            ("bind groups", hub.bind_groups.num_allocated),
            ("bind group layouts", hub.bind_group_layouts.num_allocated),
            ("render pipelines", hub.render_pipelines.num_allocated),
            ("compute pipelines", hub.compute_pipelines.num_allocated),
            ("shaders", hub.shader_modules.num_allocated),
            ("samplers", hub.samplers.num_allocated),
            ("images", images),
        ]
    }
}

/// The most that was seen of everything in a part of the run.
#[derive(Default)]
struct Most {
    objects: Vec<(&'static str, usize)>,
    resident: u64,
}

impl Most {
    fn note(&mut self, show: &Show) {
        self.resident = self.resident.max(resident_bytes().unwrap_or(0));
        let objects = show.objects();
        if self.objects.is_empty() {
            self.objects = objects;
            return;
        }
        for ((_, most), (_, now)) in self.objects.iter_mut().zip(objects) {
            *most = (*most).max(now);
        }
    }

    #[track_caller]
    fn assert_flat(&self, later: &Self) {
        println!(
            "early: {:?}, {} MiB; late: {:?}, {} MiB",
            self.objects,
            self.resident >> 20,
            later.objects,
            later.resident >> 20
        );
        for ((name, early), (_, late)) in self.objects.iter().zip(&later.objects) {
            // What is dropped goes a picture later: some are between.
            assert!(*late <= early + early / 10 + 4, "{name} pile up: {early}, then {late}");
        }
        assert!(
            later.resident <= self.resident + BREATH,
            "memory piles up: {} MiB, then {} MiB",
            self.resident >> 20,
            later.resident >> 20
        );
    }
}

#[test]
#[ignore = "takes minutes: make test-slow"]
fn a_thousand_switches_among_all_looks_leave_nothing_behind() {
    let mut show = Show::new(load_look(None, &TextureLibrary::default()).unwrap());
    let names: Vec<&str> = shipped_looks().collect();
    assert!(names.len() >= 10);
    let (mut early, mut late) = (Most::default(), Most::default());
    for switch in 0..TIMES {
        // Never the same pair for long, some fading, some cut, some in the middle of a fade.
        let name = names[(switch * 7 + switch / names.len()) % names.len()];
        let fade = Duration::from_millis([0, 40, 400][switch % 3]);
        show.world().write_message(SwitchLook { fade: Some(fade), ..SwitchLook::to(name) });
        for _ in 0..3 {
            show.show();
        }
        // Some are seen to their end, however long their shaders take.
        let mut waited = 0;
        while switch % 10 == 1 && show.world().resource::<LookFade>().from.is_some() {
            show.show();
            std::thread::sleep(Duration::from_millis(5));
            waited += 1;
            assert!(waited < 20_000, "{name} was never drawn");
        }
        match switch {
            _ if switch >= TIMES * 3 / 4 => late.note(&show),
            _ if (TIMES / 8..TIMES / 2).contains(&switch) => early.note(&show),
            _ => {}
        }
    }
    assert_eq!(show.counter("look_switch_failed"), 0);
    assert_eq!(show.counter("shaders_failed"), 0);
    assert!(show.counter("looks_switched") > TIMES as u64 / 2, "{}", show.counter("looks_switched"));
    early.assert_flat(&late);
}

fn effect(number: usize) -> String {
    let header = "/*{ \"INPUTS\": [{ \"NAME\": \"amount\", \"TYPE\": \"float\" }] }*/";
    let body = match number % 4 {
        0 | 2 => format!("return below(uv) * amount + {:.3};", (number % 50) as f32 / 100.0),
        1 => "return below(uv) * amuont;".to_owned(),
        _ => "loop { }".to_owned(),
    };
    format!("{header}\nfn effect(uv: vec2<f32>) -> vec4<f32> {{\n    {body}\n}}\n")
}

fn look(number: usize) -> String {
    let scale = 0.2 + (number % 70) as f32 / 100.0;
    let worn = "[[hair.effects]]\neffect = \"tried\"\n";
    match number % 4 {
        0 | 2 => format!("name = \"{number}\"\n[hair]\nscale = {scale}\ntint = [1, 0, {scale}]\n{worn}"),
        1 => format!("[hair]\nscale = = {scale}\n"),
        _ => String::new(),
    }
}

/// Writes another version and shows pictures until it was taken, or refused.
fn edit(show: &mut Show, path: &Path, text: &str, counters: [&str; 2]) {
    let taken = |show: &Show| counters.iter().map(|name| show.counter(name)).sum::<u64>();
    let before = taken(show);
    std::fs::write(path, text).unwrap();
    for _ in 0..4000 {
        show.show();
        if taken(show) > before {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{} was not taken: {text}", path.display());
}

#[test]
#[ignore = "takes minutes: make test-slow"]
fn a_thousand_edits_good_and_bad_leave_a_picture_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (effect_path, look_path) = (folder.path().join("tried.wgsl"), folder.path().join("mine.toml"));
    std::fs::write(&effect_path, effect(0)).unwrap();
    std::fs::write(&look_path, look(0)).unwrap();
    let mut folders = EffectFolders::open(&[folder.path().to_owned()]).unwrap();
    let mut effects = EffectLibrary::default();
    folders.read_into(&mut effects);
    let textures = TextureLibrary::default().with_effects(effects.clone());
    let loaded = LookLibrary::default().load(look_path.to_str(), &textures).unwrap();
    let mut show = Show::new(loaded.look);
    let (waker, stats) = (show.world().resource::<Waker>().clone(), show.world().resource::<Stats>().clone());
    show.world().insert_resource(effects);
    show.world().insert_resource(textures.clone());
    show.world().resource_mut::<WatchedEffects>().watch(folders, &waker, &stats);
    let file = LookFile { path: look_path.clone(), settings: Vec::new() };
    show.world().resource_mut::<WatchedLook>().watch(file, &textures, &waker, &stats);

    let (mut early, mut late) = (Most::default(), Most::default());
    for number in 1..=TIMES / 2 {
        edit(&mut show, &effect_path, &effect(number), ["effects_reloaded", "effect_reload_failed"]);
        edit(&mut show, &look_path, &look(number), ["looks_reloaded", "look_reload_failed"]);
        match number {
            _ if number >= TIMES * 3 / 8 => late.note(&show),
            _ if (TIMES / 16..TIMES / 4).contains(&number) => early.note(&show),
            _ => {}
        }
    }
    assert_eq!(show.counter("shaders_failed"), 0);
    for failed in ["effect_reload_failed", "look_reload_failed"] {
        assert!(show.counter(failed) >= TIMES as u64 / 4, "{failed}: {}", show.counter(failed));
    }
    early.assert_flat(&late);
}
