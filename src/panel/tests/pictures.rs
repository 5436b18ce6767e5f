//! Each tab as it looks, compared with `tests/snapshots/`. `UPDATE_SNAPSHOTS=1` writes them anew; look at them.

use std::path::PathBuf;
use std::time::Duration;

use bevy_egui::egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use image::RgbaImage;

use super::super::view::{Problem, Tab};
use super::scene::{Scene, open, picture};
use crate::look::{LookOrigin, Overlay, Stack};
use crate::record::{RecorderState, RecordingStatus, ReplayStatus};

/// A channel that differs by so much is another colour: letters are drawn with the machine's own vectors.
const TOLERANCE: u8 = 24;
/// Share of pixels that may be of another colour.
const SHARE: f64 = 0.001;

/// Width of what is kept of a window in points: the panel.
const KEPT: u32 = 400;

fn compare(name: &str, picture: &RgbaImage) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.png"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        picture.save(&path).expect("saved");
        return;
    }
    let hint = format!("UPDATE_SNAPSHOTS=1 cargo test --lib {name} writes {} anew", path.display());
    let kept = image::open(&path).unwrap_or_else(|error| panic!("{error}; {hint}")).into_rgba8();
    assert_eq!(kept.dimensions(), picture.dimensions(), "{hint}");
    let differs = |(a, b): (&image::Rgba<u8>, &image::Rgba<u8>)| {
        a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > TOLERANCE)
    };
    let changed = kept.pixels().zip(picture.pixels()).filter(|pair| differs(*pair)).count();
    let most = f64::from(picture.width() * picture.height()) * SHARE;
    if changed as f64 > most {
        let now = std::env::temp_dir().join(format!("{name}.png"));
        picture.save(&now).expect("saved");
        panic!("{changed} pixels of {name} changed; it is {} now; {hint}", now.display());
    }
}

/// Draws `scene` in a window of `size` pixels and keeps the panel's part.
fn look_at(name: &str, scene: Scene, size: [u32; 2], scale: f32) {
    let points = size.map(|side| side as f32 / scale);
    let (mut harness, textures) = open(scene, points, scale);
    let mut picture = picture(&mut harness, &textures);
    let width = (KEPT as f32 * scale) as u32;
    compare(name, &image::imageops::crop(&mut picture, 0, 0, width, size[1]).to_image());
}

fn tab(tab: Tab) -> Scene {
    let mut scene = Scene::default();
    scene.state.tab = tab;
    scene
}

const HD: [u32; 2] = [1280, 720];

#[test]
fn panel_looks() {
    look_at("panel_looks", tab(Tab::Looks), HD, 1.0);
}

#[test]
fn panel_regions() {
    look_at("panel_regions", tab(Tab::Regions), HD, 1.0);
}

#[test]
fn panel_face() {
    look_at("panel_face", tab(Tab::Face), HD, 1.0);
}

#[test]
fn panel_picture() {
    look_at("panel_picture", tab(Tab::Picture), HD, 1.0);
}

#[test]
fn panel_source() {
    look_at("panel_source", tab(Tab::Source), HD, 1.0);
}

#[test]
fn panel_recording() {
    let mut scene = tab(Tab::Source);
    scene.recording = Some(RecordingStatus {
        state: RecorderState::Recording,
        file: Some("shows/2026-11-21-winter-004.mp4".into()),
        elapsed: Duration::from_secs(754),
        bytes: 741 << 20,
        full_in: Some(Duration::from_secs(2520)),
        skipped_encoder: 2,
        ..Default::default()
    });
    let keep = Duration::from_secs(30);
    scene.replay = Some(ReplayStatus { span: keep, keep, bytes: 14 << 20, ..Default::default() });
    look_at("panel_recording", scene, HD, 1.0);
}

#[test]
fn panel_statistics() {
    look_at("panel_statistics", tab(Tab::Statistics), HD, 1.0);
}

#[test]
fn panel_help() {
    look_at("panel_help", tab(Tab::Help), HD, 1.0);
}

#[test]
fn panel_search_with_a_problem() {
    let mut scene = tab(Tab::Regions);
    scene.state.search = "hair o".into();
    scene.worn.origin = LookOrigin::File("/home/me/looks/mine.toml".into());
    scene.problems = vec![Problem {
        place: "/home/me/looks/mine.toml".into(),
        message: "the look mine.toml is not valid at line 7, column 3: missing value".into(),
    }];
    look_at("panel_search_with_a_problem", scene, HD, 1.0);
}

#[test]
fn panel_regions_4k() {
    look_at("panel_regions_4k", tab(Tab::Regions), [3840, 2160], 2.0);
}

#[test]
fn panel_effects() {
    let mut scene = tab(Tab::Picture);
    scene.wear(Stack::Picture, &["chromatic_shift", "halftone", "crt"]);
    scene.state.layer = Some((Stack::Picture, "halftone".into()));
    scene.look.overlays.push(Overlay { texture: Some("silk".into()), ..Overlay::default() });
    look_at("panel_effects", scene, [1280, 900], 1.0);
}

#[test]
fn panel_textures() {
    let (mut harness, textures) = open(tab(Tab::Regions), [1280.0, 720.0], 1.0);
    harness.get_by_role_and_label(Role::ComboBox, "Texture").click();
    harness.run();
    let mut picture = picture(&mut harness, &textures);
    compare("panel_textures", &image::imageops::crop(&mut picture, 0, 0, 720, 600).to_image());
}
