//! Frames as the input of networks that were trained on what OpenCV gives them.
//!
//! A network's confidences hang on a grey level here and there, so this is OpenCV to the bit: the whole picture in
//! RGB as libswscale converts it without its slow options (BT.601 whatever the stream says, each chroma sample for
//! its 2 × 2 pixels, products cut to whole numbers), then `cv2.resize` with `INTER_LINEAR` in its 11 bits, without
//! antialiasing. Only the pixels that are looked at are converted.

mod columns;

use self::columns::Columns;
use super::{ResampleError, refused};
use crate::frame::Frame;

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
    columns: Columns,
    /// The two rows of the frame that are known, scaled to the columns of the target: 4 fraction bits fewer.
    rows: [Row; 2],
    /// The weights of the two rows, once for each column: factors in memory are what compilers multiply eight at a time.
    weights: [Vec<i16>; 2],
}

#[derive(Debug, Default)]
struct Row {
    of: Option<u32>,
    channels: [Vec<i16>; 3],
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
        self.write_inside(frame, place, (width, height), numbers, out)?;
        let (stride, left, right) =
            (width as usize, place.left as usize, (place.left + place.width) as usize);
        let (top, bottom) = (place.top as usize * stride, (place.top + place.height) as usize * stride);
        for (channel, plane) in out.chunks_exact_mut(stride * height as usize).enumerate() {
            let pad = numbers.of(channel, f32::from(numbers.pad));
            plane[..top].fill(pad);
            plane[bottom..].fill(pad);
            for row in plane[top..bottom].chunks_exact_mut(stride) {
                row[..left].fill(pad);
                row[right..].fill(pad);
            }
        }
        Ok(())
    }

    /// As [`Self::write`], but what is not inside `place` stays as it is.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_inside(
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
        self.columns.begin(frame, place.width);
        let (stride, left, columns) = (width as usize, place.left as usize, place.width as usize);
        self.rows.iter_mut().for_each(|row| row.of = None);
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
                self.columns.scale(frame, wanted, &mut row.channels);
                row.of = Some(wanted);
            }
        }
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
mod tests;
