//! Small RGB pictures as network input.

use crate::frame::RgbImage;

impl RgbImage {
    /// Writes the picture into `out` as float32 CHW, channels R, G, B, each `(byte - mean) / std`
    /// with `mean` and `std` in byte units (0–255). `out` starts with three planes of the picture's
    /// size; what lies behind them stays.
    pub fn write_chw(&self, mean: [f32; 3], std: [f32; 3], out: &mut [f32]) {
        let area = self.width as usize * self.height as usize;
        let tables: [[f32; 256]; 3] = std::array::from_fn(|channel| {
            std::array::from_fn(|byte| (byte as f32 - mean[channel]) / std[channel])
        });
        let (red, rest) = out.split_at_mut(area.min(out.len()));
        let (green, blue) = rest.split_at_mut(area.min(rest.len()));
        let planes = red.iter_mut().zip(green.iter_mut()).zip(blue.iter_mut());
        for (((r, g), b), rgb) in planes.zip(self.pixels.chunks_exact(3)) {
            *r = tables[0][usize::from(rgb[0])];
            *g = tables[1][usize::from(rgb[1])];
            *b = tables[2][usize::from(rgb[2])];
        }
    }
}
