//! Silhouettes in the person matte, and where their heads should be.

use super::grid::Grid;
use super::head::Head;
use crate::frame::{Frame, Roi};

/// Cells of the coarse grid each way.
const CELLS: usize = 64;
/// Silhouettes of fewer cells are noise.
const LEAST_CELLS: usize = 10;
/// Most silhouettes looked at.
const MOST: usize = 6;
/// Most squares looked at for faces in one frame.
const MOST_PARTS: usize = 4;
/// Heads of a standing body that make up its height.
const HEADS_HIGH: f32 = 7.5;
/// Silhouettes lower than this many of somebody's face heights may be their hand.
const HAND: f32 = 2.0;
/// The same where the frame cuts them: hand and forearm.
const HAND_CUT: f32 = 3.2;
/// Part of a head's height that the face takes.
const FACE_OF_HEAD: f32 = 0.72;

/// A connected part of the matte, in frame pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::perception) struct Silhouette {
    /// Left, top, right, bottom.
    pub bounds: [f32; 4],
    /// Top of the silhouette above the middle of its upper half, where a head is.
    pub crown: [f32; 2],
    /// Whether it goes on below the frame.
    pub cut: bool,
}

/// Finds silhouettes; keeps its buffers.
#[derive(Debug, Default)]
pub(in crate::perception) struct People {
    cells: Vec<bool>,
    stack: Vec<usize>,
    members: Vec<usize>,
    found: Vec<(usize, Silhouette)>,
}

impl People {
    /// The silhouettes of `matte` (grid-sized, 0–255), largest first.
    pub fn find(&mut self, matte: &[u8], grid: &Grid) {
        self.found.clear();
        self.cells.clear();
        self.cells.resize(CELLS * CELLS, false);
        for cy in 0..CELLS {
            for cx in 0..CELLS {
                let x = (2 * cx + 1) * grid.width / (2 * CELLS);
                let y = (2 * cy + 1) * grid.height / (2 * CELLS);
                self.cells[cy * CELLS + cx] = matte.get(y * grid.width + x).is_some_and(|p| *p >= 128);
            }
        }
        for start in 0..CELLS * CELLS {
            if self.cells[start] {
                self.flood(start);
                if self.members.len() >= LEAST_CELLS {
                    let silhouette = self.measure(grid);
                    self.found.push((self.members.len(), silhouette));
                }
            }
        }
        self.found.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
        self.found.truncate(MOST);
    }

    /// What the last search found, largest first.
    pub fn silhouettes(&self) -> impl Iterator<Item = &Silhouette> {
        self.found.iter().map(|(_, silhouette)| silhouette)
    }

    fn flood(&mut self, start: usize) {
        self.members.clear();
        self.stack.clear();
        self.stack.push(start);
        self.cells[start] = false;
        while let Some(cell) = self.stack.pop() {
            self.members.push(cell);
            let (x, y) = (cell % CELLS, cell / CELLS);
            let neighbours = [
                (x > 0).then(|| cell - 1),
                (x + 1 < CELLS).then(|| cell + 1),
                (y > 0).then(|| cell - CELLS),
                (y + 1 < CELLS).then(|| cell + CELLS),
            ];
            for next in neighbours.into_iter().flatten() {
                if self.cells[next] {
                    self.cells[next] = false;
                    self.stack.push(next);
                }
            }
        }
    }

    fn measure(&self, grid: &Grid) -> Silhouette {
        let columns = || self.members.iter().map(|cell| cell % CELLS);
        let rows = || self.members.iter().map(|cell| cell / CELLS);
        let [left, right] = [columns().min(), columns().max()].map(|v| v.unwrap_or(0));
        let [top, bottom] = [rows().min(), rows().max()].map(|v| v.unwrap_or(0));
        let middle = top + (bottom - top) / 2;
        let upper = || self.members.iter().filter(|cell| *cell / CELLS <= middle);
        let count = upper().count().max(1);
        let centre = upper().map(|cell| cell % CELLS).sum::<usize>() / count;
        let near = |cell: &&usize| (*cell % CELLS).abs_diff(centre) <= 1;
        let crown = upper().filter(near).map(|cell| cell / CELLS).min().unwrap_or(top);
        let cell = [
            grid.step[0] * grid.width as f32 / CELLS as f32,
            grid.step[1] * grid.height as f32 / CELLS as f32,
        ];
        let at = |x: usize, y: usize| [x as f32 * cell[0], y as f32 * cell[1]];
        let ([x0, y0], [x1, y1]) = (at(left, top), at(right + 1, bottom + 1));
        let [cx, cy] = at(centre, crown);
        Silhouette { bounds: [x0, y0, x1, y1], crown: [cx + cell[0] / 2.0, cy], cut: bottom + 1 == CELLS }
    }

