//! The head: modelled as a solid in centimetres around the middle between the eyes, meshed by rays from inside the skull.

use super::math::{V3, bell, clamp01, curve, smooth, v3};
use super::mesh::Mesh;
use super::motion::Pose;
use super::sdf::{carve, cone, ellipsoid, join, normal, openness, outermost, sphere};

/// Where the rays that find the surface start.
const CORE: V3 = v3(0.0, -1.5, 0.0);
pub(super) const COLS: usize = 112;
pub(super) const ROWS: usize = 104;
/// The row that is the edge of the upper lip; the next one is the edge of the lower lip.
const LIP_ROW: usize = 65;

/// Middle of an eye opening; the other eye mirrors it.
pub(super) const EYE: V3 = v3(3.18, -0.12, 7.0);
pub(super) const MOUTH_HALF_WIDTH: f32 = 2.45;

/// Height of the closed mouth's line at `x`.
pub(super) fn mouth_line(x: f32) -> f32 {
    let t = x / MOUTH_HALF_WIDTH;
    -7.15 - 0.10 * bell(x, 0.5) + 0.10 * (1.0 - bell(x, 1.3)) - 0.05 * t * t
}

/// Upper edge of the upper lip and lower edge of the lower lip at `x`.
pub(super) fn lip_edges(x: f32) -> (f32, f32) {
    let t = (x / MOUTH_HALF_WIDTH).abs().min(1.0);
    let body = 1.0 - t * t;
    let line = mouth_line(x);
    let bow = 0.10 * bell(x.abs() - 0.55, 0.35) - 0.05 * bell(x, 0.3);
    (
        line + 0.66 * body.powf(0.9) + bow * body,
        line - 0.92 * (1.0 - t * t * t * 0.9 - 0.1 * t).max(0.0).powf(0.75),
    )
}

/// Height of the front hairline's edge at depth `z` of the scalp.
pub(super) fn hairline(p: V3) -> f32 {
    let edge = curve(
        &[
            (9.6, 7.2),
            (8.2, 6.5),
            (6.9, 5.9),
            (5.4, 4.7),
            (4.2, 3.2),
            (3.4, 1.2),
            (2.7, -1.3),
            (1.5, -1.4),
            (0.7, 1.6),
            (-2.2, 1.5),
            (-3.3, -2.0),
            (-4.6, -9.0),
            (-12.0, -12.0),
        ],
        p.z,
    );
    p.y - edge
}

pub(super) fn skull(p: V3) -> f32 {
    ellipsoid(p, v3(0.0, 3.0, -1.2), v3(7.35, 8.1, 9.5))
}

/// The bare head without ears.
pub(super) fn head(p: V3) -> f32 {
    let q = p.fold();
    let mut d = skull(p);
    d = join(d, ellipsoid(p, v3(0.0, 4.2, 3.0), v3(6.2, 5.0, 5.75)), 2.0);
    d = join(d, ellipsoid(q, v3(4.6, 1.6, 3.2), v3(2.2, 3.0, 3.0)), 2.2);
    let mask = ellipsoid(q, v3(0.0, -2.4, 1.6), v3(6.25, 8.6, 6.5));
    d = join(d, mask, 2.5);
    let jaw = cone(q, v3(4.45, -6.5, 0.6), v3(1.4, -9.6, 5.6), 1.1, 1.3);
    d = join(d, jaw, 2.6);
    d = join(d, ellipsoid(q, v3(0.0, -9.75, 6.5), v3(1.9, 1.45, 1.75)), 1.7);
    d = join(d, ellipsoid(q, v3(4.15, -2.9, 4.9), v3(2.2, 1.75, 2.2)), 2.0);
    d = join(d, cone(q, v3(0.0, 1.7, 7.72), v3(5.1, 2.25, 5.9), 0.78, 0.7), 1.8);
    d = carve(d, ellipsoid(q, v3(3.1, -0.2, 9.3), v3(2.1, 1.45, 2.0)), 1.6);
    d = join(d, sphere(q, v3(EYE.x - 0.05, EYE.y, 6.05), 1.42), 0.55);
    d = join(d, ellipsoid(q, v3(0.0, -7.1, 5.7), v3(3.3, 2.8, 3.05)), 1.8);
    d = join(d, cone(q, v3(0.0, 1.0, 7.75), v3(0.0, -3.5, 9.95), 0.62, 0.66), 1.15);
    d = join(d, ellipsoid(q, v3(0.0, -3.72, 9.9), v3(0.95, 0.80, 0.92)), 0.9);
    d = join(d, ellipsoid(q, v3(1.08, -4.12, 8.80), v3(0.66, 0.62, 1.0)), 0.75);
    d = carve(d, ellipsoid(q, v3(0.55, -4.86, 9.35), v3(0.30, 0.30, 0.48)), 0.25);
    if p.z > 4.0 && d < 0.9 {
        d -= relief(q) * smooth(4.0, 6.0, p.z);
    }
    d
}

