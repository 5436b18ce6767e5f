//! Stone, metal, ice.

use crate::noise::{bell, cells, fbm, fbm2, fract, hash, mix, perlin, ridged, smooth, wrapped};
use crate::surface::{Light, Matter, Picture, Rgb, SOFT, add, blend, hex, lit, ramp, times};

/// White marble with grey and golden veins.
pub fn marble() -> Picture {
    let light = Light { ambient: 0.50, key: 0.70, sharpness: 60.0, cavity: 0.0 };
    lit(&light, |u, v| {
        let (wu, wv) = (u + 0.10 * fbm(u, v, 3, 5, 1), v + 0.10 * fbm(u, v, 3, 5, 2));
        let cloud = fbm(wu, wv, 3, 6, 3);
        let vein = (1.0 - (perlin(wu, wv, 2, 2, 7) + 0.35 * fbm(u, v, 6, 5, 8)).abs()).max(0.0).powf(14.0);
        let fine = (1.0 - (perlin(wv, wu, 4, 4, 11) + 0.4 * fbm(u, v, 9, 4, 12)).abs()).max(0.0).powf(26.0);
        let gold = (1.0 - (perlin(wu + 0.3, wv + 0.2, 2, 2, 17) + 0.3 * fbm(u, v, 7, 5, 18)).abs())
            .max(0.0)
            .powf(60.0);
        let mut c = ramp(&[(-0.6, hex(0xc9ccd0)), (0.0, hex(0xf1efec)), (0.5, hex(0xfbfaf7))], cloud);
        c = blend(c, hex(0x6f757e), vein * 0.75);
        c = blend(c, hex(0x8c8f95), fine * 0.5);
        c = blend(c, hex(0xc79a4b), smooth(0.25, 0.8, gold) * 0.95);
        Matter {
            color: c,
            height: -0.10 * smooth(0.3, 0.9, gold),
            shine: 0.05 + 0.35 * smooth(0.3, 0.8, gold),
            metal: gold.min(1.0),
        }
    })
}

/// Molten gold with slow folds.
pub fn liquid_gold() -> Picture {
    Picture::new(|u, v| {
        let h = |u: f32, v: f32| {
            let (a, b) = (fbm(u, v, 2, 3, 21), fbm(u, v, 2, 3, 22));
            let (wu, wv) = (u + 0.22 * a, v + 0.22 * b);
            perlin(wu, wv, 3, 3, 23) + 0.35 * perlin(wu, wv, 6, 6, 24) + 0.10 * perlin(wu, wv, 13, 13, 25)
        };
        let e = 0.002;
        let (c, x, y) = (h(u, v), h(u + e, v), h(u, v + e));
        let (gx, gy) = ((x - c) / e * 0.11, (y - c) / e * 0.11);
        let inv = 1.0 / (gx * gx + gy * gy + 1.0).sqrt();
        let (nx, ny, nz) = (-gx * inv, -gy * inv, inv);
        // The reflection of a studio with three soft boxes.
        let (rx, ry, rz) = (2.0 * nz * nx, 2.0 * nz * ny, 2.0 * nz * nz - 1.0);
        let box1 = bell(ry + 0.62, 0.25) * smooth(-0.9, 0.2, rx + 0.4);
        let box2 = bell(rx - 0.66, 0.22);
        let box3 = bell(ry - 0.75, 0.20) * 0.6;
        let t = 0.24 + 0.34 * (0.5 + 0.5 * rz) * (0.5 - 0.35 * ry) + 0.62 * box1 + 0.42 * box2 + 0.3 * box3;
        ramp(
            &[
                (0.0, hex(0x1d0c02)),
                (0.18, hex(0x5a2c06)),
                (0.36, hex(0xa8650f)),
                (0.56, hex(0xe0a029)),
                (0.78, hex(0xffd873)),
                (1.05, hex(0xfffae0)),
            ],
            t,
        )
    })
}

