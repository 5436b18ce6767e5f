//! Effects with a memory.

use masque::compositor::ComposedFrame;
use masque::look::Stack;
use masque::parameters::Value;

use super::easel::{Easel, HAIR, Rgb, Scene, TIME, color, difference, distance, float, is_in, mean};

fn red(_: u32, _: u32) -> Rgb {
    [0.9, 0.1, 0.1]
}

fn blue(_: u32, _: u32) -> Rgb {
    [0.1, 0.1, 0.9]
}

fn dark(_: u32, _: u32) -> Rgb {
    [0.1; 3]
}

pub(super) fn paint_remembers_the_picture_before(easel: &mut Easel) {
    let at = |paint: fn(u32, u32) -> Rgb, seconds: f64| Scene { time: TIME + seconds, ..Scene::empty(paint) };
    easel.wear(Stack::Picture, "flow_smear", &[("hold", float(0.5))]);
    let first = easel.draw(&at(red, 0.0));
    assert!(distance(color(&first, 100, 70), red(0, 0)) < 0.02, "the first picture is seen as it is");
    easel.draw(&at(red, 0.1));
    // After a hold half of the old paint is left, and half of that after another.
    let half = easel.draw(&at(blue, 0.6));
    let quarter = easel.draw(&at(blue, 1.1));
    for (picture, left) in [(&half, 0.5), (&quarter, 0.25)] {
        let expected = [0.1 + 0.8 * left, 0.1, 0.9 - 0.8 * left];
        let found = color(picture, 100, 70);
        assert!(distance(found, expected) < 0.03, "{found:?} instead of {expected:?}");
    }
    for tenth in 0..60 {
        easel.draw(&at(blue, 1.2 + f64::from(tenth) * 0.1));
    }
    let late = easel.draw(&at(blue, 7.3));
    assert!(distance(color(&late, 100, 70), blue(0, 0)) < 0.02, "in the end nothing of it is left");
}

pub(super) fn a_person_who_left_is_still_seen_for_a_while(easel: &mut Easel) {
    let at = |hair: Option<[u32; 4]>, seconds: f64| Scene {
        hair,
        face: None,
        paint: dark,
        time: TIME + seconds,
        ..Scene::default()
    };
    let values = [
        ("hold", float(0.4)),
        ("grow", float(0.0)),
        ("hue", float(0.0)),
        ("own_color", float(0.0)),
        ("color", Value::Color([0.0, 1.0, 0.0])),
    ];
    easel.wear(Stack::Picture, "echo_trails", &values);
    let inside = |picture: &ComposedFrame| {
        let pixels = (HAIR[1] + 8..HAIR[3] - 8).flat_map(|y| (HAIR[0] + 8..HAIR[2] - 8).map(move |x| (x, y)));
        mean(pixels, |x, y| color(picture, x, y)[1])
    };
    let there = inside(&easel.draw(&at(Some(HAIR), 0.0)));
    easel.draw(&at(Some(HAIR), 0.1));
    let gone = inside(&easel.draw(&at(None, 0.2)));
    let later = inside(&easel.draw(&at(None, 0.9)));
    let much_later = inside(&easel.draw(&at(None, 1.8)));
    assert!((there - 0.1).abs() < 0.02, "who is there looks as always: {there}");
    assert!(
        gone > 0.25 && later < gone - 0.1 && much_later < later,
        "{gone}, then {later}, then {much_later}"
    );
}

pub(super) fn grains_leave_the_hair_and_outlive_it(easel: &mut Easel) {
    let at = |hair: Option<[u32; 4]>, seconds: f64| Scene {
        hair,
        face: None,
        paint: dark,
        time: TIME + seconds,
        ..Scene::default()
    };
    let bare = easel.bare(&at(None, -1.0));
    let lit = |picture: &ComposedFrame, of: &dyn Fn(u32, u32) -> bool| difference(picture, &bare, of);
    let outside = |x: u32, y: u32| !is_in([HAIR[0] - 8, HAIR[1] - 8, HAIR[2] + 8, HAIR[3] + 8], x, y);
    let values = [("rate", float(20.0)), ("life", float(1.5)), ("wind", float(0.3)), ("size", float(0.007))];

    easel.wear(Stack::Picture, "hair_particles", &values);
    for tenth in 0..20 {
        let picture = easel.draw(&at(None, f64::from(tenth) * 0.1));
        assert!(lit(&picture, &|_, _| true) <= 1, "without hair there are no grains");
    }
    let young = easel.draw(&at(Some(HAIR), 2.1));
    assert!(lit(&young, &outside) <= 1, "grains are born in the hair");
    for tenth in 0..15 {
        easel.draw(&at(Some(HAIR), 2.2 + f64::from(tenth) * 0.1));
    }
    let flying = easel.draw(&at(Some(HAIR), 3.8));
    assert!(lit(&flying, &outside) > 60, "and fly away");
    let alone = easel.draw(&at(None, 3.9));
    assert!(lit(&alone, &outside) > 60, "they go on when the hair is gone");
    for tenth in 0..16 {
        easel.draw(&at(None, 4.0 + f64::from(tenth) * 0.1));
    }
    let over = easel.draw(&at(None, 5.7));
    assert!(lit(&over, &|_, _| true) <= 1, "none is older than its life");
}
