use std::path::Path;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, TaskPool};

use super::*;
use crate::capture::CaptureGate;
use crate::compositor::ComposedFrames;
use crate::ffmpeg::{self, ReaderInput, ReaderOptions, VideoReader};
use crate::frame::{FramePool, FrameSeq, PixelFormat};
use crate::record::RecordPlugin;
use crate::schedule::Pacing;

const THROUGH: Bound = bound!("test.pictures", "pictures", 4, Each::Bytes(1), "waits");
const SIZE: (u32, u32) = (128, 72);

/// An app that keeps `keep` seconds, and where its pictures come from.
fn app(folder: &Path, keep: u64, clip: ClipFormat) -> Option<(App, Sender<ComposedFrame>)> {
    let Ok(ffmpeg) = ffmpeg::locate() else {
        eprintln!("skipped: no ffmpeg");
        return None;
    };
    IoTaskPool::get_or_init(TaskPool::new);
    let mut app = App::new();
    let stats = Stats::default();
    let (sender, pictures) = queue(&THROUGH, &stats);
    app.insert_resource(stats)
        .insert_resource(ComposedFrames(pictures))
        .insert_resource(ReplayOptions {
            keep: Duration::from_secs(keep),
            folder: folder.to_owned(),
            clip,
            ffmpeg,
        })
        .init_resource::<Waker>()
        .init_resource::<Pacing>()
        .init_resource::<CaptureGate>()
        .init_resource::<ReadbackDemand>()
        .add_plugins(RecordPlugin);
    app.update();
    Some((app, sender))
}

/// Composes pictures `from` to `to` at 10 a second, none of them lost.
fn compose(app: &mut App, sender: &Sender<ComposedFrame>, from: u64, to: u64) {
    let pool = FramePool::new(1 << 20);
    for n in from..to {
        let format = PixelFormat::Nv12;
        let mut pixels = pool.acquire(format.bytes(SIZE.0, SIZE.1)).expect("a buffer");
        for (at, byte) in pixels.iter_mut().enumerate() {
            *byte = (at as u64 + n * 5) as u8;
        }
        let skipped = app.world().resource::<Stats>().counter("replay_skipped");
        assert_eq!(skipped, 0);
        let frame = ComposedFrame {
            revision: n,
            seq: FrameSeq(n),
            timestamp: Duration::from_millis(100 * n),
            arrived: Instant::now(),
            width: SIZE.0,
            height: SIZE.1,
            format,
            pixels,
        };
        sender.send(frame).expect("the app takes it");
        let full = |app: &App| {
            let replay = app.world().resource::<Replay>();
            let running = replay.running.as_ref().expect("it runs");
            running.pictures.as_ref().is_some_and(Sender::is_full)
        };
        while full(app) {
            std::thread::sleep(Duration::from_millis(1));
        }
        app.update();
    }
}

fn save(app: &mut App, what: SaveReplay) -> PathBuf {
    app.world_mut().write_message(what);
    loop {
        app.update();
        let status = app.world().resource::<Replay>().status().expect("it runs");
        if let Some(last) = status.last.filter(|_| status.saving == 0) {
            return last.expect("a file");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Frames of a video and the time of the last.
fn read(path: &Path) -> (u64, Duration) {
    let ffmpeg = ffmpeg::locate().expect("it was there");
    let input = ReaderInput::File(path.to_owned());
    let options = ReaderOptions::new(input);
    let mut reader = VideoReader::open(&ffmpeg, &options).expect("a video");
    let mut frame = vec![0; reader.frame_bytes()];
    let (mut frames, mut last) = (0, Duration::ZERO);
    while let Some(time) = reader.read_frame(&mut frame).expect("it plays to its end") {
        (frames, last) = (frames + 1, time);
    }
    (frames, last)
}

#[test]
fn the_last_seconds_come_back_as_a_video_that_begins_at_zero() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((mut app, sender)) = app(folder.path(), 4, ClipFormat::Gif) else { return };
    assert!(app.world().resource::<ReadbackDemand>().wanted().nv12, "pictures are asked for");
    compose(&mut app, &sender, 0, 125);
    let path = save(&mut app, SaveReplay::Video);
    let (frames, last) = read(&path);
    // Four seconds and what of the newest is there, of the twelve that passed.
    assert!((40..=60).contains(&frames), "{frames} frames");
    assert_eq!(last, Duration::from_millis(100 * (frames - 1)), "times are true and begin at zero");
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "nothing is left beside it: {left:?}");
    // It goes on as if nothing had been.
    compose(&mut app, &sender, 125, 150);
    assert_ne!(save(&mut app, SaveReplay::Video), path, "never over another");
    assert_eq!(app.world().resource::<Stats>().counter("replays_saved"), 2);
}

#[test]
fn a_clip_is_a_small_picture_that_moves() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((mut app, sender)) = app(folder.path(), 20, ClipFormat::Gif) else { return };
    compose(&mut app, &sender, 0, 90);
    let path = save(&mut app, SaveReplay::Clip);
    assert!(std::fs::read(&path).expect("a file").starts_with(b"GIF89a"), "{}", path.display());
    let (frames, _) = read(&path);
    // Five seconds at twelve a second.
    assert!((36..=61).contains(&frames), "{frames} frames");
}

