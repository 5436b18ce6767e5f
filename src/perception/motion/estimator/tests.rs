use super::*;

const WIDTH: u32 = 128;
const HEIGHT: u32 = 72;

fn luma(value: impl Fn(f32, f32) -> f32) -> SmallLuma {
    let mut out = SmallLuma { width: WIDTH, height: HEIGHT, ..SmallLuma::default() };
    out.pixels = (0..WIDTH * HEIGHT)
        .map(|at| value((at % WIDTH) as f32, (at / WIDTH) as f32).round().clamp(0.0, 255.0) as u8)
        .collect();
    out
}

/// Wallpaper: detail of several sizes everywhere, and nothing repeats.
fn wallpaper(x: f32, y: f32) -> f32 {
    128.0 + 90.0 * smooth(x / 4.0, y / 4.0) + 90.0 * smooth(x / 9.0 + 70.0, y / 9.0)
}

/// Noise between whole numbers mixed smoothly.
fn smooth(x: f32, y: f32) -> f32 {
    let (x, y) = (x + 100.0, y + 100.0);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (fx, fy) = (ease(x.fract()), ease(y.fract()));
    let at = |dx: f32, dy: f32| noise(x.floor() + dx, y.floor() + dy, 9);
    let upper = at(0.0, 0.0) * (1.0 - fx) + at(1.0, 0.0) * fx;
    let lower = at(0.0, 1.0) * (1.0 - fx) + at(1.0, 1.0) * fx;
    upper * (1.0 - fy) + lower * fy
}

fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let hash = (x as u32).wrapping_mul(0x9e37_79b1)
        ^ (y as u32).wrapping_mul(0x85eb_ca77)
        ^ seed.wrapping_mul(0xc2b2_ae3d);
    let hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    f32::from((hash >> 24) as u8) / 255.0 - 0.5
}

fn estimate(newer: &SmallLuma, older: &SmallLuma) -> MotionField {
    let mut field = MotionField::default();
    MotionEstimator::default().estimate(newer, older, &mut field);
    assert_eq!(field.vectors.len(), (field.columns * field.rows) as usize);
    assert_eq!(field.confidence.len(), field.vectors.len());
    assert!(field.vectors.iter().flatten().chain(&field.confidence).all(|v| v.is_finite()));
    field
}

/// Motion at pixel (x, y) in pixels.
fn pixels(field: &MotionField, x: f32, y: f32) -> [f32; 2] {
    let [u, v] = field.at([x / WIDTH as f32, y / HEIGHT as f32]);
    [u * WIDTH as f32, v * HEIGHT as f32]
}

