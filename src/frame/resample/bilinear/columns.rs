//! Rows of a frame, scaled to the columns of the target.

use super::{BITS, between};
use crate::frame::resample::yuv601;
use crate::frame::{Frame, PixelFormat};

/// The weight of one pixel alone.
const WHOLE: i16 = BITS as i16;

/// Which pixels the columns of the target lie between. Made once for frames of one kind; keeps what it took of the
/// row before.
#[derive(Debug, Default)]
pub(super) struct Columns {
    made_for: Option<(PixelFormat, u32, u32)>,
    /// Byte in a row of each column's left pixel, then of each one's right pixel, which is the next one.
    first: Vec<u32>,
    /// The same for the second and third channel.
    others: Vec<u32>,
    /// Weight of the left and of the right pixel.
    left: Vec<i16>,
    right: Vec<i16>,
    /// The left pixels, then the right ones, as the frame has them.
    taken: [Vec<i16>; 3],
    /// Which row of a plane the first channel is from, and which one the others.
    of: [Option<u32>; 2],
    rgb: [Vec<i16>; 3],
    words: Vec<u16>,
}

/// Where a format keeps a channel.
#[derive(Debug, Clone, Copy)]
struct Channel<'a> {
    data: &'a [u8],
    stride: usize,
    /// Rows of the picture that share one of its rows, as a power of two.
    shift: u32,
}

impl Channel<'_> {
    fn line(&self, row: u32) -> &[u8] {
        let line = self.data.get(row as usize * self.stride..).unwrap_or_default();
        &line[..self.stride.min(line.len())]
    }
}

impl Columns {
    /// Made for the first row of `frame`, and for `count` columns.
    pub(super) fn begin(&mut self, frame: &Frame, count: u32) {
        self.of = [None; 2];
        let key = Some((frame.format, frame.width, count));
        if self.made_for == key {
            return;
        }
        self.made_for = key;
        self.left.clear();
        self.right.clear();
        self.first.resize(count as usize * 2, 0);
        self.others.resize(count as usize * 2, 0);
        for column in 0..count {
            let (pixels, weights) = between(column, count, frame.width);
            // OpenCV cuts products with a row's weights, so for rows this would not be the same.
            let (pixels, [left, right]) = match pixels {
                [0, 0] => ([0, 1.min(frame.width - 1)], [WHOLE, 0]),
                [last, same] if last == same => ([last - 1, last], [0, WHOLE]),
                apart => (apart, weights),
            };
            self.left.push(left);
            self.right.push(right);
            for (side, pixel) in pixels.into_iter().enumerate() {
                let (first, others) = match frame.format {
                    PixelFormat::I420 => (pixel, pixel / 2),
                    PixelFormat::Nv12 => (pixel, pixel / 2 * 2),
                    PixelFormat::Yuyv => (pixel * 2, pixel / 2 * 4),
                    PixelFormat::Rgba8 => (pixel * 4, pixel * 4),
                };
                let at = side * count as usize + column as usize;
                (self.first[at], self.others[at]) = (first, others);
            }
        }
    }

    /// Row `row` of the frame in RGB, each column with 4 fraction bits fewer than its weights have.
    pub(super) fn scale(&mut self, frame: &Frame, row: u32, out: &mut [Vec<i16>; 3]) {
        self.take(frame, row);
        let pixels = if frame.format == PixelFormat::Rgba8 {
            &self.taken
        } else {
            yuv601::to_rgb(frame.color.range, &self.taken, &mut self.rgb);
            &self.rgb
        };
        let count = self.left.len();
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

    /// Has the pixels of row `row` in `self.taken`. Picking them out costs most of all, so two bytes are picked at once
    /// where they lie side by side.
    fn take(&mut self, frame: &Frame, row: u32) {
        let count = self.left.len();
        let channels = channels(frame);
        let [first, second, third] = &mut self.taken;
        // Two rows of a picture share one of chroma.
        let rows = channels.map(|channel| row >> channel.shift);
        let is_new = [0, 1].map(|i| self.of[i].replace(rows[i]) != Some(rows[i]));
        let lines = [0, 1, 2].map(|i| channels[i].line(rows[i]));
        [&mut *first, &mut *second, &mut *third].into_iter().for_each(|taken| taken.resize(count * 2, 0));
        let is_planar = matches!(frame.format, PixelFormat::Nv12 | PixelFormat::I420);
        if is_new[0] {
            if is_planar && frame.width > 1 {
                let (left, right) = first.split_at_mut(count);
                pick_words(lines[0], &self.first[..count], &mut self.words, left, right);
            } else {
                pick(lines[0], &self.first, first);
            }
        }
        if !is_new[1] {
            return;
        }
        if frame.format == PixelFormat::Nv12 {
            pick_words(lines[1], &self.others, &mut self.words, second, third);
        } else {
            pick(lines[1], &self.others, second);
            pick(lines[2], &self.others, third);
        }
    }
}

fn pick(line: &[u8], places: &[u32], out: &mut [i16]) {
    for (out, at) in out.iter_mut().zip(places) {
        *out = i16::from(line[*at as usize]);
    }
}

/// The byte at each of `places`, and the one behind it.
fn pick_words(line: &[u8], places: &[u32], words: &mut Vec<u16>, bytes: &mut [i16], behind: &mut [i16]) {
    words.clear();
    words.extend(places.iter().map(|at| {
        let at = *at as usize;
        u16::from_le_bytes([line[at], line[at + 1]])
    }));
    for ((byte, behind), word) in bytes.iter_mut().zip(behind).zip(words) {
        (*byte, *behind) = ((*word & 0xff) as i16, (*word >> 8) as i16);
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
