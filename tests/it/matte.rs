//! What the mattes of known masks and pictures look like: shaped, fitted, smoothed.

use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::default;
use masque::compositor::ComposedFrame;
use masque::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use masque::look::{Look, MatteStyle, RegionStyle};
use masque::perception::{MotionField, Parsed, Perception, RegionMask};

use super::compositor::Bench;

const WIDTH: u32 = 256;
const HEIGHT: u32 = 128;
/// Columns of the mask; a texel is eight pixels wide.
const COLUMNS: u32 = 32;
const ROWS: u32 = 16;

/// Clothes are white, all else is black: the picture is the matte of clothes.
pub fn matte_look(matte: MatteStyle) -> Look {
    let solid = |shade: f32| RegionStyle { tint: [shade; 3], shading: 0.0, ..default() };
    Look {
        matte,
        background: solid(0.0),
        hair: solid(0.0),
        body_skin: solid(0.0),
        face_skin: solid(0.0),
        clothes: solid(1.0),
        accessories: solid(0.0),
        ..default()
    }
}

/// Grey values column by column.
fn frame(number: u64, shade: impl Fn(u32) -> u8) -> Arc<Frame> {
    let mut data = FramePool::new(1 << 20).acquire(PixelFormat::Rgba8.bytes(WIDTH, HEIGHT)).unwrap();
    for (at, pixel) in data.chunks_exact_mut(4).enumerate() {
        let grey = shade(at as u32 % WIDTH);
        pixel.copy_from_slice(&[grey, grey, grey, 255]);
    }
    let at = Duration::from_millis(number * 33);
    let size = (WIDTH, HEIGHT);
    Arc::new(Frame::new(FrameSeq(number), at, PixelFormat::Rgba8, size, ColorSpace::default(), data).unwrap())
}

/// Shares of clothes column by column, and the luma that the network saw there; `moved` is how far the
/// content came since the mask before, none when there was none before.
fn parsed(share: impl Fn(u32) -> u8, luma: impl Fn(u32) -> u8, moved: Option<f32>) -> Arc<Parsed> {
    let mut mask = RegionMask::default();
    mask.clear(COLUMNS, ROWS);
    for (at, (low, high)) in mask.plane0.chunks_exact_mut(4).zip(mask.plane1.chunks_exact_mut(4)).enumerate()
    {
        let column = at as u32 % COLUMNS;
        let clothes = share(column);
        low.copy_from_slice(&[255 - clothes, 0, 0, 0]);
        high.copy_from_slice(&[clothes, 0, luma(column), 0]);
    }
    let motion = moved.map_or_else(MotionField::default, |moved| MotionField {
        columns: 1,
        rows: 1,
        vectors: vec![[-moved, 0.0]],
        confidence: vec![1.0],
    });
    Arc::new(Parsed { perception: Perception { mask, motion, ..default() } })
}

fn row(picture: &ComposedFrame) -> Vec<u8> {
    let start = (HEIGHT / 2 * WIDTH * 4) as usize;
    picture.pixels[start..start + WIDTH as usize * 4].chunks_exact(4).map(|pixel| pixel[0]).collect()
}

/// Where the matte falls below one half for good.
fn edge(row: &[u8]) -> usize {
    row.iter().rposition(|value| *value >= 128).map_or(0, |at| at + 1)
}

fn draw(look: Look, shade: impl Fn(u32) -> u8, share: impl Fn(u32) -> u8) -> Vec<u8> {
    let luma = |column: u32| shade(column * 8 + 4);
    let parsed = parsed(share, luma, None);
    row(&Bench::new(look, None).show(frame(0, &shade), Some(parsed), false))
}

/// Clothes in the left half.
fn half(column: u32) -> u8 {
    if column < COLUMNS / 2 { 255 } else { 0 }
}

