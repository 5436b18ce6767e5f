//! The library of textures: the user's own, what stays on the GPU, and what is let go.

use std::path::Path;
use std::time::Duration;

use bevy::asset::AssetPlugin;
use bevy::prelude::*;
use bevy::render::RenderApp;
use bevy::render::render_asset::RenderAssets;
use bevy::render::texture::GpuImage;
use image::{Rgba, RgbaImage};
use masque::frame::Region;
use masque::look::{
    AddTextures, CurrentLook, FacePart, FacePartStyle, Look, LookPlugin, RegionStyle, TextureBudget,
    TextureLibrary, Wardrobe, find_textures, load_look, randomise,
};
use masque::memory::{MemoryStatus, PressureLevel};
use masque::schedule::Waker;
use masque::stats::Stats;

use crate::compositor::{Bench, assert_near, flag, half_hair, pixel};
use crate::program::{masque, stderr};

/// Pixels a side of a small texture, and its bytes with all mip levels.
const SIDE: u32 = 8;
const BYTES: u64 = (64 + 16 + 4 + 1) * 4;
/// Small textures that stay without being worn.
const IDLE: u64 = 20;
/// Places that wear a texture.
const PLACES: u64 = (Region::COUNT + FacePart::COUNT) as u64;

fn save(folder: &Path, name: &str, color: [u8; 4]) {
    RgbaImage::from_pixel(SIDE, SIDE, Rgba(color)).save(folder.join(name)).unwrap();
}

/// A library of small textures only, those of the program shadowed by some of the same name.
fn small_library(folder: &Path) -> TextureLibrary {
    let mut library = TextureLibrary::default();
    let names: Vec<String> = library.names().map(str::to_owned).collect();
    let own = (names.len()..100).map(|n| format!("own{n}"));
    for (n, name) in names.iter().cloned().chain(own).enumerate() {
        save(folder, &format!("{name}.png"), [n as u8, 100, 200, 255]);
    }
    library.add(find_textures(folder).unwrap(), &Stats::default());
    assert_eq!(library.names().count(), 100);
    library
}

/// Regions by chance, and some parts of the face.
fn any_look(library: &TextureLibrary, seed: u64) -> Look {
    let mut look = randomise(&Look::default(), library, seed);
    let names: Vec<&str> = library.names().collect();
    for (n, part) in FacePart::ALL.into_iter().enumerate() {
        if (seed >> n) % 2 == 1 {
            let texture = Some(names[(seed as usize * 7 + n) % names.len()].to_owned());
            *look.face_part_mut(part) = FacePartStyle { texture, ..default() };
        }
    }
    look
}

/// Updates until all textures that are wanted are there.
fn settle(app: &mut App) {
    for _ in 0..10_000 {
        app.update();
        if app.world().resource::<Wardrobe>().is_complete() {
            return;
        }
        std::thread::yield_now();
    }
    panic!("textures never came: {:?}", app.world().resource::<Stats>().counters());
}

fn wear(app: &mut App, look: Look) {
    app.world_mut().resource_mut::<CurrentLook>().0 = look;
    settle(app);
}

/// The main world's part: looks and assets without a GPU.
fn app(library: TextureLibrary, budget: u64) -> App {
    let mut app = App::new();
    app.add_plugins((TaskPoolPlugin::default(), AssetPlugin::default()))
        .init_asset::<Image>()
        .insert_resource(Stats::default())
        .init_resource::<Waker>()
        .insert_resource(library)
        .insert_resource(TextureBudget(budget))
        .add_plugins(LookPlugin { look: Look::default() });
    app
}

/// How many textures and bytes the stats say are on the GPU.
fn resident(app: &App) -> (u64, u64) {
    let gauge = |name| app.world().resource::<Stats>().gauge_value(name).unwrap() as u64;
    (gauge("textures_resident"), gauge("textures_resident_bytes"))
}

fn images(app: &App) -> u64 {
    app.world().resource::<Assets<Image>>().len() as u64
}

#[test]
fn ten_thousand_random_looks_keep_no_more_than_what_is_worn_and_the_budget() {
    let folder = tempfile::tempdir().unwrap();
    let library = small_library(folder.path());
    let mut app = app(library.clone(), IDLE * BYTES);
    app.update();
    let before = images(&app);
    let mut most = 0;
    for seed in 0..10_000 {
        wear(&mut app, any_look(&library, seed));
        let (count, bytes) = resident(&app);
        assert!(bytes <= (PLACES + IDLE) * BYTES, "{bytes} bytes after {seed} looks");
        most = most.max(count);
        // What was let go is dropped at the end of the update.
        assert!(images(&app) - before <= PLACES + IDLE + 2, "{} images", images(&app));
    }
    assert!(most > IDLE, "the budget is used: {most}");
    let stats = app.world().resource::<Stats>();
    assert!(stats.counter("textures_evicted") > 1000, "{:?}", stats.counters());
    assert_eq!(stats.counter("textures_failed"), 0);

    wear(&mut app, Look::default());
    app.world_mut().insert_resource(TextureBudget(0));
    wear(&mut app, Look::default());
    app.update();
    assert_eq!((resident(&app), images(&app)), ((0, 0), before), "nothing worn and no budget: nothing stays");
}

