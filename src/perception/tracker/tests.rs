use super::*;
use crate::perception::PixelBox;

const FRAME: Duration = Duration::from_micros(33_333);

fn person(x: f32, y: f32, confidence: f32) -> Detection {
    Detection { class: 0, confidence, bounds: PixelBox { x, y, width: 60.0, height: 160.0 } }
}

/// Ids of each frame, fed one every `step`.
fn follow(tracker: &mut Tracker, step: Duration, frames: &[Vec<Detection>]) -> Vec<Vec<Option<u32>>> {
    let mut ids = Vec::new();
    let each = |(number, found): (usize, &Vec<Detection>)| {
        tracker.update(step * number as u32, found, &mut ids);
        ids.clone()
    };
    frames.iter().enumerate().map(each).collect()
}

#[test]
fn people_who_cross_keep_their_ids_at_any_rate() {
    for every in [1, 3] {
        // One walks to the right, one to the left and a little lower; they overlap half on the way.
        let frames: Vec<Vec<Detection>> = (0..120)
            .step_by(every)
            .map(|n| {
                let at = n as f32 * 4.0;
                vec![person(at, 100.0, 0.9), person(480.0 - at, 160.0, 0.8)]
            })
            .collect();
        let ids = follow(&mut Tracker::new(TrackerOptions::default()), FRAME * every as u32, &frames);
        assert!(ids.iter().all(|ids| *ids == [Some(1), Some(2)]), "every {every}: {ids:?}");
    }
}

#[test]
fn somebody_hidden_for_a_second_comes_back_as_the_same_and_after_a_long_time_as_another() {
    for (hidden, expected) in [(29, 1), (90, 2)] {
        let mut frames: Vec<Vec<Detection>> =
            (0..30).map(|n| vec![person(n as f32 * 3.0, 80.0, 0.9)]).collect();
        frames.extend((0..hidden).map(|_| Vec::new()));
        frames.extend((0..5).map(|n| vec![person((30 + hidden + n) as f32 * 3.0, 80.0, 0.9)]));
        let ids = follow(&mut Tracker::new(TrackerOptions::default()), FRAME, &frames);
        assert_eq!(ids.last().map(Vec::as_slice), Some(&[Some(expected)][..]), "hidden for {hidden}");
    }
}

#[test]
fn an_unsure_detection_continues_a_track_and_begins_none() {
    let mut frames: Vec<Vec<Detection>> = (0..10).map(|n| vec![person(n as f32 * 2.0, 80.0, 0.9)]).collect();
    frames.extend((10..40).map(|n| vec![person(n as f32 * 2.0, 80.0, 0.15), person(700.0, 300.0, 0.15)]));
    let mut tracker = Tracker::new(TrackerOptions::default());
    let ids = follow(&mut tracker, FRAME, &frames);
    assert!(ids[..10].iter().all(|ids| *ids == [Some(1)]));
    assert!(ids[10..].iter().all(|ids| *ids == [Some(1), None]), "{ids:?}");
    assert_eq!(tracker.born(), 1);
}

#[test]
fn who_comes_later_has_an_id_from_the_second_time_on_and_a_flicker_has_none() {
    let mut frames = vec![vec![person(0.0, 80.0, 0.9)]; 5];
    frames[2].push(person(400.0, 80.0, 0.9));
    frames[4].push(person(200.0, 80.0, 0.9));
    frames.push(frames[4].clone());
    let ids = follow(&mut Tracker::new(TrackerOptions::default()), FRAME, &frames);
    assert_eq!(ids[2], [Some(1), None]);
    assert_eq!((&ids[4][..], &ids[5][..]), (&[Some(1), None][..], &[Some(1), Some(2)][..]));
}

#[test]
fn a_track_keeps_its_class_and_another_source_begins_anew() {
    let mut tracker = Tracker::new(TrackerOptions::default());
    let car = Detection { class: 2, ..person(0.0, 80.0, 0.9) };
    let ids = follow(&mut tracker, FRAME, &[vec![person(0.0, 80.0, 0.9)], vec![car], vec![car]]);
    assert_eq!(ids, [[Some(1)], [None], [Some(2)]]);
    tracker.reset();
    let ids = follow(&mut tracker, FRAME, &[vec![car]]);
    assert_eq!((ids, tracker.kept()), (vec![vec![Some(1)]], 1));
}

#[test]
fn numbers_that_are_none_and_times_that_jump_do_no_harm() {
    let mut tracker = Tracker::new(TrackerOptions::default());
    let mut ids = Vec::new();
    for (time, x, confidence) in [
        (9.0, 0.0, 0.9),
        (2.0, f32::NAN, 0.9),
        (2.0, 0.0, f32::NAN),
        (9e5, f32::INFINITY, 0.9),
        (9e5, 1e30, 0.9),
    ] {
        let odd = Detection {
            bounds: PixelBox { x, ..person(0.0, 0.0, 0.9).bounds },
            ..person(x, 0.0, confidence)
        };
        tracker.update(Duration::from_secs_f32(time), &[odd, person(300.0, 10.0, 0.9)], &mut ids);
        assert_eq!(ids.len(), 2);
    }
    assert_eq!(ids[1], Some(3), "nine hundred thousand seconds later it is another one");
}

