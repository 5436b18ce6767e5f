//! Cloth and paper.

use std::f32::consts::TAU;

use crate::noise::{bell, fbm, fbm2, fract, hash, mix, perlin, smooth, wrapped};
use crate::surface::{Light, Matter, Picture, Rgb, add, blend, hex, lit, times};

/// Crimson silk satin in soft folds, with a fine weave.
pub fn silk() -> Picture {
    Picture::new(|u, v| {
        let h = |u: f32, v: f32| {
            let w = 0.11 * fbm(u, v, 2, 3, 101);
            let folds = (TAU * (2.0 * u + v + 1.8 * w + 0.25 * (TAU * v).sin())).sin();
            let cross = (TAU * (u - 3.0 * v + 2.6 * w)).sin();
            0.55 * folds + 0.22 * cross + 0.55 * perlin(u + w, v, 3, 3, 102)
        };
        let e = 0.003;
        let c = h(u, v);
        let (gx, gy) = ((h(u + e, v) - c) / e * 0.075, (h(u, v + e) - c) / e * 0.075);
        let inv = 1.0 / (gx * gx + gy * gy + 1.0).sqrt();
        let (nx, ny, nz) = (-gx * inv, -gy * inv, inv);
        let key = (-0.45 * nx - 0.55 * ny + 0.70 * nz).max(0.0);
        // Satin shines in bands across its floats.
        let sheen =
            bell(0.72 * nx + 0.42 * ny + 0.10, 0.16) + 0.55 * bell(0.72 * nx + 0.42 * ny - 0.42, 0.13);
        let warp = 0.5 + 0.5 * (TAU * (u * 150.0 + v * 30.0)).sin();
        let weft = 0.5 + 0.5 * (TAU * v * 180.0).sin();
        let weave = 0.95 + 0.07 * warp * weft + 0.04 * fbm2(u, v, 8, 160, 2, 103);
        let base = times(hex(0xa0122c), (0.30 + 0.85 * key * key) * weave);
        add(base, hex(0xffb3a6), 0.52 * sheen * key * weave)
    })
}

/// A tartan of bottle green, navy and red with white and yellow lines, woven as twill.
pub fn tartan() -> Picture {
    const SETT: [(u32, f32); 13] = [
        (0x14213d, 8.0),
        (0x0d3b2e, 2.0),
        (0x14213d, 2.0),
        (0x0d3b2e, 10.0),
        (0xe8c547, 1.0),
        (0x0d3b2e, 10.0),
        (0x14213d, 2.0),
        (0x0d3b2e, 2.0),
        (0x14213d, 8.0),
        (0x9b1b2a, 9.0),
        (0xf2efe6, 1.2),
        (0x9b1b2a, 9.0),
        (0x0b1526, 1.8),
    ];
    let total: f32 = SETT.iter().map(|s| s.1).sum();
    let stripe = move |t: f32| -> Rgb {
        let mut at = fract(t) * total;
        for (c, w) in SETT {
            if at < w {
                return hex(c);
            }
            at -= w;
        }
        hex(SETT[0].0)
    };
    let light = Light { ambient: 0.55, key: 0.66, sharpness: 8.0, cavity: 0.0 };
    lit(&light, move |u, v| {
        let threads = 192.0;
        let (x, y) = (u * threads, v * threads);
        let (ix, iy) = (x.floor() as i32, y.floor() as i32);
        let over = (ix + iy).rem_euclid(4) < 2;
        // The thread that lies on top gives the colour; both setts repeat twice in the tile.
        let line = if over { (ix as f32 + 0.5) / threads } else { (iy as f32 + 0.5) / threads };
        let across = if over { fract(x) } else { fract(y) } - 0.5;
        let fibre = 0.92 + 0.20 * wrapped(ix * 3 + i32::from(over), iy, 576, 192, 111) - 0.05
            + 0.10 * fbm(u, v, 90, 2, 112);
        let round = (0.25 - across * across).max(0.0).sqrt();
        let c = times(stripe(line * 2.0), fibre * (0.72 + 0.62 * round));
        Matter::matte(times(c, 1.15), 0.12 * round + 0.05 * fbm(u, v, 30, 2, 113))
    })
}

