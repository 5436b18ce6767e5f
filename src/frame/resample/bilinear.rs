//! Frames as the input of networks that were trained on what OpenCV gives them.
//!
//! A network's confidences hang on a grey level here and there, so this is OpenCV to the bit: the whole picture in
//! RGB as libswscale converts it without its slow options (BT.601 whatever the stream says, each chroma sample for
//! its 2 × 2 pixels, products cut to whole numbers), then `cv2.resize` with `INTER_LINEAR` in its 11 bits, without
//! antialiasing. Only the pixels that are looked at are converted.

use super::{ResampleError, refused, yuv601};
use crate::frame::{Frame, PixelFormat};

/// Fraction bits of a weight.
const BITS: f32 = 2048.0;

/// The part of a network's picture that shows the frame, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Columns before it.
    pub left: u32,
    /// Rows above it.
    pub top: u32,
    /// Its columns, at least 1.
    pub width: u32,
    /// Its rows, at least 1.
    pub height: u32,
}

/// What a network takes for a pixel: `(byte - mean) / std` per channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PixelNumbers {
    /// Channels are B, G, R instead of R, G, B.
    pub bgr: bool,
    /// In byte units (0–255), in the order of the channels.
    pub mean: [f32; 3],
    /// In byte units, in the order of the channels.
    pub std: [f32; 3],
    /// The byte of all channels where the frame is not.
    pub pad: u8,
}

impl PixelNumbers {
    fn of(&self, channel: usize, byte: f32) -> f32 {
        (byte - self.mean[channel]) / self.std[channel]
    }
}

/// Writes frames into the inputs of networks; keeps what it knows of their size, so that a steady stream
/// allocates nothing.
#[derive(Debug, Default)]
pub struct Bilinear {
    plan: Plan,
    /// The two rows of the frame that are known, scaled to the columns of the target: 4 fraction bits fewer.
    rows: [Row; 2],
    pairs: Pairs,
    /// The weights of the two rows, once for each column: factors in memory are what compilers multiply eight at a time.
    weights: [Vec<i16>; 2],
}

/// Where the columns are; made once for frames of one kind.
#[derive(Debug, Default)]
struct Plan {
    made_for: Option<(PixelFormat, u32, u32)>,
    /// Byte in a row of each target column's left pixel, then of each one's right pixel.
    first: Vec<u32>,
    /// The same for the second and third channel.
    others: Vec<u32>,
    /// Weight of the left and of the right pixel.
    left: Vec<i16>,
    right: Vec<i16>,
}

#[derive(Debug, Default)]
struct Row {
    of: Option<u32>,
    channels: [Vec<i16>; 3],
}

/// The pixels left and right of each target column.
#[derive(Debug, Default)]
struct Pairs {
    /// As the frame has them.
    taken: [Vec<i16>; 3],
    /// Which row of a plane each of them is from.
    of: [Option<u32>; 3],
    rgb: [Vec<i16>; 3],
}

/// Where a format keeps a channel.
#[derive(Debug, Clone, Copy)]
struct Channel<'a> {
    data: &'a [u8],
    stride: usize,
    /// Rows of the picture that share one of its rows, as a power of two.
    shift: u32,
}

