//! Boxes that may touch a box, without looking at all of them.

use super::PixelBox;

/// Sizes that are told apart, each twice as large as the one before; the first holds boxes of less than a pixel.
const LEVELS: usize = 24;
const NONE: u32 = u32::MAX;

/// Finds boxes near a box among many. A box lies in one cell, that of its centre, on the level whose cells are
/// larger than it, at most twice; so it reaches half a cell beyond its own at most. Filled anew again and again.
#[derive(Debug, Default)]
pub(super) struct BoxGrid {
    /// First box of each bucket of cells; a power of two of them.
    buckets: Vec<u32>,
    /// Per box: the next in its bucket, the next of its level, and its cell.
    entries: Vec<Entry>,
    levels: [Level; LEVELS],
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    next: u32,
    next_of_level: u32,
    cell: Cell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    level: u8,
    column: i32,
    row: i32,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    first: u32,
    count: u32,
}

impl Default for Level {
    fn default() -> Self {
        Self { first: NONE, count: 0 }
    }
}

impl BoxGrid {
    /// Forgets all boxes; about `expected` will come.
    pub fn clear(&mut self, expected: usize) {
        self.buckets.clear();
        self.buckets.resize((expected.max(8) * 2).next_power_of_two(), NONE);
        self.entries.clear();
        self.levels = [Level::default(); LEVELS];
    }

    /// Adds a box; the first has number 0, the next 1, and so on.
    pub fn insert(&mut self, bounds: &PixelBox) {
        let number = self.entries.len() as u32;
        let level = level(bounds);
        let cell = Cell {
            level: level as u8,
            column: cell(bounds.x + bounds.width / 2.0, level),
            row: cell(bounds.y + bounds.height / 2.0, level),
        };
        let bucket = self.bucket(cell);
        let first_of_level = &mut self.levels[level];
        let entry = Entry { next: self.buckets[bucket], next_of_level: first_of_level.first, cell };
        first_of_level.first = number;
        first_of_level.count += 1;
        self.buckets[bucket] = number;
        self.entries.push(entry);
    }

    /// Calls `visit` with the number of every box that may touch `bounds`, once each, and of some that do not.
    /// Ends when it returns false, and says whether it never did.
    pub fn near(&self, bounds: &PixelBox, mut visit: impl FnMut(usize) -> bool) -> bool {
        for (level, boxes) in self.levels.iter().enumerate().filter(|(_, boxes)| boxes.count > 0) {
            let reach = side(level) / 2.0;
            let columns = cell(bounds.x - reach, level)..=cell(bounds.x + bounds.width + reach, level);
            let rows = cell(bounds.y - reach, level)..=cell(bounds.y + bounds.height + reach, level);
            let count = |span: &std::ops::RangeInclusive<i32>| {
                (i64::from(*span.end()) - i64::from(*span.start()) + 1).max(0)
            };
            if count(&columns).saturating_mul(count(&rows)) > i64::from(boxes.count) {
                let mut next = boxes.first;
                while let Some(entry) = self.entries.get(next as usize) {
                    let near = columns.contains(&entry.cell.column) && rows.contains(&entry.cell.row);
                    if near && !visit(next as usize) {
                        return false;
                    }
                    next = entry.next_of_level;
                }
                continue;
            }
            for row in rows {
                for column in columns.clone() {
                    let cell = Cell { level: level as u8, column, row };
                    let mut next = self.buckets.get(self.bucket(cell)).copied().unwrap_or(NONE);
                    while let Some(entry) = self.entries.get(next as usize) {
                        if entry.cell == cell && !visit(next as usize) {
                            return false;
                        }
                        next = entry.next;
                    }
                }
            }
        }
        true
    }

    fn bucket(&self, cell: Cell) -> usize {
        let mixed = (u64::from(cell.column as u32) << 32 | u64::from(cell.row as u32))
            .wrapping_add(u64::from(cell.level) << 61)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as usize & (self.buckets.len().max(1) - 1)
    }
}

/// Level whose cells are at least as large as the box.
fn level(bounds: &PixelBox) -> usize {
    let longest = bounds.width.max(bounds.height).max(0.0);
    let mut level = 0;
    while level < LEVELS - 1 && side(level) < longest {
        level += 1;
    }
    level
}

fn side(level: usize) -> f32 {
    (1u32 << level) as f32
}

fn cell(position: f32, level: usize) -> i32 {
    (position / side(level)).floor() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_box_that_touches_is_found_once() {
        let mut random = fastrand::Rng::with_seed(5);
        let mut grid = BoxGrid::default();
        for round in 0..20 {
            let mut some = |count: usize| -> Vec<PixelBox> {
                let side = |random: &mut fastrand::Rng| random.f32().powi(4) * 900.0;
                let one = |_| {
                    let (x, y) = (random.f32() * 2000.0 - 300.0, random.f32() * 1200.0 - 300.0);
                    PixelBox { x, y, width: side(&mut random), height: side(&mut random) }
                };
                (0..count).map(one).collect()
            };
            let boxes = some(1 + round * 20);
            grid.clear(boxes.len() / 2);
            boxes.iter().for_each(|one| grid.insert(one));
            for query in some(50) {
                let mut found = vec![0; boxes.len()];
                grid.near(&query, |number| {
                    found[number] += 1;
                    true
                });
                for (number, one) in boxes.iter().enumerate() {
                    let touches = one.overlap(&query) > 0.0;
                    assert!(found[number] == 1 || (found[number] == 0 && !touches), "{one:?} and {query:?}");
                }
            }
        }
    }

    #[test]
    fn few_boxes_are_looked_at_among_ten_thousand() {
        let mut grid = BoxGrid::default();
        grid.clear(10_000);
        let place = |n: usize| PixelBox {
            x: (n % 100) as f32 * 20.0,
            y: (n / 100) as f32 * 20.0,
            width: 18.0,
            height: 18.0,
        };
        (0..10_000).for_each(|n| grid.insert(&place(n)));
        let mut seen = 0;
        grid.near(&place(5050), |_| {
            seen += 1;
            true
        });
        assert!((9..40).contains(&seen), "{seen}");
    }
}
