//! The grid of the region mask, stretched over the frame.

use crate::frame::Frame;

/// Maps between grid indices (pixel centres at whole numbers) and frame pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::perception) struct Grid {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Frame pixels per column and row.
    pub step: [f32; 2],
}

impl Grid {
    pub fn new((width, height): (u32, u32), frame: &Frame) -> Self {
        let step = [frame.width as f32 / width.max(1) as f32, frame.height as f32 / height.max(1) as f32];
        Self { width: width as usize, height: height as usize, step }
    }

    /// Number of grid pixels.
    pub fn len(&self) -> usize {
        self.width * self.height
    }

    /// The frame position of grid pixel (`x`, `y`).
    pub fn frame_point(&self, x: usize, y: usize) -> [f32; 2] {
        [(x as f32 + 0.5) * self.step[0], (y as f32 + 0.5) * self.step[1]]
    }

    /// The grid position of a frame point.
    pub fn point(&self, p: [f32; 2]) -> [f32; 2] {
        [p[0] / self.step[0] - 0.5, p[1] / self.step[1] - 0.5]
    }

    /// Columns and rows whose centres lie in the box (left, top, right, bottom) of frame pixels.
    pub fn cells(&self, bounds: [f32; 4]) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let [left, top] = self.point([bounds[0], bounds[1]]);
        let [right, bottom] = self.point([bounds[2], bounds[3]]);
        let range = |low: f32, high: f32, limit: usize| {
            let low = (low.ceil().max(0.0) as usize).min(limit);
            let high = ((high.floor() + 1.0).max(0.0) as usize).min(limit);
            low..high.max(low)
        };
        (range(left, right, self.width), range(top, bottom, self.height))
    }
}
