//! Light itself: sky, fire, interference.

use std::f32::consts::TAU;

use crate::noise::{bell, cells, fbm, fbm2, fract, perlin, ridged, smooth};
use crate::surface::{Picture, Rgb, add, blend, hex, hue, ramp, times};

/// Stars of several sizes over `c`.
fn stars(u: f32, v: f32, mut c: Rgb, seed: u32) -> Rgb {
    for (layer, (n, share, size)) in
        [(70, 0.35, 0.10), (36, 0.22, 0.085), (11, 0.20, 0.045)].into_iter().enumerate()
    {
        let s = cells(u, v, n, n, 0.9, seed + layer as u32 * 7);
        if s.id < share {
            let power = 0.25 + 0.75 * fract(s.id * 61.0);
            let tint = blend(hex(0xffd9b0), hex(0xbfd6ff), fract(s.id * 173.0));
            let core = bell(s.near, size * (0.6 + 0.6 * power));
            let glow = if layer == 2 {
                0.22 * bell(s.near, 0.16)
                    + 0.30 * (bell(s.dx, 0.012) * bell(s.dy, 0.16) + bell(s.dy, 0.012) * bell(s.dx, 0.16))
            } else {
                0.0
            };
            c = add(c, tint, (core + glow) * power);
        }
    }
    c
}

/// An emission nebula with dust lanes and stars.
pub fn nebula() -> Picture {
    Picture::new(|u, v| {
        let (a, b) = (fbm(u, v, 2, 5, 301), fbm(u, v, 2, 5, 302));
        let (wu, wv) = (u + 0.24 * a, v + 0.24 * b);
        let gas = smooth(-0.35, 0.55, fbm(wu, wv, 2, 7, 303));
        let hot = smooth(0.0, 0.60, fbm(wu + 0.3, wv + 0.1, 3, 6, 304));
        let blue = smooth(-0.05, 0.6, fbm(wv, wu, 2, 6, 305));
        let dust = smooth(0.45, 0.85, ridged(wu, wv, 3, 5, 306));
        let mut c = hex(0x05060f);
        c = add(c, hex(0x5a1d6e), 0.85 * gas);
        c = add(c, hex(0xd8456b), 0.70 * gas * hot);
        c = add(c, hex(0x1f6fc2), 0.75 * blue * (0.35 + 0.65 * gas));
        c = add(c, hex(0xffc98a), 0.55 * (gas * hot).powf(2.5));
        c = times(c, 1.0 - 0.62 * dust * gas);
        stars(u, v, c, 307)
    })
}

/// Curtains of northern light over a night sky.
pub fn aurora() -> Picture {
    Picture::new(|u, v| {
        let mut c = ramp(&[(0.0, hex(0x040a1c)), (0.5, hex(0x0a1733)), (1.0, hex(0x040a1c))], v);
        c = stars(u, v, c, 321);
        for k in 0..4 {
            let s = 330 + k * 10;
            let base = 0.30
                + 0.25 * k as f32
                + 0.09 * (TAU * (u * (1.0 + (k % 2) as f32)) + k as f32 * 1.9).sin()
                + 0.10 * fbm2(u, v, 3, 1, 3, s);
            // Height above the curtain's lower edge, upwards, wrapped.
            let h = fract(base - v);
            let rays = 0.30
                + 0.70 * smooth(-0.35, 0.55, fbm2(u + 0.02 * perlin(u, v, 6, 3, s + 1), v, 36, 2, 3, s + 2));
            let broad = 0.35 + 0.65 * smooth(-0.4, 0.4, fbm2(u, v, 4, 1, 2, s + 3));
            let body = smooth(0.0, 0.020, h) * (-h * 6.5).exp() * smooth(0.75, 0.4, h);
            let tint = ramp(
                &[
                    (0.0, hex(0xd8ffb0)),
                    (0.05, hex(0x4dff9a)),
                    (0.20, hex(0x19c6a0)),
                    (0.36, hex(0x4a5fd8)),
                    (0.55, hex(0x9a3fc0)),
                ],
                h,
            );
            c = add(c, tint, 1.05 * body * rays * broad);
            c = add(
                c,
                hex(0x20e090),
                0.10 * (-h * 3.0).exp() * smooth(0.9, 0.5, h) * smooth(0.0, 0.1, h) * broad,
            );
        }
        c.map(|x| 1.0 - (-1.35 * x).exp())
    })
}

