//! Made by hand or machine: glass, glaze, print, boards.

use std::f32::consts::TAU;

use crate::noise::{bell, cells, fbm, fract, hash, mix, perlin, smooth, wrapped};
use crate::surface::{Light, Matter, Picture, Rgb, add, blend, hex, lit, times};

/// Leaded glass in jewel colours.
pub fn stained_glass() -> Picture {
    const JEWELS: [u32; 9] =
        [0xb3122d, 0x1746a2, 0x0f8a5f, 0xe8a317, 0x6a1f8a, 0x16a0b8, 0xd9541e, 0x9fc2d8, 0xe7d27c];
    let light = Light { ambient: 0.62, key: 0.50, sharpness: 40.0, cavity: 0.0 };
    lit(&light, |u, v| {
        let pane = cells(u, v, 7, 7, 0.85, 501);
        let lead = smooth(0.062, 0.046, pane.border);
        let n = (pane.id * 65_536.0) as i32;
        let ripple = fbm(u + pane.id, v, 12, 4, 502);
        let streak = fbm(u + 0.02 * perlin(u, v, 5, 5, 503), v + pane.id, 4, 3, 504);
        let glow = 0.72 + 0.50 * bell(pane.near, 0.55) + 0.22 * ripple + 0.25 * streak;
        let seed = cells(u, v, 60, 60, 0.9, 505);
        let bubble = if seed.id > 0.86 { bell(seed.near - 0.16, 0.07) } else { 0.0 };
        let glass = add(
            times(hex(JEWELS[(hash(n, 1, 506) * 9.0) as usize % 9]), glow),
            [1.0; 3],
            0.10 * bubble + 0.16 * smooth(0.25, 0.6, ripple),
        );
        let round = (1.0 - (pane.border / 0.058).min(1.0).powi(2)).max(0.0).sqrt();
        let came = times(hex(0x4a4c50), 0.8 + 0.25 * fbm(u, v, 50, 2, 507));
        if lead > 0.5 {
            Matter { color: came, height: 1.3 * round, shine: 0.45, metal: 0.2 }
        } else {
            Matter { color: glass, height: 0.12 * ripple, shine: 0.10, metal: 0.0 }
        }
    })
}

/// The place `(x, y)` folded into the middle of a tile of a half-drop repeat: offsets from the nearest motif of `n` per tile.
fn half_drop(u: f32, v: f32, n: f32) -> (f32, f32, i32, i32) {
    let (x, y) = (u * n, v * n);
    let near = |ox: f32, oy: f32| {
        let (cx, cy) = ((x - ox).round(), (y - oy).round());
        (x - ox - cx, y - oy - cy, cx as i32 * 2 + (ox * 2.0) as i32, cy as i32 * 2 + (oy * 2.0) as i32)
    };
    let (a, b) = (near(0.0, 0.0), near(0.5, 0.5));
    if a.0 * a.0 + a.1 * a.1 < b.0 * b.0 + b.1 * b.1 { a } else { b }
}

