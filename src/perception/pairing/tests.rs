use std::task::Poll;
use std::time::Duration;

use bevy::MinimalPlugins;
use crossbeam_channel::TryRecvError;

use super::*;
use crate::frame::{ColorSpace, FramePool, FrameSeq, PixelFormat};
use crate::perception::{Face, ParserKind, ParserReport, Perception};

const SIZE: (u32, u32) = (512, 288);
/// Pixels that the square moves from frame to frame.
const SPEED: u32 = 8;

fn left(seq: u64) -> u32 {
    120 + seq as u32 * SPEED
}

/// A square with detail on a wall with detail.
fn frame(seq: u64) -> Arc<Frame> {
    let pool = FramePool::new(1 << 20);
    let mut data = pool.acquire(PixelFormat::I420.bytes(SIZE.0, SIZE.1)).unwrap();
    data.fill(128);
    for (at, value) in data.iter_mut().take((SIZE.0 * SIZE.1) as usize).enumerate() {
        let (x, y) = (at as u32 % SIZE.0, at as u32 / SIZE.0);
        let inside = x.wrapping_sub(left(seq)) < 96 && y.wrapping_sub(96) < 96;
        let paper =
            |x: u32, y: u32| ((x / 12).wrapping_mul(0x9e37_79b1) ^ (y / 12).wrapping_mul(0x85eb_ca77)) >> 25;
        *value = if inside { 90 + paper(x - left(seq) + 999, y) as u8 } else { 40 + paper(x, y) as u8 / 2 };
    }
    let time = Duration::from_millis(seq * 40);
    Arc::new(Frame::new(FrameSeq(seq), time, PixelFormat::I420, SIZE, ColorSpace::default(), data).unwrap())
}

fn parsed(frame: &Frame) -> Arc<Parsed> {
    let mut perception = Perception { seq: frame.seq, timestamp: frame.timestamp, ..Perception::default() };
    perception.luma.take(frame);
    let middle = (left(frame.seq.0) + 48) as f32 / SIZE.0 as f32;
    perception.faces.push(Face::new(0, 1.0, &[[middle, 0.5, 0.0]]));
    Arc::new(Parsed { perception })
}

fn app(pairing: Pairing, pacing: Pacing) -> App {
    let mut app = App::new();
    app.add_plugins(MinimalPlugins);
    let report = ParserReport::new(ParserKind::PersonFace, Vec::new(), &[], false);
    app.insert_resource(pairing)
        .insert_resource(pacing)
        .insert_resource(PerceptionStatus::Ready(report))
        .init_resource::<LatestFrame>()
        .init_resource::<SegmentationMask>()
        .init_resource::<SourceStatus>()
        .init_resource::<Waker>()
        .init_resource::<Stats>()
        .init_resource::<Follower>()
        .init_resource::<Shown>()
        .add_systems(Update, (pair_newest_frame, note_age).chain());
    app
}

fn capture(app: &mut App, frame: &Arc<Frame>) {
    app.world_mut().resource_mut::<LatestFrame>().frame = Some(frame.clone());
}

fn shown(app: &App) -> &Shown {
    app.world().resource::<Shown>()
}

fn update_until(app: &mut App, done: impl Fn(&Shown) -> bool) {
    for _ in 0..1000 {
        app.update();
        if done(shown(app)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("never shown, but {:?}", shown(app).frame.as_ref().map(|frame| frame.seq));
}

#[test]
fn the_newest_frame_is_shown_with_the_mask_moved_along() {
    let mut app = app(Pairing::Latest, Pacing::Live);
    let (old, new) = (frame(0), frame(3));
    capture(&mut app, &old);
    app.update();
    assert!(shown(&app).frame.is_some() && shown(&app).parsed.is_none(), "bare until there is a mask");
    app.world_mut().resource_mut::<SegmentationMask>().0 = Some(parsed(&old));
    app.update();
    assert!(shown(&app).parsed.is_some() && shown(&app).motion.is_none(), "its own mask needs no motion");

    capture(&mut app, &new);
    update_until(&mut app, |shown| shown.frame.as_ref().is_some_and(|frame| frame.seq == FrameSeq(3)));
    let motion = shown(&app).motion.clone().expect("motion");
    let middle = (left(3) + 48) as f32 / SIZE.0 as f32;
    let moved = motion.at([middle, 0.5])[0] * SIZE.0 as f32;
    assert!((moved + 3.0 * SPEED as f32).abs() < 3.0, "{moved}");
    assert_eq!(motion.at([0.9, 0.2]), [0.0, 0.0]);
    let mut faces = Vec::new();
    shown(&app).faces(&mut faces);
    assert!((faces[0].landmarks()[0][0] - middle).abs() * (SIZE.0 as f32) < 3.0, "the face moves along");
    let stats = app.world().resource::<Stats>();
    assert_eq!(stats.gauge_value("mask_age_ms"), Some(120.0));
    assert_eq!(stats.counter("motion_late"), 0);
}

#[test]
fn a_frame_does_not_wait_for_motion_that_is_late() {
    let mut app = app(Pairing::Latest, Pacing::Live);
    let frames: Vec<_> = (0..3).map(frame).collect();
    app.world_mut().resource_mut::<SegmentationMask>().0 = Some(parsed(&frames[0]));
    capture(&mut app, &frames[0]);
    app.update();
    // A task that takes its time over frame 1.
    let (hold, held) = crossbeam_channel::bounded::<()>(1);
    let task = ComputeTaskPool::get().spawn(async move {
        // Waits without holding the thread, which may be the schedule's.
        std::future::poll_fn(|context| match held.try_recv() {
            Err(TryRecvError::Empty) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(()),
        })
        .await;
        (Box::<Tools>::default(), Arc::<MotionField>::default())
    });
    let running = Running { frame: frames[1].clone(), parsed: parsed(&frames[0]), task };
    app.world_mut().resource_mut::<Follower>().running = Some(running);
    capture(&mut app, &frames[1]);
    app.update();
    assert!(Arc::ptr_eq(shown(&app).frame.as_ref().unwrap(), &frames[0]), "it waits for its own motion");
    capture(&mut app, &frames[2]);
    app.update();
    app.update();
    assert!(Arc::ptr_eq(shown(&app).frame.as_ref().unwrap(), &frames[2]));
    assert!(shown(&app).parsed.is_some());
    assert_eq!(app.world().resource::<Stats>().counter("motion_late"), 1);
    hold.send(()).unwrap();
    update_until(&mut app, |shown| shown.motion.is_some());
    assert!(
        Arc::ptr_eq(shown(&app).frame.as_ref().unwrap(), &frames[2]),
        "an older frame does not come back"
    );
}

#[test]
fn matched_and_lossless_wait_for_their_own_mask() {
    for (pairing, pacing) in [(Pairing::Matched, Pacing::Live), (Pairing::Latest, Pacing::Lossless)] {
        let mut app = app(pairing, pacing);
        let old = frame(0);
        app.world_mut().resource_mut::<SegmentationMask>().0 = Some(parsed(&old));
        capture(&mut app, &frame(1));
        app.update();
        assert!(shown(&app).frame.is_none());
    }
}

#[test]
fn a_mask_of_another_source_is_not_shown() {
    let mut app = app(Pairing::Latest, Pacing::Live);
    app.world_mut().resource_mut::<SegmentationMask>().0 = Some(parsed(&frame(7)));
    capture(&mut app, &frame(0));
    app.update();
    assert!(shown(&app).frame.is_some() && shown(&app).parsed.is_none());
}
