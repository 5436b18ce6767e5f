//! An open hand, meshed once from a solid: wrist at the origin, fingers up, palm towards +z, thumb towards -x.

use super::math::{V3, bell, fbm, mix, v3};
use super::mesh::Mesh;
use super::raster::Texture;
use super::sdf::{cone, ellipsoid, join, normal, openness};

const LOW: V3 = v3(-8.2, -4.2, -2.8);
const CELL: f32 = 0.34;
const NX: usize = 42;
const NY: usize = 66;
const NZ: usize = 19;

/// Knuckle, middle and tip of each finger with the radii there.
const FINGERS: [([V3; 3], [f32; 3]); 5] = [
    ([v3(-2.75, 8.0, 0.0), v3(-3.35, 11.6, 0.1), v3(-3.60, 14.5, 0.65)], [0.92, 0.82, 0.64]),
    ([v3(-0.95, 8.6, -0.1), v3(-1.10, 12.6, -0.1), v3(-1.15, 15.9, 0.55)], [0.95, 0.84, 0.66]),
    ([v3(0.90, 8.3, -0.05), v3(1.25, 12.0, 0.0), v3(1.50, 15.1, 0.65)], [0.90, 0.80, 0.62]),
    ([v3(2.55, 7.4, 0.1), v3(3.25, 10.2, 0.2), v3(3.75, 12.6, 0.8)], [0.80, 0.70, 0.55]),
    ([v3(-2.2, 2.6, 0.5), v3(-4.7, 5.6, 1.1), v3(-5.9, 8.6, 1.2)], [1.25, 0.98, 0.70]),
];

fn hand(p: V3) -> f32 {
    let flat = v3(p.x, p.y, p.z * 1.35);
    let mut d = cone(flat, v3(0.0, -4.0, 0.0), v3(0.0, 1.2, 0.0), 2.35, 2.45);
    d = join(d, ellipsoid(p, v3(0.1, 4.6, 0.0), v3(3.75, 4.9, 1.35)), 1.4);
    d = join(d, ellipsoid(p, v3(-2.3, 3.4, 0.75), v3(1.5, 2.7, 1.05)), 0.9);
    d = join(d, ellipsoid(p, v3(2.3, 3.2, 0.6), v3(1.2, 2.8, 0.9)), 0.9);
    for (joint, radius) in &FINGERS {
        let f = cone(p, joint[0], joint[1], radius[0], radius[1])
            .min(cone(p, joint[1], joint[2], radius[1], radius[2]));
        d = join(d, f, 0.55);
    }
    d
}

pub(super) struct Hand {
    pub mesh: Mesh,
    /// How far along its finger each vertex lies, cm from the knuckles.
    pub reach: Vec<f32>,
}

impl Hand {
    /// Surface nets: one vertex in each cell the surface crosses, one quad across each lattice edge it crosses.
    pub fn new() -> Hand {
        let at = |i: usize, j: usize, k: usize| (k * NY + j) * NX + i;
        let place = |i: usize, j: usize, k: usize| LOW + v3(i as f32, j as f32, k as f32) * CELL;
        let mut field = Vec::with_capacity(NX * NY * NZ);
        for k in 0..NZ {
            for j in 0..NY {
                for i in 0..NX {
                    field.push(hand(place(i, j, k)));
                }
            }
        }
        let mut mesh = Mesh::default();
        let mut reach = vec![];
        let mut index = vec![u32::MAX; NX * NY * NZ];
        for k in 0..NZ - 1 {
            for j in 0..NY - 1 {
                for i in 0..NX - 1 {
                    let corner = |n: usize| field[at(i + (n & 1), j + (n >> 1 & 1), k + (n >> 2))];
                    let inside = (0..8).filter(|&n| corner(n) < 0.0).count();
                    if inside == 0 || inside == 8 {
                        continue;
                    }
                    let mut p = place(i, j, k) + v3(0.5, 0.5, 0.5) * CELL;
                    for _ in 0..3 {
                        p = p - normal(&hand, p, 0.08) * hand(p);
                    }
                    let n = normal(&hand, p, 0.10);
                    index[at(i, j, k)] = mesh.pos.len() as u32;
                    mesh.pos.push(p);
                    mesh.nrm.push(n);
                    mesh.uv.push((p.x * 22.0 + 256.0, (17.5 - p.y) * 22.0));
                    mesh.open.push(openness(&hand, p, n));
                    reach.push((p.y - 8.2).max(0.0));
                }
            }
        }
        let steps = [(1, 0, 0), (0, 1, 0), (0, 0, 1)];
        for k in 1..NZ - 1 {
            for j in 1..NY - 1 {
                for i in 1..NX - 1 {
                    for (axis, s) in steps.iter().enumerate() {
                        if (field[at(i, j, k)] < 0.0) == (field[at(i + s.0, j + s.1, k + s.2)] < 0.0) {
                            continue;
                        }
                        let (a, b) = (steps[(axis + 1) % 3], steps[(axis + 2) % 3]);
                        let cell = |m: usize, n: usize| {
                            index[at(i - m * a.0 - n * b.0, j - m * a.1 - n * b.1, k - m * a.2 - n * b.2)]
                        };
                        let quad = [cell(0, 0), cell(1, 0), cell(1, 1), cell(0, 1)];
                        if !quad.contains(&u32::MAX) {
                            mesh.tris.push([quad[0], quad[1], quad[2]]);
                            mesh.tris.push([quad[0], quad[2], quad[3]]);
                        }
                    }
                }
            }
        }
        mesh.orient();
        Hand { mesh, reach }
    }
}

/// The palm's skin with its lines and rosy pads.
pub(super) fn texture() -> Texture {
    Texture::paint(9, 9, |u, v| {
        let (x, y) = ((u - 256.0) / 22.0, 17.5 - v / 22.0);
        let mut c = super::face::skin_tone(x + 60.0, y);
        let wob = 0.25 * (fbm(x * 0.8, y * 0.8) - 0.5);
        let line = |d: f32| bell(d + wob, 0.10);
        let heart = line(y - 6.9 + 0.10 * (x - 2.6) * (x - 2.6) - 0.35) * bell(x - 0.8, 2.2);
        let headl = line(y - 5.2 - 0.22 * x) * bell(x + 0.3, 2.3);
        let life = line(((x + 3.6) * (x + 3.6) + (y - 3.0) * (y - 3.0)).sqrt() - 3.0) * bell(y - 3.4, 3.0);
        let mut joints = 0.0f32;
        for (joint, radius) in &FINGERS[..4] {
            for (n, j) in joint[..2].iter().enumerate() {
                let fy = y - j.y - if n == 0 { 0.9 } else { 0.0 };
                joints = joints.max(bell(fy, 0.12) * bell(x - j.x, radius[n]));
            }
        }
        let crease = (heart + headl + life).min(1.0) * 0.17 + joints * 0.15;
        let rosy = 0.22 * bell(y - 7.4, 1.0)
            + 0.20 * bell(y - 2.8, 2.0) * bell(x.abs() - 2.4, 1.0)
            + 0.30 * bell(y - 14.2, 1.6);
        for (i, to) in [0.86, 0.50, 0.44].into_iter().enumerate() {
            c[i] = mix(c[i], to, rosy * 0.7);
            c[i] *= 1.0 - crease * [0.55, 0.9, 0.95][i];
        }
        (c, 0.5)
    })
}
