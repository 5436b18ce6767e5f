//! Things in the live picture: boxes around them, what effects know of them, and who they are from frame to frame.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use masque::compositor::ComposedFrame;
use masque::effect::Effect;
use masque::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use masque::look::{BoxStyle, Look, Stack};
use masque::perception::{
    CostLevel, Detection, DetectorOptions, ObjectOptions, Parsed, Perception, PerceptionEngine,
    PerceptionError, PerceptionOptions, PixelBox, Thing, Things,
};
use masque::stats::Stats;

use crate::compositor::{Bench, assert_near, flag, half_hair, pixel};
use crate::detector::{each_frame, test_store, written};
use crate::media::media;
use crate::onnx_file::{F32, I64, OnnxFile};
use crate::perception::{open, shared};

/// One thing in the left half, which is red, and one that is not followed.
fn things() -> Things {
    let thing = |x: f32, id| {
        let bounds = PixelBox { x, y: 8.0, width: 16.0, height: 16.0 };
        Thing { detection: Detection { class: 0, confidence: 0.9, bounds }, id }
    };
    let Frame { width, height, .. } = flag();
    Things {
        list: vec![thing(8.0, Some(1)), thing(40.0, None)],
        classes: vec!["cup".to_owned()].into(),
        frame: [width, height],
        followed: 3,
        in_zones: [1, 0, 0, 0, 0, 2, 0, 0],
        ..Things::default()
    }
}

fn draw(bench: &mut Bench, things: Things, mirror: bool) -> ComposedFrame {
    let Frame { width, height, .. } = flag();
    let mut data = FramePool::new(1 << 20).acquire(PixelFormat::Rgba8.bytes(width, height)).unwrap();
    data.copy_from_slice(flag().plane(0));
    let size = (width, height);
    let frame =
        Frame::new(FrameSeq(0), Duration::ZERO, PixelFormat::Rgba8, size, ColorSpace::default(), data);
    let perception = Perception { mask: half_hair(), things, ..Perception::default() };
    bench.show(Arc::new(frame.unwrap()), Some(Arc::new(Parsed { perception })), mirror)
}

const RED: [i32; 3] = [255, 0, 0];
const BLUE: [i32; 3] = [0, 0, 255];

fn is_near(picture: &ComposedFrame, (x, y): (u32, u32), color: [i32; 3]) -> bool {
    (0..3).all(|i| (pixel(picture, x, y)[i] - color[i]).abs() < 8)
}

#[test]
fn a_box_is_drawn_around_what_is_followed_and_only_there() {
    let style = BoxStyle { label: 0.0, ..BoxStyle::default() };
    let mut bench = Bench::new(Look { boxes: style, ..Look::default() }, None);
    let picture = draw(&mut bench, things(), false);
    for edge in [(8, 16), (23, 16), (16, 8), (16, 23)] {
        assert!(!is_near(&picture, edge, RED), "no line at {edge:?}");
    }
    for free in [(16, 16), (6, 16), (25, 16), (16, 6)] {
        assert_near(pixel(&picture, free.0, free.1), RED, "beside the lines");
    }
    assert_near(pixel(&picture, 40, 16), BLUE, "what is not followed has no box");
    let mirrored = draw(&mut bench, things(), true);
    assert!(!is_near(&mirrored, (55, 16), RED) && is_near(&mirrored, (48, 16), RED), "the other side");
    bench.wear(Look { boxes: BoxStyle { unfollowed: true, ..style }, ..Look::default() });
    assert!(!is_near(&draw(&mut bench, things(), false), (40, 16), BLUE), "asked for");
    bench.wear(Look { boxes: BoxStyle { on: false, ..style }, ..Look::default() });
    assert_near(pixel(&draw(&mut bench, things(), false), 8, 16), RED, "switched off");
}

#[test]
fn zones_are_drawn_where_that_is_asked_for_also_when_nothing_is_there() {
    let zone = "door=0.25,0.25 0.75,0.25 0.75,0.75".parse().unwrap();
    let empty = Things { list: Vec::new(), zones: [zone].into(), ..things() };
    let style = BoxStyle { label: 0.0, ..BoxStyle::default() };
    let mut bench = Bench::new(Look { boxes: style, ..Look::default() }, None);
    // A line of one pixel between two rows is in one of them.
    let has_line =
        |picture: &ComposedFrame, rows: [u32; 2]| rows.iter().any(|y| is_near(picture, (40, *y), [255; 3]));
    assert!(!has_line(&draw(&mut bench, empty.clone(), false), [7, 8]), "not asked for");
    bench.wear(Look { boxes: BoxStyle { zones: true, ..style }, ..Look::default() });
    for mirror in [false, true] {
        let picture = draw(&mut bench, empty.clone(), mirror);
        assert!(has_line(&picture, [7, 8]), "mirror: {mirror}");
        assert!(has_line(&picture, [19, 20]), "the slope, mirror: {mirror}");
        assert!(!has_line(&picture, [12, 13]), "its inside is free, mirror: {mirror}");
    }
}