/// White porcelain with cobalt flowers and scrolls under a crackled glaze.
pub fn porcelain() -> Picture {
    let light = Light { ambient: 0.50, key: 0.70, sharpness: 60.0, cavity: 0.0 };
    lit(&light, |u, v| {
        let (wu, wv) = (u + 0.0022 * fbm(u, v, 16, 3, 511), v + 0.0022 * fbm(u, v, 16, 3, 512));
        let (x, y, ..) = half_drop(wu, wv, 2.0);
        let (r, a) = ((x * x + y * y).sqrt(), y.atan2(x));
        let mut ink = 0.0f32;
        let mut wash = 0.0f32;
        let line = |d: f32, w: f32| smooth(w, w * 0.45, d.abs());
        // A chrysanthemum: two rings of petals around a seeded heart.
        for (count, inner, outer, turn) in [(8.0, 0.10, 0.235, 0.0), (8.0, 0.06, 0.155, 0.5)] {
            let t = fract(a / TAU * count + turn) - 0.5;
            let w = (r - inner) / (outer - inner);
            let half = 0.46 * (1.0 - (w * 2.0 - 1.05).abs().powf(2.4)).max(0.0).sqrt();
            if (0.0..=1.0).contains(&w) {
                ink = ink.max(line((t.abs() - half) * r * TAU / count, 0.010));
                if t.abs() < half {
                    wash = wash.max(0.25 + 0.55 * (1.0 - w)).min(0.8);
                    ink = ink.max(0.55 * line(t * r * TAU / count, 0.005) * smooth(0.9, 0.4, w));
                }
            }
        }
        ink = ink.max(line(r - 0.058, 0.009));
        let seeds = half_drop(x * 6.0 + 0.5, y * 6.0 + 0.5, 6.0);
        if r < 0.05 {
            ink = ink.max(smooth(0.22, 0.16, (seeds.0 * seeds.0 + seeds.1 * seeds.1).sqrt()));
        }
        // A ring of dots and a scalloped border around each flower.
        let bead = fract(a / TAU * 24.0) - 0.5;
        ink = ink.max(smooth(0.0105, 0.0075, ((bead * r * TAU / 24.0).powi(2) + (r - 0.268).powi(2)).sqrt()));
        let scallop = 0.300 + 0.018 * (a * 8.0).cos().abs();
        ink = ink.max(line(r - scallop, 0.0075));
        // Scrolling tendrils with leaves fill the ground between.
        if r > 0.31 {
            let (sx, sy, ..) = half_drop(wu + 0.25, wv, 2.0);
            let (sr, sa) = ((sx * sx + sy * sy).sqrt(), sy.atan2(sx));
            let spiral = fract(sa / TAU * 2.0 + sr * 5.2) - 0.5;
            ink = ink.max(line(spiral * 0.165, 0.0085) * smooth(0.26, 0.22, sr) * smooth(0.015, 0.03, sr));
            let k = fract(sa / TAU * 4.0) - 0.5;
            let (lx, ly) = (k * sr * TAU / 4.0, sr - 0.175);
            let leaf = (lx * 1.0).powi(2) / 0.0011 + (ly - 0.6 * lx).powi(2) / 0.0046;
            if leaf < 1.0 {
                wash = wash.max(0.65);
                ink = ink.max(0.8 * line(lx, 0.005)).max(smooth(0.72, 0.98, leaf) * 0.9);
            }
        }
        let pool = 0.5 + 0.5 * fbm(u, v, 18, 4, 513);
        let white = times(hex(0xf4f7f8), 0.985 + 0.03 * fbm(u, v, 3, 4, 514));
        let mut c = blend(white, hex(0x6f97d6), wash * (0.62 + 0.5 * pool));
        c = blend(c, hex(0x14328c), ink * (0.80 + 0.2 * pool));
        let crackle = cells(u + 0.02 * fbm(u, v, 6, 3, 516), v, 16, 16, 0.95, 515);
        c = times(c, 1.0 - 0.09 * bell(crackle.border, 0.014));
        Matter { color: c, height: 0.05 * fbm(u, v, 4, 3, 517), shine: 0.10, metal: 0.0 }
    })
}

/// Pop-art dots: four inks at their angles over a warm paper, dot size by two slow waves.
pub fn halftone() -> Picture {
    Picture::new(|u, v| {
        let paper = times(hex(0xfff3dc), 0.985 + 0.03 * fbm(u, v, 60, 2, 521));
        let mut c: Rgb = paper;
        // Whole-number lattices keep the rotated screens seamless: (a, b) steps per tile.
        let inks: [(f32, f32, u32, f32); 3] =
            [(22.0, 6.0, 0xff2e88, 0.0), (20.0, 15.0, 0x12b5e5, 0.37), (6.0, 24.0, 0xffc400, 0.71)];
        for (a, b, ink, phase) in inks {
            let (x, y) = (u * a + v * b, v * a - u * b);
            let (fx, fy) = (fract(x) - 0.5, fract(y) - 0.5);
            let wave = 0.5
                + 0.5
                    * (TAU * (u + phase + 0.16 * (TAU * (v + phase)).sin())).sin()
                    * (TAU * (v - phase)).cos();
            let radius = 0.10 + 0.47 * wave;
            let d = (fx * fx + fy * fy).sqrt();
            let cover = smooth(radius + 0.03, radius - 0.03, d);
            let k = hex(ink);
            c = [0, 1, 2].map(|i| mix(c[i], c[i] * k[i], 0.95 * cover));
        }
        c
    })
}

