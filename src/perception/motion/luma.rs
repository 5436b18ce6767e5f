//! A small gray picture of a frame, to find motion in.

use super::level::BLOCK;
use crate::frame::{Frame, PixelFormat};

/// Longer side in pixels; frames that are smaller keep their size.
const LONG_SIDE: u32 = 128;
/// Most rows of the frame that are averaged into one row.
const ROWS: u32 = 8;

/// Brightness 0–255 of a frame (its luma as the frame codes it; RGB as (R + 2G + B) / 4), averaged down
/// to at most 128 pixels on the longer side. The buffers are kept between uses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SmallLuma {
    /// Columns; 0 before the first frame.
    pub width: u32,
    /// Rows; 0 before the first frame.
    pub height: u32,
    /// Row-major, top row first.
    pub pixels: Vec<u8>,
    pub(crate) sums: Vec<u16>,
}

impl SmallLuma {
    /// Takes the brightness of `frame`.
    pub fn take(&mut self, frame: &Frame) {
        let long = frame.width.max(frame.height);
        let scaled = |side: u32| {
            let small = (u64::from(side) * u64::from(LONG_SIDE) + u64::from(long) / 2) / u64::from(long);
            (small as u32).clamp(1, side)
        };
        (self.width, self.height) = if long <= LONG_SIDE {
            (frame.width, frame.height)
        } else {
            (scaled(frame.width), scaled(frame.height))
        };
        self.pixels.clear();
        let layout = frame.format.plane(0, frame.width, frame.height);
        let plane = frame.plane(0);
        for row in 0..self.height {
            let first = row * frame.height / self.height;
            let count = ((row + 1) * frame.height / self.height).max(first + 1) - first;
            let taken = count.min(ROWS);
            self.sums.clear();
            self.sums.resize(layout.stride, 0);
            for index in 0..taken {
                // Spread over the rows that this one stands for.
                let line = first + (2 * index + 1) * count / (2 * taken);
                let line = line as usize * layout.stride;
                for (sum, value) in self.sums.iter_mut().zip(&plane[line..line + layout.stride]) {
                    // At most 8 × 255: wrapping only spares the check, which would cost the vector units.
                    *sum = sum.wrapping_add(u16::from(*value));
                }
            }
            self.shrink(frame, taken);
        }
    }

    /// Mean absolute difference to `other` in grey levels, of the whole picture and of the most different
    /// block of 8 × 8 pixels; `None` when the sizes differ or there is no picture.
    pub fn change(&self, other: &Self) -> Option<(f32, f32)> {
        if (self.width, self.height) != (other.width, other.height) || self.pixels.is_empty() {
            return None;
        }
        let width = self.width as usize;
        let (mut total, mut most) = (0_u32, 0.0_f32);
        let bands = self.pixels.chunks(width * BLOCK).zip(other.pixels.chunks(width * BLOCK));
        for (band, before) in bands {
            for left in (0..width).step_by(BLOCK) {
                let right = (left + BLOCK).min(width);
                let rows = band.chunks_exact(width).zip(before.chunks_exact(width));
                let pairs = rows.flat_map(|(a, b)| a[left..right].iter().zip(&b[left..right]));
                let sum: u32 = pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
                total += sum;
                most = most.max(sum as f32 / ((right - left) * (band.len() / width)) as f32);
            }
        }
        Some((total as f32 / self.pixels.len() as f32, most))
    }

    /// Becomes the same as `other`; the buffers are kept.
    pub fn copy(&mut self, other: &Self) {
        (self.width, self.height) = (other.width, other.height);
        self.pixels.clear();
        self.pixels.extend_from_slice(&other.pixels);
    }

    /// Forgets the frame; the buffers are kept.
    pub fn clear(&mut self) {
        (self.width, self.height) = (0, 0);
        self.pixels.clear();
    }

    /// Averages the sums of `rows` rows along the columns.
    fn shrink(&mut self, frame: &Frame, rows: u32) {
        for column in 0..self.width {
            let first = (column * frame.width / self.width) as usize;
            let end = ((column + 1) * frame.width / self.width).max(first as u32 + 1) as usize;
            let count = (end - first) as u32 * rows;
            let sum: u32 = match frame.format {
                PixelFormat::Nv12 | PixelFormat::I420 => {
                    self.sums[first..end].iter().map(|sum| u32::from(*sum)).sum()
                }
                PixelFormat::Yuyv => {
                    self.sums[first * 2..end * 2].iter().step_by(2).map(|sum| u32::from(*sum)).sum()
                }
                PixelFormat::Rgba8 => {
                    let pixels = self.sums[first * 4..end * 4].chunks_exact(4);
                    pixels.map(|p| (u32::from(p[0]) + 2 * u32::from(p[1]) + u32::from(p[2])) / 4).sum()
                }
            };
            self.pixels.push(((sum + count / 2) / count) as u8);
        }
    }
}