#[test]
fn effects_know_how_many_things_are_there_and_in_which_zone() {
    let code = "return vec4(f32(things()), f32(things_in(5)), f32(things_in(0) + things_in(8) + things_in(-1)), 10.0) / 10.0;";
    let source = format!("/*{{}}*/\nfn effect(uv: vec2<f32>) -> vec4<f32> {{ {code} }}");
    let effect = Arc::new(Effect::parse("counts", &source).unwrap());
    let mut bench = Bench::new(Look::default(), None);
    bench.wear_effects(Look::default(), Stack::Picture, vec![(effect, 1.0, Vec::new())]);
    let picture = draw(&mut bench, things(), false);
    assert_near(pixel(&picture, 60, 28), [77, 51, 26], "three, two and one of ten");
}

fn of_class(class: &str) -> DetectorOptions {
    DetectorOptions { classes: vec![class.to_owned()], ..DetectorOptions::default() }
}

/// An engine that looks for things too.
fn engine(shared: &Path, objects: ObjectOptions, stats: &Stats) -> Result<PerceptionEngine, PerceptionError> {
    let options = PerceptionOptions { objects: Some(objects), ..PerceptionOptions::default() };
    PerceptionEngine::load(&test_store(shared, stats), &options, stats)
}

#[test]
fn the_engine_follows_people_and_counts_them_where_they_stand() {
    let (Some(shared), Some(clip)) = (shared(), media("intel_cc_by/gif_classroom_480x270.mp4")) else {
        return;
    };
    let stats = Stats::default();
    let objects = ObjectOptions {
        zones: vec!["left=0,0 0.5,0 0.5,1 0,1".parse().unwrap(), "all=0,0 1,0 1,1.5 0,1.5".parse().unwrap()],
        detector: of_class("person"),
        ..ObjectOptions::default()
    };
    let mut engine = engine(&shared, objects, &stats).expect("an engine");
    let (mut perception, mut seen) = (Perception::default(), Vec::new());
    each_frame(&clip, 10, |_, frame| {
        engine.perceive(frame, &mut perception).expect("perceived");
        let ids: Vec<Option<u32>> = perception.things.list.iter().map(|thing| thing.id).collect();
        seen.push(ids);
    });
    let things = &perception.things;
    assert_eq!((things.class_name(0), things.frame), ("person", [480, 270]));
    // Four people sit there all the time: two on the left, two on the right.
    for id in 1..=4 {
        assert!(seen.iter().all(|ids| ids.contains(&Some(id))), "{id} is lost: {seen:?}");
    }
    assert_eq!(things.in_zones[1], things.followed);
    assert!(things.in_zones[0] >= 2 && things.in_zones[0] < things.followed, "{:?}", things.in_zones);
    assert_eq!(stats.gauge_value("things_in_left"), Some(f64::from(things.in_zones[0])));
    // In a mirror those on the right are seen on the left; nobody stands in the very middle.
    let (left, all) = (things.in_zones[0], things.followed);
    engine.set_mirrored(true);
    each_frame(&clip, 10, |number, frame| {
        if number == 9 {
            engine.perceive(frame, &mut perception).expect("perceived");
        }
    });
    assert_eq!((perception.things.in_zones[0], perception.things.followed), (all - left, all));
    engine.reset();
    each_frame(&clip, 1, |_, frame| engine.perceive(frame, &mut perception).expect("perceived"));
    assert!(perception.things.list.iter().any(|thing| thing.id == Some(1)), "another source begins anew");
}

#[test]
fn where_time_is_short_things_are_looked_for_less_often_and_go_with_the_picture_meanwhile() {
    let (Some(shared), Some(clip)) = (shared(), media("intel_cc_by/one-by-one-person-detection.mp4")) else {
        return;
    };
    // Somebody walks through the picture.
    let walk = |level: CostLevel, frames: std::ops::Range<usize>, every: usize| {
        let stats = Stats::default();
        let objects = ObjectOptions { detector: of_class("person"), ..ObjectOptions::default() };
        let mut engine = engine(&shared, objects, &stats).expect("an engine");
        engine.set_cost(level);
        let (mut perception, mut seen) = (Perception::default(), Vec::new());
        each_frame(&clip, frames.end, |number, frame| {
            if frames.contains(&number) && number % every == 0 {
                engine.perceive(frame, &mut perception).expect("perceived");
                let followed = perception.things.list.iter().find(|thing| thing.id == Some(1));
                seen.push(followed.map(|thing| thing.detection.bounds));
            }
        });
        (seen, stats.counter("objects_carried"))
    };
    let (always, carried) = walk(CostLevel::Full, 100..130, 1);
    assert_eq!(carried, 0);
    let (seldom, carried) = walk(CostLevel::LessDetection, 100..130, 1);
    assert_eq!(carried, 20, "two of three frames");
    let mut near = 0;
    for (number, (one, other)) in always.iter().zip(&seldom).enumerate().skip(6) {
        let (Some(one), Some(other)) = (one, other) else { panic!("nobody in {number}: {one:?}, {other:?}") };
        assert!(one.overlap(other) > 0.7, "{number}: {one:?}, {other:?}");
        near += u32::from(one.overlap(other) > 0.85);
    }
    assert!(near > 20, "{near} of 24");
    // Seldom enough, and every frame is looked at: who is not seen for three seconds is somebody else.
    assert_eq!(walk(CostLevel::LessDetection, 0..150, 30).1, 0);
}

