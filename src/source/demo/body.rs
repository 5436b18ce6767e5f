//! Neck, shoulders and the knitted jumper over them.

use super::math::{V3, bell, clamp01, fbm, mix, smooth, v3};
use super::mesh::Mesh;
use super::raster::Texture;
use super::sdf::{cone, ellipsoid, join, normal, openness, outermost, sphere};

const CORE: V3 = v3(0.0, -23.0, -2.5);
const SKIN_COLS: usize = 60;
const SKIN_ROWS: usize = 44;
const KNIT_COLS: usize = 84;
const KNIT_ROWS: usize = 52;

/// Neck, shoulders and chest without arms.
pub(super) fn body(p: V3) -> f32 {
    let q = p.fold();
    let mut d = cone(p, v3(0.0, -6.0, -1.6), v3(0.0, -17.5, -3.2), 4.6, 5.0);
    d = join(d, cone(q, v3(2.0, -14.2, -5.0), v3(12.5, -19.4, -4.2), 3.0, 2.4), 4.5);
    d = join(d, sphere(q, v3(13.6, -22.0, -3.2), 4.2), 4.0);
    d = join(d, ellipsoid(q, v3(0.0, -31.0, -2.6), v3(14.6, 14.5, 9.4)), 4.0);
    d = join(d, ellipsoid(q, v3(6.8, -31.5, 3.6), v3(6.0, 5.8, 5.2)), 4.5);
    d = join(d, cone(q, v3(1.4, -18.9, 2.3), v3(13.0, -18.6, -0.6), 0.75, 0.7), 1.6);
    // The strand of muscle from behind the ear to the pit of the neck.
    d = join(d, cone(q, v3(4.3, -8.0, -1.2), v3(1.3, -18.6, 2.4), 0.7, 0.6), 1.4);
    d += 0.55 * bell((p - v3(0.0, -18.9, 3.4)).length(), 1.1);
    d
}

/// Elevation of the neckline as seen from the chest's core.
fn neckline(az: f32) -> f32 {
    mix(0.30, 0.78, smooth(0.25, 1.25, az.abs()))
}

pub(super) struct Body {
    pub skin: Mesh,
    pub knit: Mesh,
    /// How much each skin vertex follows the head instead of the chest.
    pub follow: Vec<f32>,
}

fn azimuth(c: usize, cols: usize, half: f32) -> f32 {
    (2.0 * c as f32 / (cols - 1) as f32 - 1.0) * half
}

fn direction(az: f32, el: f32) -> V3 {
    v3(az.sin() * el.cos(), el.sin(), az.cos() * el.cos())
}

impl Body {
    pub fn new(around: &dyn Fn(V3) -> f32) -> Body {
        let all = |p: V3| body(p).min(around(p));
        let mut skin = Mesh::default();
        let mut follow = vec![];
        for row in 0..SKIN_ROWS {
            let t = row as f32 / (SKIN_ROWS - 1) as f32;
            for c in 0..SKIN_COLS {
                let az = azimuth(c, SKIN_COLS, 1.9);
                let el = mix(1.30, neckline(az) - 0.12, t.powf(0.8));
                let p = outermost(&body, CORE, direction(az, el), 26.0);
                let n = normal(&body, p, 0.15);
                skin.pos.push(p);
                skin.nrm.push(n);
                skin.uv.push((p.x * 22.0 + 256.0, -p.y * 22.0));
                skin.open.push(openness(&all, p, n));
                follow.push(smooth(-15.2, -8.5, p.y));
            }
        }
        skin.grid(0, SKIN_COLS, SKIN_ROWS, false, |_, _| true);
        Body { skin, knit: knit(&all), follow }
    }
}

fn knit(all: &dyn Fn(V3) -> f32) -> Mesh {
    let mut mesh = Mesh::default();
    for row in 0..KNIT_ROWS {
        for c in 0..KNIT_COLS {
            let az = azimuth(c, KNIT_COLS, 1.85);
            let top = neckline(az);
            let collar = 10.0;
            let r = row as f32;
            let el = if r <= collar {
                top - 0.011 * r
            } else {
                mix(top - 0.11, -1.02, (r - collar) / (KNIT_ROWS as f32 - 1.0 - collar))
            };
            let dir = direction(az, el);
            let p = outermost(&body, CORE, dir, 30.0);
            let n = normal(&body, p, 0.8);
            // The collar is a rolled rib; below it the cloth hangs in soft folds.
            let roll = if r <= collar {
                -0.25 + 1.15 * (r / collar * 3.0).min(1.0) - 0.25 * smooth(0.6, 1.0, r / collar)
            } else {
                0.62
            };
            let ripple = (fbm(p.x * 0.16 + 11.0, p.y * 0.10 + p.x.abs() * 0.07) - 0.5)
                * 2.3
                * smooth(collar, collar + 14.0, r)
                * mix(0.35, 1.0, smooth(15.0, 10.0, p.x.abs()));
            let drag = 0.4
                * (0.9 * p.x.abs() + 0.55 * p.y + 0.8 * fbm(p.x * 0.2, p.y * 0.2)).sin()
                * bell(p.x.abs() - 11.0, 5.0)
                * bell(p.y + 29.0, 6.0);
            // On the steep flank of the neck the cloth stands off further, or skin would show through.
            let steep = 0.55 * smooth(0.45, 0.95, az.abs()) * smooth(collar + 8.0, collar, r);
            // There the surface is creased, and its normals would fold the cloth; the rays do not.
            let out = dir.lerp(n, smooth(collar - 2.0, collar + 10.0, r)).unit();
            mesh.pos.push(p + out * (roll + steep + ripple + drag));
            let rib =
                if r <= collar { (az * 300.0, -60.0 + r * 4.0) } else { (p.x * 13.0 + 256.0, -p.y * 13.0) };
            mesh.uv.push(rib);
        }
    }
    mesh.grid_normals(0, KNIT_COLS, KNIT_ROWS, false);
    for i in 0..mesh.pos.len() {
        let p = mesh.pos[i];
        if mesh.nrm[i].dot(p - CORE) < 0.0 {
            mesh.nrm[i] = -mesh.nrm[i];
        }
        let cavity = if i / KNIT_COLS == 0 { 0.45 } else { 1.0 };
        mesh.open.push(cavity * clamp01(0.25 + openness(&|q| all(q) + 0.7, p, mesh.nrm[i])).min(1.0));
    }
    mesh.grid(0, KNIT_COLS, KNIT_ROWS, false, |_, _| true);
    mesh
}

/// Neck and chest skin.
pub(super) fn skin_texture() -> Texture {
    Texture::paint(9, 9, |u, v| (super::face::skin_tone(u / 22.0, v / 22.0), 0.7))
}

/// A fine knit: rows of stitches in two close shades of a deep teal.
pub(super) fn knit_texture() -> Texture {
    Texture::paint(8, 8, |u, v| {
        let (cx, cy) = (u / 8.0, v / 5.333);
        let fx = cx - cx.floor() - 0.5;
        let slant = (fx.abs() * 0.9 + cy).fract();
        let stitch = 0.80 + 0.26 * smooth(0.0, 0.45, slant) * smooth(1.0, 0.6, slant)
            - 0.30 * bell(fx, 0.10)
            - 0.16 * bell(fx.abs() - 0.5, 0.08);
        let melange = 0.93 + 0.14 * super::math::noise(u * 0.9, v * 0.9);
        let k = stitch * melange;
        ([0.215 * k, 0.405 * k, 0.440 * k], 0.0)
    })
}
