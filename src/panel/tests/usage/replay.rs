use std::time::Duration;

use egui_kittest::kittest::Queryable;

use super::super::super::view::{Tab, Wish};
use super::super::scene::{Scene, open};
use super::{HD, click};
use crate::record::{ReplayStatus, SaveReplay};

fn with(span: u64) -> Scene {
    let mut scene = Scene::default();
    scene.state.tab = Tab::Source;
    let keep = Duration::from_secs(30);
    scene.replay =
        Some(ReplayStatus { span: Duration::from_secs(span), keep, bytes: 14 << 20, ..Default::default() });
    scene
}

#[test]
fn the_last_seconds_are_saved_from_the_panel() {
    let mut harness = open(with(12), HD, 1.0).0;
    harness.run();
    assert!(harness.query_by_label("12 of 30 s, 14 MiB").is_some());
    click(&mut harness, "Save video");
    click(&mut harness, "Save clip");
    assert_eq!(harness.state().wishes, [Wish::Save(SaveReplay::Video), Wish::Save(SaveReplay::Clip)]);
}

#[test]
fn nothing_is_offered_where_nothing_is_kept() {
    let mut harness = super::at(Tab::Source);
    harness.run();
    assert!(harness.query_by_label("Replay").is_none());
    let mut harness = open(with(0), HD, 1.0).0;
    harness.run();
    click(&mut harness, "Save video");
    assert!(harness.state().wishes.is_empty(), "there is nothing yet");
}
