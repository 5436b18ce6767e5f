//! Faces as the app sees them: always with their frame, never those of another one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use masque::capture::{CaptureGate, LatestFrame, SourceStatus, SwitchSource};
use masque::frame::{Frame, FrameSeq, PixelFormat};
use masque::models::Manifest;
use masque::perception::{
    Cadence, FaceLandmarks, Pairing, ParserKind, PerceptionEngine, PerceptionOptions, PerceptionPlugin,
    PerceptionStatus,
};
use masque::schedule::{MasqueSystems, Pacing, Waker};
use masque::source::SourceUri;
use masque::stats::Stats;

use crate::perception::{frame, open, shared, store};

const PATIENCE: Duration = Duration::from_secs(60);

/// A headless app that has only perception.
fn app(shared: &std::path::Path) -> App {
    let shared = shared.to_owned();
    let loader = move || {
        let stats = Stats::default();
        let manifest = Manifest::builtin().expect("a manifest").clone();
        let options =
            PerceptionOptions { parser: Some(ParserKind::PersonFace), ..PerceptionOptions::default() };
        PerceptionEngine::load(&store(manifest, &shared, &stats), &options, &stats)
    };
    let mut app = App::new();
    app.add_plugins(MinimalPlugins)
        .insert_resource(Stats::default())
        .init_resource::<Waker>()
        .init_resource::<Pacing>()
        .init_resource::<LatestFrame>()
        .init_resource::<SourceStatus>()
        .init_resource::<CaptureGate>()
        .configure_sets(
            Update,
            (MasqueSystems::Capture, MasqueSystems::Perceive, MasqueSystems::Publish).chain(),
        )
        .add_plugins(PerceptionPlugin { loader: Arc::new(loader), pairing: Pairing::Matched })
        // Every frame counts here, however slow the machine is.
        .insert_resource(Cadence { adapt: false, skip_still: false, ..Cadence::default() });
    until(&mut app, |world| matches!(world.resource::<PerceptionStatus>(), PerceptionStatus::Ready(_)));
    app
}

#[track_caller]
fn until(app: &mut App, done: impl Fn(&World) -> bool) {
    let start = Instant::now();
    while !done(app.world()) {
        assert!(start.elapsed() < PATIENCE, "nothing happened");
        app.update();
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn show(app: &mut App, mut frame: Frame, seq: u64) {
    frame.seq = FrameSeq(seq);
    frame.timestamp = Duration::from_millis(33 * seq);
    app.world_mut().resource_mut::<LatestFrame>().frame = Some(Arc::new(frame));
}

fn landmarks(world: &World) -> &FaceLandmarks {
    world.resource::<FaceLandmarks>()
}

#[test]
fn faces_come_with_their_frame_and_go_with_it_and_with_its_source() {
    let Some(shared) = shared() else { return };
    let portrait = || open(&shared.join("media/portrait_mediapipe_official.jpg"));
    let black = || frame(PixelFormat::Rgba8, 320, 240, |data| data.fill(0));
    let mut app = app(&shared);
    assert!(landmarks(app.world()).seq().is_none());

    show(&mut app, portrait(), 1);
    until(&mut app, |world| landmarks(world).seq() == Some(FrameSeq(1)));
    let found = landmarks(app.world());
    assert_eq!((found.faces().len(), found.timestamp()), (1, Some(Duration::from_millis(33))));
    assert!(found.faces()[0].score > 0.9);

    show(&mut app, black(), 2);
    until(&mut app, |world| landmarks(world).seq() == Some(FrameSeq(2)));
    assert!(landmarks(app.world()).faces().is_empty());

    show(&mut app, portrait(), 3);
    until(&mut app, |world| landmarks(world).seq() == Some(FrameSeq(3)));
    assert_eq!(landmarks(app.world()).of_frame(FrameSeq(3)).len(), 1);

    // The source is switched while a frame of the old one is being looked at, and another one waits.
    show(&mut app, portrait(), 4);
    until(&mut app, |world| world.resource::<CaptureGate>().perception_busy);
    show(&mut app, portrait(), 5);
    app.world_mut().write_message(SwitchSource(SourceUri::Demo));
    app.update();
    assert!(landmarks(app.world()).faces().is_empty());
    until(&mut app, |world| !world.resource::<CaptureGate>().perception_busy);
    for _ in 0..20 {
        app.update();
        std::thread::sleep(Duration::from_millis(5));
        assert!(landmarks(app.world()).seq().is_none(), "nobody of the old source comes back");
    }
    show(&mut app, portrait(), 0);
    until(&mut app, |world| landmarks(world).seq() == Some(FrameSeq(0)));
    assert_eq!(landmarks(app.world()).faces()[0].id, 0, "a new source counts anew");
}
