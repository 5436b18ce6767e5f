//! What grows: fur, scales, feathers, moss, wood.

use std::f32::consts::TAU;

use crate::noise::{bell, cells, fbm, fbm2, fract, hash, mix, perlin, ridged, smooth, wrapped};
use crate::surface::{Light, Matter, Picture, add, blend, hex, hue, lit, ramp, times};

/// Leopard fur with rosettes.
pub fn leopard() -> Picture {
    Picture::new(|u, v| {
        let (wu, wv) = (u + 0.02 * fbm(u, v, 6, 3, 201), v + 0.02 * fbm(u, v, 6, 3, 202));
        let spot = cells(wu, wv, 7, 8, 0.62, 203);
        let angle = spot.dy.atan2(spot.dx);
        let n = (spot.id * 4096.0) as i32;
        let wob = 0.05 * (2.0 * angle + TAU * hash(n, 1, 204)).sin()
            + 0.04 * (3.0 * angle + TAU * hash(n, 2, 204)).sin();
        let r = (spot.dx * spot.dx * (0.8 + 0.4 * hash(n, 3, 204)) + spot.dy * spot.dy).sqrt()
            + wob
            + 0.045 * fbm(u, v, 22, 3, 205);
        let size = 0.27 + 0.07 * hash(n, 4, 204);
        // The ring is broken in two or three places.
        let gap = smooth(
            0.35,
            0.75,
            0.5 + 0.5 * (angle * (2.0 + (hash(n, 5, 204) * 2.0).floor()) + TAU * hash(n, 6, 204)).cos(),
        );
        let ring = bell(r - size, 0.085) * (1.0 - 0.85 * gap);
        let heart = smooth(size + 0.02, size - 0.10, r);
        let small = cells(u + 0.013 * fbm(u, v, 9, 2, 211), v, 15, 17, 0.8, 206);
        let filler = smooth(0.26, 0.16, small.near + 0.08 * fbm(u, v, 30, 2, 207))
            * smooth(0.42, 0.52, r)
            * smooth(0.30, 0.38, small.id);
        let hair = 0.55 * fbm2(u + 0.006 * perlin(u, v, 8, 8, 208), v, 170, 26, 3, 209)
            + 0.25 * fbm2(u, v, 300, 60, 2, 210);
        let coat = ramp(
            &[(-0.5, hex(0xb9793a)), (0.0, hex(0xd9a25c)), (0.5, hex(0xefcb8e))],
            fbm(u, v, 3, 4, 212) + 0.5 * hair,
        );
        let mut c = blend(coat, hex(0xa9642c), 0.75 * heart);
        c = blend(
            c,
            hex(0x22140c),
            smooth(0.30, 0.62, ring + 0.25 * hair).max(smooth(0.35, 0.7, filler + 0.2 * hair)),
        );
        times(c, 0.95 + 0.42 * hair)
    })
}

/// Emerald dragon scales, overlapping downwards, edged with gold.
pub fn dragon_scales() -> Picture {
    let (columns, rows) = (8, 12);
    let light = Light { ambient: 0.34, key: 0.82, sharpness: 34.0, cavity: 0.30 };
    lit(&light, |u, v| {
        let mut found = Matter::matte(hex(0x04140e), 0.0);
        // Of the scales that reach here the uppermost row lies on top.
        for back in (0..3).rev() {
            let y = v * rows as f32;
            let row = y.floor() as i32 - back;
            let shift = if row.rem_euclid(2) == 1 { 0.5 } else { 0.0 };
            let x = u * columns as f32 + shift;
            let column = x.floor() as i32;
            let (fx, fy) = (fract(x) - 0.5, (y - row as f32) / 2.05);
            let tip = 1.0 - fy;
            let half = 0.53 * (1.0 - (1.0 - tip.clamp(0.0, 1.0)).powf(3.2)).max(0.0).sqrt();
            if tip > 0.0 && fx.abs() < half {
                let id = wrapped(column, row, columns, rows, 221);
                let edge = (half - fx.abs()).min(tip * 0.5);
                let ridge = bell(fx, 0.05) * smooth(0.0, 0.3, fy) * smooth(1.0, 0.6, fy);
                let lines = 0.5 + 0.5 * ((fx / (half + 0.2)) * 46.0 + 2.0 * fy).sin();
                let base = ramp(
                    &[
                        (0.0, hex(0x05402e)),
                        (0.45, hex(0x0d7a4f)),
                        (0.8, hex(0x38b67a)),
                        (1.0, hex(0x9fe6a0)),
                    ],
                    0.18 + 0.55 * fy + 0.3 * (id - 0.5) + 0.07 * lines,
                );
                let sheen = hue(0.42 + 0.25 * id + 0.35 * fy);
                let mut c = blend(base, times(sheen, 0.8), 0.16);
                let rim = smooth(0.070, 0.03, edge);
                // The scale above shades the upper part.
                c = times(c, 0.42 + 0.66 * smooth(0.45, 0.85, fy));
                c = blend(c, hex(0xe2b650), 0.9 * rim);
                let dome = (edge / 0.26).min(1.0).powf(0.45);
                let height = 3.0 * dome * (0.45 + 0.55 * fy) + 0.25 * ridge + 0.03 * lines + 1.2 * fy;
                found = Matter { color: c, height, shine: 0.35 + 0.4 * rim, metal: 0.55 };
                break;
            }
        }
        found
    })
}

