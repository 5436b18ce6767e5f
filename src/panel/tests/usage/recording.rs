use std::time::Duration;

use egui_kittest::kittest::Queryable;

use super::super::super::view::Tab;
use super::super::scene::{Scene, open};
use super::HD;
use crate::record::{RecorderState, RecordingStatus};

fn with(status: RecordingStatus) -> Scene {
    let mut scene = Scene::default();
    scene.state.tab = Tab::Source;
    scene.recording = Some(status);
    scene
}

fn running() -> RecordingStatus {
    RecordingStatus {
        state: RecorderState::Recording,
        file: Some("/shows/2026-11-21-winter-004.mp4".into()),
        elapsed: Duration::from_secs(3723),
        bytes: 1 << 30,
        full_in: Some(Duration::from_secs(7500)),
        skipped_encoder: 2,
        ..Default::default()
    }
}

#[test]
fn a_recording_shows_its_file_its_time_and_what_is_missing_in_it() {
    let mut harness = open(with(running()), HD, 1.0).0;
    harness.run();
    for line in [
        "Running for 1:02:03",
        "2026-11-21-winter-004.mp4, 1 GiB",
        "Full in 02:05 at this rate",
        "2 skipped (encoder), 0 missed (render), 0 dropped (disk)",
        "Rec 1:02:03",
    ] {
        assert!(harness.query_by_label(line).is_some(), "{line}");
    }
}

#[test]
fn a_recording_that_failed_stays_told_on_every_page() {
    let mut scene =
        with(RecordingStatus { state: RecorderState::Failed("the disk is full".into()), ..running() });
    scene.state.tab = Tab::Looks;
    let mut harness = open(scene, HD, 1.0).0;
    harness.run();
    assert!(harness.query_by_label("⚠ Recording").is_some());
    let mut harness = super::at(Tab::Source);
    harness.run();
    assert!(harness.query_by_label("Recording").is_none(), "nothing is recorded");
}