/// The same with a GPU: what the render world holds.
fn dress_on_the_gpu(looks: u64) {
    let folder = tempfile::tempdir().unwrap();
    let library = small_library(folder.path());
    let mut bench = Bench::new(Look::default(), None);
    bench.app.insert_resource(library.clone()).insert_resource(TextureBudget(IDLE * BYTES));
    let gpu_images =
        |app: &App| app.sub_app(RenderApp).world().resource::<RenderAssets<GpuImage>>().iter().count() as u64;
    bench.draw(flag(), Some(half_hair()), false);
    let before = gpu_images(&bench.app);
    let mut most = 0;
    for seed in 0..looks {
        wear(&mut bench.app, any_look(&library, seed));
        most = most.max(gpu_images(&bench.app) - before.min(gpu_images(&bench.app)));
        assert!(most <= PLACES + IDLE + 2, "{most} images on the GPU after {seed} looks");
    }
    assert!(most > IDLE / 2, "textures reach the GPU: {most}");
}

#[test]
fn random_looks_leave_nothing_on_the_gpu() {
    dress_on_the_gpu(100);
}

#[test]
#[ignore = "slow: make test-slow"]
fn ten_thousand_random_looks_leave_nothing_on_the_gpu() {
    dress_on_the_gpu(10_000);
}

#[test]
fn a_texture_worn_again_is_not_loaded_again_and_the_longest_unworn_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let library = small_library(folder.path());
    let mut app = app(library, 2 * BYTES);
    let mut hair = |name: &str| {
        let hair = RegionStyle { texture: Some(name.into()), ..default() };
        wear(&mut app, Look { hair, ..default() });
        app.world().resource::<Stats>().counter("textures_loaded")
    };
    for (name, loaded) in [("silk", 1), ("lava", 2), ("silk", 2), ("moss", 3), ("ice", 4)] {
        assert_eq!(hair(name), loaded, "{name}");
    }
    // Moss and silk are kept; lava went.
    for (name, loaded) in [("silk", 4), ("moss", 4), ("lava", 5)] {
        assert_eq!(hair(name), loaded, "{name}");
    }
}

#[test]
fn what_cannot_be_worn_leaves_its_region_bare_says_why_and_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = app(small_library(folder.path()), 0);
    let broken = folder.path().join("silk.png");
    std::fs::write(&broken, b"no picture any more").unwrap();
    let style = |name: &str| RegionStyle { texture: Some(name.into()), ..default() };
    wear(&mut app, Look { hair: style("silk"), clothes: style("velvet"), ..default() });
    let wardrobe = app.world().resource::<Wardrobe>();
    assert!(wardrobe.texture(Region::Hair).is_none() && wardrobe.texture(Region::Clothes).is_none());
    let stats = app.world().resource::<Stats>();
    assert_eq!(stats.counter("textures_failed"), 2);
    let lines: Vec<String> = stats.events().into_iter().map(|event| event.message).collect();
    assert!(lines.iter().any(|line| line.contains("hair") && line.contains("silk.png")), "{lines:?}");
    let velvet = |line: &String| line.contains("clothes") && line.contains("velvet") && line.contains("moss");
    assert!(lines.iter().any(velvet), "{lines:?}");
}

/// How memory is from now on, and updates until textures are as they should be then.
fn press(app: &mut App, level: PressureLevel) {
    app.world_mut().resource_mut::<MemoryStatus>().level = level;
    settle(app);
}

#[test]
fn only_what_is_too_large_is_decoded_again_when_memory_is_critical_and_when_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut library = small_library(folder.path());
    RgbaImage::from_pixel(1500, 4, Rgba([255; 4])).save(folder.path().join("wide.png")).unwrap();
    library.add(find_textures(folder.path()).unwrap(), &Stats::default());
    let mut app = app(library, 0);
    let style = |name: &str| RegionStyle { texture: Some(name.into()), ..default() };
    wear(&mut app, Look { hair: style("silk"), clothes: style("wide"), ..default() });
    let loaded = |app: &App| app.world().resource::<Stats>().counter("textures_loaded");
    let (_, whole) = resident(&app);
    assert_eq!(loaded(&app), 2);
    press(&mut app, PressureLevel::Critical);
    assert_eq!(loaded(&app), 3, "the wide one");
    assert!(resident(&app).1 < whole, "{} of {whole} bytes", resident(&app).1);
    press(&mut app, PressureLevel::Normal);
    assert_eq!((loaded(&app), resident(&app).1), (4, whole), "the wide one, as it was");
}

