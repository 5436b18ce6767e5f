use std::time::Duration;

use super::*;
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, FramePool, FrameSeq};

const FORMATS: [PixelFormat; 4] =
    [PixelFormat::Nv12, PixelFormat::I420, PixelFormat::Yuyv, PixelFormat::Rgba8];
const COLOR: ColorSpace = ColorSpace { matrix: ColorMatrix::Bt601, range: ColorRange::Full };

/// A frame whose left half is red and whose right half is blue; green grows downwards in RGBA only.
fn halves(format: PixelFormat, width: u32, height: u32) -> Frame {
    let pool = FramePool::new(1 << 30);
    let mut data = pool.acquire(format.bytes(width, height)).expect("budget");
    let (w, h) = (width as usize, height as usize);
    let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
    // BT.601 full range: red is (76, 85, 255), blue is (29, 255, 107).
    let yuv = |left: bool| if left { [76, 85, 255] } else { [29, 255, 107] };
    let left = |x: usize| x < w.div_ceil(2);
    for y in 0..h {
        for x in 0..w {
            let pixel = yuv(left(x));
            match format {
                PixelFormat::Nv12 | PixelFormat::I420 => data[y * w + x] = pixel[0],
                PixelFormat::Yuyv => {
                    let at = y * half_w * 4 + x / 2 * 4;
                    data[at + x % 2 * 2] = pixel[0];
                    data[at + 1] = yuv(left(x / 2 * 2))[1];
                    data[at + 3] = yuv(left(x / 2 * 2))[2];
                }
                PixelFormat::Rgba8 => {
                    let rgba = if left(x) { [255, 0, 0, 0] } else { [0, 0, 255, 0] };
                    data[(y * w + x) * 4..][..4].copy_from_slice(&rgba);
                }
            }
        }
    }
    for y in 0..half_h {
        for x in 0..half_w {
            let pixel = yuv(left(x * 2));
            let luma = w * h;
            match format {
                PixelFormat::Nv12 => {
                    data[luma + (y * half_w + x) * 2] = pixel[1];
                    data[luma + (y * half_w + x) * 2 + 1] = pixel[2];
                }
                PixelFormat::I420 => {
                    data[luma + y * half_w + x] = pixel[1];
                    data[luma + half_w * half_h + y * half_w + x] = pixel[2];
                }
                _ => {}
            }
        }
    }
    Frame::new(FrameSeq(0), Duration::ZERO, format, (width, height), COLOR, data).expect("fits")
}

fn is(pixel: &[u8], colour: [u8; 3]) -> bool {
    pixel.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 6)
}

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];

#[test]
fn every_format_and_size_keeps_left_left_and_its_colours() {
    for format in FORMATS {
        for (w, h) in [(64, 48), (33, 17), (1, 1), (2, 1), (16, 16), (1, 9), (1280, 720)] {
            let frame = halves(format, w, h);
            let (mut resampler, mut out) = (Resampler::default(), RgbImage::default());
            resampler.stretch(&frame, 32, 24, &mut out).expect("scales");
            assert!(is(&out.pixels[..3], RED), "{format:?} {w}×{h}: {:?}", &out.pixels[..3]);
            if w > 2 {
                assert!(is(&out.pixels[31 * 3..32 * 3], BLUE), "{format:?} {w}×{h}");
            }
            resampler.rotated(&frame, Roi::whole(&frame), 32, &mut out).expect("turns");
            let middle = &out.pixels[16 * 32 * 3..17 * 32 * 3];
            assert!(is(&middle[..3], RED), "{format:?} {w}×{h}: {:?}", &middle[..3]);
        }
    }
}

#[test]
fn an_8k_frame_scales() {
    let frame = halves(PixelFormat::Nv12, 7680, 4320);
    let (mut resampler, mut out) = (Resampler::default(), RgbImage::default());
    resampler.stretch(&frame, 256, 256, &mut out).expect("scales");
    assert!(is(&out.pixels[..3], RED) && is(&out.pixels[255 * 3..256 * 3], BLUE));
    let corner = Roi { cx: 7679.0, cy: 4319.0, size: 400.0, angle: 0.3 };
    resampler.rotated(&frame, corner, 64, &mut out).expect("turns");
    assert!(out.pixels.chunks_exact(3).all(|pixel| is(pixel, BLUE)));
}

#[test]
fn a_letterbox_centres_the_frame_on_black() {
    for format in FORMATS {
        let frame = halves(format, 64, 32);
        let (mut resampler, mut out) = (Resampler::default(), RgbImage::default());
        resampler.letterbox(&frame, Roi::whole(&frame), 64, &mut out).expect("scales");
        let row = |y: usize| &out.pixels[y * 64 * 3..(y + 1) * 64 * 3];
        assert!(row(15).iter().all(|v| *v == 0) && row(48).iter().all(|v| *v == 0));
        for y in [16, 47] {
            assert!(is(&row(y)[..3], RED) && is(&row(y)[63 * 3..], BLUE), "{format:?} row {y}");
        }
        assert_eq!(Roi::whole(&frame).point([0.0, 16.0], 64), [0.0, 0.0]);
    }
}

#[test]
fn a_square_outside_the_frame_is_black() {
    let frame = halves(PixelFormat::I420, 64, 32);
    let (mut resampler, mut out) = (Resampler::default(), RgbImage::default());
    let far = Roi { cx: 500.0, cy: 500.0, size: 20.0, angle: 0.0 };
    resampler.letterbox(&frame, far, 16, &mut out).expect("scales");
    assert!(out.pixels.iter().all(|v| *v == 0));
}

#[test]
fn a_quarter_turn_puts_the_left_half_on_top() {
    for format in FORMATS {
        let frame = halves(format, 64, 64);
        let (mut resampler, mut out) = (Resampler::default(), RgbImage::default());
        // The square's x axis points down in the frame, so its y axis points left.
        let roi = Roi { angle: std::f32::consts::FRAC_PI_2, ..Roi::whole(&frame) };
        resampler.rotated(&frame, roi, 64, &mut out).expect("turns");
        let pixel = |x: usize, y: usize| &out.pixels[(y * 64 + x) * 3..][..3];
        assert!(is(pixel(32, 4), BLUE) && is(pixel(32, 60), RED), "{format:?}");
        let [x, y] = roi.point([64.0, 0.0], 64);
        assert!((x - 64.0).abs() < 1e-3 && (y - 64.0).abs() < 1e-3, "{x} {y}");
    }
}

#[test]
fn a_zero_size_is_refused_with_a_reason() {
    let frame = halves(PixelFormat::Nv12, 64, 64);
    let mut out = RgbImage::default();
    let error = Resampler::default().stretch(&frame, 0, 10, &mut out).expect_err("refused");
    assert!(error.to_string().contains("64×64 Nv12"), "{error}");
}

#[test]
fn chw_is_planar_and_normalised() {
    let picture = RgbImage { width: 2, height: 1, pixels: vec![255, 0, 51, 0, 255, 102] };
    let mut out = [9.0; 8];
    picture.write_chw([0.0; 3], [255.0; 3], &mut out);
    assert_eq!(out, [1.0, 0.0, 0.0, 1.0, 0.2, 0.4, 9.0, 9.0]);
    picture.write_chw([127.5; 3], [127.5; 3], &mut out);
    assert_eq!(out[..2], [1.0, -1.0]);
}
