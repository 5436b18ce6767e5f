//! A head in the frame, and coordinates that go with it.

use super::grid::Grid;
use crate::face_mesh::{CHIN, FOREHEAD, LEFT_CHEEK, RIGHT_CHEEK};
use crate::frame::Roi;
use crate::perception::face::TrackedFace;

/// A face is about this much higher than wide; a nodding head looks lower than it is.
const HEIGHT_TO_WIDTH: f32 = 1.25;
/// Side of the square that the hair net looks at, in face heights: all of the head and hair down to
/// the chest.
const HAIR_VIEW: f32 = 4.2;
/// That square's centre lies this far below the face's.
const HAIR_VIEW_DROP: f32 = 0.55;

/// Position, size and tilt of a head. Head coordinates (u, v): origin in the middle of the face,
/// u to the right as seen, v up to the crown, unit = height of the face from chin to forehead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::perception) struct Head {
    /// Of the face that it carries.
    pub id: u64,
    /// Middle of the face, frame pixels.
    pub centre: [f32; 2],
    /// Unit vector to the crown.
    pub up: [f32; 2],
    /// Height of the face in frame pixels.
    pub height: f32,
}

impl Head {
    /// The head of `face`.
    pub fn of(face: &TrackedFace) -> Option<Self> {
        let point = |index: usize| face.points.get(index).map(|p| [p[0], p[1]]);
        let (chin, top) = (point(CHIN)?, point(FOREHEAD)?);
        let (left, right) = (point(RIGHT_CHEEK)?, point(LEFT_CHEEK)?);
        let axis = [top[0] - chin[0], top[1] - chin[1]];
        let length = axis[0].hypot(axis[1]);
        let width = (right[0] - left[0]).hypot(right[1] - left[1]);
        if !(length > 0.0 && length.is_finite() && width.is_finite()) {
            return None;
        }
        let height = length.max(width * HEIGHT_TO_WIDTH);
        let up = [axis[0] / length, axis[1] / length];
        // Measured from the chin, so that a foreshortened face grows upwards.
        let centre = [chin[0] + up[0] * height / 2.0, chin[1] + up[1] * height / 2.0];
        Some(Self { id: face.id, centre, up, height })
    }

    /// Head coordinates of a frame point.
    pub fn uv(&self, p: [f32; 2]) -> [f32; 2] {
        let d = [(p[0] - self.centre[0]) / self.height, (p[1] - self.centre[1]) / self.height];
        [-d[0] * self.up[1] + d[1] * self.up[0], d[0] * self.up[0] + d[1] * self.up[1]]
    }

    /// The frame's point at head coordinates.
    pub fn at(&self, [u, v]: [f32; 2]) -> [f32; 2] {
        let [ux, uy] = self.up;
        [self.centre[0] + (v * ux - u * uy) * self.height, self.centre[1] + (v * uy + u * ux) * self.height]
    }

    /// The upright square that the hair net looks at.
    pub fn hair_view(&self) -> Roi {
        let [cx, cy] = self.at([0.0, -HAIR_VIEW_DROP]);
        Roi { cx, cy, size: self.height * HAIR_VIEW, angle: 0.0 }
    }

    /// Grid cells within `reach` face heights of the middle of the face.
    pub fn cells(&self, grid: &Grid, reach: f32) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let ([x, y], r) = (self.centre, reach * self.height);
        grid.cells([x - r, y - r, x + r, y + r])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_coordinates_go_there_and_back() {
        let (sin, cos) = 0.4_f32.sin_cos();
        let head = Head { id: 0, centre: [100.0, 80.0], up: [sin, -cos], height: 50.0 };
        let p = head.at([0.7, -1.2]);
        let [u, v] = head.uv(p);
        assert!((u - 0.7).abs() < 1e-4 && (v + 1.2).abs() < 1e-4, "{u} {v}");
        let upright = Head { up: [0.0, -1.0], ..head };
        assert_eq!(upright.at([1.0, 1.0]), [150.0, 30.0]);
    }
}
