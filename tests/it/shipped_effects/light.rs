//! Effects that lay light along the edges of regions.

use masque::parameters::Value;

use super::easel::{Easel, HAIR, Rgb, Scene, color, difference, distance, float, is_in, luma};

fn gray(_: u32, _: u32) -> Rgb {
    [0.3; 3]
}

fn hair_only() -> Scene {
    Scene { face: None, paint: gray, ..Scene::default() }
}

pub(super) fn light_lies_on_the_edge_and_dies_with_distance(easel: &mut Easel) {
    let red = Value::Color([1.0, 0.0, 0.0]);
    let values = [
        ("outline_of", Value::Selection(1)),
        ("color", red.clone()),
        ("outer_color", red),
        ("dim", float(0.0)),
        ("width", float(0.02)),
        ("reach", float(0.05)),
    ];
    let picture = easel.whole("edge_glow", &values, &hair_only());
    let row = 72;
    let at = |x: u32| color(&picture, x, row);
    let edge = (HAIR[2] - 4..HAIR[2] + 4).map(|x| luma(at(x))).fold(0.0, f32::max);
    assert!(edge > 0.7, "the tube is bright: {edge}");
    // Going out it only becomes darker, and ends before a quarter of the height.
    let reds: Vec<f32> = (HAIR[2] + 6..HAIR[2] + 50).map(|x| at(x)[0]).collect();
    assert!(reds.windows(2).all(|pair| pair[1] <= pair[0] + 0.006), "{reds:?}");
    assert!(reds[0] > 0.5 && distance(at(HAIR[2] + 42), [0.3; 3]) < 0.01, "{reds:?}");
    // Another region that is not there has no outline.
    let clothes = [("outline_of", Value::Selection(4)), ("dim", float(0.0))];
    let picture = easel.whole("edge_glow", &clothes, &hair_only());
    let bare = easel.bare(&hair_only());
    assert!(difference(&picture, &bare, |_, _| true) <= 1);
}

pub(super) fn rings_stand_around_people_and_not_on_them(easel: &mut Easel) {
    let bare = easel.bare(&hair_only());
    let rings = |easel: &mut Easel, spacing: f32| {
        let values = [
            ("spacing", float(spacing)),
            ("waves", float(0.0)),
            ("speed", float(0.0)),
            ("reach", float(0.24)),
        ];
        let picture = easel.whole("aura", &values, &hair_only());
        let inside = [HAIR[0] + 6, HAIR[1] + 6, HAIR[2] - 6, HAIR[3] - 6];
        assert!(difference(&picture, &bare, |x, y| is_in(inside, x, y)) <= 1, "people stay as they are");
        let row: Vec<f32> = (HAIR[2]..HAIR[2] + 36).map(|x| luma(color(&picture, x, 72))).collect();
        row.windows(3).filter(|three| three[1] > three[0] && three[1] >= three[2]).count()
    };
    let (wide, narrow) = (rings(easel, 0.1), rings(easel, 0.05));
    assert!(wide >= 2 && narrow >= wide + 2, "{wide} wide rings, {narrow} narrow ones");
}

pub(super) fn faces_are_lit_and_the_rest_is_night(easel: &mut Easel) {
    let values = [("size", float(0.2)), ("softness", float(0.02)), ("light", Value::Color([1.0; 3]))];
    let scene = Scene { paint: gray, ..Scene::default() };
    let picture = easel.whole("spotlight", &values, &scene);
    // The nose is in the middle of the face, which is in the right half.
    assert!(distance(color(&picture, 184, 72), [0.3; 3]) < 0.02, "the face is as bright as it was");
    let far = color(&picture, 60, 72);
    assert!(luma(far) < 0.12 && far[2] > far[0], "the rest is night: {far:?}");
}

pub(super) fn curtains_hide_the_picture_and_drift(easel: &mut Easel) {
    let bright = Scene { paint: |_, _| [1.0; 3], ..Scene::default() };
    let dark = Scene { paint: |_, _| [0.0; 3], ..Scene::default() };
    let (over_bright, over_dark) =
        (easel.whole("northern_lights", &[], &bright), easel.whole("northern_lights", &[], &dark));
    assert!(difference(&over_bright, &over_dark, |_, _| true) <= 1, "nothing of the picture is seen");
    let lights: Vec<f32> = (0..144).map(|y| luma(color(&over_dark, 100, y))).collect();
    let (least, most) = lights.iter().fold((1.0_f32, 0.0_f32), |(a, b), l| (a.min(*l), b.max(*l)));
    assert!(least < 0.1 && most > 0.3, "light before night: {least} to {most}");
    let later = easel.whole("northern_lights", &[("speed", float(0.9))], &Scene { time: 5.0, ..dark });
    assert!(difference(&later, &over_dark, |_, _| true) > 20, "the curtains move");
}