/// Features too fine for solids: raised (positive) or sunken cm, by the place on the right half of the face.
fn relief(q: V3) -> f32 {
    let line = mouth_line(q.x);
    let (up, low) = lip_edges(q.x);
    let mut h = 0.0;
    let inside = smooth(MOUTH_HALF_WIDTH + 0.25, MOUTH_HALF_WIDTH - 0.7, q.x);
    let ut = (q.y - line) / (up - line).max(0.05);
    let lt = (line - q.y) / (line - low).max(0.05);
    if q.x < 4.0 && (q.y + 7.0).abs() < 2.5 {
        h += 0.34 * inside * bell(ut - 0.5, 0.42) * smooth(1.35, 0.9, ut);
        h += 0.40 * inside * bell(lt - 0.5, 0.42);
        h -= 0.28 * inside * bell(q.y - line, 0.13);
        h -= 0.24 * bell(q.x - MOUTH_HALF_WIDTH - 0.1, 0.35) * bell(q.y - line, 0.4);
    }
    h -= 0.22 * bell(q.x, 1.5) * bell(q.y - (low - 0.45), 0.42);
    h -= 0.06 * bell(q.x, 0.30) * smooth(up, up + 0.3, q.y) * smooth(-4.9, -5.3, q.y);
    h += 0.03 * bell(q.x - 0.55, 0.25) * smooth(up, up + 0.3, q.y) * smooth(-4.9, -5.3, q.y);
    let fold = 1.75 + 0.42 * (-4.3 - q.y);
    h -= 0.13 * bell(q.x - fold, 0.4) * smooth(-7.0, -5.8, q.y) * smooth(-3.6, -4.6, q.y);
    h -= 0.10 * bell(q.y - (EYE.y - 1.15 - 0.12 * (q.x - 2.6)), 0.35) * bell(q.x - 2.7, 1.3);
    h -= 0.06 * bell(q.y + 10.2, 0.6) * bell(q.x, 0.25);
    h
}

/// The head's surface and how each point follows jaw, smile and brows.
pub(super) struct Head {
    pub mesh: Mesh,
    /// Triangles that may show an eye.
    pub eye_tris: Vec<[u32; 3]>,
    /// The strip between the lips: vertices of the upper edge, those of the lower edge follow by [`COLS`].
    pub lips: std::ops::Range<usize>,
    pub gloss: Vec<f32>,
    jaw: Vec<f32>,
    smile: Vec<V3>,
    brow: Vec<f32>,
}

/// Whether the inside of the mouth may show right of this vertex of the lips' line.
pub(super) fn between_lips(p: V3) -> bool {
    p.x.abs() < MOUTH_HALF_WIDTH - 0.1 && p.z > 5.0
}

/// How much the point is carried by the lower jaw.
pub(super) fn jaw_weight(p: V3, below: f32) -> f32 {
    let x = p.x.abs();
    let line = mouth_line(x.min(MOUTH_HALF_WIDTH)) + below;
    let spread = 0.012 + 1.7 * (x - 1.7).max(0.0) + 0.5 * (6.0 - p.z).max(0.0);
    smooth(line + spread, line - spread, p.y) * smooth(-1.5, 3.5, p.z) * smooth(-14.5, -11.0, p.y)
}

