//! What is the same for every face: which triangles carry a part, and which edges make the mesh.

use std::collections::BTreeMap;
use std::ops::Range;

use super::outline::Outline;
use super::place::{FIRST_CORNER, FIRST_OUTLINE, IRIS_CORNERS, IRIS_ROOM};
use crate::face_mesh::{CanonicalFace, LEFT_EYE, LIPS_INNER, RIGHT_EYE};
use crate::look::{FacePart, FacePartStyle};

/// No landmark; `NONE` in the shader.
pub(super) const NONE: u32 = 0xffff;

/// One outlined thing that is painted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coat {
    /// Whose style it wears.
    pub(super) part: FacePart,
    /// Its outline.
    pub(super) outline: Outline,
    /// An outline that it is seen within.
    pub(super) clip: Option<Outline>,
    /// Outlines that are left free.
    pub(super) cuts: &'static [Outline],
    /// Only the side of the mesh that faces the camera is painted.
    pub(super) front_only: bool,
    /// Its triangles in [`Geometry::indices`].
    pub(super) indices: Range<u32>,
}

/// Lists that go to the GPU once.
#[derive(Debug)]
pub(super) struct Geometry {
    /// Corners of triangles, as points of a face.
    pub(super) indices: Vec<u16>,
    /// Place on the map of each landmark and of each corner around the irises.
    pub(super) uvs: Vec<[f32; 2]>,
    /// Lines: two points, and the far corners of the triangles on both sides or [`NONE`].
    pub(super) edges: Vec<[u32; 4]>,
    /// In the order in which they are painted.
    pub(super) coats: Vec<Coat>,
    /// Lines of the mesh.
    pub(super) tessellation: Range<u32>,
    /// Lines of the outlines, irises apart.
    pub(super) contours: Range<u32>,
    /// Lines of the irises.
    pub(super) irises: Range<u32>,
}

/// Eyes and mouth are not part of a face's surface.
const OPENINGS: &[Outline] = &[Outline::LeftEye, Outline::RightEye, Outline::LipsInner];

impl Geometry {
    /// How many [`Coat`]s there are.
    pub(super) const COATS: usize = 9;

