use std::time::Duration;

use super::*;
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, FramePool, FrameSeq, PixelFormat};

const BYTES: PixelNumbers = PixelNumbers { bgr: false, mean: [0.0; 3], std: [1.0; 3], pad: 114 };

fn frame(format: PixelFormat, size: (u32, u32), bytes: &[u8]) -> Frame {
    let mut data = FramePool::new(1 << 20).acquire(bytes.len()).expect("fits");
    data.copy_from_slice(bytes);
    // What the stream says of its matrix does not matter.
    let color = ColorSpace { matrix: ColorMatrix::Bt709, range: ColorRange::Limited };
    Frame::new(FrameSeq(0), Duration::ZERO, format, size, color, data).expect("right size")
}

fn whole((width, height): (u32, u32)) -> Place {
    Place { left: 0, top: 0, width, height }
}

fn written(frame: &Frame, size: (u32, u32)) -> Vec<f32> {
    let mut out = vec![f32::NAN; 3 * size.0 as usize * size.1 as usize];
    Bilinear::default().write(frame, whole(size), size, &BYTES, &mut out).expect("writes");
    out
}

#[test]
fn pictures_are_scaled_as_by_opencv() {
    // `cv2.resize(…, interpolation=cv2.INTER_LINEAR)` of OpenCV 4.14, pixel after pixel.
    let cases: [((u32, u32), (u32, u32), &[u8]); 3] = [
        (
            (12, 7),
            (5, 3),
            &[
                90, 143, 196, 173, 72, 125, 119, 129, 140, 134, 187, 86, 63, 116, 143, 58, 111, 164, 197,
                224, 47, 80, 133, 186, 219, 42, 69, 102, 155, 208, 77, 129, 131, 118, 154, 54, 126, 136, 147,
                65, 119, 78, 142, 143, 77,
            ],
        ),
        (
            (3, 2),
            (5, 4),
            &[
                0, 53, 106, 15, 68, 121, 37, 90, 143, 59, 112, 165, 74, 127, 180, 23, 76, 129, 38, 91, 144,
                62, 115, 168, 85, 138, 152, 100, 153, 142, 68, 121, 174, 85, 138, 191, 111, 164, 217, 136,
                189, 127, 153, 206, 67, 91, 144, 197, 108, 161, 214, 135, 188, 241, 161, 214, 114, 179, 232,
                29,
            ],
        ),
        (
            (8, 8),
            (4, 4),
            &[
                66, 119, 172, 147, 136, 125, 100, 153, 142, 117, 106, 159, 127, 116, 105, 108, 161, 150, 153,
                142, 131, 134, 123, 112, 124, 177, 102, 133, 122, 111, 142, 131, 120, 151, 140, 129, 121,
                110, 163, 94, 147, 136, 131, 120, 109, 168, 93, 146,
            ],
        ),
    ];
    for (from, to, expected) in cases {
        let mut pixels = Vec::new();
        for y in 0..from.1 {
            for x in 0..from.0 {
                pixels.extend([0, 1, 2].map(|c| ((x * 37 + y * 91 + c * 53 + x * y * 7) % 256) as u8));
                pixels.push(9);
            }
        }
        let out = written(&frame(PixelFormat::Rgba8, from, &pixels), to);
        let area = out.len() / 3;
        let interleaved: Vec<u8> = (0..out.len()).map(|i| out[i % 3 * area + i / 3] as u8).collect();
        assert_eq!(interleaved, expected, "{from:?} to {to:?}");
    }
}

#[test]
fn colours_are_those_of_libswscale_in_every_format() {
    let colours = [
        ([16, 128, 128], [0, 0, 0]),
        ([235, 128, 128], [255, 255, 255]),
        ([81, 90, 240], [253, 0, 0]),
        ([145, 54, 34], [0, 254, 0]),
        ([180, 100, 150], [225, 182, 133]),
    ];
    for ([y, cb, cr], rgb) in colours {
        for (format, bytes) in [
            (PixelFormat::I420, [vec![y; 15], vec![cb; 6], vec![cr; 6]].concat()),
            (PixelFormat::Nv12, [vec![y; 15], [cb, cr].repeat(6)].concat()),
            (PixelFormat::Yuyv, [y, cb, y, cr].repeat(9)),
        ] {
            let out = written(&frame(format, (5, 3), &bytes), (7, 4));
            for (plane, value) in out.chunks(28).zip(rgb) {
                assert!(plane.iter().all(|v| *v == value as f32), "{format:?} {y} {cb} {cr}: {plane:?}");
            }
        }
    }
}