impl Head {
    /// `around` is everything that shades the head besides itself (hair, in the head's own space).
    pub fn new(around: &dyn Fn(V3) -> f32) -> Head {
        let mut mesh = Mesh::default();
        let all = |p: V3| head(p).min(around(p));
        let (mut gloss, mut jaw, mut smile, mut brow) = (vec![], vec![], vec![], vec![]);
        let azimuth: Vec<f32> = (0..COLS)
            .map(|c| {
                let s = 2.0 * c as f32 / (COLS - 1) as f32 - 1.0;
                1.30 * s + 0.80 * s * s * s * s * s
            })
            .collect();
        let shift: Vec<f32> = azimuth.iter().map(|az| lip_shift(*az)).collect();
        for row in 0..ROWS {
            for (az, shift) in azimuth.iter().zip(&shift) {
                let el = elevation(row) + shift * bell((row as f32 - LIP_ROW as f32 - 0.5) / 9.0, 1.0);
                let dir = v3(az.sin() * el.cos(), el.sin(), az.cos() * el.cos());
                let p = outermost(&head, CORE, dir, 14.5);
                let n = normal(&head, p, 0.12);
                let below = if row <= LIP_ROW { -1.0 } else { 1.0 };
                mesh.pos.push(p);
                mesh.nrm.push(n);
                mesh.uv.push(super::face::texel(p.x, p.y));
                // Where the hair begins its roots darken the skin.
                let roots = 1.0 - 0.42 * smooth(-0.75, 0.15, hairline(p));
                mesh.open.push(openness(&all, p, n) * roots);
                let lip = lip_amount(p);
                let tzone = 0.5 * bell(p.x, 1.8) + 0.35 * bell(p.x.abs() - 4.3, 1.5) * bell(p.y + 2.2, 1.5);
                gloss.push((0.26 + 0.6 * tzone + 0.75 * lip).min(1.0));
                jaw.push(jaw_weight(p, 0.03 * below));
                let corner = bell(p.x.abs() - MOUTH_HALF_WIDTH, 1.35)
                    * bell(p.y - mouth_line(2.0), 1.2)
                    * smooth(3.0, 5.5, p.z);
                let cheek = bell(p.x.abs() - 4.0, 1.5) * bell(p.y + 3.6, 1.4) * smooth(3.0, 5.0, p.z);
                smile.push(v3(
                    p.x.signum() * (0.38 * corner + 0.05 * cheek),
                    0.34 * corner + 0.22 * cheek,
                    -0.12 * corner + 0.14 * cheek,
                ));
                brow.push(bell(p.y - 2.6, 1.5) * smooth(3.0, 6.0, p.z) * smooth(0.4, 1.4, p.y));
            }
        }
        let visible = |c: usize| (3..COLS - 4).contains(&c);
        let pos = &mesh.pos;
        let is_eye = |c: usize, r: usize| {
            let p = pos[r * COLS + c];
            p.z > 4.0 && (p.x.abs() - EYE.x).abs() < 2.2 && (p.y - EYE.y).abs() < 1.5
        };
        let eye_cells: Vec<bool> = (0..ROWS * COLS).map(|i| is_eye(i % COLS, i / COLS)).collect();
        let open: Vec<bool> = (0..COLS).map(|c| between_lips(pos[LIP_ROW * COLS + c])).collect();
        let mut eyes = Mesh { pos: mesh.pos.clone(), nrm: mesh.nrm.clone(), ..Mesh::default() };
        eyes.grid(0, COLS, ROWS, false, |c, r| eye_cells[r * COLS + c]);
        mesh.grid(0, COLS, ROWS, false, |c, r| {
            visible(c) && !eye_cells[r * COLS + c] && (r != LIP_ROW || !open[c])
        });
        Head {
            mesh,
            eye_tris: eyes.tris,
            lips: LIP_ROW * COLS..(LIP_ROW + 1) * COLS,
            gloss,
            jaw,
            smile,
            brow,
        }
    }

    /// The vertex in the head's own space with the expression of `pose`.
    #[inline(always)]
    pub fn posed(&self, i: usize, pose: &Pose) -> V3 {
        let mut p = self.mesh.pos[i] + self.smile[i] * pose.smile;
        p.y += self.brow[i] * pose.brow * 0.42;
        drop_jaw(p, self.jaw[i] * pose.jaw)
    }
}

/// Turns a point with the lower jaw, about an axis through the jaw joints.
#[inline(always)]
pub(super) fn drop_jaw(p: V3, amount: f32) -> V3 {
    let angle = amount * 0.27;
    let (y, z) = (p.y + 2.6, p.z + 0.5);
    v3(
        p.x * (1.0 - 0.03 * amount),
        p.y - angle * z - 0.5 * angle * angle * y,
        p.z + angle * y - 0.5 * angle * angle * z,
    )
}

/// How much of the point is lip, 0..1.
pub(super) fn lip_amount(p: V3) -> f32 {
    if p.z < 5.0 || p.x.abs() > MOUTH_HALF_WIDTH + 0.2 {
        return 0.0;
    }
    let (up, low) = lip_edges(p.x);
    smooth(up + 0.07, up - 0.10, p.y)
        * smooth(low - 0.10, low + 0.12, p.y)
        * clamp01((MOUTH_HALF_WIDTH + 0.05 - p.x.abs()) * 4.0)
}

/// Elevations of the rows: dense over the face, sparse over the crown, two on the line of the lips.
fn elevation(row: usize) -> f32 {
    let lip = -0.555;
    let r = row as f32;
    let l = LIP_ROW as f32;
    if row <= LIP_ROW {
        let t = (l - r) / l;
        lip + t * 1.30 + t.powi(4) * 0.60
    } else {
        let t = (r - l - 1.0) / (ROWS as f32 - l - 2.0);
        lip - 0.0004 - t * 0.62
    }
}

/// How much higher than the lip row's own elevation the mouth's line lies at this azimuth.
fn lip_shift(az: f32) -> f32 {
    let base = elevation(LIP_ROW);
    let (mut lo, mut hi) = (base - 0.2, base + 0.2);
    let clamped = az.clamp(-0.42, 0.42);
    for _ in 0..18 {
        let mid = 0.5 * (lo + hi);
        let dir = v3(clamped.sin() * mid.cos(), mid.sin(), clamped.cos() * mid.cos());
        let p = outermost(&head, CORE, dir, 14.5);
        if p.y < mouth_line(p.x.clamp(-MOUTH_HALF_WIDTH, MOUTH_HALF_WIDTH)) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    (0.5 * (lo + hi) - base) * smooth(0.9, 0.45, az.abs())
}
