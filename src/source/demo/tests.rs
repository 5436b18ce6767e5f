//! What the rest of the program relies on: frames are functions of the time, and the true regions fit what is seen.

use std::time::Duration;

use super::motion::Pose;
use super::{LOOP, Performer};

fn drawn(performer: &mut Performer, time: Duration, width: u32, height: u32) -> (Vec<u8>, Vec<u8>) {
    let n = (width * height) as usize;
    let (mut rgba, mut ids) = (vec![0; n * 4], vec![0; n]);
    performer.render(time, &mut rgba);
    performer.regions(time, &mut ids);
    (rgba, ids)
}

fn count(ids: &[u8], id: u8) -> usize {
    ids.iter().filter(|i| **i == id).count()
}

#[test]
fn a_frame_depends_on_the_time_alone() {
    let (w, h) = (320, 180);
    let mut fresh = Performer::new(w, h);
    let mut used = Performer::new(w, h);
    let at = Duration::from_millis(7_300);
    for earlier in [0, 14_000, 6_000] {
        drawn(&mut used, Duration::from_millis(earlier), w, h);
    }
    assert!(drawn(&mut fresh, at, w, h) == drawn(&mut used, at, w, h));
    assert!(drawn(&mut fresh, at + LOOP * 1_000, w, h) == drawn(&mut used, at, w, h));
}

#[test]
fn regions_asked_first_are_those_rendered_later() {
    let (w, h) = (160, 90);
    let at = Duration::from_secs(9);
    let (mut ids, mut other) = (vec![0; (w * h) as usize], vec![0; (w * h) as usize]);
    Performer::new(w, h).regions(at, &mut ids);
    let mut performer = Performer::new(w, h);
    performer.render(at, &mut vec![0; (w * h * 4) as usize]);
    performer.regions(at, &mut other);
    assert_eq!(ids, other);
}

#[test]
fn the_figure_moves_and_the_room_does_not() {
    let (w, h) = (320, 180);
    let mut performer = Performer::new(w, h);
    let (a, ids_a) = drawn(&mut performer, Duration::from_secs(1), w, h);
    let (b, ids_b) = drawn(&mut performer, Duration::from_secs(8), w, h);
    let mut moved = 0;
    for i in 0..ids_a.len() {
        let same = a[i * 4..i * 4 + 4] == b[i * 4..i * 4 + 4];
        moved += usize::from(!same);
        let x = i as i32 % w as i32;
        let y = i as i32 / w as i32;
        // Outlines are softened by one pixel and loose hairs reach a little further.
        let near = (-8..=8).any(|dy| {
            (-8..=8).any(|dx| {
                let (x, y) = ((x + dx).clamp(0, w as i32 - 1), (y + dy).clamp(0, h as i32 - 1));
                let k = (y * w as i32 + x) as usize;
                ids_a[k] != 0 || ids_b[k] != 0
            })
        });
        assert!(same || near, "the room changed at {x}, {y}");
    }
    assert!(moved > ids_a.len() / 10, "only {moved} pixels changed");
}

#[test]
fn every_region_is_there_and_no_other() {
    let (w, h) = (640, 360);
    let mut performer = Performer::new(w, h);
    for second in (0..24).step_by(3) {
        let (_, ids) = drawn(&mut performer, Duration::from_secs(second), w, h);
        let total: usize = (0..=5).map(|id| count(&ids, id)).sum();
        assert_eq!(total, ids.len());
        for (id, least) in [(0, 40_000), (1, 3_000), (2, 2_000), (3, 6_000), (4, 20_000), (5, 60)] {
            assert!(count(&ids, id) > least, "region {id} has {} pixels at {second} s", count(&ids, id));
        }
    }
}

#[test]
fn regions_have_the_colours_of_what_they_name() {
    let (w, h) = (640, 360);
    let (rgba, ids) = drawn(&mut Performer::new(w, h), Duration::from_secs(1), w, h);
    let mean = |id: u8| {
        let mut sum = [0.0f64; 3];
        for (i, _) in ids.iter().enumerate().filter(|(_, r)| **r == id) {
            for (c, s) in sum.iter_mut().enumerate() {
                *s += f64::from(rgba[i * 4 + c]);
            }
        }
        sum.map(|s| s / count(&ids, id) as f64)
    };
    let (hair, skin, face, cloth) = (mean(1), mean(2), mean(3), mean(4));
    assert!(face[0] > face[1] && face[1] > face[2], "face {face:?}");
    assert!(skin[0] > skin[1] && skin[1] > skin[2], "skin {skin:?}");
    assert!(cloth[2] > cloth[0] && cloth[1] > cloth[0], "jumper {cloth:?}");
    assert!(hair[0] + hair[1] + hair[2] < 0.7 * (face[0] + face[1] + face[2]), "hair {hair:?}");
    assert!(rgba.chunks_exact(4).all(|p| p[3] == 255));
}

#[test]
fn the_mouth_opens_and_the_eyes_close() {
    let poses: Vec<Pose> = (0..720).map(|i| Pose::at(LOOP * i / 720)).collect();
    let share = |f: &dyn Fn(&Pose) -> bool| poses.iter().filter(|p| f(p)).count() as f64 / poses.len() as f64;
    assert!((0.02..0.15).contains(&share(&|p| p.blink > 0.5)), "blinks");
    assert!((0.10..0.60).contains(&share(&|p| p.jaw > 0.2)), "speaks");
    assert!((0.20..0.80).contains(&share(&|p| p.arms[0].max(p.arms[1]) > 0.5)), "gestures");
    assert!(share(&|p| p.yaw.abs() > 0.15) > 0.2, "turns");
    assert!(
        poses
            .windows(2)
            .all(|p| (p[0].yaw - p[1].yaw).abs() < 0.05 && (p[0].arms[1] - p[1].arms[1]).abs() < 0.1)
    );
    assert!((poses[0].yaw - poses[719].yaw).abs() < 0.05, "the loop jumps");
}

#[test]
fn any_size_and_any_time_is_drawn() {
    for (w, h) in [(1, 1), (1, 50), (50, 1), (2, 3), (17, 31), (333, 97), (90, 333)] {
        let mut performer = Performer::new(w, h);
        for time in [
            Duration::ZERO,
            Duration::MAX,
            LOOP - Duration::from_nanos(1),
            Duration::from_secs(u32::MAX.into()),
        ] {
            let (rgba, ids) = drawn(&mut performer, time, w, h);
            assert!(ids.iter().all(|id| *id <= 5));
            assert!(rgba.chunks_exact(4).all(|p| p[3] == 255));
        }
    }
    assert_eq!(drawn(&mut Performer::new(0, 0), Duration::ZERO, 1, 1).1.len(), 1);
}

#[test]
fn buffers_of_the_wrong_length_are_filled_as_far_as_they_go() {
    let mut performer = Performer::new(8, 4);
    let mut short = vec![7; 8 * 4 * 2 + 5];
    performer.render(Duration::ZERO, &mut short);
    assert!(short[..64].chunks_exact(4).all(|p| p[3] == 255));
    assert_eq!(short[64..], [7; 5]);
    let mut long = vec![7; 8 * 4 * 4 + 8];
    performer.render(Duration::ZERO, &mut long);
    assert_eq!(long[128..], [7; 8]);
}
