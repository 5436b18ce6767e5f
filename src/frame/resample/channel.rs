//! One colour channel inside packed or planar bytes, sampled along an affine grid.

/// Fraction bits of sample positions.
const BITS: i64 = 16;

/// Sample (x, y) is `data[offset + y * stride + x * step]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Channel<'a> {
    pub data: &'a [u8],
    pub offset: usize,
    pub step: usize,
    pub stride: usize,
    pub width: usize,
    pub height: usize,
}

impl Channel<'_> {
    /// Fills `out` (`step` bytes apart) with `size` × `size` bilinear samples at `matrix · (u, v, 1)`,
    /// positions counted in samples, the border repeated outwards.
    pub(super) fn sample(&self, matrix: [f32; 6], size: usize, out: &mut [u8], out_step: usize) {
        let fixed = |v: f32| (f64::from(v) * f64::from(1 << BITS)) as i64;
        let [a, b, c, d, e, f] = matrix.map(fixed);
        let (last_x, last_y) = (self.width as i64 - 1, self.height as i64 - 1);
        let (max_x, max_y) = (last_x << BITS, last_y << BITS);
        let data = self.data.get(self.offset..).unwrap_or_default();
        let (step, stride) = (self.step, self.stride);
        for (row, line) in out.chunks_mut(size * out_step).take(size).enumerate() {
            let (mut x, mut y) = (b * row as i64 + c, e * row as i64 + f);
            let mut at = 0;
            while at < line.len() {
                let (px, py) = (x.clamp(0, max_x), y.clamp(0, max_y));
                let (fx, fy) = ((px & 0xffff) as u32 >> 8, (py & 0xffff) as u32 >> 8);
                let (ix, iy) = ((px >> BITS) as usize, (py >> BITS) as usize);
                let right = if (ix as i64) < last_x { step } else { 0 };
                let down = if (iy as i64) < last_y { stride } else { 0 };
                let p = iy * stride + ix * step;
                let (tl, tr) = (u32::from(data[p]), u32::from(data[p + right]));
                let (bl, br) = (u32::from(data[p + down]), u32::from(data[p + down + right]));
                let top = tl * (256 - fx) + tr * fx;
                let bottom = bl * (256 - fx) + br * fx;
                line[at] = ((top * (256 - fy) + bottom * fy + 0x8000) >> 16) as u8;
                at += out_step;
                x += a;
                y += d;
            }
        }
    }
}
