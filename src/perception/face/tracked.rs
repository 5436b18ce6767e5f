//! A face that is followed, and where it can be.

use super::smoothing::Smoother;
use crate::frame::{Frame, Roi};

/// Where a face went missing it is looked for in a square this much larger than it.
const SEARCH: f32 = 3.0;

/// A face in the current frame.
#[derive(Debug)]
pub(crate) struct TrackedFace {
    /// Counted from the last reset.
    pub id: u64,
    /// 0–1.
    pub score: f32,
    /// The mesh in frame pixels.
    pub points: Vec<[f32; 3]>,
    /// Left, top, right, bottom in frame pixels.
    pub bbox: [f32; 4],
    /// Frames since it was last seen; 0 when it is in this frame. The mesh is the last one seen.
    pub missing: u32,
    /// Frames in which it was seen.
    pub seen: u32,
    /// Its mesh, steadied.
    pub(super) smoother: Smoother,
}

/// Left, top, right, bottom around the mesh.
pub(super) fn bounds(points: &[[f32; 3]]) -> [f32; 4] {
    let start = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
    points.iter().fold(start, |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])])
}

pub(super) fn middle(bbox: &[f32; 4]) -> [f32; 2] {
    [(bbox[0] + bbox[2]) / 2.0, (bbox[1] + bbox[3]) / 2.0]
}

/// Whether `face` is where someone whose face is `head` has their chest.
pub(super) fn wears(head: &[f32; 4], face: &[f32; 4]) -> bool {
    let ([x, y], [fx, fy]) = (middle(head), middle(face));
    let tall = head[3] - head[1];
    let below = fy - y;
    (fx - x).abs() < tall && below > 0.7 * tall && below < 4.0 * tall
}

/// Where the face went missing it is looked for.
pub(super) fn around(bbox: &[f32; 4]) -> Roi {
    let [cx, cy] = middle(bbox);
    Roi { cx, cy, size: (bbox[2] - bbox[0]).max(bbox[3] - bbox[1]) * SEARCH, angle: 0.0 }
}

/// Whether the middle of the face is still in the picture and the face has a size.
pub(super) fn visible(bbox: &[f32; 4], frame: &Frame) -> bool {
    let [cx, cy] = middle(bbox);
    let inside = |v: f32, limit: u32| (0.0..limit as f32).contains(&v);
    inside(cx, frame.width) && inside(cy, frame.height) && bbox[2] - bbox[0] >= 4.0
}
