//! Skin comes in patches: single pixels that look like skin are something else.

use std::ops::Range;

use super::grid::Grid;

/// Sums over any rectangle of a grid, after one pass over it.
#[derive(Debug, Default)]
pub(super) struct Sums {
    columns: Range<usize>,
    rows: Range<usize>,
    values: Vec<u32>,
    weights: Vec<u32>,
}

impl Sums {
    /// Sums up `value` of the pixels of `columns` × `rows` for which `counts` says yes.
    pub fn build(
        &mut self,
        grid: &Grid,
        (columns, rows): (Range<usize>, Range<usize>),
        value: &[u8],
        counts: impl Fn(usize) -> bool,
    ) {
        let wide = columns.len() + 1;
        for sums in [&mut self.values, &mut self.weights] {
            sums.clear();
            sums.resize(wide * (rows.len() + 1), 0);
        }
        for (line, y) in rows.clone().enumerate() {
            let (mut sum, mut weight) = (0_u32, 0_u32);
            let above = line * wide;
            let here = above + wide;
            let from = y * grid.width + columns.start;
            for x in 0..columns.len() {
                let at = from + x;
                if counts(at) {
                    sum += u32::from(value[at]);
                    weight += 1;
                }
                self.values[here + x + 1] = self.values[above + x + 1] + sum;
                self.weights[here + x + 1] = self.weights[above + x + 1] + weight;
            }
        }
        (self.columns, self.rows) = (columns, rows);
    }

    /// Sum of values and number of counted pixels within `radius` of (`x`, `y`), which lies in the
    /// summed part.
    pub fn around(&self, x: usize, y: usize, radius: usize) -> (u32, u32) {
        let (x, y) = (x - self.columns.start, y - self.rows.start);
        let wide = self.columns.len() + 1;
        let left = x.saturating_sub(radius);
        let right = (x + radius + 1).min(self.columns.len());
        let top = y.saturating_sub(radius) * wide;
        let bottom = (y + radius + 1).min(self.rows.len()) * wide;
        let sum = |sums: &[u32]| {
            (sums[bottom + right] + sums[top + left]) - (sums[bottom + left] + sums[top + right])
        };
        (sum(&self.values), sum(&self.weights))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_rectangle() {
        let grid = Grid { width: 8, height: 6, step: [1.0, 1.0] };
        let value: Vec<u8> = (0..48).collect();
        let mut sums = Sums::default();
        sums.build(&grid, (1..7, 1..5), &value, |at| at % 2 == 0);
        // Around (2, 2), radius 1: rows 1 to 3, columns 1 to 3, even ones: 10, 18, 26.
        assert_eq!(sums.around(2, 2, 1), (54, 3));
        // At the corner the rectangle is cut: rows 1 and 2, columns 1 and 2.
        assert_eq!(sums.around(1, 1, 1), (10 + 18, 2));
    }
}