/// Overlapping peacock feathers.
pub fn feathers() -> Picture {
    let (columns, rows) = (5, 8);
    Picture::new(|u, v| {
        for back in (0..4).rev() {
            let y = v * rows as f32;
            let row = y.floor() as i32 - back;
            let shift = if row.rem_euclid(2) == 1 { 0.5 } else { 0.0 };
            let x = u * columns as f32 + shift;
            let (fx, fy) = (fract(x) - 0.5, (y - row as f32) / 3.1);
            let id = wrapped(x.floor() as i32, row, columns, rows, 231);
            // Barbs leave the shaft obliquely; the outline frays along them.
            let barb = fx.abs() * 1.7 - fy * 1.2;
            let strand = fract(barb * 34.0 + id);
            let fray = 0.035
                * hash(
                    (barb * 34.0 + id).floor() as i32,
                    (id * 999.0) as i32 + if fx < 0.0 { 7 } else { 0 },
                    232,
                );
            let half = 0.55 * (1.0 - ((fy - 0.45) / 0.58).abs().powf(2.6)).max(0.0).powf(0.6) - fray;
            if fy >= 1.0 || fx.abs() >= half {
                continue;
            }
            let light = 0.70 + 0.42 * bell(strand - 0.45, 0.30) + 0.10 * (id - 0.5);
            let (ex, ey) = (fx, (fy - 0.66) * 1.55);
            let r = (ex * ex + ey * ey * 1.1).sqrt();
            let mut c = ramp(
                &[(0.0, hex(0x7a5b1e)), (0.5, hex(0x2f7d3c)), (1.0, hex(0x6fae3f))],
                fy + 0.2 * (fx.abs() / 0.5),
            );
            c = blend(c, hex(0xb98a2e), smooth(0.36, 0.31, r));
            c = blend(c, hex(0x3d9b5c), smooth(0.29, 0.27, r));
            c = blend(c, hex(0x17a3b8), smooth(0.23, 0.21, r));
            let (hx, hy) = (ex, ey + 0.03);
            let heart = (hx * hx + hy * hy).sqrt() - 0.02 * (3.0 * hx.atan2(hy)).cos();
            c = blend(c, hex(0x131b6b), smooth(0.135, 0.115, heart));
            let sheen = 0.25 * bell(fx.abs() - 0.20, 0.12) * bell(fy - 0.6, 0.3);
            c = add(times(c, light), hex(0xc8f0d0), sheen * 0.55);
            let shaft = bell(fx, 0.010) * smooth(0.95, 0.75, fy);
            c = blend(c, hex(0xe8dfb8), 0.8 * shaft);
            // Each feather shades the ones below it near its outline.
            let rim = smooth(0.0, 0.10, half - fx.abs()) * smooth(0.0, 0.12, fy + 0.05);
            return times(c, (0.55 + 0.45 * rim) * (0.60 + 0.45 * smooth(0.62, 0.80, fy)));
        }
        hex(0x0c1a10)
    })
}