impl Bilinear {
    /// Writes `frame` into `out`, float32 CHW with three channels of `width` × `height`: scaled to `place`, the rest
    /// padded.
    ///
    /// # Errors
    /// When `place` is empty or not inside the picture, or `out` has another size.
    pub fn write(
        &mut self,
        frame: &Frame,
        place: Place,
        (width, height): (u32, u32),
        numbers: &PixelNumbers,
        out: &mut [f32],
    ) -> Result<(), ResampleError> {
        let area = width as usize * height as usize;
        let inside = place.width > 0
            && place.height > 0
            && u64::from(place.left) + u64::from(place.width) <= u64::from(width)
            && u64::from(place.top) + u64::from(place.height) <= u64::from(height);
        if !inside || out.len() != 3 * area {
            let reason = format!("{place:?} does not lie in it, or it has not {} numbers", out.len());
            return Err(refused(frame, width, height, reason));
        }
        self.plan.make(frame, place.width);
        let (stride, left, columns) = (width as usize, place.left as usize, place.width as usize);
        let bottom = (place.top + place.height) as usize;
        for (channel, plane) in out.chunks_exact_mut(area).enumerate() {
            let pad = numbers.of(channel, f32::from(numbers.pad));
            plane[..place.top as usize * stride].fill(pad);
            plane[bottom * stride..].fill(pad);
            for row in plane[place.top as usize * stride..bottom * stride].chunks_exact_mut(stride) {
                row[..left].fill(pad);
                row[left + columns..].fill(pad);
            }
        }
        self.rows.iter_mut().for_each(|row| row.of = None);
        self.pairs.of = [None; 3];
        for row in 0..place.height {
            let ([upper, lower], weights) = between(row, place.height, frame.height);
            self.bring(frame, [upper, lower]);
            for (list, weight) in self.weights.iter_mut().zip(weights) {
                list.clear();
                list.resize(columns, weight);
            }
            let at = (place.top + row) as usize * stride + left;
            for channel in 0..3 {
                let source = if numbers.bgr { 2 - channel } else { channel };
                let line = &mut out[channel * area + at..][..columns];
                let [above, below] = [0, 1].map(|k| &self.rows[k].channels[source][..columns]);
                let (mean, std) = (numbers.mean[channel], numbers.std[channel]);
                let [first, second] = &self.weights;
                let bytes = above.iter().zip(first).zip(below.iter().zip(second)).map(
                    |((above, first), (below, second))| {
                        ((high(*above, *first) + high(*below, *second) + 2) >> 2).clamp(0, 255)
                    },
                );
                // Dividing costs as much as all the rest, and many networks take bytes.
                if (mean, std) == (0.0, 1.0) {
                    line.iter_mut().zip(bytes).for_each(|(out, byte)| *out = f32::from(byte));
                } else {
                    line.iter_mut().zip(bytes).for_each(|(out, byte)| *out = (f32::from(byte) - mean) / std);
                }
            }
        }
        Ok(())
    }

    /// Has rows `wanted` of the frame in `self.rows`, in that order.
    fn bring(&mut self, frame: &Frame, wanted: [u32; 2]) {
        if self.rows[1].of == Some(wanted[0]) {
            self.rows.swap(0, 1);
        }
        for (row, wanted) in self.rows.iter_mut().zip(wanted) {
            if row.of != Some(wanted) {
                self.plan.scale(frame, wanted, &mut self.pairs, &mut row.channels);
                row.of = Some(wanted);
            }
        }
    }
}

impl Plan {
    fn make(&mut self, frame: &Frame, columns: u32) {
        let key = Some((frame.format, frame.width, columns));
        if self.made_for == key {
            return;
        }
        self.made_for = key;
        let count = columns as usize;
        self.left.clear();
        self.right.clear();
        self.first.resize(count * 2, 0);
        self.others.resize(count * 2, 0);
        for column in 0..columns {
            let (pixels, weights) = between(column, columns, frame.width);
            // OpenCV cuts products with a row's weights, so for rows this would not be the same.
            let [left, right] = if pixels[0] == pixels[1] { [BITS as i16, 0] } else { weights };
            self.left.push(left);
            self.right.push(right);
            for (side, pixel) in pixels.into_iter().enumerate() {
                let (first, others) = match frame.format {
                    PixelFormat::I420 => (pixel, pixel / 2),
                    PixelFormat::Nv12 => (pixel, pixel / 2 * 2),
                    PixelFormat::Yuyv => (pixel * 2, pixel / 2 * 4),
                    PixelFormat::Rgba8 => (pixel * 4, pixel * 4),
                };
                let at = side * count + column as usize;
                (self.first[at], self.others[at]) = (first, others);
            }
        }
    }

    /// Row `row` of the frame in RGB, scaled to the columns of the target.
    fn scale(&self, frame: &Frame, row: u32, pairs: &mut Pairs, out: &mut [Vec<i16>; 3]) {
        let count = self.left.len();
        for (index, channel) in channels(frame).into_iter().enumerate() {
            let (row, pixels) = (row >> channel.shift, &mut pairs.taken[index]);
            // Two rows of a picture share one of chroma.
            if pairs.of[index].replace(row) == Some(row) {
                continue;
            }
            let columns = if index == 0 { &self.first } else { &self.others };
            let line = &channel.data[row as usize * channel.stride..];
            let line = &line[..channel.stride.min(line.len())];
            pixels.resize(count * 2, 0);
            for (pixel, column) in pixels.iter_mut().zip(columns) {
                *pixel = i16::from(line[*column as usize]);
            }
        }
        let pixels = if frame.format == PixelFormat::Rgba8 {
            &pairs.taken
        } else {
            yuv601::to_rgb(frame.color.range, &pairs.taken, &mut pairs.rgb);
            &pairs.rgb
        };
        for (out, pixels) in out.iter_mut().zip(pixels) {
            out.resize(count, 0);
            let (left, right) = pixels.split_at(count);
            let weights = self.left.iter().zip(&self.right);
            for (((out, left), right), (a, b)) in out.iter_mut().zip(left).zip(right).zip(weights) {
                let sum = i32::from(*left) * i32::from(*a) + i32::from(*right) * i32::from(*b);
                *out = (sum >> 4) as i16;
            }
        }
    }
}