/// Indigo denim: a diagonal twill of faded blue warp over white weft, with slubs.
pub fn denim() -> Picture {
    let light = Light { ambient: 0.50, key: 0.72, sharpness: 10.0, cavity: 0.0 };
    lit(&light, |u, v| {
        let n = 144.0;
        let (wu, wv) = (u + 0.0012 * fbm(u, v, 24, 2, 121), v + 0.0012 * fbm(u, v, 24, 2, 122));
        let (x, y) = (wu * n, wv * n);
        let (ix, iy) = (x.floor() as i32, y.floor() as i32);
        let under = (ix + iy).rem_euclid(3) == 0;
        let slub = fbm2(u, v, 144, 5, 2, 123) * 0.5 + fbm2(u, v, 40, 3, 3, 124) * 0.6;
        let fade = fbm(u, v, 2, 5, 125);
        let across = (if under { fract(y) } else { fract(x) }) - 0.5;
        let round = (0.27 - across * across).max(0.0).sqrt();
        let yarn = 0.85 + 0.35 * wrapped(ix, if under { iy } else { iy / 3 }, 144, 144, 126);
        let indigo = blend(hex(0x1c2f55), hex(0x6f8fb8), 0.42 + 0.40 * fade + 0.45 * slub);
        let c = if under { times(hex(0xb9c3cf), 0.62 * yarn) } else { times(indigo, yarn) };
        let hair = smooth(0.45, 0.8, perlin(u, v, 220, 220, 127)) * 0.10;
        Matter::matte(
            add(times(c, 0.62 + 0.8 * round), [1.0; 3], hair),
            if under { 0.0 } else { 0.34 * round } + 0.1 * slub,
        )
    })
}

/// Handmade paper: pale pulp, long fibres, flecks of gold leaf and petals.
pub fn washi_paper() -> Picture {
    let fibres: Vec<[f32; 6]> = (0..260)
        .map(|i| {
            let h = |j: i32| hash(i, j, 131);
            [h(0), h(1), h(2) * TAU, 0.05 + 0.16 * h(3), (h(4) - 0.5) * 5.0, h(5)]
        })
        .collect();
    // The fibres are drawn into a grid once: how much of a long fibre lies at each place.
    let side = 1024usize;
    let mut web = vec![0.0f32; side * side];
    for [x, y, angle, length, bend, weight] in fibres {
        let steps = (length * side as f32 * 2.0) as i32;
        let (mut px, mut py) = (x, y);
        for s in 0..steps {
            let t = s as f32 / steps as f32;
            let a = angle + bend * (t - 0.5) * 0.6 + 0.4 * (t * 9.0 + x * 40.0).sin() * 0.5;
            px += a.cos() / side as f32 * 0.5;
            py += a.sin() / side as f32 * 0.5;
            let (cx, cy) = ((fract(px) * side as f32) as i32, (fract(py) * side as f32) as i32);
            let fade = (t * (1.0 - t) * 4.0).sqrt() * (0.35 + 0.65 * weight);
            for dy in -2..=2i32 {
                for dx in -2..=2i32 {
                    let k = fade * bell(((dx * dx + dy * dy) as f32).sqrt(), 1.1 + 0.5 * weight);
                    let i = (cy + dy).rem_euclid(side as i32) as usize * side
                        + (cx + dx).rem_euclid(side as i32) as usize;
                    web[i] = web[i].max(k);
                }
            }
        }
    }
    let light = Light { ambient: 0.44, key: 0.78, sharpness: 30.0, cavity: 0.0 };
    lit(&light, move |u, v| {
        let i =
            ((v * side as f32) as usize).min(side - 1) * side + ((u * side as f32) as usize).min(side - 1);
        let fibre = web[i];
        let pulp = fbm(u, v, 6, 6, 132);
        let grain = fbm(u, v, 70, 3, 133);
        let mut c = blend(hex(0xf1e7d3), hex(0xe2d2b4), 0.45 + 0.6 * pulp);
        c = times(c, 1.0 + 0.05 * grain);
        c = blend(c, hex(0xfffaf0), 0.60 * fibre);
        let fleck = crate::noise::cells(u, v, 9, 9, 0.95, 134);
        let shape = fleck.near + 0.10 * fbm(u, v, 40, 3, 135);
        let mut shine = 0.0;
        if fleck.id < 0.34 {
            let leaf = smooth(0.17, 0.13, shape + 0.12 * fract(fleck.id * 77.0));
            shine = leaf * 0.4;
            c = blend(c, times(hex(0xcf9f3f), 0.95 + 0.5 * grain), leaf);
        } else if fleck.id < 0.50 {
            let petal = smooth(0.20, 0.14, shape + 0.10 * (fleck.dy * 4.0).abs());
            c = blend(c, hex(0xb4573f), 0.75 * petal);
        }
        let height = 0.20 * fibre + 0.20 * pulp + 0.10 * grain;
        Matter { color: c, height: mix(height, height + 0.1, shine), shine, metal: 0.6 }
    })
}
