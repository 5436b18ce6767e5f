//! Motion of a picture, block by block.

/// Backward motion from a newer frame to an older one, on a coarse grid of blocks: content that is at
/// position q in the newer frame was at q + v in the older one. Positions and vectors are fractions of
/// the frame (x of its width, y of its height; y grows downwards).
///
/// The blocks divide the frame evenly: the centre of column `c`, row `r` lies at
/// ((c + 0.5) / columns, (r + 0.5) / rows), as the texels of a texture stretched over the frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MotionField {
    /// Columns; 0 when nothing is known.
    pub columns: u32,
    /// Rows; 0 when nothing is known.
    pub rows: u32,
    /// One vector (x, y) per block, row-major, top row first.
    pub vectors: Vec<[f32; 2]>,
    /// How well the older frame, moved, shows what the newer one does in each block, 0–1: low where
    /// something appeared or was uncovered. Row-major, as the vectors.
    pub confidence: Vec<f32>,
}

impl MotionField {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.vectors.is_empty()
    }

    /// Makes it empty; buffers are kept.
    pub fn clear(&mut self) {
        (self.columns, self.rows) = (0, 0);
        self.vectors.clear();
        self.confidence.clear();
    }

    /// The vector at `uv` (0–1 of the frame), bilinear between block centres, the border repeated
    /// outwards; no motion when nothing is known.
    pub fn at(&self, uv: [f32; 2]) -> [f32; 2] {
        let (columns, rows) = (self.columns as usize, self.rows as usize);
        if columns == 0 || rows == 0 || self.vectors.len() != columns * rows {
            return [0.0; 2];
        }
        let split = |at: f32, count: usize| {
            let last = count - 1;
            // Not a number becomes 0.
            let at = (at * count as f32 - 0.5).max(0.0).min(last as f32);
            let low = at as usize;
            (low, (low + 1).min(last), at - low as f32)
        };
        let (left, right, fx) = split(uv[0], columns);
        let (top, bottom, fy) = split(uv[1], rows);
        std::array::from_fn(|axis| {
            let value = |column: usize, row: usize| self.vectors[row * columns + column][axis];
            let upper = value(left, top) * (1.0 - fx) + value(right, top) * fx;
            let lower = value(left, bottom) * (1.0 - fx) + value(right, bottom) * fx;
            upper * (1.0 - fy) + lower * fy
        })
    }
}

impl MotionField {
    /// Where content that was at `p` in the older frame is in the newer one: the q for which
    /// q + [`at`](Self::at)(q) = p, by fixed-point iteration.
    pub fn forward(&self, p: [f32; 2]) -> [f32; 2] {
        (0..4).fold(p, |q, _| {
            let [x, y] = self.at(q);
            [p[0] - x, p[1] - y]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forward_is_the_way_back_of_backward() {
        let vectors = (0..12).map(|at| [-0.02 * (at % 4) as f32, 0.01 * (at / 4) as f32]).collect();
        let field = MotionField { columns: 4, rows: 3, vectors, confidence: vec![1.0; 12] };
        for p in [[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]] {
            let q = field.forward(p);
            let [x, y] = field.at(q);
            assert!((q[0] + x - p[0]).abs() < 1e-3 && (q[1] + y - p[1]).abs() < 1e-3, "{p:?} {q:?}");
        }
    }

    #[test]
    fn vectors_lie_at_block_centres_and_are_mixed_between() {
        let vectors = vec![[0.0, 0.0], [0.1, 0.0], [0.0, 0.2], [0.1, 0.2]];
        let field = MotionField { columns: 2, rows: 2, vectors, confidence: vec![1.0; 4] };
        assert_eq!(field.at([0.25, 0.25]), [0.0, 0.0]);
        assert_eq!(field.at([0.75, 0.75]), [0.1, 0.2]);
        let [x, y] = field.at([0.5, 0.5]);
        assert!((x - 0.05).abs() < 1e-6 && (y - 0.1).abs() < 1e-6);
        assert_eq!(field.at([-3.0, 9.0]), [0.0, 0.2], "the border is repeated");
        assert_eq!(field.at([f32::NAN, f32::INFINITY]), [0.0, 0.2]);
        assert_eq!(MotionField::default().at([0.5, 0.5]), [0.0, 0.0]);
    }
}