#[test]
fn a_region_grows_shrinks_softens_and_turns_inside_out() {
    let shaped = |change: fn(&mut RegionStyle)| {
        let mut look = matte_look(MatteStyle::raw());
        change(&mut look.clothes);
        draw(look, |_| 0, half)
    };
    let plain = shaped(|_| {});
    assert_eq!(edge(&plain), 128);
    // Five hundredths of 128 pixels are 6.4 pixels.
    let grown = edge(&shaped(|style| style.dilation = 5.0));
    assert!((133..=137).contains(&grown), "{grown}");
    let shrunk = edge(&shaped(|style| style.dilation = -5.0));
    assert!((119..=123).contains(&shrunk), "{shrunk}");
    let soft = shaped(|style| style.softness = 5.0);
    assert!(soft[116] < plain[116] && soft[139] > plain[139], "{:?}", &soft[100..156]);
    assert!(soft[100] > 250 && soft[156] < 5);
    let inverted = shaped(|style| style.invert = true);
    assert!(inverted[20] < 100 && inverted[236] > 250, "{} {}", inverted[20], inverted[236]);
}

#[test]
fn edges_follow_the_picture_where_it_has_one_and_the_mask_where_not() {
    // The picture's edge is at pixel 131; the mask knows only that it is somewhere around column 16.
    let blurred = |column: u32| match column {
        0..=14 => 255,
        15 => 200,
        16 => 120,
        17 => 40,
        _ => 0,
    };
    let picture = |x: u32| if x < 131 { 200 } else { 60 };
    let raw = draw(matte_look(MatteStyle { smoothing: 0.0, refinement: 0.0 }), picture, blurred);
    let refined = draw(matte_look(MatteStyle { smoothing: 0.0, refinement: 1.0 }), picture, blurred);
    assert!((130..=132).contains(&edge(&refined)), "{} {:?}", edge(&refined), &refined[110..150]);
    let width = |row: &[u8]| row.iter().filter(|v| (26..230).contains(*v)).count();
    assert!(width(&refined) * 2 <= width(&raw), "{} and {}", width(&refined), width(&raw));
    let flat = draw(matte_look(MatteStyle { smoothing: 0.0, refinement: 1.0 }), |_| 90, blurred);
    let off = flat.iter().zip(&raw).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(off <= Some(3), "where nothing is to be seen, the mask stays: {off:?}");
}

#[test]
fn a_mask_that_wavers_on_a_still_picture_is_calmed_and_one_that_moves_is_not() {
    let look = || matte_look(MatteStyle { smoothing: 0.25, refinement: 0.0 });
    let picture = |x: u32| if x < 128 { 200 } else { 60 };
    let luma = move |column: u32| picture(column * 8 + 4);
    let waver =
        |frame: u64| move |column: u32| if column == 15 { (frame % 2 * 200) as u8 } else { half(column) };
    let change = |bench: &mut Bench| {
        let mut before: Option<Vec<u8>> = None;
        let mut sum = 0;
        for number in 0..20 {
            let parsed = parsed(waver(number), luma, (number > 0).then_some(0.0));
            let now = row(&bench.show(frame(number, picture), Some(parsed), false));
            if let (Some(before), true) = (before, number > 10) {
                sum += now.iter().zip(&before).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>();
            }
            before = Some(now);
        }
        sum
    };
    let raw = change(&mut Bench::new(matte_look(MatteStyle::raw()), None));
    let calm = change(&mut Bench::new(look(), None));
    assert!(calm * 3 < raw, "{calm} of {raw}");

    // A person walks two texels a frame: content and colours move together.
    let mut bench = Bench::new(look(), None);
    for number in 0..8 {
        let step = number as u32 * 2;
        let body = move |column: u32| if (4 + step..12 + step).contains(&column) { 255 } else { 0 };
        let shade = move |x: u32| if body(x / 8) > 0 { 200 } else { 60 };
        let parsed = parsed(body, move |column| shade(column * 8 + 4), (number > 0).then_some(2.0 / 32.0));
        let matte = row(&bench.show(frame(number, shade), Some(parsed), false));
        let truth = |x: usize| body(x as u32 / 8);
        let ghost = (0..256).filter(|x| x % 8 == 4 && matte[*x].abs_diff(truth(*x)) > 64).count();
        assert_eq!(ghost, 0, "frame {number}: {matte:?}");
    }

    // Nothing of one scene is seen in the next.
    let parsed = parsed(|column| 255 - half(column), luma, None);
    let cut = row(&bench.show(frame(9, picture), Some(parsed), false));
    assert!(cut[20] < 5 && cut[236] > 250);
}
