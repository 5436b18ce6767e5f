//! Small vector algebra and deterministic noise for the demo performer. Lengths are centimetres.

use std::ops::{Add, Mul, Neg, Sub};

/// A point or direction: x to the right of the picture, y up, z towards the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct V3 {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

#[inline(always)]
pub(super) const fn v3(x: f32, y: f32, z: f32) -> V3 {
    V3 { x, y, z }
}

impl V3 {
    #[inline(always)]
    pub fn dot(self, o: V3) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }

    #[inline(always)]
    pub fn cross(self, o: V3) -> V3 {
        v3(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)
    }

    #[inline(always)]
    pub fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    #[inline(always)]
    pub fn unit(self) -> V3 {
        self * (1.0 / self.length().max(1e-6))
    }

    #[inline(always)]
    pub fn lerp(self, o: V3, t: f32) -> V3 {
        self + (o - self) * t
    }

    /// The same point in the other half of a mirror-symmetric body.
    #[inline(always)]
    pub fn fold(self) -> V3 {
        v3(self.x.abs(), self.y, self.z)
    }
}

impl Add for V3 {
    type Output = V3;
    #[inline(always)]
    fn add(self, o: V3) -> V3 {
        v3(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl Sub for V3 {
    type Output = V3;
    #[inline(always)]
    fn sub(self, o: V3) -> V3 {
        v3(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Mul<f32> for V3 {
    type Output = V3;
    #[inline(always)]
    fn mul(self, k: f32) -> V3 {
        v3(self.x * k, self.y * k, self.z * k)
    }
}

impl Neg for V3 {
    type Output = V3;
    #[inline(always)]
    fn neg(self) -> V3 {
        v3(-self.x, -self.y, -self.z)
    }
}

/// A rotation, kept as the images of the three axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rot {
    x: V3,
    y: V3,
    z: V3,
}

impl Rot {
    /// Roll about z, then pitch about x (positive looks up), then yaw about y. Radians.
    pub fn new(yaw: f32, pitch: f32, roll: f32) -> Rot {
        let (sr, cr) = roll.sin_cos();
        let (sp, cp) = (-pitch).sin_cos();
        let (sy, cy) = yaw.sin_cos();
        let turn = |p: V3| {
            let a = v3(p.x * cr - p.y * sr, p.x * sr + p.y * cr, p.z);
            let b = v3(a.x, a.y * cp - a.z * sp, a.y * sp + a.z * cp);
            v3(b.x * cy + b.z * sy, b.y, b.z * cy - b.x * sy)
        };
        Rot { x: turn(v3(1.0, 0.0, 0.0)), y: turn(v3(0.0, 1.0, 0.0)), z: turn(v3(0.0, 0.0, 1.0)) }
    }

    /// The rotation whose axes are the given ones (they must be orthonormal).
    pub fn from_axes(x: V3, y: V3, z: V3) -> Rot {
        Rot { x, y, z }
    }

    #[inline(always)]
    pub fn apply(&self, p: V3) -> V3 {
        self.x * p.x + self.y * p.y + self.z * p.z
    }
}

#[inline(always)]
pub(super) fn clamp01(x: f32) -> f32 {
    x.clamp(0.0, 1.0)
}

#[inline(always)]
pub(super) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// Hermite step from 0 at `a` to 1 at `b` (`a` may be the larger one).
#[inline(always)]
pub(super) fn smooth(a: f32, b: f32, x: f32) -> f32 {
    let t = clamp01((x - a) / (b - a));
    t * t * (3.0 - 2.0 * t)
}

/// A bell of height 1 and width `w` around 0.
#[inline(always)]
pub(super) fn bell(x: f32, w: f32) -> f32 {
    let t = x / w;
    (-t * t).exp()
}

/// Piecewise linear curve through `(x, y)` points with falling x.
pub(super) fn curve(points: &[(f32, f32)], x: f32) -> f32 {
    let Some(first) = points.first() else { return 0.0 };
    if x >= first.0 {
        return first.1;
    }
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if x >= b.0 {
            return mix(b.1, a.1, (x - b.0) / (a.0 - b.0));
        }
    }
    points.last().map_or(0.0, |p| p.1)
}

/// A hash of a lattice point, in 0..1.
#[inline(always)]
pub(super) fn hash2(x: i32, y: i32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x8da6_b343) ^ (y as u32).wrapping_mul(0xd816_3841);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2c1b_3c6d);
    h ^= h >> 12;
    h = h.wrapping_mul(0x297a_2d39);
    h ^= h >> 15;
    (h >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// Smooth value noise in 0..1.
pub(super) fn noise(x: f32, y: f32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    let (ix, iy) = (fx as i32, fy as i32);
    let (tx, ty) = (x - fx, y - fy);
    let (sx, sy) = (tx * tx * (3.0 - 2.0 * tx), ty * ty * (3.0 - 2.0 * ty));
    let top = mix(hash2(ix, iy), hash2(ix + 1, iy), sx);
    let low = mix(hash2(ix, iy + 1), hash2(ix + 1, iy + 1), sx);
    mix(top, low, sy)
}

/// Four octaves of [`noise`], in 0..1.
pub(super) fn fbm(x: f32, y: f32) -> f32 {
    0.5 * noise(x, y)
        + 0.26 * noise(x * 2.03 + 17.1, y * 2.03 + 3.7)
        + 0.15 * noise(x * 4.1 + 5.3, y * 4.1 + 29.9)
        + 0.09 * noise(x * 8.3 + 71.7, y * 8.3 + 13.3)
}
