//! The room's light: a large warm window as key, a cool fill, a lamp behind as rim, and the bounce of walls and floor.

use super::math::{V3, clamp01, smooth, v3};

/// Direction towards the key light (unit length).
pub(super) const KEY: V3 = v3(-0.5145, 0.5145, 0.6860);
const FILL: V3 = v3(0.8452, 0.1690, 0.5071);
const RIM: V3 = v3(0.6396, 0.3198, -0.6990);

/// What reaches the eye from one point: display-encoded factors for the texel, and the highlight.
#[derive(Clone, Copy, Default)]
pub(super) struct Lit {
    pub r: f32,
    pub g: f32,
    pub b: f32,
    pub s: f32,
}

/// The point being lit: outward normal, direction to the eye, share of the surroundings seen, share of the key light seen.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub n: V3,
    pub eye: V3,
    pub open: f32,
    pub key: f32,
}

#[inline(always)]
fn power16(x: f32) -> f32 {
    let a = x * x;
    let b = a * a;
    let c = b * b;
    c * c
}

#[inline(always)]
fn encode(r: f32, g: f32, b: f32, s: f32) -> Lit {
    // Display encoding by the square root keeps a product of light and texel a product.
    Lit {
        r: r.clamp(0.0004, 4.0).sqrt(),
        g: g.clamp(0.0004, 4.0).sqrt(),
        b: b.clamp(0.0004, 4.0).sqrt(),
        s: s.clamp(0.0, 1.0),
    }
}

/// Light that has wrapped around the terminator by `w`.
#[inline(always)]
fn wrapped(d: f32, w: f32) -> f32 {
    let x = clamp01((d + w) / (1.0 + w));
    x * x * (1.6 - 0.6 * x)
}

/// Skin: red light travels furthest under the surface, so it wraps furthest into the shadow.
#[inline(always)]
pub(super) fn skin(p: Spot, gloss: f32) -> Lit {
    let key = p.n.dot(KEY);
    let fill = wrapped(p.n.dot(FILL), 0.5) * 0.26;
    let facing = clamp01(p.n.dot(p.eye));
    let edge = 1.0 - facing;
    let rim = clamp01(p.n.dot(RIM) + 0.15) * edge * edge * 1.1;
    let sky = 0.27 + 0.13 * p.n.y;
    let shade = p.open * (0.55 + 0.45 * p.open);
    let soft = 0.35 + 0.65 * p.key;
    let r = 0.99 * wrapped(key, 0.42) * soft + fill * 0.85 + (sky * 0.95 + 0.10) * shade + rim;
    let g = 0.92 * wrapped(key, 0.22) * p.key
        + fill * 0.95
        + sky * 0.93 * shade * (0.75 + 0.25 * p.open)
        + rim * 0.8;
    let b = 0.84 * wrapped(key, 0.16) * p.key
        + fill * 1.12
        + sky * 0.98 * shade * (0.7 + 0.3 * p.open)
        + rim * 0.62;
    let h = clamp01((KEY + p.eye).unit().dot(p.n));
    let broad = power16(h);
    let s =
        gloss * (0.20 * broad + 0.22 * broad * broad * broad) * p.key + 0.08 * gloss * edge * edge * p.open;
    encode(r * (0.5 + 0.5 * p.open), g * (0.42 + 0.58 * p.open), b * (0.38 + 0.62 * p.open), s)
}

/// Cloth: matte, with a faint sheen of raised fibres at grazing angles.
#[inline(always)]
pub(super) fn cloth(p: Spot) -> Lit {
    let key = wrapped(p.n.dot(KEY), 0.2) * (0.15 + 0.85 * p.key);
    let fill = wrapped(p.n.dot(FILL), 0.4) * 0.28;
    let edge = 1.0 - clamp01(p.n.dot(p.eye));
    let rim = clamp01(p.n.dot(RIM) + 0.1) * edge * edge * 0.9 + edge * edge * edge * 0.12;
    let sky = (0.26 + 0.12 * p.n.y) * p.open;
    let k = 0.45 + 0.55 * p.open;
    encode(
        (key * 1.02 + fill * 0.85 + sky + rim) * k,
        (key * 0.95 + fill * 0.96 + sky + rim * 0.8) * k,
        (key * 0.86 + fill * 1.12 + sky * 1.05 + rim * 0.65) * k,
        0.0,
    )
}

/// Hair after Kajiya and Kay: highlights lie where the half vector is across the fibre `t`.
#[inline(always)]
pub(super) fn hair(p: Spot, t: V3) -> Lit {
    let along = t.dot(KEY);
    let diffuse = (1.0 - along * along).max(0.0).sqrt() * smooth(-0.5, 0.8, p.n.dot(KEY));
    let half = (KEY + p.eye).unit();
    let th = t.dot(half) + 0.10;
    let across = (1.0 - th * th).max(0.0);
    let tight = power16(across) * clamp01(p.n.dot(KEY) + 0.35);
    let edge = 1.0 - clamp01(p.n.dot(p.eye));
    let rim = clamp01(p.n.dot(RIM) + 0.3) * edge * edge * 1.5;
    let sky = (0.34 + 0.14 * p.n.y) * p.open;
    let k = 0.3 + 0.7 * p.open;
    let d = diffuse * 0.85 * (0.3 + 0.7 * p.key) + wrapped(p.n.dot(FILL), 0.4) * 0.24;
    let s = (0.34 * tight * (0.3 + 0.7 * p.key) + 0.16 * rim) * k;
    encode((d + sky + rim) * k, (d * 0.94 + sky + rim * 0.8) * k, (d * 0.86 + sky * 1.06 + rim * 0.62) * k, s)
}

/// Polished metal, lit by an imagined studio: bright above, dark at the horizon.
#[inline(always)]
pub(super) fn metal(p: Spot) -> Lit {
    let d = p.n.dot(p.eye);
    let mirror = p.n * (2.0 * d) - p.eye;
    let sky = smooth(-0.25, 0.55, mirror.y) * 0.9 + smooth(0.75, 0.97, mirror.dot(KEY)) * 1.8 + 0.16;
    let k = sky * (0.4 + 0.6 * p.open);
    encode(k, k * 0.97, k * 0.9, smooth(0.93, 0.995, mirror.dot(KEY)))
}
