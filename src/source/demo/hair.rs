//! Hair combed back from a side parting, tucked behind the ears, falling in locks to the shoulders.

use super::head::{hairline, head};
use super::math::{V3, bell, clamp01, fbm, hash2, mix, noise, smooth, v3};
use super::mesh::Mesh;
use super::raster::Texture;
use super::sdf::{ellipsoid, join, normal, openness, outermost};

const CORE: V3 = v3(0.0, -0.5, -0.8);
const COLS: usize = 112;
const ROWS: usize = 66;
/// Rings and vertices around a lock.
const RINGS: usize = 18;
const AROUND: usize = 8;
/// Where the parting lies: angle about the front-to-back axis, 0 on top.
const PARTING: f32 = 0.34;

/// The volume of the hair on the scalp, before the hairline is cut.
fn cap(p: V3) -> f32 {
    let top = ellipsoid(p, v3(0.1, 3.7, -1.7), v3(8.6, 9.5, 10.2));
    let back = ellipsoid(p, v3(0.0, -3.5, -5.2), v3(8.0, 8.5, 5.6));
    join(top, back, 3.0)
}

/// A solid that throws hair's shade on skin: the cap behind the hairline.
pub(super) fn shade_solid(p: V3) -> f32 {
    let behind = -hairline(p) * 0.35 + 0.2;
    cap(p).max(behind)
}

/// The angle across the strands, radians, 0 at the parting.
fn across(p: V3) -> f32 {
    p.x.atan2(p.y + 3.0) - PARTING
}

/// Strand coordinates as texels: across the strands, along them.
fn cap_texel(p: V3) -> (f32, f32) {
    let along = -p.z + 0.25 * p.x.abs() - 0.35 * p.y;
    (across(p) * 170.0 + 256.0, along * 9.0)
}

pub(super) struct Hair {
    pub mesh: Mesh,
    /// How much each vertex hangs from the shoulders' frame instead of the head's, and swings.
    pub loose: Vec<f32>,
    /// Fine strands over the outline and the hairline.
    pub wisps: Vec<Wisp>,
}

/// One loose strand: points in the rest pose.
pub(super) struct Wisp {
    pub points: [V3; 6],
    pub normal: V3,
    pub shade: f32,
}

impl Hair {
    pub fn new() -> Hair {
        let mut hair = Hair { mesh: Mesh::default(), loose: vec![], wisps: vec![] };
        hair.add_cap();
        for (i, side) in [(0, -1.0), (1, 1.0)] {
            hair.add_side(side, i);
        }
        hair.add_wisps();
        hair.mesh.orient();
        hair
    }

    fn add_cap(&mut self) {
        let first = self.mesh.pos.len();
        let mut covered = vec![];
        for row in 0..ROWS {
            let el = 1.5 - 2.25 * row as f32 / (ROWS - 1) as f32;
            for c in 0..COLS {
                let az = (c as f32 + 0.5) / COLS as f32 * std::f32::consts::TAU - std::f32::consts::PI;
                let dir = v3(az.sin() * el.cos(), el.sin(), az.cos() * el.cos());
                let skin = outermost(&head, CORE, dir, 15.0);
                let shell = outermost(&cap, CORE, dir, 17.0);
                let psi = across(shell);
                let jag = 0.35 * (noise(psi * 26.0, 4.0) - 0.5) + 0.2 * (noise(psi * 70.0, 9.0) - 0.5);
                let m = hairline(skin) + jag;
                let t = smooth(-0.15, 0.5, m) * 0.35 + smooth(0.1, 2.4, m) * 0.65;
                let (r_skin, r_shell) = ((skin - CORE).length(), (shell - CORE).length());
                let along = cap_texel(shell).1 * 0.02;
                let clump = (fbm(psi * 9.0 + 3.0, along * 1.6) - 0.5) * 0.85
                    + (fbm(psi * 30.0, along * 2.2 + 7.0) - 0.5) * 0.30;
                let crease = -0.55 * smooth(0.4, 3.0, m) * bell(psi, 0.05) * smooth(-9.0, -2.0, shell.z);
                let lift =
                    (0.75 * bell(psi + 0.40, 0.34) + 0.5 * bell(psi - 0.3, 0.22)) * smooth(0.0, 5.0, shell.z);
                let combed = r_shell.max(r_skin + 0.25) + clump + crease + lift;
                let r = mix(r_skin - 0.5, combed, clamp01(t)).max(mix(
                    r_skin - 0.5,
                    r_skin + 0.15,
                    smooth(0.0, 0.4, m),
                ));
                self.mesh.pos.push(CORE + dir * r);
                covered.push(m > -0.6);
                self.loose.push(0.0);
            }
        }
        self.mesh.grid_normals(first, COLS, ROWS, true);
        for i in first..self.mesh.pos.len() {
            let p = self.mesh.pos[i];
            let out = (p - CORE).unit();
            if self.mesh.nrm[i].dot(out) < 0.0 {
                self.mesh.nrm[i] = -self.mesh.nrm[i];
            }
            let n = self.mesh.nrm[i];
            let flow = v3(0.0, -0.35 - 0.5 * clamp01(across(p).abs() - 0.6), -1.0);
            self.mesh.tan.push((flow - n * flow.dot(n)).unit());
            self.mesh.uv.push(cap_texel(p));
            self.mesh.open.push(openness(&|q| cap(q) + 0.35, p, n).max(0.25));
        }
        let cells = covered;
        self.mesh.grid(first, COLS, ROWS, true, |c, r| {
            cells[r * COLS + c] || cells[(r + 1) * COLS + (c + 1) % COLS]
        });
    }

