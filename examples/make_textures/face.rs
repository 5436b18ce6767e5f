//! Paints for faces, in the map of the canonical face (assets/face): transparent where the face stays bare.
//!
//! `x` is the distance from the middle of the face, so that both sides are alike. On the map the brows lie
//! near 0.30, the eyes from 0.35 to 0.40 (`x` 0.08 to 0.22), the tip of the nose at 0.55, the lips at 0.70.

use crate::noise::{fbm, mix, smooth};
use crate::surface::{Rgb, blend, hex, times};

/// Side of a finished paint, pixels.
pub const SIDE: usize = 1024;

/// Colour and how much of it there is, 0..1.
type Ink = (Rgb, f32);

/// Asks `f(x, v, u)` four times for every pixel; straight RGBA.
fn paint(f: impl Fn(f32, f32, f32) -> Ink) -> Vec<u8> {
    let mut out = Vec::with_capacity(SIDE * SIDE * 4);
    for row in 0..SIDE {
        for column in 0..SIDE {
            let (mut sum, mut cover) = ([0.0; 3], 0.0);
            for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let (u, v) = ((column as f32 + dx) / SIDE as f32, (row as f32 + dy) / SIDE as f32);
                let (color, alpha) = f((u - 0.5).abs(), v, u);
                let alpha = alpha.clamp(0.0, 1.0);
                for (sum, channel) in sum.iter_mut().zip(color) {
                    *sum += channel.clamp(0.0, 1.0) * alpha;
                }
                cover += alpha;
            }
            let channel = |sum: f32| if cover > 0.0 { (sum / cover * 255.0 + 0.5) as u8 } else { 0 };
            out.extend([channel(sum[0]), channel(sum[1]), channel(sum[2]), (cover * 63.75 + 0.5) as u8]);
        }
    }
    out
}

/// Puts `top` over `below`.
fn over(below: Ink, top: Ink) -> Ink {
    let alpha = top.1 + below.1 * (1.0 - top.1);
    (if alpha > 0.0 { blend(below.0, top.0, top.1 / alpha) } else { top.0 }, alpha)
}

/// Distance to the line from `a` to `b`, and how far along it, 0..1.
fn to_line(p: (f32, f32), a: (f32, f32), b: (f32, f32)) -> (f32, f32) {
    let (ex, ey) = (b.0 - a.0, b.1 - a.1);
    let t = (((p.0 - a.0) * ex + (p.1 - a.1) * ey) / (ex * ex + ey * ey)).clamp(0.0, 1.0);
    ((p.0 - a.0 - ex * t).hypot(p.1 - a.1 - ey * t), t)
}

fn to_point(p: (f32, f32), c: (f32, f32)) -> f32 {
    (p.0 - c.0).hypot(p.1 - c.1)
}

/// A stroke of a finger: full inside `width`, with a rough edge.
fn stroke(distance: f32, width: f32, rough: f32) -> f32 {
    smooth(0.006, -0.006, distance - width + rough)
}

/// A band over the eyes, strokes on the cheeks, dots over the brows: charcoal, ochre, chalk and red earth.
pub fn tribal() -> Vec<u8> {
    let (charcoal, ochre, chalk, earth) = (hex(0x17120f), hex(0xd58a1c), hex(0xf1e7d3), hex(0xa82a14));
    paint(|x, v, u| {
        let rough = 0.010 * fbm(u, v, 18, 4, 11);
        let grain = 0.86 + 0.30 * fbm(u, v, 60, 3, 12);
        let mut ink = (charcoal, 0.0);
        // The band: as high as the eye at the nose, running out towards the temple.
        let middle = 0.378 - 0.16 * x * x - 0.03 * x;
        let height = mix(0.040, 0.062, smooth(0.02, 0.14, x)) * smooth(0.47, 0.20, x);
        ink = over(ink, (charcoal, stroke((v - middle).abs(), height, rough) * grain));
        for (from, to, width, color) in [
            ((0.115, 0.480), (0.430, 0.470), 0.017, earth),
            ((0.125, 0.535), (0.410, 0.560), 0.015, ochre),
            ((0.145, 0.590), (0.370, 0.645), 0.012, chalk),
            ((0.0, 0.150), (0.0, 0.320), 0.020, earth),
            ((0.0, 0.790), (0.0, 0.920), 0.012, chalk),
        ] {
            let (distance, along) = to_line((x, v), from, to);
            let taper = width * (1.0 - 0.75 * along * along);
            ink = over(ink, (color, stroke(distance, taper, rough * 0.6) * grain));
        }
        for i in 0..6 {
            let t = i as f32;
            let dot = (0.055 + 0.052 * t, 0.245 + 0.0022 * t * t);
            let size = 0.0125 - 0.0011 * t;
            ink = over(ink, (chalk, stroke(to_point((x, v), dot), size, rough * 0.3) * grain));
        }
        for (dot, color) in [((0.045, 0.830), ochre), ((0.075, 0.815), ochre), ((0.100, 0.795), ochre)] {
            ink = over(ink, (color, stroke(to_point((x, v), dot), 0.009, rough * 0.3) * grain));
        }
        ink
    })
}

