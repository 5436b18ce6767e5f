//! Signed distances of the solids the performer is modelled from; evaluated only while the meshes are built.

use super::math::{V3, clamp01, mix, v3};

pub(super) fn sphere(p: V3, c: V3, r: f32) -> f32 {
    (p - c).length() - r
}

/// Bounded first-order distance to an ellipsoid with radii `r`.
pub(super) fn ellipsoid(p: V3, c: V3, r: V3) -> f32 {
    let q = p - c;
    let a = v3(q.x / r.x, q.y / r.y, q.z / r.z);
    let b = v3(a.x / r.x, a.y / r.y, a.z / r.z);
    let k = a.length();
    k * (k - 1.0) / b.length().max(1e-4)
}

/// A rounded cone from `a` (radius `ra`) to `b` (radius `rb`).
pub(super) fn cone(p: V3, a: V3, b: V3, ra: f32, rb: f32) -> f32 {
    let (pa, ba) = (p - a, b - a);
    let t = clamp01(pa.dot(ba) / ba.dot(ba));
    (pa - ba * t).length() - mix(ra, rb, t)
}

/// Union with a fillet about `k` wide.
pub(super) fn join(a: f32, b: f32, k: f32) -> f32 {
    let h = (k - (a - b).abs()).max(0.0) / k;
    a.min(b) - h * h * k * 0.25
}

/// `a` with `b` carved out, the edge rounded about `k` wide.
pub(super) fn carve(a: f32, b: f32, k: f32) -> f32 {
    -join(-a, b, k)
}

/// The outward direction at `p`.
pub(super) fn normal(f: &dyn Fn(V3) -> f32, p: V3, e: f32) -> V3 {
    let k0 = v3(1.0, -1.0, -1.0);
    let k1 = v3(-1.0, -1.0, 1.0);
    let k2 = v3(-1.0, 1.0, -1.0);
    let k3 = v3(1.0, 1.0, 1.0);
    (k0 * f(p + k0 * e) + k1 * f(p + k1 * e) + k2 * f(p + k2 * e) + k3 * f(p + k3 * e)).unit()
}

/// How much of the open hemisphere above `p` is free, 0..1, from five samples out to about 6 cm.
pub(super) fn openness(f: &dyn Fn(V3) -> f32, p: V3, n: V3) -> f32 {
    let mut blocked = 0.0;
    let mut weight = 1.0;
    for i in 1..=5 {
        let h = 0.25 + 0.24 * (i * i) as f32;
        blocked += weight * ((h - f(p + n * h)) / h).max(0.0);
        weight *= 0.72;
    }
    clamp01(1.0 - 0.36 * blocked)
}

/// The outermost surface point on the ray from `o` along the unit vector `d`, searched inwards from `far`.
pub(super) fn outermost(f: &dyn Fn(V3) -> f32, o: V3, d: V3, far: f32) -> V3 {
    let mut t = far;
    for _ in 0..64 {
        let dist = f(o + d * t);
        if dist < 0.004 || t <= 0.05 {
            break;
        }
        t -= dist * 0.7;
    }
    o + d * t.max(0.05)
}
