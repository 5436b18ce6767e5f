//! Effects that move the picture.

use masque::parameters::Value;

use super::easel::{
    Easel, HEIGHT, Rgb, Scene, WIDTH, all, color, difference, distance, float, luma, mean, photo,
};

fn line(x: u32, _: u32) -> Rgb {
    if (124..132).contains(&x) { [1.0; 3] } else { [0.0; 3] }
}

pub(super) fn red_and_blue_leave_green_by_the_stated_distance(easel: &mut Easel) {
    // A sixteenth of the height is nine pixels.
    let values = [("shift", float(0.0625))];
    let picture = easel.whole("chromatic_shift", &values, &Scene::empty(line));
    let middle = |channel: usize| {
        let lit = (0..WIDTH).filter(|x| color(&picture, *x, 70)[channel] > 0.5);
        let places: Vec<f32> = lit.map(|x| x as f32 + 0.5).collect();
        assert_eq!(places.len(), 8, "channel {channel} is as wide as before");
        places.iter().sum::<f32>() / 8.0
    };
    assert_eq!([middle(0), middle(1), middle(2)], [137.0, 128.0, 119.0]);
    // Downwards, a line that stands upright stays white.
    let down = [("shift", float(0.0625)), ("angle", float(90.0))];
    let picture = easel.whole("chromatic_shift", &down, &Scene::empty(line));
    assert!(distance(color(&picture, 128, 70), [1.0; 3]) < 0.02);
    // A lens leaves the middle alone.
    let lens = [("shift", float(0.0625)), ("style", Value::Selection(1))];
    let picture = easel.whole("chromatic_shift", &lens, &Scene::empty(line));
    assert!(distance(color(&picture, 128, 70), [1.0; 3]) < 0.02);
}

pub(super) fn the_picture_is_its_own_mirror_image(easel: &mut Easel) {
    let scene = Scene::empty(photo);
    let bare = easel.bare(&scene);
    let values = [("slices", Value::Selection(6)), ("zoom", float(2.0))];
    let picture = easel.whole("kaleidoscope", &values, &scene);
    let off = |picture: &masque::compositor::ComposedFrame| {
        let across = mean(all(), |x, y| distance(color(picture, x, y), color(picture, WIDTH - 1 - x, y)));
        across.max(mean(all(), |x, y| distance(color(picture, x, y), color(picture, x, HEIGHT - 1 - y))))
    };
    assert!(off(&bare) > 0.05, "the camera's picture is not symmetric");
    assert!(off(&picture) < 0.005, "off by {}", off(&picture));
    // Turned by one slice it is the same picture.
    let (mut most, turn) = (0.0_f32, std::f32::consts::TAU / 6.0);
    for step in 0..60 {
        let angle = step as f32 * 0.1;
        let at = |angle: f32| {
            let place = [128.0 + 40.0 * angle.cos(), 72.0 + 40.0 * angle.sin()];
            smooth(&picture, place)
        };
        most = most.max(distance(at(angle), at(angle + turn)));
    }
    assert!(most < 0.12, "turned by a slice it differs by {most}");
}

/// The colour around a place between pixels.
fn smooth(picture: &masque::compositor::ComposedFrame, [x, y]: [f32; 2]) -> Rgb {
    let near = |dx: i32, dy: i32| color(picture, (x as i32 + dx) as u32, (y as i32 + dy) as u32);
    let around = (-2..=2).flat_map(|dx| (-2..=2).map(move |dy| near(dx, dy)));
    around.fold([0.0; 3], |sum, color| std::array::from_fn(|i| sum[i] + color[i] / 25.0))
}

