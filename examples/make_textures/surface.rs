//! A picture being painted, at twice the final size: colour, relief and shine, then light.

use crate::noise::{mix, smooth};

/// Side of the finished tile, pixels.
pub const OUT: usize = 512;
/// Side while painting.
pub const SIDE: usize = OUT * 2;

pub type Rgb = [f32; 3];

/// Display-encoded colours 0..1, `SIDE` × `SIDE`.
pub struct Picture {
    pixels: Vec<Rgb>,
}

impl Picture {
    /// Asks `f(u, v)` for every pixel.
    pub fn new(f: impl Fn(f32, f32) -> Rgb) -> Picture {
        Picture { pixels: sample(f) }
    }

    /// Every final pixel is the mean of four painted ones, in linear light.
    pub fn finish(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(OUT * OUT * 3);
        for y in 0..OUT {
            for x in 0..OUT {
                for c in 0..3 {
                    let at = |dx: usize, dy: usize| {
                        let p = self.pixels[(y * 2 + dy) * SIDE + x * 2 + dx][c].clamp(0.0, 1.0);
                        p * p
                    };
                    let mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) * 0.25;
                    out.push((mean.sqrt() * 255.0 + 0.5) as u8);
                }
            }
        }
        out
    }
}

fn sample<T>(f: impl Fn(f32, f32) -> T) -> Vec<T> {
    let mut all = Vec::with_capacity(SIDE * SIDE);
    for y in 0..SIDE {
        for x in 0..SIDE {
            all.push(f((x as f32 + 0.5) / SIDE as f32, (y as f32 + 0.5) / SIDE as f32));
        }
    }
    all
}

/// One point of a material.
#[derive(Clone, Copy)]
pub struct Matter {
    pub color: Rgb,
    /// Height in hundredths of the tile's side.
    pub height: f32,
    /// Strength of the highlight, and how much it takes the colour of the matter (metal: 1).
    pub shine: f32,
    pub metal: f32,
}

impl Matter {
    pub fn matte(color: Rgb, height: f32) -> Matter {
        Matter { color, height, shine: 0.0, metal: 0.0 }
    }
}

/// How a relief is lit: from the upper left, with highlights of the given sharpness.
pub struct Light {
    pub ambient: f32,
    pub key: f32,
    pub sharpness: f32,
    /// How much hollows darken.
    pub cavity: f32,
}

pub const SOFT: Light = Light { ambient: 0.42, key: 0.72, sharpness: 24.0, cavity: 0.0 };

/// Lights the relief that `f(u, v)` describes; it wraps around the tile's edges like the tile itself.
pub fn lit(light: &Light, f: impl Fn(f32, f32) -> Matter) -> Picture {
    let matter = sample(f);
    let at = |x: usize, y: usize| matter[(y % SIDE) * SIDE + x % SIDE].height;
    let scale = SIDE as f32 / 100.0 * 0.5;
    let mut pixels = Vec::with_capacity(SIDE * SIDE);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let m = matter[y * SIDE + x];
            let hx = (at(x + 1, y) - at(x + SIDE - 1, y)) * scale;
            let hy = (at(x, y + 1) - at(x, y + SIDE - 1)) * scale;
            let inv = 1.0 / (hx * hx + hy * hy + 1.0).sqrt();
            let n = [-hx * inv, -hy * inv, inv];
            let key = (n[0] * -0.43 + n[1] * -0.56 + n[2] * 0.707).max(0.0);
            let half = (n[0] * -0.233 + n[1] * -0.303 + n[2] * 0.924).max(0.0);
            let spec = half.powf(light.sharpness) * m.shine;
            let hollow = if light.cavity > 0.0 {
                let r = 10;
                let around = (at(x + r, y) + at(x + SIDE - r, y) + at(x, y + r) + at(x, y + SIDE - r)) * 0.25;
                1.0 - light.cavity * smooth(0.0, 1.0, around - m.height)
            } else {
                1.0
            };
            let d = (light.ambient + light.key * key) * hollow;
            pixels.push([0, 1, 2].map(|c| {
                let tint = mix(1.0, m.color[c] * 1.3, m.metal);
                m.color[c] * d + spec * tint
            }));
        }
    }
    Picture { pixels }
}

/// A colour between the stops `(position, colour)`.
pub fn ramp(stops: &[(f32, Rgb)], t: f32) -> Rgb {
    let Some(first) = stops.first() else { return [0.0; 3] };
    let mut last = *first;
    for stop in stops {
        if t <= stop.0 {
            let span = stop.0 - last.0;
            let k = if span > 0.0 { ((t - last.0) / span).clamp(0.0, 1.0) } else { 1.0 };
            return blend(last.1, stop.1, k);
        }
        last = *stop;
    }
    last.1
}

pub fn blend(a: Rgb, b: Rgb, t: f32) -> Rgb {
    let t = t.clamp(0.0, 1.0);
    [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)]
}

pub fn times(a: Rgb, k: f32) -> Rgb {
    a.map(|c| c * k)
}

pub fn add(a: Rgb, b: Rgb, k: f32) -> Rgb {
    [a[0] + b[0] * k, a[1] + b[1] * k, a[2] + b[2] * k]
}

/// A colour from 0xRRGGBB.
pub fn hex(c: u32) -> Rgb {
    [(c >> 16 & 255) as f32 / 255.0, (c >> 8 & 255) as f32 / 255.0, (c & 255) as f32 / 255.0]
}

/// A bright colour of the given hue (0..1 around the wheel), smooth in all channels.
pub fn hue(h: f32) -> Rgb {
    [0.0, 0.33, 0.67].map(|o| 0.5 + 0.5 * ((h + o) * std::f32::consts::TAU).cos())
}
