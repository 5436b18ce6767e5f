//! What is typed, and what is seen on every tab.

use bevy_egui::egui::{FontId, Key, Modifiers, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use super::super::super::SHORTCUTS;
use super::super::super::draw::WIDTH;
use super::super::super::view::{Problem, Tab, Wish};
use super::super::scene::{Scene, open};
use crate::look::LookOrigin;
use crate::show::KEYS;

use super::{HD, at, press};

#[test]
fn a_source_and_textures_are_typed_and_opened() {
    let mut harness = at(Tab::Source);
    harness.get_by_label("File, folder or address").focus();
    harness.run();
    harness.get_by_label("File, folder or address").type_text("rtsp://camera/1");
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    harness.get_by_label("Folder or picture").focus();
    harness.run();
    harness.get_by_label("Folder or picture").type_text(" /home/me/bark ");
    harness.run();
    harness.get_by_label("Add").click();
    harness.run();
    let wishes = [Wish::Open("rtsp://camera/1".into()), Wish::AddTextures("/home/me/bark".into())];
    assert_eq!(harness.state().wishes, wishes);
}

#[test]
fn problems_are_in_sight_on_every_tab() {
    for tab in Tab::ALL {
        let mut scene = Scene::default();
        scene.state.tab = tab;
        let problem =
            |n: u32| Problem { place: format!("file{n}.wgsl, line {n}"), message: format!("wrong {n}") };
        scene.problems = (1..=5).map(problem).collect();
        let harness = open(scene, HD, 1.0).0;
        for text in ["⚠ file1.wgsl, line 1", "wrong 1", "wrong 3", "2 more"] {
            assert!(harness.query_by_label(text).is_some(), "{text} on {tab:?}");
        }
    }
}

/// Everything of the panel that is drawn, in points.
fn drawn(harness: &Harness<'_, Scene>) -> Vec<(String, Rect)> {
    let nodes = harness.root().children_recursive();
    let text = |node: &egui_kittest::Node<'_>| node.accesskit_node().label().or(node.value());
    nodes.filter_map(|node| Some((text(&node)?, node.rect()))).collect()
}

#[test]
fn nothing_is_cut_off_and_every_letter_has_a_glyph() {
    for (size, scale) in [(HD, 1.0), ([1920.0, 1080.0], 2.0), ([640.0, 360.0], 2.0)] {
        for tab in Tab::ALL {
            let mut scene = Scene::default();
            scene.state.tab = tab;
            scene.worn.origin = LookOrigin::File(
                "/home/me/looks/with/a/very/long/path/that/does/not/fit/into/a/line.toml".into(),
            );
            let harness = open(scene, size, scale).0;
            let drawn = drawn(&harness);
            assert!(drawn.len() > 10, "{tab:?} shows {drawn:?}");
            for (text, rect) in drawn {
                assert!(rect.right() <= WIDTH && rect.left() >= 0.0, "{text} at {rect:?} on {tab:?}");
                let font = FontId::proportional(13.0);
                let known = harness.ctx.fonts_mut(|fonts| fonts.has_glyphs(&font, &text));
                assert!(known, "a letter of {text} on {tab:?} has no glyph");
            }
        }
    }
}

#[test]
fn every_key_is_listed() {
    let harness = at(Tab::Help);
    for (key, what) in KEYS.iter().chain(SHORTCUTS) {
        assert!(harness.query_all_by_label(key).count() > 0, "{key}");
        assert!(harness.query_all_by_label(what).count() > 0, "{what}");
    }
}

#[test]
fn the_panel_becomes_larger_and_smaller() {
    let mut harness = at(Tab::Help);
    press(&mut harness, Modifiers::COMMAND, Key::Plus);
    assert_eq!(harness.state().state.scale, Some(1.25));
    press(&mut harness, Modifiers::COMMAND, Key::Minus);
    assert_eq!(harness.state().state.scale, Some(0.75));
    press(&mut harness, Modifiers::COMMAND, Key::Num0);
    assert_eq!(harness.state().state.scale, None);
}

#[test]
fn a_camera_is_switched_to_with_a_click_and_goes_from_the_list_with_its_plug() {
    let mut harness = at(Tab::Source);
    harness.get_by_label("Stage left").click();
    harness.run();
    assert_eq!(harness.state().wishes, [Wish::Open("camera:2".into())]);
    harness.state_mut().cameras.clear();
    harness.run();
    assert!(harness.query_by_label("Stage left").is_none());
    assert!(harness.query_by_label("No camera is plugged in").is_some());
}