#[test]
fn a_clip_may_be_a_webp() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((mut app, sender)) = app(folder.path(), 20, ClipFormat::WebP) else { return };
    compose(&mut app, &sender, 0, 60);
    let path = save(&mut app, SaveReplay::Clip);
    let bytes = std::fs::read(&path).expect("a file");
    assert!(bytes.starts_with(b"RIFF") && bytes[8..12] == *b"WEBP", "{}", path.display());
    // One chunk for each picture that moves.
    let pictures = bytes.windows(4).filter(|four| four == b"ANMF").count();
    assert!((30..=76).contains(&pictures), "{pictures} pictures");
}

#[test]
fn what_was_asked_for_at_the_end_is_written_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((mut app, sender)) = app(folder.path(), 20, ClipFormat::Gif) else { return };
    compose(&mut app, &sender, 0, 25);
    app.world_mut().write_message(SaveReplay::Video);
    app.update();
    let stats = app.world().resource::<Stats>().clone();
    drop(app);
    assert_eq!(stats.counter("replays_saved"), 1, "{:?}", stats.events());
    let path = std::fs::read_dir(folder.path()).expect("a folder").next().expect("a file").expect("readable");
    assert_eq!(read(&path.path()).0, 25);
}

/// The process that encodes.
fn encoder(app: &App) -> u32 {
    let replay = app.world().resource::<Replay>();
    replay.running.as_ref().and_then(|running| running.shared.encoder()).expect("it runs by now")
}

fn signal(name: &str, process: u32) {
    std::process::Command::new("kill").args([name, &process.to_string()]).status().expect("kill is there");
}

#[test]
fn an_encoder_that_dies_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((mut app, sender)) = app(folder.path(), 20, ClipFormat::Gif) else { return };
    compose(&mut app, &sender, 0, 15);
    signal("-KILL", encoder(&app));
    let mut next = 15;
    while app.world().resource::<Stats>().counter("replay_encoder_lost") == 0 {
        compose(&mut app, &sender, next, next + 1);
        next += 1;
    }
    std::thread::sleep(Duration::from_millis(1100));
    compose(&mut app, &sender, next, next + 30);
    let (frames, _) = read(&save(&mut app, SaveReplay::Video));
    assert!(frames >= 20, "{frames} frames of the new encoder");
}

/// Pictures go on being offered meanwhile, and are skipped, as in a live show.
#[cfg(unix)]
#[test]
fn a_frozen_encoder_is_ended_and_holds_nobody_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((mut app, sender)) = app(folder.path(), 20, ClipFormat::Gif) else { return };
    compose(&mut app, &sender, 0, 15);
    let frozen = encoder(&app);
    signal("-STOP", frozen);
    let stats = app.world().resource::<Stats>().clone();
    let (pool, format) = (FramePool::new(4 << 20), PixelFormat::Nv12);
    let mut next = 15;
    while stats.counter("replay_encoder_lost") == 0 {
        assert!(next < 100_000, "it is not ended: {:?}", stats.counters());
        let pixels = pool.acquire(format.bytes(SIZE.0, SIZE.1)).expect("none is kept for long");
        let (timestamp, [width, height]) = (Duration::from_millis(100 * next), [SIZE.0, SIZE.1]);
        let (revision, seq) = (next, FrameSeq(next));
        let frame = ComposedFrame {
            revision,
            seq,
            timestamp,
            arrived: Instant::now(),
            width,
            height,
            format,
            pixels,
        };
        sender.send(frame).expect("the app takes it");
        app.update();
        next += 1;
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(stats.counter("replay_encoder_hung"), 1);
    assert!(stats.counter("replay_skipped") > 100, "{:?}", stats.counters());
    drop(app);
    assert!(!Path::new("/proc").join(frozen.to_string()).exists(), "it is reaped");
}

#[test]
fn without_a_replay_the_wish_is_answered() {
    let mut app = App::new();
    app.init_resource::<Stats>()
        .init_resource::<ReadbackDemand>()
        .init_resource::<Replay>()
        .add_message::<SaveReplay>()
        .add_message::<MemoryPressure>()
        .add_systems(Update, obey);
    app.world_mut().write_message(SaveReplay::Video);
    app.update();
    let stats = app.world().resource::<Stats>();
    assert!(stats.events().pop().is_some_and(|event| event.message.contains("--replay 30s")));
}
