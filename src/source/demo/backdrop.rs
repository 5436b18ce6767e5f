//! The room behind the performer, out of focus: a lit wall, a window, a shelf with books, a lamp, a plant.

use super::math::{bell, clamp01, fbm, hash2, mix, noise, smooth};
use super::raster::pack;

/// Height of the sketch that is blurred and then enlarged.
const SKETCH: usize = 180;

/// The backdrop as packed RGBA8, `width` × `height`.
pub(super) fn paint(width: usize, height: usize) -> Vec<u32> {
    let h = SKETCH;
    let w = (SKETCH * width / height.max(1)).clamp(2, 1024);
    let aspect = w as f32 / h as f32;
    let mut sketch: Vec<[f32; 3]> = Vec::with_capacity(w * h);
    for y in 0..h {
        for x in 0..w {
            sketch.push(scene((x as f32 / w as f32 - 0.5) * aspect, y as f32 / h as f32));
        }
    }
    for _ in 0..3 {
        sketch = blur(&sketch, w, h, 3);
    }
    let mut out = Vec::with_capacity(width * height);
    for y in 0..height {
        let sy = ((y as f32 + 0.5) / height as f32 * h as f32 - 0.5).clamp(0.0, h as f32 - 1.001);
        for x in 0..width {
            let sx = ((x as f32 + 0.5) / width as f32 * w as f32 - 0.5).clamp(0.0, w as f32 - 1.001);
            let (ix, iy) = (sx as usize, sy as usize);
            let (tx, ty) = (sx - ix as f32, sy - iy as f32);
            let (a, b) = (sketch[iy * w + ix], sketch[iy * w + (ix + 1).min(w - 1)]);
            let (c, d) =
                (sketch[(iy + 1).min(h - 1) * w + ix], sketch[(iy + 1).min(h - 1) * w + (ix + 1).min(w - 1)]);
            // Grain hides the steps of eight bits.
            let grain = (hash2(x as i32, y as i32) - 0.5) * 0.014;
            let mut rgb = [0.0; 3];
            for i in 0..3 {
                rgb[i] = mix(mix(a[i], b[i], tx), mix(c[i], d[i], tx), ty).max(0.0).sqrt() + grain;
            }
            out.push(pack(rgb));
        }
    }
    out
}

/// Scene light at `x` (picture heights from the middle), `y` (0 top, 1 bottom); linear.
fn scene(x: f32, y: f32) -> [f32; 3] {
    let glow = bell(x + 0.62, 0.75) * bell(y - 0.30, 0.65);
    let wash = bell(x - 0.55, 0.40) * bell(y - 0.30, 0.42);
    let plaster = 0.92 + 0.16 * fbm(x * 3.0 + 8.0, y * 3.0);
    let mut c = [
        (0.150 + 0.26 * glow + 0.30 * wash) * plaster,
        (0.148 + 0.24 * glow + 0.17 * wash) * plaster,
        (0.152 + 0.21 * glow + 0.07 * wash) * plaster,
    ];
    // Window with mullions at the left.
    let (wx, wy) = (x + 0.80, y - 0.30);
    if wx.abs() < 0.23 && wy.abs() < 0.33 {
        let frame = wx.abs() > 0.21 || wy.abs() > 0.315 || wx.abs() < 0.010 || (wy + 0.02).abs() < 0.010;
        let sky = mix(1.25, 0.75, clamp01(wy * 1.5 + 0.5));
        let leaves = smooth(0.42, 0.62, fbm(x * 9.0, y * 9.0 + 3.0)) * smooth(-0.12, 0.22, wy);
        c = if frame {
            [0.34, 0.32, 0.29]
        } else {
            [mix(0.98 * sky, 0.36, leaves), mix(1.0 * sky, 0.46, leaves), mix(1.02 * sky, 0.24, leaves)]
        };
    }
    // A curtain beside it.
    if (-0.57..-0.44).contains(&x) && y < 0.86 {
        let fold = 0.72 + 0.28 * (x * 150.0).sin();
        c = [0.42 * fold, 0.36 * fold, 0.30 * fold];
    }
    // Shelves with books at the right.
    if x > 0.50 && y < 0.80 {
        let board = (y / 0.20).fract();
        let light = 0.35 + 0.75 * wash;
        let book = (x * 42.0 + 7.0 * (y / 0.20).floor()).floor();
        let tall = 0.22 + 0.34 * noise(book * 3.7, (y / 0.20).floor() * 9.1);
        let hue = hash2(book as i32, (y / 0.20) as i32);
        c = if board > 0.90 {
            [0.26 * light, 0.17 * light, 0.10 * light]
        } else if board > tall && hue < 0.86 {
            let tone = [
                [0.42, 0.14, 0.10],
                [0.12, 0.22, 0.28],
                [0.50, 0.42, 0.30],
                [0.16, 0.24, 0.14],
                [0.48, 0.30, 0.10],
                [0.20, 0.14, 0.22],
            ][(hue * 6.9) as usize % 6];
            [tone[0] * light, tone[1] * light, tone[2] * light]
        } else {
            [0.07 * light, 0.05 * light, 0.04 * light]
        };
    }
    // The lamp that gives the rim light.
    let shade = clamp01(1.0 - (x - 0.47).abs() / (0.055 + 0.16 * (y - 0.27).max(0.0)));
    if (0.27..0.40).contains(&y) && shade > 0.0 {
        c = [1.9, 1.25, 0.62];
    }
    let halo = bell(x - 0.47, 0.16) * bell(y - 0.36, 0.20);
    c = [c[0] + 0.30 * halo, c[1] + 0.18 * halo, c[2] + 0.07 * halo];
    // A plant in the lower left corner.
    let (px, py) = (x + 0.52, y - 0.72);
    let ang = px.atan2(-py);
    let leaf = 0.20 + 0.10 * (ang * 7.0).sin() + 0.05 * (ang * 17.0).sin();
    if (px * px + py * py).sqrt() < leaf && y < 0.86 {
        let k = 0.6 + 0.6 * noise(ang * 8.0, py * 20.0);
        c = [0.07 * k, 0.16 * k, 0.07 * k];
    }
    if y > 0.86 {
        let k = 0.75 + 0.35 * glow;
        c = [0.20 * k, 0.13 * k, 0.085 * k];
    }
    let vignette = 1.0 - 0.30 * clamp01((x * x * 0.55 + (y - 0.5) * (y - 0.5)) * 1.1);
    [c[0] * vignette, c[1] * vignette, c[2] * vignette]
}

/// A box blur of radius `r` in both directions.
fn blur(src: &[[f32; 3]], w: usize, h: usize, r: i32) -> Vec<[f32; 3]> {
    let pass = |src: &[[f32; 3]], dx: i32, dy: i32| {
        let mut out = vec![[0.0f32; 3]; w * h];
        for y in 0..h as i32 {
            for x in 0..w as i32 {
                let mut sum = [0.0; 3];
                for k in -r..=r {
                    let sx = (x + dx * k).clamp(0, w as i32 - 1) as usize;
                    let sy = (y + dy * k).clamp(0, h as i32 - 1) as usize;
                    for (s, v) in sum.iter_mut().zip(src[sy * w + sx]) {
                        *s += v;
                    }
                }
                out[y as usize * w + x as usize] = sum.map(|s| s / (2 * r + 1) as f32);
            }
        }
        out
    };
    let across = pass(src, 1, 0);
    pass(&across, 0, 1)
}