fn off(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[test]
fn a_pan_moves_everything_by_the_same_to_a_fraction_of_a_pixel() {
    for (dx, dy) in [(3.0, -2.0), (0.5, 0.25), (-11.0, 6.0), (13.4, 0.0)] {
        // What is at q now was at q + v.
        let older = luma(wallpaper);
        let newer = luma(|x, y| wallpaper(x + dx, y + dy));
        let field = estimate(&newer, &older);
        for y in (20..56).step_by(8) {
            for x in (24..104).step_by(8) {
                let found = pixels(&field, x as f32, y as f32);
                assert!(off(found, [dx, dy]) < 0.6, "({dx}, {dy}) at {x}, {y}: {found:?}");
            }
        }
    }
}

/// A square of other paper before a still wall; its middle is at (x, 36).
fn square(at: f32, wall: impl Fn(f32, f32) -> f32) -> impl Fn(f32, f32) -> f32 {
    move |x, y| {
        let inside = (x - at).abs() < 16.0 && (y - 36.0).abs() < 16.0;
        if inside { wallpaper((x - at) * 1.3 + 300.0, y * 1.3) * 0.8 } else { wall(x, y) }
    }
}

#[test]
fn who_moves_before_a_still_wall_moves_alone() {
    for wall in [wallpaper as fn(f32, f32) -> f32, |_, _| 200.0] {
        let field = estimate(&luma(square(66.0, wall)), &luma(square(60.0, wall)));
        for (x, y) in [(58.0, 30.0), (66.0, 36.0), (74.0, 42.0)] {
            assert!(off(pixels(&field, x, y), [-6.0, 0.0]) < 0.5, "{:?}", pixels(&field, x, y));
        }
        for (x, y) in [(10.0, 10.0), (110.0, 60.0), (20.0, 36.0), (110.0, 36.0)] {
            assert!(off(pixels(&field, x, y), [0.0, 0.0]) < 0.1, "{:?}", pixels(&field, x, y));
        }
        // The strip that was uncovered behind it moves along: looked up there, it was wall before.
        let uncovered = pixels(&field, 47.0, 36.0);
        assert!(off(uncovered, [-6.0, 0.0]) < 2.5, "{uncovered:?}");
    }
}

#[test]
fn noise_light_and_flat_walls_do_not_move() {
    let still = |newer: &SmallLuma, older: &SmallLuma, what: &str| {
        let field = estimate(newer, older);
        let moved = field.vectors.iter().filter(|v| off(**v, [0.0; 2]) * WIDTH as f32 > 0.3).count();
        assert!(moved * 50 <= field.vectors.len(), "{what}: {moved} blocks of {}", field.vectors.len());
        let sure = field.confidence.iter().filter(|c| **c > 0.9).count();
        assert!(sure * 10 >= field.vectors.len() * 9, "{what}: {sure} sure");
    };
    let noisy = |seed| luma(move |x, y| wallpaper(x, y) + 6.0 * noise(x, y, seed));
    still(&noisy(1), &noisy(2), "noise");
    let gray = |seed| luma(move |x, y| 120.0 + 6.0 * noise(x, y, seed));
    still(&gray(1), &gray(2), "a flat wall");
    still(&luma(|x, y| wallpaper(x, y) * 1.15), &luma(wallpaper), "more light");
    still(&luma(|x, y| wallpaper(x, y) * 0.8), &luma(wallpaper), "less light");
}

#[test]
fn motion_is_found_while_the_light_changes() {
    let newer = luma(|x, y| wallpaper(x + 4.0, y) * 0.85);
    let field = estimate(&newer, &luma(wallpaper));
    assert!(off(pixels(&field, 64.0, 36.0), [4.0, 0.0]) < 0.5, "{:?}", pixels(&field, 64.0, 36.0));
}

#[test]
fn what_appears_is_not_trusted() {
    let newer = luma(square(66.0, wallpaper));
    let field = estimate(&newer, &luma(wallpaper));
    let at = |x: u32, y: u32| {
        let (column, row) = (x * field.columns / WIDTH, y * field.rows / HEIGHT);
        field.confidence[(row * field.columns + column) as usize]
    };
    assert!(at(66, 36) < 0.5, "{}", at(66, 36));
    assert!(at(10, 10) > 0.9 && at(120, 60) > 0.9);
}

#[test]
fn pictures_of_other_sizes_and_tiny_ones_have_no_motion() {
    let mut field = estimate(&luma(wallpaper), &luma(wallpaper));
    assert!(!field.is_empty());
    let mut estimator = MotionEstimator::default();
    let small = |side: u32| SmallLuma {
        width: side,
        height: side,
        pixels: vec![7; (side * side) as usize],
        ..SmallLuma::default()
    };
    estimator.estimate(&luma(wallpaper), &small(64), &mut field);
    assert!(field.is_empty());
    for side in [0, 1, 7] {
        estimator.estimate(&small(side), &small(side), &mut field);
        assert!(field.is_empty(), "{side}");
    }
    for side in [8, 9, 17] {
        estimator.estimate(&small(side), &small(side), &mut field);
        assert!(!field.is_empty() && field.vectors.iter().all(|v| *v == [0.0; 2]), "{side}");
    }
}