/// Cooling lava: black plates, glowing seams.
pub fn lava() -> Picture {
    Picture::new(|u, v| {
        let (wu, wv) = (u + 0.045 * fbm(u, v, 4, 5, 361), v + 0.045 * fbm(u, v, 4, 5, 362));
        let plate = cells(wu, wv, 5, 5, 0.95, 363);
        let crack = cells(wu + 0.02 * fbm(u, v, 8, 3, 369), wv, 12, 12, 0.95, 364);
        let wide = 0.030 + 0.05 * smooth(-0.2, 0.5, fbm(u, v, 3, 3, 365));
        let heat = bell(plate.border, wide)
            + 0.55 * bell(crack.border, 0.040) * smooth(0.1, 0.7, fbm(u, v, 3, 3, 366) + 0.25);
        let glow = 0.35 * bell(plate.border, 0.17) + 0.10 * bell(crack.border, 0.16);
        let rough = fbm(u, v, 10, 6, 367);
        let e = 0.0025;
        let slope = (fbm(u + e, v + e, 10, 6, 367) - rough) / e * 0.010;
        let rock = ramp(
            &[(-0.5, hex(0x0d0908)), (0.2, hex(0x2b211d)), (0.7, hex(0x4f423b))],
            rough * 0.8 + slope * 1.4 + 0.2 * (plate.id - 0.5),
        );
        let t = heat + 0.22 * rough * heat + glow * 0.55;
        let fire = ramp(
            &[
                (0.05, [0.0; 3]),
                (0.22, hex(0x5a0a02)),
                (0.45, hex(0xd03405)),
                (0.72, hex(0xff8a12)),
                (0.95, hex(0xffd84a)),
                (1.25, hex(0xfffbd0)),
            ],
            t,
        );
        add(times(rock, 1.0 - smooth(0.3, 0.7, t)), fire, 1.0)
    })
}

/// The colours of a thin film of thickness `t`, in orders of interference.
fn film(t: f32) -> Rgb {
    let order = |wave: f32| 0.5 - 0.5 * (TAU * t / wave).cos();
    [order(1.0), order(0.82), order(0.69)]
}

/// Oil on dark water.
pub fn oil_slick() -> Picture {
    Picture::new(|u, v| {
        let (a, b) = (fbm(u, v, 2, 4, 381), fbm(u, v, 2, 4, 382));
        let (wu, wv) = (u + 0.26 * a, v + 0.26 * b);
        let thick = 1.5 + 1.55 * fbm(wu, wv, 2, 4, 383) + 0.55 * perlin(wu, wv, 3, 3, 384);
        let e = 0.004;
        let slope = (perlin(wu + e, wv, 3, 3, 384) - perlin(wu, wv, 3, 3, 384)) / e * 0.05;
        let c = film(thick.abs());
        let fade = 0.45 + 0.55 * smooth(-0.5, 0.5, fbm(wv, wu, 2, 3, 385));
        let grey = (c[0] + c[1] + c[2]) / 3.0;
        let base = add(hex(0x0a0c14), blend([grey; 3], c, 0.72), 0.85 * fade);
        add(base, [1.0, 1.0, 1.0], 0.22 * bell(slope - 0.35, 0.18) + 0.06 * slope.clamp(0.0, 1.0))
    })
}

/// Milky opal with fire in its depth.
pub fn opal() -> Picture {
    Picture::new(|u, v| {
        let (wu, wv) = (u + 0.07 * fbm(u, v, 3, 4, 391), v + 0.07 * fbm(u, v, 3, 4, 392));
        let milk = ramp(
            &[(-0.6, hex(0x9fb6c6)), (0.0, hex(0xdde8ee)), (0.6, hex(0xfbf7f2))],
            fbm(wu, wv, 2, 5, 393),
        );
        let mut c = milk;
        for (n, seed, power) in [(9, 394, 0.75), (17, 398, 0.60), (31, 402, 0.45)] {
            let flake = cells(wu + 0.012 * perlin(u, v, n, n, seed + 3), wv, n, n, 0.95, seed);
            let lit =
                smooth(0.30, 0.9, fract(flake.id * 13.7)) * smooth(-0.35, 0.35, fbm(u, v, 3, 3, seed + 1));
            let edge = smooth(0.0, 0.16, flake.border);
            let bands = 0.75 + 0.25 * (TAU * (flake.dx * 2.0 + flake.dy * 3.0 + flake.id * 5.0)).sin();
            let fire = hue(flake.id * 1.7 + 0.15 * flake.dx + 0.2 * flake.near);
            c = blend(c, blend(fire, [1.0; 3], 0.22), power * lit * edge * bands);
        }
        add(c, [1.0; 3], 0.10 * bell(perlin(wu, wv, 3, 3, 405), 0.12))
    })
}
