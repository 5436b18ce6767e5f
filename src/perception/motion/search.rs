//! Block matching from coarse to fine.

use super::level::{AREA, BLOCK, Level};

/// Pixels between the centres of neighbouring blocks: they overlap by half.
const STEP: usize = 4;
/// How far the coarsest level is searched each way, in its pixels.
const REACH: i32 = 4;
/// How far each candidate is searched around at the levels between, in their pixels.
const NEAR: i32 = 1;
/// Steps downhill at the finest level.
const DESCENT: usize = 3;
/// What standing still is better by, in grey levels per pixel: noise must not look like motion.
const REST: u32 = AREA / 2;
/// What each pixel of distance to the neighbour's motion costs, in grey levels per block: content on
/// which nothing can be told moves as what is beside it.
const ROUGHNESS: u32 = 6;
/// The four nearest and oneself.
const DIAMOND: [[i32; 2]; 4] = [[1, 0], [-1, 0], [0, 1], [0, -1]];

/// One block and where it came from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Match {
    /// Left and top of the block.
    pub corner: [i32; 2],
    /// To where it was, in pixels.
    pub vector: [i32; 2],
    /// Sum of absolute differences there.
    pub cost: u32,
    /// The same without motion.
    pub still: u32,
}

/// The blocks of one level, row-major.
#[derive(Debug, Default)]
pub(super) struct Matches {
    pub columns: usize,
    pub rows: usize,
    pub blocks: Vec<Match>,
}

impl Matches {
    /// Finds where each block of `newer` was in `older`. `coarser` are the matches at half the size.
    pub fn find(&mut self, newer: &Level, older: &Level, coarser: Option<&Self>, finest: bool) {
        (self.columns, self.rows) = ((newer.width / STEP).max(1), (newer.height / STEP).max(1));
        self.blocks.clear();
        for row in 0..self.rows {
            for column in 0..self.columns {
                let centre = [
                    (column as f32 + 0.5) * newer.width as f32 / self.columns as f32,
                    (row as f32 + 0.5) * newer.height as f32 / self.rows as f32,
                ];
                let corner = newer.block(centre);
                let still = newer.difference(older, corner, [0, 0]).unwrap_or(u32::MAX);
                let mut best =
                    Best { newer, older, corner, near: self.near(column), vector: [0, 0], cost: still };
                // Where nothing moved there is nothing to look for.
                if still > REST {
                    match coarser {
                        None => best.try_square([0, 0], REACH),
                        Some(coarser) => {
                            best.try_neighbours(self, column);
                            best.try_coarser(coarser, (column, row), (self.columns, self.rows), finest);
                        }
                    }
                    if finest {
                        best.descend();
                    }
                }
                let Best { vector, .. } = best;
                let cost = newer.difference(older, corner, vector).unwrap_or(still);
                self.blocks.push(Match { corner, vector, cost, still });
            }
        }
    }

    /// The motion of the block before this one, which is pushed next.
    fn near(&self, column: usize) -> [i32; 2] {
        let before = if column > 0 { self.blocks.last() } else { None };
        before.map_or([0, 0], |block| block.vector)
    }
}

/// The best vector so far.
struct Best<'a> {
    newer: &'a Level,
    older: &'a Level,
    corner: [i32; 2],
    near: [i32; 2],
    vector: [i32; 2],
    /// Penalties included.
    cost: u32,
}

impl Best<'_> {
    fn consider(&mut self, vector: [i32; 2]) -> bool {
        if vector == self.vector {
            return false;
        }
        let Some(difference) = self.newer.difference(self.older, self.corner, vector) else { return false };
        let away = (vector[0] - self.near[0]).unsigned_abs() + (vector[1] - self.near[1]).unsigned_abs();
        let rest = if vector == [0, 0] { 0 } else { REST };
        let cost = difference + rest + (away * ROUGHNESS).min(REST);
        let better = cost < self.cost;
        if better {
            (self.vector, self.cost) = (vector, cost);
        }
        better
    }

    fn try_square(&mut self, [x, y]: [i32; 2], reach: i32) {
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                self.consider([x + dx, y + dy]);
            }
        }
    }

    /// What the blocks above and before, which are known already, do.
    fn try_neighbours(&mut self, known: &Matches, column: usize) {
        let next = known.blocks.len();
        if column > 0 {
            self.consider(known.blocks[next - 1].vector);
        }
        if next >= known.columns {
            self.consider(known.blocks[next - known.columns].vector);
        }
    }

    /// What the four nearest blocks of the coarser level do.
    fn try_coarser(
        &mut self,
        coarser: &Matches,
        (column, row): (usize, usize),
        (columns, rows): (usize, usize),
        finest: bool,
    ) {
        let around = |at: usize, count: usize, of: usize| {
            let at = (at as f32 + 0.5) * of as f32 / count as f32 - 0.5;
            let low = at.floor().max(0.0) as usize;
            [low.min(of - 1), (low + 1).min(of - 1)]
        };
        for y in around(row, rows, coarser.rows) {
            for x in around(column, columns, coarser.columns) {
                let [dx, dy] = coarser.blocks[y * coarser.columns + x].vector.map(|v| v * 2);
                if finest {
                    self.consider([dx, dy]);
                } else {
                    self.try_square([dx, dy], NEAR);
                }
            }
        }
    }

    fn descend(&mut self) {
        for _ in 0..DESCENT {
            let [x, y] = self.vector;
            let mut moved = false;
            for [dx, dy] in DIAMOND {
                moved |= self.consider([x + dx, y + dy]);
            }
            if !moved {
                return;
            }
        }
    }
}

/// The vector to a fraction of a pixel: along either axis the lowest point of the two equally steep lines
/// through the differences at the best place and its neighbours (absolute differences grow linearly).
pub(super) fn refine(newer: &Level, older: &Level, block: &Match) -> [f32; 2] {
    let [x, y] = block.vector;
    let cost = |vector| newer.difference(older, block.corner, vector).map(|cost| cost as f32);
    let lowest = |before: Option<f32>, after: Option<f32>| {
        let (Some(before), Some(after)) = (before, after) else { return 0.0 };
        let rise = before.max(after) - block.cost as f32;
        if rise > BLOCK as f32 { ((before - after) / (2.0 * rise)).clamp(-0.5, 0.5) } else { 0.0 }
    };
    [
        x as f32 + lowest(cost([x - 1, y]), cost([x + 1, y])),
        y as f32 + lowest(cost([x, y - 1]), cost([x, y + 1])),
    ]
}