/// Copper brushed lengthwise, with a broad sheen and a little patina.
pub fn brushed_copper() -> Picture {
    Picture::new(|u, v| {
        let mut strokes = 0.0;
        for (i, (n, amp)) in [(64, 0.30), (128, 0.35), (256, 0.35), (400, 0.3)].into_iter().enumerate() {
            strokes += amp * perlin(u + 0.01 * perlin(u, v, 2, 4, 40), v, 2 + i as i32, n, 31 + i as u32);
        }
        let sheen = 0.5 + 0.5 * (std::f32::consts::TAU * (v + 0.08 * perlin(u, v, 2, 2, 38))).cos();
        let t = 0.36 + 0.34 * sheen + 0.22 * strokes;
        let c = ramp(
            &[
                (0.0, hex(0x3a1409)),
                (0.3, hex(0x8d4423)),
                (0.55, hex(0xc8744a)),
                (0.8, hex(0xf0b48c)),
                (1.0, hex(0xffe8d2)),
            ],
            t,
        );
        let patina =
            smooth(0.12, 0.42, fbm2(u, v, 3, 5, 6, 45)) * smooth(-0.4, 0.3, fbm2(u, v, 4, 24, 3, 46));
        blend(c, times(hex(0x5f9c8b), 0.75 + 0.5 * strokes), 0.55 * patina)
    })
}

/// Blue ice: fractured plates, trapped bubbles, frost.
pub fn ice() -> Picture {
    let light = Light { ambient: 0.55, key: 0.62, sharpness: 50.0, cavity: 0.0 };
    lit(&light, |u, v| {
        let (wu, wv) = (u + 0.03 * fbm(u, v, 5, 4, 51), v + 0.03 * fbm(u, v, 5, 4, 52));
        let big = cells(wu, wv, 5, 5, 0.95, 53);
        let small = cells(wu + 0.02 * fbm(u, v, 9, 3, 61), wv, 13, 13, 0.95, 54);
        let deep = fbm(u, v, 3, 6, 55);
        let tilt = (hash((big.id * 4096.0) as i32, 1, 56) - 0.5) * big.dx
            + (hash((big.id * 4096.0) as i32, 2, 56) - 0.5) * big.dy;
        let crack = bell(big.border, 0.030) + 0.45 * bell(small.border, 0.035) * smooth(0.35, 0.75, small.id);
        let mist = bell(big.border, 0.16) * (0.5 + 0.5 * fbm(u, v, 12, 4, 57));
        let mut c = ramp(
            &[(-0.6, hex(0x0f4468)), (-0.1, hex(0x3387ad)), (0.25, hex(0x7cc2dc)), (0.7, hex(0xd4f1f8))],
            deep + tilt * 1.3 + 0.25 * (big.id - 0.5),
        );
        c = blend(c, hex(0xf2fcff), (0.85 * crack + 0.40 * mist).min(1.0));
        let bubble = cells(u, v, 34, 34, 0.9, 58);
        if bubble.id > 0.72 {
            let r = 0.10 + 0.22 * fract(bubble.id * 37.0);
            c = add(c, [0.30, 0.34, 0.36], bell(bubble.near - r, 0.06));
        }
        let frost = smooth(0.55, 0.85, ridged(u, v, 14, 4, 59)) * smooth(-0.1, 0.4, fbm(u, v, 4, 3, 60));
        c = blend(c, hex(0xffffff), frost * 0.45);
        Matter { color: c, height: 1.1 * tilt - 0.35 * crack + 0.15 * frost, shine: 0.35, metal: 0.0 }
    })
}

