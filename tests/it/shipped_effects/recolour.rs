//! Effects that change each pixel's colour where it is.

use masque::parameters::Value;

use super::easel::{Easel, HAIR, Rgb, Scene, all, color, distance, float, is_in, luma, mean, photo};

/// The angle of a colour around gray, in turns (BT.709's plane of chroma).
fn hue([r, g, b]: Rgb) -> f32 {
    let y = luma([r, g, b]);
    ((r - y) / 1.5748).atan2((b - y) / 1.8556) / std::f32::consts::TAU
}

/// Colours that stay colours wherever they are turned.
fn pale(x: u32, y: u32) -> Rgb {
    photo(x, y).map(|channel| 0.5 + (channel - 0.5) * 0.3)
}

pub(super) fn hues_turn_and_luma_stays(easel: &mut Easel) {
    let scene = Scene::empty(pale);
    let bare = easel.bare(&scene);
    for degrees in [60.0, -120.0] {
        let turned = easel.whole("hue_cycle", &[("turn", float(degrees)), ("speed", float(0.0))], &scene);
        for (x, y) in all() {
            let (before, after) = (color(&bare, x, y), color(&turned, x, y));
            assert!((luma(before) - luma(after)).abs() < 0.008, "luma at {x}, {y}: {before:?} and {after:?}");
            // Where there is colour at all, it has another hue.
            if distance(before, [luma(before); 3]) > 0.06 {
                let turn = (hue(after) - hue(before) - degrees / 360.0 + 2.5).fract() - 0.5;
                assert!(turn.abs() < 0.03, "hue at {x}, {y} is off by {turn} turns");
            }
        }
    }
    // Out of the cube of colours it is paled, so luma stays even there.
    fn strong(x: u32, _: u32) -> Rgb {
        if x < 128 { [1.0, 0.0, 0.0] } else { [0.0, 0.2, 1.0] }
    }
    let turned =
        easel.whole("hue_cycle", &[("turn", float(170.0)), ("speed", float(0.0))], &Scene::empty(strong));
    for x in [20, 200] {
        assert!((luma(color(&turned, x, 50)) - luma(strong(x, 50))).abs() < 0.01, "luma at {x}");
    }
}

pub(super) fn colours_become_their_opposites(easel: &mut Easel) {
    let scene = Scene::empty(photo);
    let bare = easel.bare(&scene);
    let inverted = easel.whole("invert", &[], &scene);
    for (x, y) in all() {
        let expected = color(&bare, x, y).map(|channel| 1.0 - channel);
        assert!(distance(color(&inverted, x, y), expected) < 0.006, "at {x}, {y}");
    }
}

pub(super) fn bright_is_hot_and_people_are_warm(easel: &mut Easel) {
    fn ramp(x: u32, _: u32) -> Rgb {
        [x as f32 / 255.0; 3]
    }
    let cold = ("body_heat", float(0.0));
    // In each palette brightness only grows, and in iron it goes from nearly black over red to nearly white.
    for palette in [0, 2, 3] {
        let values = [cold.clone(), ("palette", Value::Selection(palette))];
        let picture = easel.whole("thermal", &values, &Scene::empty(ramp));
        let row: Vec<f32> = (0..256).map(|x| luma(color(&picture, x, 40))).collect();
        assert!(row.windows(2).all(|pair| pair[1] >= pair[0] - 0.006), "palette {palette} goes up and down");
        assert!(row[10] < 0.15 && row[245] > 0.85, "palette {palette} ends at {} and {}", row[10], row[245]);
        if palette == 0 {
            let middle = color(&picture, 128, 40);
            assert!(middle[0] > middle[2] + 0.3, "iron glows red: {middle:?}");
        }
    }
    fn gray(_: u32, _: u32) -> Rgb {
        [0.5; 3]
    }
    let scene = Scene { face: None, ..Scene { paint: gray, ..Scene::default() } };
    let picture = easel.whole("thermal", &[("palette", Value::Selection(2))], &scene);
    let people =
        mean(all().filter(|(x, y)| is_in([64, 48, 96, 96], *x, *y)), |x, y| luma(color(&picture, x, y)));
    let around = mean(all().filter(|(x, _)| *x > HAIR[2] + 16), |x, y| luma(color(&picture, x, y)));
    assert!(people > around + 0.2, "people {people}, around them {around}");
}
