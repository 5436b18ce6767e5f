//! A square of the frame, and the way between it and the picture made from it.

use crate::frame::Frame;

/// A square of the frame, turned by `angle`; may reach beyond the frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Roi {
    /// Centre, pixels from the left edge.
    pub cx: f32,
    /// Centre, pixels from the top edge.
    pub cy: f32,
    /// Side in pixels.
    pub size: f32,
    /// Angle of the square's x axis in radians, clockwise as seen.
    pub angle: f32,
}

impl Roi {
    /// The smallest upright square around all of `frame`.
    pub fn whole(frame: &Frame) -> Self {
        let (w, h) = (frame.width as f32, frame.height as f32);
        Self { cx: w / 2.0, cy: h / 2.0, size: w.max(h), angle: 0.0 }
    }

    /// The same square moved so that it shows as much of `frame` as it can: never larger than
    /// [`whole`](Self::whole).
    pub fn moved_into(self, frame: &Frame) -> Self {
        let whole = Self::whole(frame);
        let size = self.size.min(whole.size);
        let shift = |centre: f32, limit: f32| {
            if size >= limit { limit / 2.0 } else { centre.clamp(size / 2.0, limit - size / 2.0) }
        };
        let cx = shift(self.cx, frame.width as f32);
        let cy = shift(self.cy, frame.height as f32);
        Self { cx, cy, size, angle: self.angle }
    }

    /// The frame position in pixels of point `p` of the `size` × `size` picture of this square.
    pub fn point(&self, p: [f32; 2], size: u32) -> [f32; 2] {
        let [a, b, c, d, e, f] = self.matrix(size);
        [(a * p[0] + b * p[1]) + c, (d * p[0] + e * p[1]) + f]
    }

    /// Rows of the affine map from picture to frame.
    pub(super) fn matrix(&self, size: u32) -> [f32; 6] {
        let (sin, cos) = self.angle.sin_cos();
        let (k, half) = (self.size / size.max(1) as f32, self.size / 2.0);
        let left = self.cx - (cos - sin) * half;
        let top = self.cy - (sin + cos) * half;
        [k * cos, -k * sin, left, k * sin, k * cos, top]
    }
}