/// Distance to the outline of a half mask, negative inside: two lobes that meet over the nose.
fn half_mask(x: f32, v: f32) -> f32 {
    let lift = v + 0.55 * x * x - 0.02;
    let lobe = to_point(((x - 0.175) * 0.52, lift - 0.372), (0.0, 0.0)) - 0.098;
    let bridge = to_point((x, (v - 0.385) * 0.8), (0.0, 0.0)) - 0.062;
    // A soft minimum, so that the lobes grow out of the bridge.
    let blend = (0.5 + 0.5 * (lobe - bridge) / 0.05).clamp(0.0, 1.0);
    mix(lobe, bridge, blend) - 0.05 * blend * (1.0 - blend)
}

/// Distance to the outline of the eye's hole in that mask.
fn eye_hole(x: f32, v: f32) -> f32 {
    to_point(((x - 0.155) * 0.62, v - 0.374 + 0.14 * (x - 0.155)), (0.0, 0.0)) - 0.055
}

/// A Venetian half mask of midnight blue with golden borders, scrolls and beads, and a drop on the brow.
pub fn filigree() -> Vec<u8> {
    let night = hex(0x1b1233);
    paint(|x, v, u| {
        let shine = 0.5 + 0.5 * fbm(u, v, 9, 4, 21) + 0.35 * fbm(u, v, 70, 2, 22);
        let gold = blend(hex(0x8a5a12), hex(0xffe7a0), 0.25 + 0.75 * shine);
        let (mask, hole) = (half_mask(x, v), eye_hole(x, v));
        let cloth = times(blend(night, hex(0x4a2a78), smooth(0.0, 0.10, -mask)), 0.8 + 0.4 * shine);
        let body = smooth(0.003, -0.003, mask) * smooth(-0.003, 0.003, hole);
        let mut ink = (cloth, body * 0.93);
        let line = |distance: f32, width: f32| smooth(0.0025, -0.0025, distance.abs() - width);
        ink = over(ink, (gold, line(mask, 0.006)));
        ink = over(ink, (gold, line(mask + 0.017, 0.0016) * body));
        ink = over(ink, (gold, line(hole, 0.0048)));
        // Beads along the hole for the eye.
        let angle = (v - 0.374).atan2((x - 0.155) * 0.62) / std::f32::consts::TAU * 26.0;
        let bead = to_point(((angle - angle.round()) * 0.0155, hole - 0.0145), (0.0, 0.0)) - 0.0036;
        ink = over(ink, (gold, smooth(0.002, -0.002, bead) * body));
        // Scrolls that grow from the temple, on the mask and above it.
        for (center, size, turns, flip) in [
            ((0.330, 0.302), 0.036, 1.6, 1.0),
            ((0.072, 0.268), 0.030, 1.5, -1.0),
            ((0.205, 0.236), 0.034, 1.7, 1.0),
        ] {
            let (dx, dy) = ((x - center.0) * flip, v - center.1);
            let radius = dx.hypot(dy);
            let turn = (dy.atan2(dx) / std::f32::consts::TAU + 0.5).rem_euclid(1.0);
            // The nearest arm of a spiral whose radius grows with the turn.
            let step = size / turns;
            let arm = (radius / step - turn).round().clamp(0.0, turns.floor());
            let distance = radius - (arm + turn) * step;
            let width = 0.0030 * (0.5 + radius / size);
            ink = over(ink, (gold, line(distance, width) * smooth(size * 1.25, size * 1.1, radius)));
        }
        let drop = to_point((x * 1.5, (v - 0.205) * 0.7), (0.0, 0.0)) - 0.017 * (1.0 + 9.0 * (v - 0.205));
        ink = over(ink, (hex(0x3ad0c0), smooth(0.002, -0.002, drop)));
        over(ink, (gold, line(drop, 0.0032)))
    })
}