pub(super) fn a_tile_has_one_colour(easel: &mut Easel) {
    // An eighth of the height is 18 pixels.
    let values = [("size", float(0.125)), ("gap", float(0.0))];
    let picture = easel.whole("pixel_mosaic", &values, &Scene::empty(photo));
    let mut tiles = std::collections::BTreeMap::new();
    for (x, y) in all() {
        let first = *tiles.entry((x / 18, y / 18)).or_insert_with(|| color(&picture, x, y));
        assert!(distance(color(&picture, x, y), first) < 0.006, "at {x}, {y}");
    }
    let bare = easel.bare(&Scene::empty(photo));
    for ((column, row), tile) in tiles.iter().filter(|((column, _), _)| *column < 14) {
        let pixels = (0..18).flat_map(|dy| (0..18).map(move |dx| (column * 18 + dx, row * 18 + dy)));
        let expected: Rgb = std::array::from_fn(|i| mean(pixels.clone(), |x, y| color(&bare, x, y)[i]));
        assert!(
            distance(*tile, expected) < 0.12,
            "the tile {column}, {row} is {tile:?}, the picture {expected:?}"
        );
    }
}

pub(super) fn only_an_open_mouth_makes_waves(easel: &mut Easel) {
    let closed = Scene { face: Some(0.0), ..Scene::default() };
    let open = Scene { face: Some(0.1), ..closed.clone() };
    let nobody = Scene { face: None, ..closed.clone() };
    for (scene, waves) in [(&closed, false), (&nobody, false), (&open, true)] {
        let bare = easel.bare(scene);
        let picture = easel.whole("mouth_ripple", &[("reach", float(0.4))], scene);
        let most = difference(&picture, &bare, |_, _| true);
        assert_eq!(most > 12, waves, "mouth open by {:?}: the picture changes by {most}", scene.face);
        // Beyond the reach nothing moves; the mouth is at three quarters of the width.
        assert!(difference(&picture, &bare, |x, _| x < 110) <= 1, "far from the mouth");
    }
}

pub(super) fn lines_have_the_stated_spacing(easel: &mut Easel) {
    fn gray(_: u32, _: u32) -> Rgb {
        [0.5; 3]
    }
    let flat = |lines: f32| {
        let others = ["bulge", "phosphor", "corners", "hum"].map(|name| (name, float(0.0)));
        let mut values: Vec<(&str, Value)> = others.into();
        values.extend([("lines", float(lines)), ("scanlines", float(1.0))]);
        values
    };
    for (lines, spacing) in [(24.0, 6), (12.0, 12)] {
        let picture = easel.whole("crt", &flat(lines), &Scene::empty(gray));
        let rows: Vec<f32> = (0..HEIGHT).map(|y| luma(color(&picture, 100, y))).collect();
        for (y, pair) in rows.iter().zip(&rows[spacing..]).enumerate() {
            assert!((pair.0 - pair.1).abs() < 0.012, "row {y} is not as the one a line further");
        }
        let (line, between) = (rows[spacing / 2], rows[0]);
        assert!(line > between + 0.15, "lines of {line}, {between} between them");
        assert!(
            (0..WIDTH).all(|x| distance(color(&picture, x, 9), color(&picture, 100, 9)) < 0.006),
            "lines lie level"
        );
    }
    // Glass that bulges has no picture in its corners.
    let picture = easel.whole("crt", &[("bulge", float(0.3))], &Scene::empty(gray));
    assert_eq!(color(&picture, 0, 0), [0.0; 3]);
    assert!(luma(color(&picture, 128, 72)) > 0.2);
}

pub(super) fn a_broken_row_is_moved_as_a_whole(easel: &mut Easel) {
    let scene = Scene::empty(line);
    let values = [("often", float(0.8)), ("apart", float(0.0)), ("rows", float(18.0)), ("jump", float(0.4))];
    let picture = easel.whole("glitch", &values, &scene);
    let lit = |y: u32| (0..WIDTH).filter(|x| luma(color(&picture, *x, y)) > 0.5).collect::<Vec<_>>();
    let mut moved = 0;
    for y in 0..HEIGHT {
        let row = lit(y);
        assert!((7..=9).contains(&row.len()), "the line in row {y} is {} wide", row.len());
        moved += u32::from(row[0] != 124);
        // A row of the signal is eight pixels high.
        assert_eq!(row, lit(y / 8 * 8), "row {y} goes with the others of its row");
    }
    assert!(moved > 8 && moved < HEIGHT, "{moved} rows of pixels are moved");
}
