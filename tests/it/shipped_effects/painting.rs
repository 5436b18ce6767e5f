//! Effects that paint, cast and blur.

use masque::compositor::ComposedFrame;
use masque::parameters::Value;

use super::easel::{Easel, HEIGHT, Rgb, Scene, all, color, distance, float, is_in, luma, mean, photo};

fn gray(_: u32, _: u32) -> Rgb {
    [0.5; 3]
}

/// How much neighbours differ, on average.
fn detail(picture: &ComposedFrame, within: [u32; 4]) -> f32 {
    let pixels = all().filter(|(x, y)| is_in(within, *x, *y));
    mean(pixels, |x, y| (luma(color(picture, x, y)) - luma(color(picture, x + 1, y))).abs())
}

pub(super) fn noise_is_painted_over_and_edges_stay(easel: &mut Easel) {
    fn noisy(x: u32, y: u32) -> Rgb {
        let grain = ((x * 7919 + y * 104_729) % 97) as f32 / 97.0 - 0.5;
        [if x < 128 { 0.25 } else { 0.75 } + 0.1 * grain; 3]
    }
    let values = [("relief", float(0.0)), ("vivid", float(0.0)), ("brush", float(0.04))];
    let scene = Scene::empty(noisy);
    let bare = easel.bare(&scene);
    let picture = easel.whole("kuwahara", &values, &scene);
    let (before, after) = (detail(&bare, [10, 10, 110, 130]), detail(&picture, [10, 10, 110, 130]));
    assert!(after < before * 0.4, "grain of {before} became {after}");
    let column = |x: u32| mean((10..HEIGHT - 10).map(|y| (x, y)), |x, y| luma(color(&picture, x, y)));
    assert!(column(122) < 0.32 && column(134) > 0.68, "the edge is {} and {}", column(122), column(134));
}

pub(super) fn lead_runs_between_pieces_of_the_colour_below(easel: &mut Easel) {
    let red = [1.0, 0.0, 0.0];
    let share = |easel: &mut Easel, lead: f32| {
        let values = [
            ("size", float(0.2)),
            ("lead", float(lead)),
            ("lead_color", Value::Color(red)),
            ("glow", float(0.0)),
        ];
        let picture = easel.whole("stained_glass", &values, &Scene::empty(gray));
        mean(all(), |x, y| {
            let [r, g, b] = color(&picture, x, y);
            // Glass below which all is gray is gray; what is not is lead.
            assert!((g - b).abs() < 0.012, "at {x}, {y}");
            if r - g > 0.5 { 1.0 } else { 0.0 }
        })
    };
    let (none, narrow, wide) = (share(easel, 0.0), share(easel, 0.015), share(easel, 0.03));
    assert!(none == 0.0 && narrow > 0.04 && wide > narrow * 1.5 && wide < 0.5, "{none}, {narrow}, {wide}");
}

pub(super) fn everything_has_the_colour_of_the_metal(easel: &mut Easel) {
    fn blue(x: u32, y: u32) -> Rgb {
        [0.1, 0.2, photo(x, y)[2]]
    }
    let gold = easel.whole("liquid_metal", &[], &Scene::empty(blue));
    let warm = mean(all(), |x, y| color(&gold, x, y)[0] - color(&gold, x, y)[2]);
    assert!(warm > 0.2, "blue became gold: red is {warm} above blue");
    // A flat picture is a flat mirror, unless the metal swells by itself.
    let flat = easel.whole("liquid_metal", &[("ripples", float(0.0))], &Scene::empty(gray));
    let first = color(&flat, 128, 72);
    assert!(all().all(|(x, y)| distance(color(&flat, x, y), first) < 0.012), "flat metal has one colour");
    let swollen = easel.whole("liquid_metal", &[("ripples", float(1.0))], &Scene::empty(gray));
    assert!(all().any(|(x, y)| distance(color(&swollen, x, y), first) > 0.2));
}

pub(super) fn the_point_stays_sharp_and_the_rest_does_not(easel: &mut Easel) {
    let scene = Scene::empty(photo);
    let bare = easel.bare(&scene);
    let values = [
        ("focus", Value::Selection(3)),
        ("point", Value::Point([0.25, 0.5])),
        ("radius", float(0.25)),
        ("fade", float(0.1)),
        ("blur", float(0.06)),
    ];
    let picture = easel.whole("focal_blur", &values, &scene);
    let sharp = [44, 52, 84, 92];
    let (before, after) = (detail(&bare, sharp), detail(&picture, sharp));
    assert!((after - before).abs() < before * 0.02, "at the point {before} became {after}");
    let far = [160, 20, 240, 120];
    let (before, after) = (detail(&bare, far), detail(&picture, far));
    assert!(after < before * 0.25, "far from it {before} became {after}");
    let middle = |picture: &ComposedFrame| {
        mean(all().filter(|(x, y)| is_in(far, *x, *y)), |x, y| luma(color(picture, x, y)))
    };
    assert!((middle(&bare) - middle(&picture)).abs() < 0.03, "a blur is as bright as the picture");
    // People in focus do not bleed into what is behind them.
    fn lit(x: u32, y: u32) -> Rgb {
        if is_in(super::easel::HAIR, x, y) { [1.0; 3] } else { [0.2; 3] }
    }
    let scene = Scene { face: None, paint: lit, ..Scene::default() };
    let picture = easel.whole("focal_blur", &[("focus", Value::Selection(2)), ("blur", float(0.08))], &scene);
    let beside = luma(color(&picture, super::easel::HAIR[2] + 8, 72));
    assert!(beside < 0.3, "beside a bright person it is {beside}");
}
