//! From two small pictures to a motion field.

use super::level::{AREA, Level};
use super::search::{Match, Matches, refine};
use super::{MotionField, SmallLuma};

/// Levels of the pyramid: the coarsest is a quarter of the size.
const LEVELS: usize = 3;
/// Mean difference in grey levels up to which a block shows the same as before: noise.
const SAME: u32 = AREA;
/// The same for blocks that nothing is found for: shadows and flicker. Measured on a clip of people who sign:
/// lower, and what cannot be told spoils more than it mends.
const CHANGED: u32 = AREA * 8;
/// Mean difference in grey levels beyond which a match is none: the content is new.
const NEW: u32 = AREA * 16;
/// Detail, as the mean difference in grey levels to the block one pixel beside and below, below which it
/// cannot be told where a block came from.
const FLAT: u32 = AREA * 3 / 2;
/// A vector this far from the median of its neighbours is an outlier, pixels.
const OUTLIER: f32 = 2.5;
/// How many blocks away the motion of others is taken where a block's own cannot be told.
const RINGS: usize = 4;
/// Brightness of the picture is evened out within this factor either way.
const MOST_GAIN: f32 = 2.0;

/// What is known of a block's motion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Knowledge {
    /// Its content was there before.
    Still,
    /// It was found elsewhere.
    Moved,
    /// It cannot be told by its content.
    Open,
}

/// Estimates motion by block matching on luma, coarse to fine over three levels: blocks of 8 × 8 pixels
/// of a picture 128 pixels wide, overlapping by half, up to about 16 pixels (an eighth of the frame's
/// width) in any direction, to a fraction of a pixel. Brightness is evened out first, standing still is
/// preferred, outliers give way to the median of their neighbours, and blocks whose motion cannot be told
/// (flat ones, uncovered ones) move as those around them that did move. Keeps its buffers.
#[derive(Debug, Default)]
pub struct MotionEstimator {
    newer: [Level; LEVELS],
    older: [Level; LEVELS],
    matches: [Matches; LEVELS],
    known: Vec<Knowledge>,
    vectors: Vec<[f32; 2]>,
    ratios: Vec<f32>,
}

impl MotionEstimator {
    /// Fills `field` with the motion from `newer` back to `older`; empty when the sizes differ or are
    /// less than 8 pixels.
    pub fn estimate(&mut self, newer: &SmallLuma, older: &SmallLuma, field: &mut MotionField) {
        field.clear();
        if (newer.width, newer.height) != (older.width, older.height) {
            return;
        }
        let size = (newer.width as usize, newer.height as usize);
        let table = self.even_out(newer, older);
        self.newer[0].take(size, &newer.pixels, &std::array::from_fn(|value| value as u8));
        self.older[0].take(size, &older.pixels, &table);
        if !self.newer[0].holds_blocks() {
            return;
        }
        self.search();
        self.judge();
        self.drop_outliers();
        self.fill_open();
        self.write(field);
    }

    /// What older grey levels would be in the newer picture's light: a gain, since exposure and lamps
    /// scale light and a power of it; the median over the picture, so that who moves does not count.
    fn even_out(&mut self, newer: &SmallLuma, older: &SmallLuma) -> [u8; 256] {
        self.ratios.clear();
        let pieces = newer.pixels.chunks(AREA as usize).zip(older.pixels.chunks(AREA as usize));
        self.ratios.extend(pieces.map(|(newer, older)| {
            let sum = |pixels: &[u8]| pixels.iter().map(|v| u32::from(*v)).sum::<u32>() as f32 + AREA as f32;
            sum(newer) / sum(older)
        }));
        let middle = self.ratios.len() / 2;
        let gain = if self.ratios.is_empty() {
            1.0
        } else {
            *self.ratios.select_nth_unstable_by(middle, f32::total_cmp).1
        };
        let gain = gain.clamp(1.0 / MOST_GAIN, MOST_GAIN);
        std::array::from_fn(|value| (value as f32 * gain + 0.5) as u8)
    }

    fn search(&mut self) {
        for pyramid in [&mut self.newer, &mut self.older] {
            for level in 1..LEVELS {
                let (larger, smaller) = pyramid.split_at_mut(level);
                smaller[0].halve(&larger[level - 1]);
            }
        }
        let mut below: Option<usize> = None;
        for level in (0..LEVELS).rev() {
            if !self.newer[level].holds_blocks() {
                continue;
            }
            let (finer, coarser) = self.matches.split_at_mut(level + 1);
            let coarser = below.map(|below| &coarser[below - level - 1]);
            finer[level].find(&self.newer[level], &self.older[level], coarser, level == 0);
            below = Some(level);
        }
    }

