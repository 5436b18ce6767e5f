//! The grids of cells that a network without anchors looks at.

/// Strides of the grids of almost every network, and of those for large pictures.
const STRIDES: [&[u32]; 2] = [&[8, 16, 32], &[8, 16, 32, 64]];

/// Cells in their order: grid after grid, the finest first, row after row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Grid {
    /// Stride, columns and rows of each grid.
    levels: Vec<(u32, u32, u32)>,
}

impl Grid {
    /// The grids that a network for pictures of `size` may have.
    pub fn of((width, height): (u32, u32)) -> [Self; 2] {
        STRIDES.map(|strides| {
            let level = |stride: &u32| (*stride, width / stride, height / stride);
            Self { levels: strides.iter().map(level).collect() }
        })
    }

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.levels.iter().map(|(_, columns, rows)| *columns as usize * *rows as usize).sum()
    }

    /// Columns and rows of each grid.
    pub fn sides(&self) -> impl ExactSizeIterator<Item = [usize; 2]> {
        self.levels.iter().map(|(_, columns, rows)| [*columns as usize, *rows as usize])
    }

    /// Column, row and stride of cell number `cell` of grid number `level`, both of which there are.
    pub fn place(&self, level: usize, cell: usize) -> [f32; 3] {
        let (stride, columns, _) = self.levels[level];
        let columns = columns.max(1) as usize;
        [(cell % columns) as f32, (cell / columns) as f32, stride as f32]
    }

    /// Column, row and stride of each cell.
    pub fn each(&self) -> impl Iterator<Item = [f32; 3]> + '_ {
        self.levels.iter().flat_map(|(stride, columns, rows)| {
            let cell =
                move |row: u32| (0..*columns).map(move |column| [column as f32, row as f32, *stride as f32]);
            (0..*rows).flat_map(cell)
        })
    }

    /// Whether boxes in `values`, `wide` numbers a cell, are in pixels already: then a cell's box is where the cell
    /// is. Offsets are of the size of a cell, so at the far end of the picture they are not.
    pub fn is_in_pixels(&self, values: &[f32], wide: usize) -> bool {
        let (mut there, mut far) = (0, 0);
        for (cell, [column, row, stride]) in values.chunks_exact(wide).zip(self.each()) {
            let centre = [(column + 0.5) * stride, (row + 0.5) * stride];
            if centre[0] > 8.0 * stride {
                let near = |i: usize| (cell[i] - centre[i]).abs() < 4.0 * stride;
                far += 1;
                there += usize::from(near(0) && near(1) && cell[2] > 0.0 && cell[3] > 0.0);
            }
        }
        there * 2 > far
    }
}

/// Centre and sides in pixels: relative to a cell, a centre is an offset from its corner in strides and a side the
/// logarithm of strides (Ge et al. 2021, section 2).
pub(super) fn in_pixels([column, row, stride]: [f32; 3], [x, y, width, height]: [f32; 4]) -> [f32; 4] {
    [(x + column) * stride, (y + row) * stride, width.exp() * stride, height.exp() * stride]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_as_many_as_networks_have() {
        let counts = |size| Grid::of(size).map(|grid| grid.cells());
        assert_eq!(counts((416, 416)), [3549, 3585]);
        assert_eq!(counts((640, 640)), [8400, 8500]);
        let grid = &Grid::of((64, 32))[0];
        let cells: Vec<[f32; 3]> = grid.each().collect();
        assert_eq!(cells.len(), grid.cells());
        assert_eq!((cells[9], cells[32]), ([1.0, 1.0, 8.0], [0.0, 0.0, 16.0]));
        let (mut places, mut level) = (Vec::new(), 0);
        for [columns, rows] in grid.sides() {
            places.extend((0..columns * rows).map(|cell| grid.place(level, cell)));
            level += 1;
        }
        assert_eq!(places, cells);
    }

    #[test]
    fn boxes_in_pixels_are_told_from_offsets() {
        let grid = &Grid::of((416, 416))[0];
        let pixels: Vec<f32> = grid
            .each()
            .flat_map(|[x, y, s]| [(x + 0.3) * s, (y + 0.8) * s, 3.0 * s, 2.0 * s, 0.1, 0.1])
            .collect();
        let offsets: Vec<f32> = grid.each().flat_map(|_| [0.3, 0.8, 1.1, 0.7, 0.1, 0.1]).collect();
        assert!(grid.is_in_pixels(&pixels, 6));
        assert!(!grid.is_in_pixels(&offsets, 6));
        assert!(!grid.is_in_pixels(&vec![f32::NAN; 3549 * 6], 6));
    }
}