    /// Adds the upright squares in which a face should be looked for: over the top of each silhouette
    /// where none of `heads` is.
    pub fn parts(&self, heads: &[[f32; 2]], frame: &Frame, parts: &mut Vec<Roi>) {
        for silhouette in self.silhouettes() {
            let [left, top, right, bottom] = silhouette.bounds;
            let (wide, tall) = (right - left, bottom - top);
            let side = if silhouette.cut { tall * 0.7 } else { tall * 0.45 };
            let side = side.max(16.0);
            // A broad silhouette may be several people: look along its top.
            let count = ((wide / side * 0.75).round() as usize).clamp(1, MOST_PARTS);
            for index in 0..count {
                let cx = if count == 1 {
                    silhouette.crown[0]
                } else {
                    left + wide * (index as f32 + 0.5) / count as f32
                };
                let top = if count == 1 { silhouette.crown[1].min(top + side * 0.5) } else { top };
                let roi = Roi { cx, cy: top + side * 0.4, size: side, angle: 0.0 }.moved_into(frame);
                let half = side / 2.0;
                let known = heads.iter().any(|[x, y]| (x - roi.cx).abs() < half && (y - roi.cy).abs() < half);
                if !known && parts.len() < MOST_PARTS {
                    parts.push(roi);
                }
            }
        }
    }

    /// Guesses a head for every silhouette in which none of `heads` lies; their ids count down from
    /// the largest number.
    pub fn guess(&self, heads: &mut Vec<Head>) {
        let known = heads.len();
        for (index, silhouette) in self.silhouettes().enumerate() {
            let [left, top, right, bottom] = silhouette.bounds;
            let inside = |head: &Head| {
                let [x, y] = head.centre;
                x > left && x < right && y > top && y < bottom
            };
            if heads[..known].iter().any(inside) {
                continue;
            }
            let (wide, tall) = (right - left, bottom - top);
            // A hand held up to the camera is no person.
            let least = if silhouette.cut { HAND_CUT } else { HAND };
            if heads[..known].iter().any(|head| tall < head.height * least) {
                continue;
            }
            let head = if silhouette.cut { (wide * 0.45).min(tall * 0.45) } else { tall / HEADS_HIGH };
            let [cx, crown] = silhouette.crown;
            heads.push(Head {
                id: u64::MAX - index as u64,
                centre: [cx, crown + head * 0.6],
                up: [0.0, -1.0],
                height: (head * FACE_OF_HEAD).max(2.0),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A standing figure with raised arms, 256 × 256.
    fn figure() -> Vec<u8> {
        let mut matte = vec![0; 256 * 256];
        let mut fill = |left: usize, top: usize, right: usize, bottom: usize| {
            for y in top..bottom {
                matte[y * 256 + left..y * 256 + right].fill(255);
            }
        };
        fill(112, 40, 144, 80); // head
        fill(88, 80, 168, 160); // body
        fill(88, 8, 96, 80); // arms up
        fill(160, 8, 168, 80);
        fill(100, 160, 156, 240); // legs
        fill(4, 4, 6, 6); // noise
        matte
    }

    #[test]
    fn a_figure_with_raised_arms_has_its_head_between_them() {
        let grid = Grid { width: 256, height: 256, step: [2.0, 2.0] };
        let mut people = People::default();
        people.find(&figure(), &grid);
        let found: Vec<_> = people.silhouettes().collect();
        assert_eq!(found.len(), 1);
        let [x, y] = found[0].crown;
        assert!((x - 256.0).abs() < 12.0 && (y - 80.0).abs() < 12.0, "{x} {y}");
        assert!(!found[0].cut);
        let mut heads = Vec::new();
        people.guess(&mut heads);
        assert_eq!(heads.len(), 1);
        assert!((heads[0].centre[0] - 256.0).abs() < 12.0 && heads[0].centre[1] > 80.0, "{heads:?}");
        people.guess(&mut heads);
        let mut large = vec![Head { centre: [20.0, 400.0], height: 240.0, ..heads[0] }];
        people.guess(&mut large);
        assert_eq!(large.len(), 1, "beside so large a face it is a hand");
        assert_eq!(heads.len(), 1, "a silhouette with a head gets no second one");
    }
}