/// Y, Cb, Cr or R, G, B.
fn channels(frame: &Frame) -> [Channel<'_>; 3] {
    let (width, height) = (frame.width, frame.height);
    let channel = |plane: usize, offset: usize, shift: u32| Channel {
        data: frame.plane(plane).get(offset..).unwrap_or_default(),
        stride: frame.format.plane(plane, width, height).stride,
        shift,
    };
    match frame.format {
        PixelFormat::Nv12 => [channel(0, 0, 0), channel(1, 0, 1), channel(1, 1, 1)],
        PixelFormat::I420 => [channel(0, 0, 0), channel(1, 0, 1), channel(2, 0, 1)],
        PixelFormat::Yuyv => [channel(0, 0, 0), channel(0, 1, 0), channel(0, 3, 0)],
        PixelFormat::Rgba8 => [channel(0, 0, 0), channel(0, 1, 0), channel(0, 2, 0)],
    }
}

/// The pixels of `of` that sample `at` of `count` lies between, and their weights.
fn between(at: u32, count: u32, of: u32) -> ([u32; 2], [i16; 2]) {
    let scale = f64::from(of) / f64::from(count);
    let place = ((f64::from(at) + 0.5) * scale - 0.5) as f32;
    let first = place.floor();
    let inside = |pixel: f32| (pixel.max(0.0) as u32).min(of.saturating_sub(1));
    let weights =
        [1.0 - (place - first), place - first].map(|weight| (weight * BITS).round_ties_even() as i16);
    ([inside(first), inside(first + 1.0)], weights)
}

/// The upper half of a product of 32 bits.
fn high(a: i16, b: i16) -> i16 {
    ((i32::from(a) * i32::from(b)) >> 16) as i16
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::frame::{ColorMatrix, ColorRange, ColorSpace, FramePool, FrameSeq};

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
                    224, 47, 80, 133, 186, 219, 42, 69, 102, 155, 208, 77, 129, 131, 118, 154, 54, 126, 136,
                    147, 65, 119, 78, 142, 143, 77,
                ],
            ),
            (
                (3, 2),
                (5, 4),
                &[
                    0, 53, 106, 15, 68, 121, 37, 90, 143, 59, 112, 165, 74, 127, 180, 23, 76, 129, 38, 91,
                    144, 62, 115, 168, 85, 138, 152, 100, 153, 142, 68, 121, 174, 85, 138, 191, 111, 164,
                    217, 136, 189, 127, 153, 206, 67, 91, 144, 197, 108, 161, 214, 135, 188, 241, 161, 214,
                    114, 179, 232, 29,
                ],
            ),
            (
                (8, 8),
                (4, 4),
                &[
                    66, 119, 172, 147, 136, 125, 100, 153, 142, 117, 106, 159, 127, 116, 105, 108, 161, 150,
                    153, 142, 131, 134, 123, 112, 124, 177, 102, 133, 122, 111, 142, 131, 120, 151, 140, 129,
                    121, 110, 163, 94, 147, 136, 131, 120, 109, 168, 93, 146,
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
    fn a_place_outside_the_picture_is_refused() {
        let picture = frame(PixelFormat::Rgba8, (1, 1), &[0; 4]);
        let mut out = vec![0.0; 3 * 16];
        for place in [
            Place { left: 3, top: 0, width: 2, height: 4 },
            Place { left: 0, top: u32::MAX, width: 1, height: 1 },
            Place { left: 0, top: 0, width: 0, height: 4 },
        ] {
            assert!(
                Bilinear::default().write(&picture, place, (4, 4), &BYTES, &mut out).is_err(),
                "{place:?}"
            );
        }
        assert!(Bilinear::default().write(&picture, whole((5, 5)), (5, 5), &BYTES, &mut out).is_err());
    }
}
