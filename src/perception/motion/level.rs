//! A gray picture at one size of the pyramid, and how blocks of two of them differ.

/// Side of a block in pixels.
pub(super) const BLOCK: usize = 8;
/// Pixels of a block.
pub(super) const AREA: u32 = (BLOCK * BLOCK) as u32;

/// A gray picture, row-major.
#[derive(Debug, Default)]
pub(super) struct Level {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Level {
    /// Takes over a picture; each value becomes what `table` says.
    pub fn take(&mut self, (width, height): (usize, usize), pixels: &[u8], table: &[u8; 256]) {
        (self.width, self.height) = (width, height);
        self.pixels.clear();
        self.pixels.extend(pixels.iter().map(|value| table[usize::from(*value)]));
    }

    /// Becomes `larger` at half its size.
    pub fn halve(&mut self, larger: &Self) {
        (self.width, self.height) = (larger.width / 2, larger.height / 2);
        self.pixels.clear();
        for pair in larger.pixels.chunks_exact(larger.width.max(1) * 2).take(self.height) {
            let (upper, lower) = pair.split_at(larger.width);
            let mean = |(a, b): (&[u8], &[u8])| {
                let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
                ((sum + 2) / 4) as u8
            };
            self.pixels.extend(upper.chunks_exact(2).zip(lower.chunks_exact(2)).map(mean));
        }
    }

    /// Whether a block fits.
    pub fn holds_blocks(&self) -> bool {
        self.width >= BLOCK && self.height >= BLOCK
    }

    /// Left and top of the block whose centre is nearest to `centre`, wholly inside.
    pub fn block(&self, centre: [f32; 2]) -> [i32; 2] {
        let corner = |centre: f32, limit: usize| {
            let last = limit.saturating_sub(BLOCK) as f32;
            (centre - BLOCK as f32 / 2.0).round().clamp(0.0, last) as i32
        };
        [corner(centre[0], self.width), corner(centre[1], self.height)]
    }

    /// Sum of absolute differences between the block at `corner` and the block of `older` that lies
    /// `vector` further; `None` when that one leaves the picture. Both pictures have the same size.
    pub fn difference(&self, older: &Self, corner: [i32; 2], vector: [i32; 2]) -> Option<u32> {
        let (x, y) = (corner[0] + vector[0], corner[1] + vector[1]);
        let inside = |at: i32, limit: usize| at >= 0 && at as usize + BLOCK <= limit;
        if !inside(x, self.width) || !inside(y, self.height) {
            return None;
        }
        let here = self.gather(corner)?;
        let there = older.gather([x, y])?;
        // At most 64 × 255: wrapping only spares the check, which would cost the vector units.
        let sum = here
            .as_flattened()
            .iter()
            .zip(there.as_flattened())
            .fold(0_u32, |sum, (a, b)| sum.wrapping_add(u32::from(a.max(b).wrapping_sub(*a.min(b)))));
        Some(sum)
    }

    /// The pixels of the block at `corner`, which lies inside.
    fn gather(&self, corner: [i32; 2]) -> Option<[[u8; BLOCK]; BLOCK]> {
        let first = corner[1] as usize * self.width + corner[0] as usize;
        let mut rows = [[0; BLOCK]; BLOCK];
        for (index, row) in rows.iter_mut().enumerate() {
            let at = first + index * self.width;
            *row = self.pixels.get(at..at + BLOCK)?.try_into().ok()?;
        }
        Some(rows)
    }
}
