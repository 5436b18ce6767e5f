//! Effects that print: few colours, and more ink where it is dark.

use masque::compositor::ComposedFrame;
use masque::look::Stack;
use masque::parameters::Value;

use super::easel::{
    Easel, HEIGHT, Rgb, Scene, WIDTH, all, color, difference, distance, float, luma, mean, photo,
};

const INK: Rgb = [0.0, 0.0, 0.4];
const PAPER: Rgb = [1.0, 1.0, 0.8];

fn ramp(x: u32, _: u32) -> Rgb {
    [x as f32 / 255.0; 3]
}

fn flat<const PERCENT: u32>(_: u32, _: u32) -> Rgb {
    [PERCENT as f32 / 100.0; 3]
}

/// How much of the way from `a` to `b` a colour is, and how far it is off that line.
fn between(a: Rgb, b: Rgb, color: Rgb) -> (f32, f32) {
    let way: Rgb = std::array::from_fn(|i| b[i] - a[i]);
    let square: f32 = way.iter().map(|w| w * w).sum();
    let at = (0..3).map(|i| (color[i] - a[i]) * way[i]).sum::<f32>() / square;
    (at, distance(color, std::array::from_fn(|i| a[i] + way[i] * at)))
}

/// Share of ink in columns `from` to `to`, where each pixel is ink, paper or between them.
fn inked(picture: &ComposedFrame, from: u32, to: u32) -> f32 {
    mean((0..HEIGHT).flat_map(|y| (from..to).map(move |x| (x, y))), |x, y| {
        let (ink, off) = between(PAPER, INK, color(picture, x, y));
        assert!(
            off < 0.012 && (-0.02..1.02).contains(&ink),
            "{:?} at {x}, {y} is neither",
            color(picture, x, y)
        );
        ink
    })
}

pub(super) fn only_ink_and_paper_and_more_ink_where_it_is_dark(easel: &mut Easel) {
    let values = [
        ("dot_size", float(0.08)),
        ("ink", Value::Color(INK)),
        ("paper", Value::Color(PAPER)),
        ("contrast", float(1.0)),
    ];
    let picture = easel.whole("halftone", &values, &Scene::empty(ramp));
    let shares: Vec<f32> = (0..8).map(|part| inked(&picture, part * 32, part * 32 + 32)).collect();
    assert!(shares.windows(2).all(|pair| pair[1] < pair[0]), "from dark to bright: {shares:?}");
    assert!(shares[0] > 0.85 && shares[7] < 0.15 && (shares[3] + shares[4] - 1.0).abs() < 0.15, "{shares:?}");
    // It is made of dots: rows of a flat half tone are ink and paper in turns.
    let picture = easel.whole("halftone", &values, &Scene::empty(flat::<60>));
    let row: Vec<bool> = (0..WIDTH).map(|x| between(PAPER, INK, color(&picture, x, 70)).0 > 0.5).collect();
    let turns = row.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!((20..80).contains(&turns), "{turns} borders of dots in a row");
}

pub(super) fn only_two_colours_whose_shares_are_the_tone(easel: &mut Easel) {
    let values = [("pixel_size", float(0.0139)), ("dark", Value::Color(INK)), ("light", Value::Color(PAPER))];
    let pictures: [(fn(u32, u32) -> Rgb, f32); 3] =
        [(flat::<25>, 0.25), (flat::<50>, 0.5), (flat::<80>, 0.8)];
    for (paint, tone) in pictures {
        let picture = easel.whole("dither", &values, &Scene::empty(paint));
        let light = 1.0 - inked(&picture, 0, WIDTH);
        assert!((light - tone).abs() < 0.03, "{light} of the picture is light, its tone is {tone}");
        let two = |(x, y)| {
            let found = color(&picture, x, y);
            distance(found, INK) < 0.01 || distance(found, PAPER) < 0.01
        };
        assert!(all().all(two), "only two colours");
        // A pixel of the pattern is two by two pixels of the output.
        for (x, y) in all().filter(|(x, y)| x % 2 == 0 && y % 2 == 0) {
            assert_eq!(color(&picture, x, y), color(&picture, x + 1, y + 1), "at {x}, {y}");
        }
    }
    let handheld = easel.whole("dither", &[("palette", Value::Selection(2))], &Scene::empty(photo));
    let greens: std::collections::BTreeSet<_> =
        all().map(|(x, y)| color(&handheld, x, y).map(|channel| (channel * 255.0) as u8)).collect();
    assert!(greens.len() <= 4, "a handheld has four colours: {greens:?}");
}