    fn judge(&mut self) {
        self.known.clear();
        self.vectors.clear();
        let (newer, older) = (&self.newer[0], &self.older[0]);
        for block in &self.matches[0].blocks {
            let known = judge(newer, block);
            self.known.push(known);
            let moved = known == Knowledge::Moved && block.vector != [0, 0];
            self.vectors.push(if moved { refine(newer, older, block) } else { [0.0; 2] });
        }
    }

    /// A block that moves unlike all its neighbours is mistaken: it moves as their median.
    fn drop_outliers(&mut self) {
        let (columns, rows) = (self.matches[0].columns, self.matches[0].rows);
        for at in 0..self.vectors.len() {
            if self.known[at] != Knowledge::Moved {
                continue;
            }
            let mut around = [[0.0; 9]; 2];
            let mut count = 0;
            for near in ring(at, 1, columns, rows) {
                if self.known[near] != Knowledge::Open {
                    (around[0][count], around[1][count]) = (self.vectors[near][0], self.vectors[near][1]);
                    count += 1;
                }
            }
            if count == 0 {
                self.known[at] = Knowledge::Open;
                continue;
            }
            let [x, y] = self.vectors[at];
            let alike = (0..count).any(|i| (around[0][i] - x).abs() + (around[1][i] - y).abs() <= OUTLIER);
            if !alike {
                self.vectors[at] = around.map(|mut axis| {
                    axis[..count].sort_by(f32::total_cmp);
                    axis[count / 2]
                });
            }
        }
    }

    /// Open blocks take the motion of the nearest blocks that moved: who uncovers a wall uncovers it as
    /// fast as they move.
    fn fill_open(&mut self) {
        let (columns, rows) = (self.matches[0].columns, self.matches[0].rows);
        for at in 0..self.vectors.len() {
            if self.known[at] != Knowledge::Open {
                continue;
            }
            for radius in 1..=RINGS {
                let (mut sum, mut count) = ([0.0; 2], 0);
                for near in ring(at, radius, columns, rows) {
                    if self.known[near] == Knowledge::Moved {
                        sum = [sum[0] + self.vectors[near][0], sum[1] + self.vectors[near][1]];
                        count += 1;
                    }
                }
                if count > 0 {
                    self.vectors[at] = sum.map(|sum| sum / count as f32);
                    break;
                }
            }
        }
    }

    fn write(&self, field: &mut MotionField) {
        let matches = &self.matches[0];
        let (newer, older) = (&self.newer[0], &self.older[0]);
        let scale = [1.0 / newer.width as f32, 1.0 / newer.height as f32];
        (field.columns, field.rows) = (matches.columns as u32, matches.rows as u32);
        field.vectors.extend(self.vectors.iter().map(|[x, y]| [x * scale[0], y * scale[1]]));
        field.confidence.extend(matches.blocks.iter().zip(&self.vectors).map(|(block, vector)| {
            let whole = vector.map(|v| v.round() as i32);
            let cost = newer.difference(older, block.corner, whole).unwrap_or(NEW);
            1.0 - cost.saturating_sub(SAME).min(NEW - SAME) as f32 / (NEW - SAME) as f32
        }));
    }
}

fn judge(newer: &Level, block: &Match) -> Knowledge {
    if block.still <= SAME {
        return Knowledge::Still;
    }
    let beside = |vector: [i32; 2]| {
        let other = newer.difference(newer, block.corner, vector);
        other.or_else(|| newer.difference(newer, block.corner, vector.map(|v| -v))).unwrap_or(0)
    };
    let detail = beside([1, 0]) + beside([0, 1]);
    // A match is worth something when it explains what standing still does not.
    let found = detail >= FLAT && block.cost <= NEW && block.cost * 2 <= block.still;
    match block.still {
        _ if found => Knowledge::Moved,
        0..=CHANGED => Knowledge::Still,
        _ => Knowledge::Open,
    }
}

/// The blocks `radius` away from block `at`, within the grid.
fn ring(at: usize, radius: usize, columns: usize, rows: usize) -> impl Iterator<Item = usize> {
    let (column, row) = ((at % columns) as i32, (at / columns) as i32);
    let radius = radius as i32;
    (-radius..=radius).flat_map(move |dy| {
        let step = if dy.abs() == radius { 1 } else { (2 * radius) as usize };
        (-radius..=radius).step_by(step).filter_map(move |dx| {
            let (x, y) = (column + dx, row + dy);
            let inside = x >= 0 && y >= 0 && x < columns as i32 && y < rows as i32;
            inside.then(|| y as usize * columns + x as usize)
        })
    })
}

#[cfg(test)]
mod tests;
