//! Ears and what hangs from them, and a thin necklace.

use super::body::body;
use super::math::{V3, bell, clamp01, mix, smooth, v3};
use super::mesh::Mesh;
use super::sdf::{normal, outermost};

const RINGS: usize = 12;
const SPOKES: usize = 28;

/// One ear as a relief on a tilted disc; `side` is -1 or 1. Texels are those of the face's skin.
pub(super) fn ear(side: f32) -> Mesh {
    let mut mesh = Mesh::default();
    let centre = v3(7.05 * side, -1.35, -0.9);
    let back = v3(0.50 * side, -0.10, -0.86).unit();
    let up = v3(0.10 * side, 0.98, -0.16).unit();
    let out = if side > 0.0 { up.cross(back) } else { back.cross(up) };
    let out = if out.x * side > 0.0 { out } else { -out };
    for ring in 0..RINGS {
        let rho = ring as f32 / (RINGS - 1) as f32;
        for k in 0..SPOKES {
            let ang = k as f32 / SPOKES as f32 * std::f32::consts::TAU;
            let (s, c) = ang.sin_cos();
            // `c` runs backwards, `s` upwards; the lobe is narrower.
            let wide = if s < 0.0 { mix(1.65, 1.25, s * s) } else { 1.75 };
            let p = centre + back * (c * wide * rho + 0.35) + up * (s * 3.15 * rho);
            let rim = 0.55 * bell(rho - 0.88, 0.13) * smooth(-0.95, -0.2, s + 0.6 * c.max(0.0));
            let bowl = -0.42 * bell(rho * s + 0.12, 0.42) * bell(rho * c + 0.15, 0.38);
            let fold = 0.28 * bell(rho - 0.55, 0.13) * smooth(-0.4, 0.3, s * 0.5 + c);
            let lobe = 0.30 * bell(rho * s + 0.85, 0.3);
            let round = -0.75 * smooth(0.86, 1.0, rho);
            mesh.pos.push(p + out * (0.35 + rim + bowl + fold + lobe + round));
            mesh.uv.push(super::face::texel(6.3 * side, p.y));
            mesh.open.push(clamp01(0.55 + 0.5 * (rim + fold) + 0.6 * bowl + 0.1 * rho));
        }
    }
    mesh.grid_normals(0, SPOKES, RINGS, true);
    for n in &mut mesh.nrm {
        if n.dot(out) < 0.0 {
            *n = -*n;
        }
    }
    // The centre ring is a point: its normal comes from its neighbours.
    for k in 0..SPOKES {
        mesh.nrm[k] = mesh.nrm[SPOKES + k];
    }
    mesh.grid(0, SPOKES, RINGS, true, |_, _| true);
    mesh
}

/// A round bead.
fn bead(mesh: &mut Mesh, c: V3, radius: V3, cols: usize, rows: usize) {
    let first = mesh.pos.len();
    for r in 0..rows {
        let el = std::f32::consts::PI * (0.5 - r as f32 / (rows - 1) as f32);
        for k in 0..cols {
            let az = k as f32 / cols as f32 * std::f32::consts::TAU;
            let d = v3(az.sin() * el.cos(), el.sin(), az.cos() * el.cos());
            mesh.pos.push(c + v3(d.x * radius.x, d.y * radius.y, d.z * radius.z));
            mesh.nrm.push(v3(d.x / radius.x, d.y / radius.y, d.z / radius.z).unit());
            mesh.uv.push((0.0, 0.0));
            mesh.open.push(0.95);
        }
    }
    mesh.grid(first, cols, rows, true, |_, _| true);
}

/// Drop earrings, in the head's space.
pub(super) fn earrings() -> Mesh {
    let mut mesh = Mesh::default();
    for side in [-1.0, 1.0] {
        bead(&mut mesh, v3(7.5 * side, -4.3, -0.2), v3(0.30, 0.30, 0.30), 10, 7);
        bead(&mut mesh, v3(7.65 * side, -5.9, -0.2), v3(0.48, 1.05, 0.48), 12, 9);
    }
    mesh
}

/// A chain of beads around the base of the neck with a pendant, in the chest's space.
pub(super) fn necklace() -> Mesh {
    let mut mesh = Mesh::default();
    let core = v3(0.0, -23.0, -2.5);
    for k in 0..61 {
        let az = (k as f32 / 60.0 * 2.0 - 1.0) * 1.12;
        let el = 0.54 + 0.30 * az * az;
        let dir = v3(az.sin() * el.cos(), el.sin(), az.cos() * el.cos());
        let p = outermost(&body, core, dir, 26.0);
        let n = normal(&body, p, 0.2);
        if k == 30 {
            bead(&mut mesh, p + n * 0.35 - v3(0.0, 0.75, -0.25), v3(0.62, 0.80, 0.30), 14, 9);
        }
        bead(&mut mesh, p + n * 0.12, v3(0.20, 0.20, 0.20), 6, 5);
    }
    mesh
}
