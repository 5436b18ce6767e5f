//! Where one face lies in the output.

use bevy::math::{UVec2, Vec2, Vec4};
use bytemuck::{Pod, Zeroable};

use super::outline::{Outline, iris_axes};
use crate::face_mesh::{CHIN, FOREHEAD, LEFT_CHEEK, MESH_LANDMARKS, RIGHT_CHEEK};
use crate::perception::MAX_LANDMARKS;

/// Corners of a square around each iris.
pub(super) const IRIS_CORNERS: usize = 8;
/// First corner of the left iris.
pub(super) const FIRST_CORNER: usize = MAX_LANDMARKS;
/// First point of the outlines.
pub(super) const FIRST_OUTLINE: usize = MAX_LANDMARKS + IRIS_CORNERS;
const POINTS: usize = FIRST_OUTLINE + Outline::TOTAL;

/// Half a side of that square, in radii of the iris: room for a soft outline.
pub(super) const IRIS_ROOM: f32 = 1.8;
/// A landmark further outside the frame than this, in frames, is no landmark.
const FAR: f32 = 1.0;
/// A face smaller than this, in pixels of the output, is not painted.
const SMALLEST: f32 = 4.0;
/// A face is about this much higher than wide; a nodding head looks lower than it is.
const HEIGHT_TO_WIDTH: f32 = 1.25;

/// `Face` in the shader; pixels of the output.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub(super) struct FaceData {
    /// Landmarks, corners around the irises, outlines.
    pub(super) points: [[f32; 2]; POINTS],
    /// Left, top, right, bottom of each outline; left is greater than right where there is none.
    pub(super) boxes: [[f32; 4]; Outline::COUNT],
    /// Height of the face.
    pub(super) size: [f32; 4],
}

/// From frame to output coordinates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placement {
    scale: Vec2,
    offset: Vec2,
}

impl Placement {
    /// The inverse of `uv`, which takes output to frame coordinates (scale in `xy`, offset in `zw`), for an
    /// output of `size` pixels.
    pub(super) fn new(uv: Vec4, size: UVec2) -> Self {
        let size = size.as_vec2();
        let scale = Vec2::new(uv.x, uv.y).recip() * size;
        Self { scale, offset: -Vec2::new(uv.z, uv.w) * scale }
    }

    fn pixel(&self, [x, y, _]: [f32; 3]) -> Vec2 {
        Vec2::new(x, y) * self.scale + self.offset
    }
}

impl FaceData {
    /// The face with these landmarks (0–1 of the frame); none when they are no face that could be painted:
    /// too few, not finite, far outside the frame, or on one spot.
    pub(super) fn place(landmarks: &[[f32; 3]], placement: &Placement) -> Option<Self> {
        let near = |v: f32| (-FAR..=1.0 + FAR).contains(&v);
        if landmarks.len() < MESH_LANDMARKS || !landmarks.iter().all(|[x, y, _]| near(*x) && near(*y)) {
            return None;
        }
        let mut pixels = [Vec2::ZERO; MAX_LANDMARKS];
        for (pixel, landmark) in pixels.iter_mut().zip(landmarks) {
            *pixel = placement.pixel(*landmark);
        }
        let height = pixels[FOREHEAD].distance(pixels[CHIN]);
        let size = height.max(pixels[LEFT_CHEEK].distance(pixels[RIGHT_CHEEK]) * HEIGHT_TO_WIDTH);
        if !size.is_finite() || size < SMALLEST {
            return None;
        }
        let mut face = Self::zeroed();
        face.size[0] = size;
        for (point, pixel) in face.points.iter_mut().zip(pixels) {
            *point = pixel.to_array();
        }
        let has_irises = landmarks.len() >= MAX_LANDMARKS;
        for outline in Outline::ALL {
            face.boxes[outline as usize] = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
            if outline.is_iris() && !has_irises {
                continue;
            }
            let first = FIRST_OUTLINE + outline.first();
            let points = &mut face.points[first..first + outline.points()];
            outline.draw(&pixels, points);
            let bounds = &mut face.boxes[outline as usize];
            for [x, y] in points {
                *bounds = [bounds[0].min(*x), bounds[1].min(*y), bounds[2].max(*x), bounds[3].max(*y)];
            }
        }
        if has_irises {
            face.place_irises(&pixels);
        }
        Some(face)
    }

    fn place_irises(&mut self, pixels: &[Vec2; MAX_LANDMARKS]) {
        let corners = self.points[FIRST_CORNER..FIRST_OUTLINE].chunks_exact_mut(IRIS_CORNERS / 2);
        for (outline, corners) in [Outline::LeftIris, Outline::RightIris].into_iter().zip(corners) {
            let [a, b, c, d] =
                std::array::from_fn(|i| outline.ring().get(i).map_or(Vec2::ZERO, |n| pixels[*n]));
            let (center, across, down) = iris_axes([a, b, c, d]);
            for (corner, [x, y]) in
                corners.iter_mut().zip([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])
            {
                *corner = (center + (across * x + down * y) * IRIS_ROOM).to_array();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face_mesh::CanonicalFace;

    fn landmarks(count: usize) -> Vec<[f32; 3]> {
        let face = CanonicalFace::builtin().expect("the canonical face");
        (0..count).map(|i| face.uvs.get(i).map_or([0.4, 0.4, 0.0], |[u, v]| [*u, *v, 0.0])).collect()
    }

    #[test]
    fn landmarks_go_where_the_picture_goes() {
        let half = Placement::new(Vec4::new(0.5, 1.0, 0.25, 0.0), UVec2::new(100, 200));
        assert_eq!(half.pixel([0.25, 0.5, 0.0]), Vec2::new(0.0, 100.0));
        let mirrored = Placement::new(Vec4::new(-1.0, 1.0, 1.0, 0.0), UVec2::new(100, 200));
        assert_eq!(mirrored.pixel([0.25, 0.5, 0.0]), Vec2::new(75.0, 100.0));
    }

    #[test]
    fn what_is_no_face_is_not_placed() {
        let whole = Placement::new(Vec4::new(1.0, 1.0, 0.0, 0.0), UVec2::new(300, 300));
        let face = FaceData::place(&landmarks(478), &whole).expect("a face");
        assert!((face.size[0] - 300.0).abs() < 100.0, "{}", face.size[0]);
        assert!(face.boxes.iter().all(|b| b[0] <= b[2]));
        let plain = FaceData::place(&landmarks(468), &whole).expect("a face without irises");
        assert!(plain.boxes[Outline::LeftIris as usize][0] > plain.boxes[Outline::LeftIris as usize][2]);
        assert!(FaceData::place(&landmarks(100), &whole).is_none(), "too few");
        for bad in [f32::NAN, f32::INFINITY, -1e9, 5.0] {
            let mut spoiled = landmarks(478);
            spoiled[200][1] = bad;
            assert!(FaceData::place(&spoiled, &whole).is_none(), "{bad}");
        }
        assert!(FaceData::place(&[[0.5; 3]; 478], &whole).is_none(), "one spot");
        let endless = Placement::new(Vec4::ZERO, UVec2::ZERO);
        assert!(FaceData::place(&landmarks(478), &endless).is_none(), "an output without pixels");
    }
}
