//! Triangle meshes with everything the light needs baked per vertex, and the camera.

use super::math::{V3, v3};

/// Vertices in the rest pose (cm), their outward normals and fibre directions, texel positions, and baked exposure.
#[derive(Default)]
pub(super) struct Mesh {
    pub pos: Vec<V3>,
    pub nrm: Vec<V3>,
    /// Direction of fibres (hair); empty elsewhere.
    pub tan: Vec<V3>,
    pub uv: Vec<(f32, f32)>,
    /// Share of the surroundings each vertex sees, 0..1.
    pub open: Vec<f32>,
    pub tris: Vec<[u32; 3]>,
}

impl Mesh {
    /// Two triangles for each cell of a `cols` × `rows` vertex grid that `keep(col, row)` accepts; `wrap` closes the columns.
    pub fn grid(
        &mut self,
        first: usize,
        cols: usize,
        rows: usize,
        wrap: bool,
        keep: impl Fn(usize, usize) -> bool,
    ) {
        let last = if wrap { cols } else { cols - 1 };
        for r in 0..rows - 1 {
            for c in 0..last {
                if keep(c, r) {
                    let at = |c: usize, r: usize| (first + r * cols + c % cols) as u32;
                    let (a, b, d, e) = (at(c, r), at(c + 1, r), at(c, r + 1), at(c + 1, r + 1));
                    self.tris.push([a, b, e]);
                    self.tris.push([a, e, d]);
                }
            }
        }
        self.orient();
    }

    /// Turns every triangle so that its front is the side its normals point to.
    pub fn orient(&mut self) {
        for t in &mut self.tris {
            let [a, b, c] = t.map(|i| i as usize);
            let face = (self.pos[b] - self.pos[a]).cross(self.pos[c] - self.pos[a]);
            if face.dot(self.nrm[a] + self.nrm[b] + self.nrm[c]) < 0.0 {
                t.swap(1, 2);
            }
        }
    }

    /// Normals from the triangles of a vertex grid, for surfaces given as points only.
    pub fn grid_normals(&mut self, first: usize, cols: usize, rows: usize, wrap: bool) {
        for r in 0..rows {
            for c in 0..cols {
                let at = |c: usize, r: usize| self.pos[first + r * cols + c];
                let (cl, cr) = if wrap {
                    ((c + cols - 1) % cols, (c + 1) % cols)
                } else {
                    (c.saturating_sub(1), (c + 1).min(cols - 1))
                };
                let du = at(cr, r) - at(cl, r);
                let dv = at(c, (r + 1).min(rows - 1)) - at(c, r.saturating_sub(1));
                let n = du.cross(dv).unit();
                self.nrm.push(-n);
            }
        }
    }
}

/// A pinhole camera 110 cm in front of the performer.
#[derive(Clone, Copy)]
pub(super) struct Camera {
    scale: f32,
    centre: (f32, f32),
}

const DISTANCE: f32 = 110.0;
/// What fits in the picture at the performer's distance.
const VIEW_HEIGHT: f32 = 48.0;
const VIEW_WIDTH: f32 = 50.0;
/// Height of the picture's middle above (below: negative) the eyes.
const AIM: f32 = -6.6;

impl Camera {
    pub fn new(width: u32, height: u32) -> Camera {
        let scale = (height as f32 / VIEW_HEIGHT).min(width as f32 / VIEW_WIDTH).max(0.01);
        let bottom = AIM - VIEW_HEIGHT * 0.5;
        // The lower edge of the view sits on the lower edge of the picture, however tall it is.
        Camera { scale, centre: (width as f32 * 0.5, height as f32 + bottom * scale) }
    }

    /// Pixels per centimetre at the performer's distance.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    #[inline(always)]
    pub fn project(&self, p: V3) -> (f32, f32) {
        let k = self.scale * DISTANCE / (DISTANCE - p.z);
        (self.centre.0 + p.x * k, self.centre.1 - p.y * k)
    }

    /// Unit vector from `p` to the eye of the camera.
    #[inline(always)]
    pub fn toward_eye(&self, p: V3) -> V3 {
        v3(-p.x, -p.y, DISTANCE - p.z).unit()
    }
}