#[test]
fn formats_with_the_same_pixels_give_the_same() {
    for (width, height) in [(1_u32, 1_u32), (2, 2), (3, 4), (5, 3), (8, 6), (13, 7)] {
        let (across, down) = (width.div_ceil(2), height.div_ceil(2));
        let noise = |seed: u32, count: u32| -> Vec<u8> {
            (0..count).map(|i| ((i + seed).wrapping_mul(2_654_435_761) >> 13) as u8).collect()
        };
        let (y, cb, cr) = (noise(1, width * height), noise(7, across * down), noise(90, across * down));
        let mixed = cb.iter().zip(&cr).flat_map(|(cb, cr)| [*cb, *cr]).collect();
        let i420 = frame(PixelFormat::I420, (width, height), &[y.clone(), cb.clone(), cr.clone()].concat());
        let nv12 = frame(PixelFormat::Nv12, (width, height), &[y.clone(), mixed].concat());
        let packed: Vec<u8> = (0..height * across)
            .flat_map(|at| {
                let (row, pair) = (at / across, at % across);
                let luma = |column: u32| y[(row * width + column.min(width - 1)) as usize];
                let chroma = (row / 2 * across + pair) as usize;
                [luma(pair * 2), cb[chroma], luma(pair * 2 + 1), cr[chroma]]
            })
            .collect();
        for target in [(1, 1), (3, 2), (7, 5), (16, 9)] {
            let expected = written(&i420, target);
            assert_eq!(written(&nv12, target), expected, "{width}×{height} to {target:?}");
            if width % 2 == 0 {
                let yuyv = frame(PixelFormat::Yuyv, (width, height), &packed);
                assert_eq!(written(&yuyv, target), expected, "{width}×{height} to {target:?}, packed");
            }
        }
    }
}

#[test]
fn what_is_beside_the_frame_is_padded_and_numbers_are_normalised() {
    let numbers = PixelNumbers { bgr: true, mean: [10.0, 20.0, 30.0], std: [2.0, 4.0, 8.0], pad: 50 };
    let place = Place { left: 2, top: 1, width: 2, height: 2 };
    let mut out = vec![f32::NAN; 3 * 5 * 4];
    let red = frame(PixelFormat::Rgba8, (1, 1), &[90, 60, 40, 0]);
    Bilinear::default().write(&red, place, (5, 4), &numbers, &mut out).expect("writes");
    for (channel, (pad, inside)) in [(20.0, 15.0), (7.5, 10.0), (2.5, 7.5)].into_iter().enumerate() {
        for (at, value) in out[channel * 20..][..20].iter().enumerate() {
            let is_inside = (2..4).contains(&(at % 5)) && (1..3).contains(&(at / 5));
            assert_eq!(*value, if is_inside { inside } else { pad }, "channel {channel}, {at}");
        }
    }
}

#[test]
fn what_is_beside_the_frame_can_be_left_as_it_is() {
    let red = frame(PixelFormat::Rgba8, (1, 1), &[90, 60, 40, 0]);
    let place = Place { left: 1, top: 0, width: 1, height: 2 };
    let mut out = [7.0; 12];
    Bilinear::default().write_inside(&red, place, (2, 2), &BYTES, &mut out).expect("writes");
    assert_eq!(out, [7.0, 90.0, 7.0, 90.0, 7.0, 60.0, 7.0, 60.0, 7.0, 40.0, 7.0, 40.0]);
}

#[test]
fn a_place_outside_the_picture_is_refused() {
    let picture = frame(PixelFormat::Rgba8, (1, 1), &[0; 4]);
    let mut out = vec![0.0; 3 * 16];
    for place in [
        Place { left: 3, top: 0, width: 2, height: 4 },
        Place { left: 0, top: u32::MAX, width: 1, height: 1 },
        Place { left: 0, top: 0, width: 0, height: 4 },
    ] {
        assert!(Bilinear::default().write(&picture, place, (4, 4), &BYTES, &mut out).is_err(), "{place:?}");
    }
    assert!(Bilinear::default().write(&picture, whole((5, 5)), (5, 5), &BYTES, &mut out).is_err());
}