    /// The locks of one side: a broad dark curtain behind, finer locks over it.
    fn add_side(&mut self, side: f32, seed: i32) {
        let x = |v: f32| v * side;
        self.add_lock(
            [v3(x(5.5), 1.0, -6.5), v3(x(6.6), -6.0, -6.5), v3(x(6.4), -13.0, -6.0), v3(x(6.8), -20.5, -4.6)],
            3.6,
            2.2,
            0.28,
            seed * 31 + 1,
        );
        self.add_lock(
            [
                v3(x(2.0), -3.0, -8.5),
                v3(x(3.0), -8.0, -8.5),
                v3(x(3.4), -14.0, -8.0),
                v3(x(3.4), -20.5, -7.0),
            ],
            3.8,
            2.2,
            0.2,
            seed * 31 + 2,
        );
        for k in 0..9 {
            let h = |j: i32| hash2(seed * 97 + k * 13, j) - 0.5;
            let f = k as f32 / 8.0;
            let root = v3(x(7.1 + 0.3 * h(1)), mix(2.6, -1.5, f) + h(2), mix(-2.2, -5.2, f) + 0.6 * h(3));
            let mid = v3(x(8.0 + 0.9 * h(4)), -6.0 + h(5), mix(-2.6, -5.4, f) + h(6));
            let low = v3(x(7.9 + 1.8 * h(7)), -12.8 + h(8), mix(0.6, -4.5, f) + h(9));
            let tip = v3(
                x(8.2 + 3.6 * h(10) + 0.6 * (1.0 - f)),
                mix(-21.5, -19.5, f) + 2.4 * h(11),
                mix(3.4, -3.5, f) + 1.2 * h(12),
            );
            self.add_lock(
                [root, mid, low, tip],
                1.75 + 0.5 * h(13),
                1.05,
                0.85 + 0.3 * h(14),
                seed * 31 + 3 + k,
            );
        }
    }

    /// A tapering, slightly waving tube along a Bézier curve.
    fn add_lock(&mut self, ctrl: [V3; 4], wide: f32, thick: f32, open: f32, seed: i32) {
        let first = self.mesh.pos.len();
        let phase = hash2(seed, 77) * std::f32::consts::TAU;
        let point = |t: f32| {
            let s = 1.0 - t;
            let wave = 0.55 * t * (t * 9.0 + phase).sin();
            ctrl[0] * (s * s * s)
                + ctrl[1] * (3.0 * s * s * t)
                + ctrl[2] * (3.0 * s * t * t)
                + ctrl[3] * (t * t * t)
                + v3(wave, 0.0, 0.4 * t * (t * 7.0 + phase * 1.7).cos())
        };
        for ring in 0..RINGS {
            let t = ring as f32 / (RINGS - 1) as f32;
            let p = point(t);
            let dir = (point((t + 0.02).min(1.02)) - point(t - 0.02)).unit();
            let front = v3(0.0, 0.0, 1.0);
            let b = (front - dir * front.dot(dir)).unit();
            let a = b.cross(dir);
            let size = (0.35 + 0.65 * smooth(0.0, 0.22, t)) * (1.0 - 0.80 * t * t * t * t);
            for k in 0..AROUND {
                let ang = k as f32 / AROUND as f32 * std::f32::consts::TAU;
                let bump = 1.0 + 0.35 * (noise(k as f32 * 1.7 + seed as f32 * 3.1, t * 3.0) - 0.5);
                let (sa, ca) = ang.sin_cos();
                let q = p + (a * (ca * wide) + b * (sa * thick)) * (size * bump);
                self.mesh.pos.push(q);
                self.mesh.nrm.push((a * (ca / wide) + b * (sa / thick)).unit());
                // Strands that are not quite parallel break the highlight up.
                let stray = noise(k as f32 * 0.9 + seed as f32 * 5.3, t * 7.0 + phase) - 0.5;
                self.mesh.tan.push((dir + b * (0.9 * stray)).unit());
                let strip = if ang > std::f32::consts::PI { std::f32::consts::TAU - ang } else { ang };
                self.mesh.uv.push((seed as f32 * 57.0 + strip * wide * 15.0, t * 190.0 + phase * 40.0));
                self.mesh.open.push(clamp01(
                    open * (0.45 + 0.55 * clamp01(0.5 + sa * 0.6)) * mix(0.75, 1.0, smooth(0.0, 0.3, t)),
                ));
                self.loose.push(smooth(-7.0, -19.0, q.y));
            }
        }
        self.mesh.grid(first, AROUND, RINGS, true, |_, _| true);
    }