#[test]
fn a_texture_whose_file_is_gone_is_worn_as_it_is_when_memory_becomes_critical() {
    let folder = tempfile::tempdir().unwrap();
    let wide = folder.path().join("wide.png");
    RgbaImage::from_pixel(1500, 4, Rgba([255; 4])).save(&wide).unwrap();
    let mut library = TextureLibrary::default();
    library.add(find_textures(folder.path()).unwrap(), &Stats::default());
    let mut app = app(library, 0);
    let style = |name: &str| RegionStyle { texture: Some(name.into()), ..default() };
    wear(&mut app, Look { hair: style("wide"), ..default() });
    std::fs::remove_file(&wide).unwrap();
    let worn = |app: &App, region| app.world().resource::<Wardrobe>().texture(region).cloned();
    let before = worn(&app, Region::Hair);
    assert!(before.is_some());
    press(&mut app, PressureLevel::Critical);
    assert_eq!(worn(&app, Region::Hair), before, "not bare");
    // Nor where it is worn from now on.
    wear(&mut app, Look { hair: style("wide"), clothes: style("wide"), ..default() });
    assert_eq!(worn(&app, Region::Clothes), before);
    let stats = app.world().resource::<Stats>();
    assert_eq!((stats.counter("textures_kept_as_they_are"), stats.counter("textures_failed")), (1, 0));
    let told = stats.events().iter().filter(|event| event.message.contains("wide.png")).count();
    assert_eq!(told, 1, "said once");
}

#[test]
fn a_folder_that_comes_while_running_is_worn_at_once() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), "lava.png", [0, 255, 0, 255]);
    save(folder.path(), "glass.png", [0, 128, 0, 128]);
    let hair = RegionStyle { texture: Some("lava".into()), shading: 0.0, ..default() };
    let mut bench = Bench::new(Look { hair, ..default() }, None);
    bench.draw(flag(), Some(half_hair()), false);
    bench.app.world_mut().write_message(AddTextures(folder.path().into()));
    for _ in 0..2000 {
        bench.app.update();
        if bench.counter("textures_added") > 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let picture = bench.draw(flag(), Some(half_hair()), false);
    assert_near(pixel(&picture, 10, 20), [0, 255, 0], "the user's own lava");
    assert_eq!(bench.counter("textures_shadowed"), 1);

    let hair = RegionStyle { texture: Some("glass".into()), shading: 0.0, ..default() };
    bench.wear(Look { hair, ..default() });
    let picture = bench.draw(flag(), Some(half_hair()), false);
    assert_near(pixel(&picture, 10, 20), [127, 64, 0], "half transparent over red");
    assert_near(pixel(&picture, 50, 20), [0, 0, 255], "the background stays");

    bench.app.world_mut().write_message(AddTextures(folder.path().join("missing")));
    for _ in 0..2000 {
        bench.app.update();
        if bench.counter("textures_skipped") > 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("a missing file is counted");
}

#[test]
fn small_tiles_of_a_fine_pattern_do_not_flicker() {
    let folder = tempfile::tempdir().unwrap();
    let checks = RgbaImage::from_fn(256, 256, |x, y| Rgba([if (x + y) % 2 == 0 { 255 } else { 0 }; 4]));
    let checks = RgbaImage::from_fn(256, 256, |x, y| Rgba([checks.get_pixel(x, y).0[0], 0, 0, 255]));
    checks.save(folder.path().join("checks.png")).unwrap();
    let mut library = TextureLibrary::default();
    library.add(find_textures(folder.path()).unwrap(), &Stats::default());
    let hair = RegionStyle { texture: Some("checks".into()), shading: 0.0, scale: 0.5, ..default() };
    let mut bench = Bench::new(Look { hair, ..default() }, None);
    bench.app.insert_resource(library);
    let picture = bench.draw(flag(), Some(half_hair()), false);
    for x in 0..24 {
        assert_near(pixel(&picture, x, 20), [128, 0, 0], "the mean of black and red");
    }
}

#[test]
fn the_program_wears_the_textures_of_a_folder_and_reports_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::create_dir(at.join("mine")).unwrap();
    save(&at.join("mine"), "bark.png", [0, 255, 0, 255]);
    save(&at.join("mine"), "silk.png", [0, 255, 0, 255]);
    std::fs::write(at.join("mine/broken.png"), b"no picture").unwrap();
    std::fs::write(at.join("mine.toml"), "[background]\ntexture = \"bark\"\nshading = 0.0\n").unwrap();
    let missing = load_look(at.join("mine.toml").to_str(), &TextureLibrary::default()).unwrap_err();
    let missing = missing.to_string();
    assert!(
        missing.contains("bark") && missing.contains("moss") && missing.contains("--textures"),
        "{missing}"
    );
    let output = masque(at)
        .args(["run", "demo:", "--headless", "--frames", "3", "--size", "320x180", "--textures", "mine"])
        .args(["--look", "mine.toml", "--screenshot", "a.png", "--stats", "a.json"])
        .output()
        .unwrap();
    let text = stderr(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("2 textures") && text.contains("silk") && text.contains("broken.png"), "{text}");
    let picture = image::open(at.join("a.png")).unwrap().to_rgb8();
    let corner = picture.get_pixel(4, 4).0.map(i32::from);
    assert_near(corner, [0, 255, 0], "the background wears bark");
    let stats: serde_json::Value =
        serde_json::from_slice(&std::fs::read(at.join("a.json")).unwrap()).unwrap();
    assert_eq!(stats["memory"]["caches"]["textures"], BYTES, "{stats}");
    assert_eq!(stats["counters"]["textures_loaded"], 1, "{stats}");
}