pub(super) fn letters_have_the_ink_and_dark_parts_stay_blank(easel: &mut Easel) {
    let values = [
        ("size", float(0.112)),
        ("style", Value::Selection(1)),
        ("ink", Value::Color(PAPER)),
        ("screen", Value::Color(INK)),
        ("contrast", float(1.0)),
    ];
    let picture = easel.whole("ascii", &values, &Scene::empty(ramp));
    let dark: Vec<f32> = (0..4).map(|part| inked(&picture, part * 64, part * 64 + 64)).collect();
    assert!(dark.windows(2).all(|pair| pair[1] < pair[0]), "brighter parts have fuller letters: {dark:?}");
    let black = easel.whole("ascii", &values, &Scene::empty(flat::<2>));
    assert!(
        all().all(|(x, y)| distance(color(&black, x, y), INK) < 0.01),
        "nothing is typed where it is black"
    );
    // A letter stands in 6 × 8 dots of 2 × 2 pixels; the last column and the last two rows of a cell stay free.
    for (x, y) in all().filter(|(x, y)| x % 12 >= 10 || y % 16 >= 12) {
        assert!(distance(color(&picture, x, y), INK) < 0.01, "between the letters at {x}, {y}");
    }
}

pub(super) fn paper_stays_bare_and_each_colour_has_its_ink(easel: &mut Easel) {
    fn colours(x: u32, _: u32) -> Rgb {
        [[1.0, 1.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]][(x / 64) as usize]
    }
    let values = [("dot_size", float(0.05)), ("slip", float(0.0)), ("paper", Value::Color([1.0; 3]))];
    let picture = easel.whole("four_colour_print", &values, &Scene::empty(colours));
    let field = |from: u32| (20..HEIGHT - 20).flat_map(move |y| (from + 16..from + 48).map(move |x| (x, y)));
    for (x, y) in field(0) {
        assert!(distance(color(&picture, x, y), [1.0; 3]) < 0.01, "white is bare paper at {x}, {y}");
    }
    let channels =
        |from: u32| -> Rgb { std::array::from_fn(|i| mean(field(from), |x, y| color(&picture, x, y)[i])) };
    let (cyan, magenta, yellow) = (channels(64), channels(128), channels(192));
    assert!(cyan[0] < 0.15 && cyan[1] > 0.6 && cyan[2] > 0.8, "cyan {cyan:?}");
    assert!(magenta[1] < 0.15 && magenta[0] > 0.8 && magenta[2] > 0.4, "magenta {magenta:?}");
    assert!(yellow[2] < 0.2 && yellow[0] > 0.9 && yellow[1] > 0.8, "yellow {yellow:?}");
    // Half tones are dots: some pixels with ink, some without.
    let picture = easel.whole("four_colour_print", &values, &Scene::empty(flat::<60>));
    let lumas: Vec<f32> = all().map(|(x, y)| luma(color(&picture, x, y))).collect();
    assert!(lumas.iter().any(|luma| *luma > 0.95) && lumas.iter().any(|luma| *luma < 0.3), "dots on paper");
}

pub(super) fn edges_are_drawn_and_shade_is_hatched(easel: &mut Easel) {
    fn step(x: u32, _: u32) -> Rgb {
        if x < 128 { [1.0; 3] } else { [0.75; 3] }
    }
    let values = [
        ("line", float(0.01)),
        ("hatching", float(0.05)),
        ("ink", Value::Color([0.0; 3])),
        ("paper", Value::Color([1.0; 3])),
        ("wash", float(0.0)),
    ];
    let picture = easel.whole("ink_sketch", &values, &Scene::empty(step));
    let column = |x: u32| mean((0..HEIGHT).map(|y| (x, y)), |x, y| luma(color(&picture, x, y)));
    assert!(column(60) > 0.93, "white paper stays empty: {}", column(60));
    let darkest = (122..134).map(column).fold(1.0, f32::min);
    assert!(darkest < 0.4, "the edge is drawn: {darkest}");
    let shade = |easel: &mut Easel, paint: fn(u32, u32) -> Rgb| {
        let picture = easel.whole("ink_sketch", &values, &Scene::empty(paint));
        mean(all(), |x, y| luma(color(&picture, x, y)))
    };
    let tones = [
        shade(easel, flat::<95>),
        shade(easel, flat::<50>),
        shade(easel, flat::<25>),
        shade(easel, flat::<5>),
    ];
    assert!(tones.windows(2).all(|pair| pair[1] < pair[0] - 0.03), "the darker, the more strokes: {tones:?}");
}

pub(super) fn ink_only_darkens_the_sheet(easel: &mut Easel) {
    let scene = Scene::empty(photo);
    let bare = easel.bare(&scene);
    let dry = ("soaked", float(0.0));
    let white = easel.whole("paper_print", std::slice::from_ref(&dry), &scene);
    assert!(difference(&white, &bare, |_, _| true) <= 1, "on white paper it is the picture itself");
    let values = [dry, ("sheet", Value::Texture(Some("lava".into())))];
    easel.wear(Stack::Picture, "paper_print", &values);
    let printed = easel.draw(&scene);
    let darker = |(x, y)| {
        let (before, after) = (color(&bare, x, y), color(&printed, x, y));
        before.iter().zip(after).all(|(before, after)| after <= before + 0.006)
    };
    assert!(all().all(darker), "nothing is brighter than the picture");
    assert!(difference(&printed, &bare, |_, _| true) > 40, "the sheet is seen");
}