#[test]
fn after_a_long_silence_nobody_is_who_was_there_before() {
    let mut tracker = Tracker::new(TrackerOptions::default());
    let (mut ids, somebody) = (Vec::new(), [person(100.0, 80.0, 0.9)]);
    for (seconds, expected) in [(0.0, 1), (2.9, 1), (3600.0, 2), (3600.1, 2)] {
        tracker.update(Duration::from_secs_f32(seconds), &somebody, &mut ids);
        assert_eq!(ids, [Some(expected)], "at {seconds} s");
    }
    assert_eq!(tracker.kept(), 1);
}

#[test]
fn who_left_before_the_time_jumped_back_is_forgotten_as_soon_as_ever() {
    let mut tracker = Tracker::new(TrackerOptions::default());
    let (mut ids, [left, there]) = (Vec::new(), [person(100.0, 80.0, 0.9), person(600.0, 80.0, 0.9)]);
    let begin = Duration::from_secs(500);
    for number in 0..10 {
        tracker.update(begin + FRAME * number, &[left, there], &mut ids);
    }
    // The file begins again; one of the two is gone.
    for number in 0..45 {
        tracker.update(FRAME * number, &[there], &mut ids);
        assert_eq!(ids, [Some(2)], "who stays is the same");
    }
    assert_eq!(tracker.kept(), 1);
}

#[test]
fn after_a_cut_nobody_inherits_an_id_and_everybody_has_one_at_once() {
    let mut tracker = Tracker::new(TrackerOptions::default());
    let both = vec![person(0.0, 80.0, 0.9), person(300.0, 80.0, 0.9)];
    let before = follow(&mut tracker, FRAME, &[both.clone(), both.clone()]);
    tracker.forget();
    let after = follow(&mut tracker, FRAME, &[both.clone(), both]);
    assert_eq!((before[1].clone(), after), (vec![Some(1), Some(2)], vec![vec![Some(3), Some(4)]; 2]));
}

#[test]
fn a_confidence_says_what_a_track_may_begin_with() {
    for confidence in [0.9, 0.3] {
        let options = TrackerOptions::default().begin_at(confidence);
        let mut tracker = Tracker::new(options);
        // One a little surer than asked for, one a little less.
        let pair = |sure: f32| vec![person(0.0, 80.0, sure + 0.05), person(300.0, 80.0, sure - 0.05)];
        let ids = follow(&mut tracker, FRAME, &[pair(confidence), pair(confidence), pair(0.2)]);
        assert_eq!(ids, [[Some(1), None], [Some(1), None], [Some(1), None]], "from {confidence} on");
    }
}

/// Ten thousand boxes on a lattice, each with a drift of its own, in a new order each frame.
fn crowd(number: usize, random: &mut fastrand::Rng, order: &mut [usize]) -> Vec<Detection> {
    random.shuffle(order);
    let one = |index: &usize| {
        let (column, row) = (index % 125, index / 125);
        let drift = [(index % 7) as f32 / 7.0 - 0.5, (index % 11) as f32 / 11.0 - 0.5]
            .map(|v| v * number as f32 * 0.1);
        let bounds = PixelBox {
            x: column as f32 * 15.0 + drift[0],
            y: row as f32 * 13.0 + drift[1],
            width: 14.0,
            height: 14.0,
        };
        Detection { class: (index % 3) as u16, confidence: 0.6 + (index % 5) as f32 * 0.05, bounds }
    };
    order.iter().map(one).collect()
}

#[test]
fn ten_thousand_keep_their_ids_for_a_hundred_frames() {
    let (mut random, mut order) = (fastrand::Rng::with_seed(1), (0..10_000).collect::<Vec<usize>>());
    let mut tracker = Tracker::new(TrackerOptions::default());
    let (mut known, mut ids, mut changed) = (vec![None; 10_000], Vec::new(), 0);
    for number in 0..100 {
        let found = crowd(number, &mut random, &mut order);
        tracker.update(FRAME * number as u32, &found, &mut ids);
        for (index, id) in order.iter().zip(&ids) {
            changed += usize::from(known[*index].replace(*id).is_some_and(|before| before != *id));
        }
    }
    assert_eq!((changed, tracker.born(), tracker.kept()), (0, 10_000, 10_000));
}

#[test]
fn what_is_born_a_hundred_thousand_times_is_forgotten_as_often() {
    let stats = Stats::default();
    let options = TrackerOptions { most: 500, ..TrackerOptions::default() };
    let mut tracker = Tracker::new(options).counting_in(&stats);
    let mut ids = Vec::new();
    // A hundred new ones, seen twice, each second frame, all elsewhere.
    for number in 0..2000_u32 {
        let found: Vec<Detection> =
            (0..100).map(|n| person((n * 70) as f32, (number / 2 * 200 % 90_000) as f32, 0.9)).collect();
        tracker.update(FRAME * number, &found, &mut ids);
        assert!(tracker.kept() <= 500, "{} in frame {number}", tracker.kept());
    }
    assert_eq!(tracker.born(), 100_000);
    assert!(stats.counter("tracks_forgotten") > 0);
}

#[test]
fn many_detections_that_come_and_go_in_disorder_give_the_same_ids_every_time() {
    let run = || {
        let mut random = fastrand::Rng::with_seed(4);
        let mut tracker = Tracker::new(TrackerOptions::default());
        let (mut ids, mut all) = (Vec::new(), Vec::new());
        for number in 0..40 {
            let found: Vec<Detection> =
                (0..300).map(|_| person(random.f32() * 1200.0, random.f32() * 600.0, random.f32())).collect();
            tracker.update(FRAME * number, &found, &mut ids);
            all.extend_from_slice(&ids);
        }
        all
    };
    let first = run();
    assert!(first.iter().flatten().count() > 500);
    assert!(first == run());
}