#[test]
fn after_a_cut_everybody_is_somebody_else() {
    let Some(shared) = shared() else { return };
    let stats = Stats::default();
    let objects = ObjectOptions { detector: of_class("person"), ..ObjectOptions::default() };
    let mut engine = engine(&shared, objects, &stats).expect("an engine");
    let mut perception = Perception::default();
    let mut ids = |name: &str| -> Vec<u32> {
        let picture = open(&shared.join("media").join(name));
        engine.perceive(&picture, &mut perception).expect("perceived");
        perception.things.list.iter().filter_map(|thing| thing.id).collect()
    };
    let [first, again] = [ids("portrait_mediapipe_official.jpg"), ids("portrait_mediapipe_official.jpg")];
    assert!(!first.is_empty() && again == first, "{first:?}, {again:?}");
    let most = first.iter().max().copied();
    let other = ids("astronaut_nasa_pd.png");
    assert_eq!(stats.counter("scene_cuts"), 1);
    assert!(!other.is_empty() && other.iter().min().copied() > most, "{first:?}, then {other:?}");
}

#[test]
fn where_nothing_can_be_detected_nothing_is_said_to_be_there() {
    let Some(shared) = shared() else { return };
    let stats = Stats::default();
    let folder = tempfile::tempdir().unwrap();
    // It tells of two pictures, whatever it is shown.
    let file = OnnxFile::default()
        .input("images", F32, &[-1, 3, -1, -1])
        .input("orig_target_sizes", I64, &[-1, 2])
        .integers("labels", &[2, 1], &[3, 5])
        .box_of_sizes("boxes", "orig_target_sizes")
        .constant("scores", &[2, 1], &[0.9, 0.8])
        .bytes();
    let objects = ObjectOptions {
        model: Some(written(&folder, "broken.onnx", &file)),
        zones: vec!["all=0,0 1,0 1,1 0,1".parse().unwrap()],
        ..ObjectOptions::default()
    };
    let mut engine = engine(&shared, objects, &stats).expect("an engine");
    // As if something had been there before.
    stats.gauge("things", 4.0);
    stats.gauge("things_in_all", 3.0);
    let picture = open(&shared.join("media/portrait_mediapipe_official.jpg"));
    let mut perception = Perception::default();
    engine.perceive(&picture, &mut perception).expect("people are found all the same");
    assert_eq!((perception.faces.len(), perception.things.list.len()), (1, 0));
    assert_eq!((stats.counter("objects_failed"), stats.counter("detector_batches_refused")), (1, 0));
    let gauges = ["things", "things_in_all"].map(|name| stats.gauge_value(name));
    assert_eq!(gauges, [Some(0.0); 2]);
}

#[test]
fn classes_that_are_not_known_are_told_with_the_option_they_were_asked_for_by() {
    let Some(shared) = shared() else { return };
    let stats = Stats::default();
    let objects = ObjectOptions { detector: of_class("persn"), ..ObjectOptions::default() };
    let error = engine(&shared, objects, &stats).unwrap_err().to_string();
    assert!(error.starts_with("--detect:") && error.contains("did you mean \"person\""), "{error}");
}

#[test]
fn what_is_followed_begins_at_the_confidence_that_is_asked_for() {
    let (Some(shared), Some(clip)) = (shared(), media("intel_cc_by/gif_classroom_480x270.mp4")) else {
        return;
    };
    let stats = Stats::default();
    let mut counts = Vec::new();
    for confidence in [0.8, 0.3] {
        let detector = DetectorOptions { confidence, ..DetectorOptions::default() };
        let objects = ObjectOptions { detector, ..ObjectOptions::default() };
        let mut engine = engine(&shared, objects, &stats).expect("an engine");
        let mut perception = Perception::default();
        each_frame(&clip, 1, |_, frame| engine.perceive(frame, &mut perception).expect("perceived"));
        let list = &perception.things.list;
        assert!(!list.is_empty(), "something is as sure as {confidence}");
        for Thing { detection, id } in list {
            assert!(detection.confidence > confidence && id.is_some(), "{detection:?}, {id:?}, {confidence}");
        }
        counts.push(list.len());
    }
    assert!(counts[0] < counts[1], "{counts:?}");
}
