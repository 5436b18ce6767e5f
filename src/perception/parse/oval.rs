//! The face's outline drawn into the grid.

use super::grid::Grid;
use crate::face_mesh::FACE_OVAL;
use crate::perception::face::TrackedFace;

/// Lines per grid row: the edge is soft to a quarter of a row.
const LINES: usize = 4;

/// Draws the outline of `face` into `coverage` (grid-sized, 0–255; the larger value stays).
pub(super) fn draw(face: &TrackedFace, grid: &Grid, coverage: &mut [u8]) {
    let mut corners = [[0.0_f32; 2]; FACE_OVAL.len()];
    for (corner, index) in corners.iter_mut().zip(FACE_OVAL) {
        let Some([x, y, _]) = face.points.get(index) else { return };
        *corner = grid.point([*x, *y]);
    }
    let top = corners.iter().map(|c| c[1]).fold(f32::MAX, f32::min);
    let bottom = corners.iter().map(|c| c[1]).fold(f32::MIN, f32::max);
    let first = (top.floor().max(0.0) as usize).min(grid.height);
    let last = ((bottom.ceil() + 1.0).max(0.0) as usize).min(grid.height);
    let mut crossings = [0.0_f32; FACE_OVAL.len()];
    for y in first..last {
        let row = &mut coverage[y * grid.width..(y + 1) * grid.width];
        for line in 0..LINES {
            let at = y as f32 - 0.5 + (line as f32 + 0.5) / LINES as f32;
            let count = cross(&corners, at, &mut crossings);
            for pair in crossings[..count].chunks_exact(2) {
                fill(row, pair[0], pair[1]);
            }
        }
    }
}

/// Where the outline crosses the horizontal line `y`, from left to right.
fn cross(corners: &[[f32; 2]], y: f32, crossings: &mut [f32]) -> usize {
    let mut count = 0;
    let ends = corners.iter().zip(corners.iter().cycle().skip(1));
    for (a, b) in ends {
        if (a[1] <= y) != (b[1] <= y) && count < crossings.len() {
            crossings[count] = a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
            count += 1;
        }
    }
    crossings[..count].sort_by(f32::total_cmp);
    count
}

/// Adds a quarter of the part of each pixel that lies between `left` and `right`.
fn fill(row: &mut [u8], left: f32, right: f32) {
    let share = 255.0 / LINES as f32;
    let from = (left.round().max(0.0) as usize).min(row.len());
    let to = ((right.round() + 1.0).max(0.0) as usize).min(row.len());
    for (x, pixel) in row.iter_mut().enumerate().take(to).skip(from) {
        let low = left.max(x as f32 - 0.5);
        let high = right.min(x as f32 + 0.5);
        *pixel = pixel.saturating_add(((high - low).clamp(0.0, 1.0) * share).ceil() as u8);
    }
}
