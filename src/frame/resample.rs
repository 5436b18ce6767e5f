//! Frames become the small RGB pictures that networks read.
//!
//! The planes are scaled first and only the small picture is converted to RGB: at 720p the colour
//! conversion of the whole frame alone would cost more than everything here together.

mod bilinear;
mod channel;
mod planes;
mod roi;
mod tensor;
mod yuv601;

pub use bilinear::{Bilinear, PixelNumbers, Place};
use planes::{Part, Scratch};
pub use roi::Roi;

use super::{Frame, PixelFormat, RgbImage};

/// A picture that could not be scaled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot scale a {width}×{height} {format:?} frame to {to_width}×{to_height}: {reason}")]
pub struct ResampleError {
    /// Columns of the frame.
    pub width: u32,
    /// Rows of the frame.
    pub height: u32,
    /// Format of the frame.
    pub format: PixelFormat,
    /// Columns asked for.
    pub to_width: u32,
    /// Rows asked for.
    pub to_height: u32,
    /// What stood in the way.
    pub reason: String,
}

/// Scales frames of any format and size; keeps its buffers, so that a steady stream allocates
/// nothing but filter weights.
#[derive(Debug, Default)]
pub struct Resampler {
    scratch: Scratch,
}

impl Resampler {
    /// The whole frame as `width` × `height` RGB, aspect not kept; antialiased where it shrinks.
    ///
    /// # Errors
    /// When the size asked for is zero or the planes cannot be read.
    pub fn stretch(
        &mut self,
        frame: &Frame,
        width: u32,
        height: u32,
        out: &mut RgbImage,
    ) -> Result<(), ResampleError> {
        out.resize(width, height);
        let stride = width as usize * 3;
        self.scratch
            .scale(frame, Part::whole(frame), (width, height), &mut out.pixels, stride)
            .map_err(|reason| refused(frame, width, height, reason))
    }

    /// The square `roi` as `size` × `size` RGB, antialiased where it shrinks, black where it leaves
    /// the frame; its angle is not used. `Roi::whole(frame)` gives the usual letterbox of the frame.
    /// Point (u, v) of the picture shows the frame at `roi.point([u, v], size)`.
    ///
    /// # Errors
    /// As [`stretch`](Self::stretch).
    pub fn letterbox(
        &mut self,
        frame: &Frame,
        roi: Roi,
        size: u32,
        out: &mut RgbImage,
    ) -> Result<(), ResampleError> {
        out.resize(size, size);
        out.pixels.fill(0);
        let Some((part, (left, top), inner)) = Part::of_square(roi, size, frame) else {
            return Ok(());
        };
        let stride = size as usize * 3;
        let first = top as usize * stride + left as usize * 3;
        let target = out.pixels.get_mut(first..).unwrap_or_default();
        self.scratch
            .scale(frame, part, inner, target, stride)
            .map_err(|reason| refused(frame, inner.0, inner.1, reason))
    }

    /// The square `roi` turned upright, as `size` × `size` RGB: bilinear, straight from the planes,
    /// the frame's border repeated outwards. Pixel (u, v) shows the frame at
    /// `roi.point([u, v], size)`, the convention of MediaPipe's image-to-tensor step.
    ///
    /// # Errors
    /// As [`stretch`](Self::stretch).
    pub fn rotated(
        &mut self,
        frame: &Frame,
        roi: Roi,
        size: u32,
        out: &mut RgbImage,
    ) -> Result<(), ResampleError> {
        out.resize(size, size);
        self.scratch
            .rotate(frame, roi, size, &mut out.pixels)
            .map_err(|reason| refused(frame, size, size, reason))
    }

    /// As [`rotated`](Self::rotated), but black where the square leaves the frame.
    ///
    /// # Errors
    /// As [`stretch`](Self::stretch).
    pub fn turned_on_black(
        &mut self,
        frame: &Frame,
        roi: Roi,
        size: u32,
        out: &mut RgbImage,
    ) -> Result<(), ResampleError> {
        self.rotated(frame, roi, size, out)?;
        let [a, b, c, d, e, f] = roi.matrix(size);
        let (w, h) = (frame.width as f32, frame.height as f32);
        for (v, row) in out.pixels.chunks_exact_mut(size as usize * 3).enumerate() {
            let (x, y) = (b * v as f32 + c, e * v as f32 + f);
            for (u, pixel) in row.chunks_exact_mut(3).enumerate() {
                let (x, y) = (a * u as f32 + x, d * u as f32 + y);
                if x < -0.5 || y < -0.5 || x > w - 0.5 || y > h - 0.5 {
                    pixel.fill(0);
                }
            }
        }
        Ok(())
    }
}

fn refused(frame: &Frame, to_width: u32, to_height: u32, reason: String) -> ResampleError {
    let Frame { width, height, format, .. } = *frame;
    ResampleError { width, height, format, to_width, to_height, reason }
}

#[cfg(test)]
mod tests;