    /// Strands that leave the outline and soften the hairline.
    fn add_wisps(&mut self) {
        for k in 0..420 {
            let h = |j: i32| hash2(k * 7 + 11, j);
            let front = k < 260;
            let az = if front { (h(1) - 0.5) * 1.9 } else { (h(1) - 0.5) * 4.6 };
            let start = if front { self.edge(az, 0.25 * h(2) - 0.12) } else { None };
            let (mut p, mut n) = match start {
                Some(s) => s,
                None => {
                    let el = 0.15 + 1.3 * h(3);
                    let dir = v3(az.sin() * el.cos(), el.sin(), az.cos() * el.cos());
                    let p = outermost(&cap, CORE, dir, 17.0);
                    (p, normal(&cap, p, 0.2))
                }
            };
            let first_normal = n;
            let mut points = [p; 6];
            let length = if front { 0.45 + 0.35 * h(4) } else { 0.7 + 0.8 * h(4) };
            let bend = (h(5) - 0.5) * 0.5;
            for (i, slot) in points.iter_mut().enumerate() {
                *slot = p;
                let flow = v3(bend * 0.6, -0.35 - 0.4 * clamp01(across(p).abs() - 0.6), -1.0);
                let t = (flow - n * flow.dot(n)).unit();
                p = p + t * length + n * if front { 0.12 + 0.10 * h(6) } else { 0.10 * (h(6) * 2.0 - 0.6) };
                if i % 2 == 0 {
                    n = normal(&cap, p, 0.3);
                }
            }
            if points.iter().skip(1).any(|p| hairline(*p) < 0.3) {
                continue;
            }
            self.wisps.push(Wisp { points, normal: first_normal, shade: 0.55 + 0.6 * h(8) });
        }
    }

    /// A point on the front hairline at the azimuth, `inset` cm behind its edge.
    fn edge(&self, az: f32, inset: f32) -> Option<(V3, V3)> {
        let (mut lo, mut hi) = (0.0f32, 1.3f32);
        for _ in 0..16 {
            let el = 0.5 * (lo + hi);
            let dir = v3(az.sin() * el.cos(), el.sin(), az.cos() * el.cos());
            let p = outermost(&head, CORE, dir, 15.0);
            if hairline(p) - inset > 0.0 {
                hi = el;
            } else {
                lo = el;
            }
        }
        let el = 0.5 * (lo + hi);
        let dir = v3(az.sin() * el.cos(), el.sin(), az.cos() * el.cos());
        let p = outermost(&head, CORE, dir, 15.0);
        (lo > 0.01).then(|| (p, normal(&head, p, 0.1)))
    }
}

/// Strands side by side, each with its own depth and highlight.
pub(super) fn texture() -> Texture {
    Texture::paint(9, 9, |u, v| {
        // Sums of wrapped columns keep the tile seamless across the strands.
        let wrap = |f: f32, wobble: f32, o: f32| {
            let x = u + wobble;
            let w = x / 512.0;
            let w = w - w.floor();
            let a = noise(w * 512.0 * f, o + v * 0.010);
            let b = noise((w - 1.0) * 512.0 * f + 1000.0, o + v * 0.010);
            mix(a, b, smooth(0.85, 1.0, w))
        };
        let wobble = 5.0 * (v * std::f32::consts::TAU / 512.0).sin();
        let broad = wrap(0.035, wobble, 3.0);
        let mid = wrap(0.13, wobble, 11.0);
        let fine = wrap(0.45, wobble * 0.6, 29.0);
        let l = 0.42 + 0.75 * (0.34 * broad + 0.38 * mid + 0.28 * fine);
        let warm = 0.92 + 0.25 * broad;
        let gold = smooth(0.52, 0.85, mid);
        let base = [0.315 + 0.10 * gold, 0.205 + 0.055 * gold, 0.140 + 0.025 * gold];
        (
            [base[0] * l * warm, base[1] * l, base[2] * l],
            clamp01(0.25 + 0.9 * (mid * 0.5 + fine * 0.5 - 0.25)),
        )
    })
}