    pub(super) fn new(face: &CanonicalFace) -> Self {
        let mut geometry = Self {
            indices: Vec::new(),
            uvs: uvs(face),
            edges: mesh_edges(face),
            coats: Vec::with_capacity(Self::COATS),
            tessellation: 0..0,
            contours: 0..0,
            irises: 0..0,
        };
        use {FacePart as P, Outline as O};
        let coats: [(P, O, Option<O>, &'static [O]); Self::COATS] = [
            (P::FaceOval, O::Oval, None, OPENINGS),
            (P::FaceTexture, O::Oval, None, OPENINGS),
            (P::Brows, O::LeftBrow, None, &[]),
            (P::Brows, O::RightBrow, None, &[]),
            (P::Eyes, O::LeftEye, None, &[]),
            (P::Eyes, O::RightEye, None, &[]),
            (P::Irises, O::LeftIris, Some(O::LeftEye), &[]),
            (P::Irises, O::RightIris, Some(O::RightEye), &[]),
            (P::Lips, O::LipsOuter, None, &[O::LipsInner]),
        ];
        for (part, outline, clip, cuts) in coats {
            let indices = geometry.add_triangles(face, outline);
            let front_only = outline == Outline::Oval;
            geometry.coats.push(Coat { part, outline, clip, cuts, front_only, indices });
        }
        geometry.tessellation = 0..geometry.edges.len() as u32;
        let (irises, contours): (Vec<_>, Vec<_>) = Outline::ALL.into_iter().partition(|o| o.is_iris());
        geometry.contours = geometry.add_lines(&contours);
        geometry.irises = geometry.add_lines(&irises);
        geometry
    }

    /// Stands in for a face that cannot be read: there is nothing to paint.
    pub(super) fn none() -> Self {
        // Buffers of no bytes cannot be bound.
        let (uvs, edges, indices) = (vec![[0.0; 2]], vec![[NONE; 4]], vec![0; 2]);
        Self { indices, uvs, edges, coats: Vec::new(), tessellation: 0..0, contours: 0..0, irises: 0..0 }
    }

    /// The triangles that `outline` and its softest feather lie on.
    fn add_triangles(&mut self, face: &CanonicalFace, outline: Outline) -> Range<u32> {
        let first = self.indices.len() as u32;
        if outline.is_iris() {
            let corner = FIRST_CORNER + if outline == Outline::LeftIris { 0 } else { IRIS_CORNERS / 2 };
            self.indices.extend([0, 1, 2, 2, 1, 3].map(|i| (corner + i) as u16));
        } else {
            let around = bounds(outline.ring().iter().map(|n| face.uvs[*n]), FacePartStyle::FEATHER.max);
            let carries = |triangle: &&[u32; 3]| {
                let [left, top, right, bottom] = bounds(triangle.iter().map(|n| face.uvs[*n as usize]), 0.0);
                left <= around[2] && right >= around[0] && top <= around[3] && bottom >= around[1]
            };
            let triangles = face.triangles.iter().filter(carries);
            self.indices.extend(triangles.flatten().map(|n| *n as u16));
        }
        first..self.indices.len() as u32
    }

    fn add_lines(&mut self, outlines: &[Outline]) -> Range<u32> {
        let before = self.edges.len() as u32;
        for outline in outlines {
            let (first, count) = (FIRST_OUTLINE + outline.first(), outline.points());
            let point = |i: usize| (first + i % count) as u32;
            self.edges.extend((0..count).map(|i| [point(i), point(i + 1), NONE, NONE]));
        }
        before..self.edges.len() as u32
    }
}

/// Left, top, right, bottom of `points`, grown by `room`.
fn bounds(points: impl Iterator<Item = [f32; 2]>, room: f32) -> [f32; 4] {
    let empty = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
    let [left, top, right, bottom] = points.fold(empty, |[left, top, right, bottom], [u, v]| {
        [left.min(u), top.min(v), right.max(u), bottom.max(v)]
    });
    [left - room, top - room, right + room, bottom + room]
}

/// The map of the mesh; the irises have maps of their own, one each.
fn uvs(face: &CanonicalFace) -> Vec<[f32; 2]> {
    let mut uvs = face.uvs.clone();
    uvs.resize(FIRST_CORNER, [0.5, 0.5]);
    let (low, high) = (0.5 - IRIS_ROOM / 2.0, 0.5 + IRIS_ROOM / 2.0);
    for _ in 0..2 {
        uvs.extend([[low, low], [high, low], [low, high], [high, high]]);
    }
    uvs
}

/// Every edge of the mesh once, but for those across eyes and mouth, with the corners opposite.
fn mesh_edges(face: &CanonicalFace) -> Vec<[u32; 4]> {
    let is_opening = |triangle: &[u32; 3]| {
        [&LEFT_EYE[..], &RIGHT_EYE, &LIPS_INNER]
            .iter()
            .any(|ring| triangle.iter().all(|n| ring.contains(&(*n as usize))))
    };
    // Ends in order, so that the left side of an edge is the same for both of its triangles.
    let mut edges: BTreeMap<[u32; 2], [u32; 2]> = BTreeMap::new();
    for triangle in face.triangles.iter().filter(|triangle| !is_opening(triangle)) {
        let [a, b, c] = *triangle;
        for (from, to, opposite) in [(a, b, c), (b, c, a), (c, a, b)] {
            let sides = edges.entry([from.min(to), from.max(to)]).or_insert([NONE; 2]);
            sides[usize::from(from > to)] = opposite;
        }
    }
    let lines = edges.into_iter().map(|([a, b], [left, right])| match (left, right) {
        (NONE, right) => [b, a, right, NONE],
        (left, right) => [a, b, left, right],
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn geometry() -> Geometry {
        Geometry::new(&CanonicalFace::builtin().expect("the canonical face"))
    }

    #[test]
    fn the_mesh_has_the_edges_of_mediapipes_tessellation() {
        let geometry = geometry();
        // FACEMESH_TESSELATION lists the edges of 852 triangles: 36 + 16 + 16 + 20 of them are borders.
        assert_eq!(geometry.tessellation.len(), (852 * 3 + 88) / 2);
        let inner = geometry.edges[..geometry.tessellation.len()].iter().filter(|edge| edge[3] != NONE);
        assert_eq!(inner.count(), geometry.tessellation.len() - 88);
        assert!(geometry.edges.iter().all(|[a, b, ..]| a != b));
        assert_eq!(geometry.irises.len(), 32);
    }

    #[test]
    fn a_part_is_carried_by_the_triangles_around_it() {
        let geometry = geometry();
        assert_eq!(geometry.coats.len(), Geometry::COATS);
        for coat in &geometry.coats {
            let triangles = coat.indices.len() / 3;
            let expected = match coat.outline {
                Outline::Oval => 898..899,
                Outline::LeftIris | Outline::RightIris => 2..3,
                _ => 100..700,
            };
            assert!(expected.contains(&triangles), "{:?}: {triangles}", coat.outline);
        }
        assert_eq!(geometry.uvs.len(), FIRST_OUTLINE);
        assert!(geometry.indices.iter().all(|i| usize::from(*i) < FIRST_OUTLINE));
        assert!(geometry.coats.iter().all(|c| c.indices.end as usize <= geometry.indices.len()));
    }
}
