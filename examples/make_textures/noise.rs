//! Noise that repeats: every function takes `u`, `v` in tiles and has period 1 in both.

/// A hash of a lattice point, 0..1.
pub fn hash(x: i32, y: i32, seed: u32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x8da6_b343)
        ^ (y as u32).wrapping_mul(0xd816_3841)
        ^ seed.wrapping_mul(0xcb1a_b31f);
    h ^= h >> 16;
    h = h.wrapping_mul(0x7feb_352d);
    h ^= h >> 15;
    h = h.wrapping_mul(0x846c_a68b);
    h ^= h >> 16;
    (h >> 8) as f32 / 16_777_216.0
}

/// The same with the lattice wrapped after `n` × `m` points.
pub fn wrapped(x: i32, y: i32, n: i32, m: i32, seed: u32) -> f32 {
    hash(x.rem_euclid(n), y.rem_euclid(m), seed)
}

pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

pub fn smooth(a: f32, b: f32, x: f32) -> f32 {
    let t = ((x - a) / (b - a)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

pub fn bell(x: f32, w: f32) -> f32 {
    let t = x / w;
    (-t * t).exp()
}

/// Gradient noise with `n` × `m` cells per tile, about -1..1.
pub fn perlin(u: f32, v: f32, n: i32, m: i32, seed: u32) -> f32 {
    let (x, y) = (u * n as f32, v * m as f32);
    let (ix, iy) = (x.floor() as i32, y.floor() as i32);
    let (tx, ty) = (x - ix as f32, y - iy as f32);
    let corner = |dx: i32, dy: i32| {
        let angle = wrapped(ix + dx, iy + dy, n, m, seed) * std::f32::consts::TAU;
        (tx - dx as f32) * angle.cos() + (ty - dy as f32) * angle.sin()
    };
    let fade = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (sx, sy) = (fade(tx), fade(ty));
    1.45 * mix(mix(corner(0, 0), corner(1, 0), sx), mix(corner(0, 1), corner(1, 1), sx), sy)
}

/// Octaves of [`perlin`], starting with `n` × `m` cells, about -1..1.
pub fn fbm2(u: f32, v: f32, n: i32, m: i32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut amp, mut k) = (0.0, 0.5, 1);
    for o in 0..octaves {
        sum += amp * perlin(u, v, n * k, m * k, seed + o * 101);
        amp *= 0.5;
        k *= 2;
    }
    sum
}

pub fn fbm(u: f32, v: f32, n: i32, octaves: u32, seed: u32) -> f32 {
    fbm2(u, v, n, n, octaves, seed)
}

/// Sharp crests: octaves of 1 - |noise|, 0..1.
pub fn ridged(u: f32, v: f32, n: i32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut amp, mut total, mut k) = (0.0, 1.0, 0.0, 1);
    for o in 0..octaves {
        let r = 1.0 - perlin(u, v, n * k, n * k, seed + o * 57).abs();
        sum += amp * r * r;
        total += amp;
        amp *= 0.5;
        k *= 2;
    }
    sum / total
}

/// The nearest of scattered points, one in each of `n` × `m` cells.
#[derive(Clone, Copy)]
pub struct Cell {
    /// Distance to the nearest point and to the second nearest, in cells.
    pub near: f32,
    pub second: f32,
    /// Distance to the border with the second nearest's territory, in cells.
    pub border: f32,
    /// From the nearest point to here, in cells.
    pub dx: f32,
    pub dy: f32,
    /// A number 0..1 that belongs to the point.
    pub id: f32,
}

/// Scattered points jittered by `loose` (0 grid … 1 free).
pub fn cells(u: f32, v: f32, n: i32, m: i32, loose: f32, seed: u32) -> Cell {
    let (x, y) = (u * n as f32, v * m as f32);
    let (ix, iy) = (x.floor() as i32, y.floor() as i32);
    let point = |cx: i32, cy: i32| {
        let jx = (wrapped(cx, cy, n, m, seed) - 0.5) * loose + 0.5;
        let jy = (wrapped(cx, cy, n, m, seed + 1) - 0.5) * loose + 0.5;
        (cx as f32 + jx, cy as f32 + jy)
    };
    let mut best = Cell { near: 9.0, second: 9.0, border: 9.0, dx: 0.0, dy: 0.0, id: 0.0 };
    for cy in iy - 2..=iy + 2 {
        for cx in ix - 2..=ix + 2 {
            let (px, py) = point(cx, cy);
            let (dx, dy) = (x - px, y - py);
            let d = (dx * dx + dy * dy).sqrt();
            if d < best.near {
                best.second = best.near;
                best = Cell {
                    near: d,
                    second: best.second,
                    border: 9.0,
                    dx,
                    dy,
                    id: wrapped(cx, cy, n, m, seed + 2),
                };
            } else if d < best.second {
                best.second = d;
            }
        }
    }
    for cy in iy - 2..=iy + 2 {
        for cx in ix - 2..=ix + 2 {
            let (px, py) = point(cx, cy);
            let (ex, ey) = (x - px, y - py);
            let (rx, ry) = (best.dx - ex, best.dy - ey);
            let length = (rx * rx + ry * ry).sqrt();
            if length > 1e-4 {
                let to = ((-0.5 * (best.dx + ex)) * rx + (-0.5 * (best.dy + ey)) * ry) / length;
                best.border = best.border.min(to.abs());
            }
        }
    }
    best
}

/// The fractional part, 0..1 for negative numbers too.
pub fn fract(x: f32) -> f32 {
    x - x.floor()
}