/// Deep moss cushions with bright tips.
pub fn moss() -> Picture {
    let light = Light { ambient: 0.36, key: 0.80, sharpness: 6.0, cavity: 0.55 };
    lit(&light, |u, v| {
        let (wu, wv) = (u + 0.03 * fbm(u, v, 6, 4, 241), v + 0.03 * fbm(u, v, 6, 4, 242));
        let cushion = cells(wu, wv, 6, 6, 0.95, 243);
        let dome = (1.0 - cushion.near * cushion.near).max(0.0);
        let tuft =
            cells(u + 0.01 * fbm(u, v, 20, 3, 244), v + 0.01 * fbm(u, v, 20, 3, 245), 44, 44, 0.95, 246);
        let star = (tuft.dy.atan2(tuft.dx) * 5.0 + tuft.id * 40.0).cos();
        let leaf = bell(tuft.near, 0.34 + 0.12 * star);
        let fine = cells(u, v, 110, 110, 0.95, 247);
        let t = 0.16
            + 0.36 * leaf
            + 0.22 * dome
            + 0.22 * bell(fine.near, 0.4)
            + 0.30 * fbm(u, v, 3, 5, 248)
            + 0.18 * (tuft.id - 0.5);
        let mut c = ramp(
            &[
                (0.0, hex(0x0d1a07)),
                (0.3, hex(0x274212)),
                (0.55, hex(0x55791f)),
                (0.8, hex(0x93b03c)),
                (1.0, hex(0xd3dc78)),
            ],
            t,
        );
        if tuft.id > 0.965 {
            c = blend(c, hex(0xc2622d), 0.8 * bell(tuft.near, 0.22));
        }
        Matter::matte(times(c, 1.08), 2.6 * dome + 1.0 * leaf + 0.35 * bell(fine.near, 0.4))
    })
}

/// Oiled walnut, boards lengthwise.
pub fn walnut() -> Picture {
    let light = Light { ambient: 0.44, key: 0.74, sharpness: 26.0, cavity: 0.0 };
    lit(&light, |u, v| {
        let boards = 4;
        let x = u * boards as f32;
        let board = x.floor() as i32;
        let id = wrapped(board, 0, boards, 1, 251);
        let fx = fract(x);
        let seed = 252 + board.rem_euclid(boards) as u32 * 20;
        let warp = 0.22 * perlin(u, v, 4, 2, seed) + 0.08 * fbm2(u, v, 8, 3, 3, seed + 1);
        let middle = 0.2 + 0.6 * id;
        let bow = (fx - middle) * (1.4 + 0.9 * (TAU * v + id * 9.0).cos()) + warp;
        let knot = (fx - 0.3 - 0.4 * id) * (fx - 0.3 - 0.4 * id) * 0.7 + {
            let d = fract(v - id + 0.5) - 0.5;
            d * d * 9.0
        };
        let rings = bow.abs() * 8.0 + 1.6 * bell(knot, 0.16) * (1.0 - knot * 3.0);
        let ring = fract(rings);
        let grain = smooth(0.0, 0.75, ring) * smooth(1.0, 0.86, ring);
        let pores = smooth(0.22, 0.5, perlin(u, v, 260, 14, seed + 2)) * (0.4 + 0.6 * grain);
        let fibre = fbm2(u, v, 200, 6, 3, seed + 3);
        let mut c = ramp(
            &[(0.0, hex(0x8a5a38)), (0.5, hex(0x6a4027)), (1.0, hex(0x3f2415))],
            0.18 + 0.52 * grain + 0.35 * fbm2(u, v, 3, 2, 3, seed + 4) + 0.14 * fibre + 0.25 * (id - 0.5),
        );
        c = times(c, 1.22 - 0.42 * pores);
        let joint = smooth(0.010, 0.004, fx.min(1.0 - fx));
        c = times(c, 1.0 - 0.75 * joint);
        Matter {
            color: c,
            height: -0.10 * pores - 0.5 * joint + 0.05 * fibre,
            shine: 0.10 + 0.05 * mix(0.0, 1.0, ridged(u, v, 3, 2, 259)),
            metal: 0.4,
        }
    })
}
