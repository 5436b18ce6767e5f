//! The demo performer is found by the real networks.

use std::time::Duration;

use masque::frame::{FramePool, Region};
use masque::models::ModelStore;
use masque::perception::{Perception, PerceptionEngine, PerceptionOptions};
use masque::source::demo::{DemoSource, LOOP};
use masque::source::{FrameSource, SourceOptions};
use masque::stats::Stats;

/// Every how many frames of the loop one is looked at.
const STRIDE: u32 = 24;

#[test]
fn the_segmenter_and_the_face_detector_find_the_performer_all_through_the_loop() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let options = PerceptionOptions { stills: true, ..PerceptionOptions::default() };
    let mut engine = PerceptionEngine::load(&store, &options, &stats).unwrap();
    let (width, height) = (640, 480);
    let rate = 30.0 / f64::from(STRIDE);
    let mut source = DemoSource::new(&SourceOptions {
        size: Some((width, height)),
        rate: Some(rate),
        ..SourceOptions::default()
    });
    let pool = FramePool::new(16 << 20);
    let (mut truth, mut ids) = (vec![0; (width * height) as usize], Vec::new());
    let mut perception = Perception::default();
    let frames = (LOOP.as_secs_f64() * rate) as u32;
    let (mut total, mut faces) = (0.0, 0);
    for _ in 0..frames {
        let frame = source.next_frame(&pool).unwrap().unwrap();
        assert!(frame.timestamp < LOOP + Duration::from_secs(1));
        source.regions(frame.seq, &mut truth);
        engine.perceive(&frame, &mut perception).unwrap();
        perception.mask.region_ids(width, height, &mut ids);
        total += person_iou(&truth, &ids);
        faces += u32::from(!perception.faces.is_empty());
    }
    let iou = total / f64::from(frames);
    println!("person IoU {iou:.3}, a face in {faces} of {frames} frames");
    assert!(iou >= 0.85, "mean person IoU {iou:.3} over {frames} frames");
    assert!(faces * 100 >= frames * 95, "a face in {faces} of {frames} frames");
}

fn person_iou(truth: &[u8], found: &[u8]) -> f64 {
    let is_person = |id: &u8| *id != Region::Background.id();
    let both = truth.iter().zip(found).filter(|(a, b)| is_person(a) && is_person(b)).count();
    let either = truth.iter().zip(found).filter(|(a, b)| is_person(a) || is_person(b)).count();
    both as f64 / either.max(1) as f64
}