/// A printed circuit board: traces on a grid, vias, pads.
pub fn circuit() -> Picture {
    const N: i32 = 32;
    let light = Light { ambient: 0.50, key: 0.66, sharpness: 40.0, cavity: 0.0 };
    // Each lattice point sends a trace right, down or diagonally, or none; chosen by its hash.
    let link = |x: i32, y: i32| -> [bool; 3] {
        let region = wrapped(x.div_euclid(4), y.div_euclid(4), N / 4, N / 4, 531);
        let h = wrapped(x, y, N, N, 532);
        let flow = if region < 0.34 {
            0
        } else if region < 0.68 {
            1
        } else {
            2
        };
        let mut l = [false; 3];
        if h < 0.80 {
            l[flow] = true;
        } else if h < 0.88 {
            l[(flow + 1) % 3] = true;
        }
        l
    };
    lit(&light, move |u, v| {
        let (x, y) = (u * N as f32, v * N as f32);
        let (ix, iy) = (x.floor() as i32, y.floor() as i32);
        let mut trace = 9.0f32;
        let mut via = 9.0f32;
        for cy in iy - 1..=iy + 2 {
            for cx in ix - 1..=ix + 2 {
                let (px, py) = (x - cx as f32, y - cy as f32);
                let out = link(cx, cy);
                for (k, (dx, dy)) in [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0)].into_iter().enumerate() {
                    if out[k] {
                        let t = ((px * dx + py * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
                        trace = trace.min(((px - dx * t).powi(2) + (py - dy * t).powi(2)).sqrt());
                    }
                }
                let arrivals = [link(cx - 1, cy)[0], link(cx, cy - 1)[1], link(cx - 1, cy - 1)[2]]
                    .iter()
                    .filter(|a| **a)
                    .count();
                let ends = (arrivals == 0) != (out == [false; 3]);
                if ends && wrapped(cx, cy, N, N, 533) < 0.8 {
                    via = via.min((px * px + py * py).sqrt());
                }
            }
        }
        let copper = smooth(0.17, 0.13, trace);
        let ring = smooth(0.36, 0.33, via);
        let hole = smooth(0.17, 0.14, via);
        let pulse = 0.5 + 0.5 * fbm(u, v, 3, 3, 534);
        let mut c = times(hex(0x06352c), 0.9 + 0.25 * fbm(u, v, 70, 2, 535));
        c = add(c, hex(0x0fae8a), 0.20 * bell(trace, 0.38) * pulse);
        c = blend(c, add(hex(0x1f9d74), hex(0x7dffd0), 0.35 * pulse * pulse), copper);
        c = blend(c, hex(0xe0b65a), ring);
        c = blend(c, hex(0x03120f), hole);
        // Small components with silver ends sit on some cells.
        let (bx, by) = ((x / 4.0).floor() as i32, (y / 4.0).floor() as i32);
        let (fx, fy) = (fract(x / 4.0) * 4.0 - 2.0, fract(y / 4.0) * 4.0 - 2.0);
        let kind = wrapped(bx, by, N / 4, N / 4, 536);
        let mut height = 0.22 * copper + 0.30 * ring - 0.4 * hole;
        let mut shine = 0.10 + 0.5 * ring * (1.0 - hole);
        if kind < 0.20 && fx.abs() < 1.35 && fy.abs() < 0.62 {
            let end = fx.abs() > 0.95;
            c = if end { hex(0xc9ccd0) } else { times(hex(0x24262b), 1.0 + 0.2 * fbm(u, v, 80, 2, 537)) };
            height = 1.1 - smooth(1.2, 1.35, fx.abs()) * 0.3;
            shine = if end { 0.6 } else { 0.15 };
        } else if kind > 0.86 && fx.abs() < 1.62 && fy.abs() < 1.62 {
            let body = fx.abs() < 1.22 && fy.abs() < 1.22;
            let (along, off) = if fx.abs() > fy.abs() { (fy, fx.abs()) } else { (fx, fy.abs()) };
            let pin = (fract(along * 2.2 + 0.5) - 0.5).abs() < 0.26 && off > 1.2 && along.abs() < 1.2;
            if body {
                let dot = smooth(0.16, 0.12, ((fx + 0.85).powi(2) + (fy + 0.85).powi(2)).sqrt());
                c = blend(times(hex(0x1b1d22), 1.0 + 0.25 * fbm(u, v, 90, 2, 538)), hex(0x9aa0a8), dot * 0.8);
                height = 1.5 - 0.2 * dot;
                shine = 0.16;
            } else if pin {
                c = hex(0xd0d3d6);
                height = 0.6;
                shine = 0.6;
            }
        }
        Matter { color: c, height, shine, metal: 0.3 }
    })
}

/// Overlapping waves after the old Japanese seigaiha pattern, indigo on cream with a gold thread.
pub fn waves() -> Picture {
    let (columns, rows) = (6, 12);
    Picture::new(|u, v| {
        let paper = 0.97 + 0.05 * fbm(u, v, 40, 3, 541);
        for back in 0..4 {
            let y = v * rows as f32;
            // Rows nearer to the bottom lie on top.
            let row = y.floor() as i32 + 2 - back;
            let shift = if row.rem_euclid(2) == 1 { 0.5 } else { 0.0 };
            let x = u * columns as f32 + shift;
            let (fx, fy) = (fract(x) - 0.5, (row as f32 - y) * 0.5 * (columns as f32 * 2.0 / rows as f32));
            let r = (fx * fx + fy * fy).sqrt() / 0.5;
            if r > 1.0 {
                continue;
            }
            let id = wrapped(x.floor() as i32, row, columns, rows, 542);
            let ground = blend(
                hex(0x14305c),
                hex(0x2b5f93),
                0.5 * id + 0.35 * (1.0 - r) + 0.12 * fbm(u, v, 20, 3, 543),
            );
            let mut c = ground;
            for (ring, w) in [(0.94, 0.035), (0.76, 0.026), (0.58, 0.026), (0.40, 0.026), (0.22, 0.026)] {
                let cover = smooth(w + 0.012, w - 0.012, (r - ring).abs());
                let thread = if ring > 0.9 {
                    hex(0xf6ecd6)
                } else if (0.5..0.6).contains(&ring) {
                    hex(0xd9ad55)
                } else {
                    hex(0xdfe7ea)
                };
                c = blend(c, thread, cover * 0.95);
            }
            let shade = 0.80 + 0.20 * smooth(1.0, 0.72, r) + 0.12 * smooth(0.0, 0.5, fy);
            return times(c, shade * paper);
        }
        hex(0x14305c)
    })
}