/// Weathered bricks in stretcher bond.
pub fn brick() -> Picture {
    let (rows, columns) = (8, 4);
    let light = Light { ambient: 0.42, key: 0.74, sharpness: 12.0, cavity: 0.35 };
    lit(&light, |u, v| {
        let (wu, wv) = (u + 0.004 * fbm(u, v, 14, 3, 71), v + 0.004 * fbm(u, v, 14, 3, 72));
        let y = wv * rows as f32;
        let row = y.floor() as i32;
        let x = wu * columns as f32 + if row.rem_euclid(2) == 1 { 0.5 } else { 0.0 };
        let column = x.floor() as i32;
        let id = wrapped(column, row, columns, rows, 73);
        let other = wrapped(column, row, columns, rows, 74);
        let (fx, fy) = ((fract(x) - 0.5).abs() * 2.0, (fract(y) - 0.5).abs());
        // Distances to the joint in row heights.
        let edge = (1.0 - fx).min(1.0 - 2.0 * fy) * 0.5 * 1.0;
        let edge = edge.min(1.0 - fx) + 0.012 * fbm(u, v, 32, 3, 75);
        let face = smooth(0.05, 0.105, edge);
        let grain = fbm(u, v, 40, 4, 76);
        let stain = fbm(u, v, 5, 5, 77);
        let base = ramp(
            &[
                (0.0, hex(0x6a2a20)),
                (0.35, hex(0x96452f)),
                (0.65, hex(0xb2583a)),
                (0.88, hex(0xc27a55)),
                (1.0, hex(0x54302c)),
            ],
            id,
        );
        let brick: Rgb = times(base, 0.95 + 0.30 * grain + 0.18 * stain);
        let lime = smooth(0.15, 0.55, fbm(u, v, 7, 5, 78) + 0.2 * other - 0.1);
        let brick = blend(brick, hex(0xcdb9a8), 0.38 * lime);
        let mortar = times(hex(0xb5aa9c), 0.9 + 0.35 * grain);
        let pit = smooth(0.25, 0.5, perlin(u, v, 60, 60, 79)) * 0.25;
        Matter::matte(blend(mortar, brick, face), face * (1.0 + 0.25 * other) + 0.16 * grain - pit)
    })
}

/// Polished terrazzo: chips of many marbles in pale cement.
pub fn terrazzo() -> Picture {
    let tones = [0xe6d3c3, 0x2f3b45, 0xb5573f, 0xd8a24a, 0x6f8f86, 0xf4efe8, 0x8b5a6b, 0x35605a];
    let light = Light { ambient: 0.46, key: 0.72, ..SOFT };
    lit(&light, |u, v| {
        let cement = times(hex(0xe9e2d8), 0.985 + 0.05 * fbm(u, v, 50, 3, 81));
        let mut c = cement;
        for (layer, (n, share, size)) in
            [(38, 0.55, 0.30), (19, 0.62, 0.33), (8, 0.80, 0.36)].into_iter().enumerate()
        {
            let seed = 82 + layer as u32 * 10;
            let (wu, wv) = (
                u + 0.16 / n as f32 * perlin(u, v, n * 2, n * 2, seed + 5),
                v + 0.16 / n as f32 * perlin(u, v, n * 2, n * 2, seed + 6),
            );
            let chip = cells(wu, wv, n, n, 0.9, seed);
            if chip.id < share {
                // Broken edges: a few straight cuts around each chip's middle.
                let mut reach = 9.0f32;
                for k in 0..6 {
                    let h = |j: i32| hash((chip.id * 65_536.0) as i32, k * 3 + j, seed + 7);
                    let a = (k as f32 + 0.8 * h(0)) / 6.0 * std::f32::consts::TAU;
                    reach = reach.min(size * (0.65 + 0.75 * h(1)) - chip.dx * a.cos() - chip.dy * a.sin());
                }
                let inside = smooth(0.0, 0.025, reach.min(chip.border - 0.05));
                let tone = hex(tones[(fract(chip.id * 91.7) * 8.0) as usize % 8]);
                let vein = 0.86 + 0.26 * fbm(u + chip.id, v, 26, 4, seed + 8) + 0.10 * (chip.id - 0.3);
                c = blend(c, times(tone, mix(1.0, vein, 1.0)), inside);
            }
        }
        Matter::matte(c, 0.0)
    })
}
