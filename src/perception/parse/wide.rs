//! People who are too small in a wide or tall frame: squares of it, looked at one by one.
//!
//! The person net sees 256 × 256 pixels whatever the frame. In a classroom it misses most people when
//! it looks at all of the room and finds them when it looks at squares as high as the frame. One square
//! is scouted every few frames; where someone was missed it is looked at in every frame.

use super::grid::Grid;
use crate::frame::{Frame, Roi};

/// Squares along the longer side of the frame.
const COUNT: usize = 3;
/// Frames that are less wide (or tall) are seen well enough as a whole.
const WIDE: f32 = 1.3;
/// Frames between two scouts.
const SCOUT: u32 = 8;
/// Looks at a square after someone was missed in it.
const STAY: u32 = 30;
/// Least part of the frame that has to have been missed.
const MISSED: f32 = 0.004;
/// Part of a square at its inner edges where people are cut and its word counts less.
const EDGE: f32 = 0.12;

/// Which squares are worth looking at.
#[derive(Debug, Default)]
pub(super) struct Tiles {
    stay: [u32; COUNT],
    frames: u32,
    next: usize,
    scouted: usize,
}

impl Tiles {
    /// The squares to look at in this frame; all of them when it stands alone.
    pub fn due(&mut self, still: bool) -> [bool; COUNT] {
        if still {
            self.stay = [0; COUNT];
            return [true; COUNT];
        }
        let mut due = self.stay.map(|frames| frames > 0);
        self.frames += 1;
        // A new scene is scouted at once, one square a frame.
        if self.frames >= SCOUT || self.scouted < COUNT {
            self.frames = 0;
            self.scouted = self.scouted.saturating_add(1);
            self.next = (self.next + 1) % COUNT;
            due[self.next] = true;
        }
        due
    }

    /// Takes down that square `index` was looked at and `missed` grid pixels of people were missed by
    /// the look at the whole; says whether the square's word counts.
    pub fn note(&mut self, index: usize, missed: usize, grid: &Grid) -> bool {
        let stay = &mut self.stay[index];
        let much = missed as f32 > grid.len() as f32 * MISSED;
        *stay = if much { STAY } else { stay.saturating_sub(1) };
        *stay > 0
    }
}

/// The squares of `frame`, none when it is nearly square itself.
pub(super) fn tiles(frame: &Frame) -> [Option<Roi>; COUNT] {
    let (w, h) = (frame.width as f32, frame.height as f32);
    let (size, long) = (w.min(h), w.max(h));
    if long < size * WIDE || size < 32.0 {
        return [None; COUNT];
    }
    std::array::from_fn(|index| {
        let along = size / 2.0 + (long - size) * index as f32 / (COUNT - 1) as f32;
        let (cx, cy) = if w > h { (along, h / 2.0) } else { (w / 2.0, along) };
        Some(Roi { cx, cy, size, angle: 0.0 })
    })
}

/// How many grid pixels are surely people in the `size`² probabilities of `tile` and surely not in
/// `matte`.
pub(super) fn missed(probabilities: &[f32], size: usize, tile: Roi, grid: &Grid, matte: &[u8]) -> usize {
    let mut count = 0;
    each_cell(size, tile, grid, |at, from, _| {
        count += usize::from(matte[at] < 64 && probabilities[from] > 0.65);
    });
    count
}

/// Adds the people of `tile` to `matte`: the larger probability stays.
pub(super) fn add(
    probabilities: &[f32],
    size: usize,
    tile: Roi,
    grid: &Grid,
    frame: &Frame,
    matte: &mut [u8],
) {
    let wide = frame.width > frame.height;
    let (start, limit, length) = if wide {
        (tile.cx - tile.size / 2.0, frame.width as f32, tile.size)
    } else {
        (tile.cy - tile.size / 2.0, frame.height as f32, tile.size)
    };
    let inner = [start > 1.0, start + length < limit - 1.0];
    each_cell(size, tile, grid, |at, from, [u, v]| {
        let along = if wide { u } else { v };
        let low = if inner[0] { along / EDGE } else { 1.0 };
        let high = if inner[1] { (1.0 - along) / EDGE } else { 1.0 };
        let value = probabilities[from] * 255.0 * low.min(high).clamp(0.0, 1.0);
        matte[at] = matte[at].max(value as u8);
    });
}

/// Calls `visit` for each grid pixel inside `tile` with its index, the index of the nearest of the
/// tile's `size`² pixels, and its place in the tile, 0–1.
fn each_cell(size: usize, tile: Roi, grid: &Grid, mut visit: impl FnMut(usize, usize, [f32; 2])) {
    let half = tile.size / 2.0;
    let (left, top) = (tile.cx - half, tile.cy - half);
    let (columns, rows) = grid.cells([left, top, tile.cx + half, tile.cy + half]);
    let scale = size as f32;
    for y in rows {
        let v = ((y as f32 + 0.5) * grid.step[1] - top) / tile.size;
        let line = ((v * scale) as usize).min(size - 1) * size;
        for x in columns.clone() {
            let u = ((x as f32 + 0.5) * grid.step[0] - left) / tile.size;
            let from = line + ((u * scale) as usize).min(size - 1);
            visit(y * grid.width + x, from, [u, v]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { width: 64, height: 64, step: [4.0, 2.0] };
    const TILE: Roi = Roi { cx: 64.0, cy: 64.0, size: 128.0, angle: 0.0 };

    #[test]
    fn a_person_the_whole_look_missed_is_seen_and_kept_in_view() {
        // 256 × 128 frame, left square, someone in its middle.
        let mut seen = vec![0.0; 32 * 32];
        for y in 10..20 {
            seen[y * 32 + 10..y * 32 + 20].fill(0.9);
        }
        let matte = vec![0_u8; 64 * 64];
        let count = missed(&seen, 32, TILE, &GRID, &matte);
        assert!((150..=250).contains(&count), "{count}");
        assert_eq!(missed(&seen, 32, TILE, &GRID, &[255; 64 * 64]), 0);

        let mut tiles = Tiles::default();
        assert_eq!([(); COUNT].map(|()| tiles.due(false).contains(&true)), [true; COUNT]);
        let looks = (0..SCOUT * 3).map(|_| tiles.due(false)).filter(|due| due.contains(&true)).count();
        assert_eq!(looks, 3, "scouts are rare while nobody is missed");
        assert!(tiles.note(1, count, &GRID));
        assert!(tiles.due(false)[1]);
        assert!(!tiles.note(0, 0, &GRID));
    }
}
