//! A plane for each number of a cell: the heads of YOLOX as they come.

use super::super::Detection;
use super::super::letterbox::Mapping;
use super::grid::in_pixels;
use super::{Grid, Sieve};

/// Numbers of one grid, row after row, plane after plane: box, objectness, a probability per class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planes<'o> {
    pub boxes: &'o [f32],
    pub objectness: &'o [f32],
    pub classes: &'o [f32],
}

impl Planes<'_> {
    /// Boxes are relative to grid number `level` of `grid`.
    pub(super) fn decode(
        &self,
        (grid, level): (&Grid, usize),
        mapping: &Mapping,
        sieve: &mut Sieve,
        found: &mut Vec<Detection>,
    ) {
        let cells = self.objectness.len();
        if cells == 0 || self.boxes.len() != 4 * cells {
            return;
        }
        let mut sure = std::mem::take(&mut sieve.sure);
        sure.clear();
        // No class is surer than that there is something.
        sure.extend((0..cells).filter(|cell| sieve.is_sure(self.objectness[*cell])));
        // Planes are read one after the other: what is not a number beats nothing, and of equal ones the first stays.
        let mut best = std::mem::take(&mut sieve.best);
        best.clear();
        best.resize(sure.len(), (f32::NEG_INFINITY, 0));
        for (class, plane) in self.classes.chunks_exact(cells).take(usize::from(u16::MAX)).enumerate() {
            for (best, cell) in best.iter_mut().zip(&sure) {
                if plane[*cell] > best.0 {
                    *best = (plane[*cell], class as u16);
                }
            }
        }
        for (cell, (probability, class)) in sure.iter().zip(&best) {
            let numbers = [0, 1, 2, 3].map(|number| self.boxes[number * cells + cell]);
            let bounds = mapping.centred(in_pixels(grid.place(level, *cell), numbers));
            sieve.keep(usize::from(*class), self.objectness[*cell] * probability, bounds, found);
        }
        (sieve.sure, sieve.best) = (sure, best);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::letterbox::Fit;
    use super::super::rows;
    use super::*;

    const CLASSES: usize = 3;

    #[test]
    fn planes_give_what_rows_give() {
        let grid = &Grid::of((64, 32))[0];
        let mapping = Fit::TopLeft.place((128, 64), (64, 32)).1;
        let wide = 5 + CLASSES;
        let noise = |at: usize| (at.wrapping_mul(2_654_435_761) >> 7 & 0xffff) as f32 / 65_536.0;
        let mut values: Vec<f32> = (0..grid.cells() * wide).map(noise).collect();
        // Two classes that are as sure, one that is no number, and a cell without any.
        for (cell, numbers) in [[0.5, 0.9, 0.9], [f32::NAN, 0.7, 0.8], [f32::NAN; 3]].iter().enumerate() {
            values[cell * wide + 4] = 0.9;
            values[cell * wide + 5..][..CLASSES].copy_from_slice(numbers);
        }
        let mut expected = Vec::new();
        let mut sieve = Sieve::new(0.3, None, CLASSES);
        rows::decode(
            ([grid.cells(), wide], &values),
            CLASSES,
            Some(grid),
            &mapping,
            &mut sieve,
            &mut expected,
        );

        let mut found = Vec::new();
        let mut begin = 0;
        for (level, [columns, rows]) in grid.sides().enumerate() {
            let cells = begin..begin + columns * rows;
            let planes = |numbers: std::ops::Range<usize>| -> Vec<f32> {
                let plane = |number: usize| cells.clone().map(move |cell| cell * wide + number);
                numbers.flat_map(plane).map(|at| values[at]).collect()
            };
            let (boxes, objectness, classes) = (planes(0..4), planes(4..5), planes(5..wide));
            let planes = Planes { boxes: &boxes, objectness: &objectness, classes: &classes };
            planes.decode((grid, level), &mapping, &mut sieve, &mut found);
            begin = cells.end;
        }
        assert!(expected.len() > 5, "{expected:?}");
        assert_eq!(found, expected);
        assert_eq!(found[0].class, 1);
    }
}
