//! The paint on the face: skin tones, brows and lips as a texture, eyes and the inside of the mouth per pixel.

use super::head::{EYE, MOUTH_HALF_WIDTH, lip_amount, lip_edges};
use super::math::{bell, clamp01, fbm, mix, noise, smooth, v3};
use super::motion::Pose;
use super::raster::{Fragment, Paint, Texture, lit};

const SIDE: f32 = 512.0;
const LEFT: f32 = -10.0;
const TOP: f32 = 9.5;
const SPAN_X: f32 = 20.0;
const SPAN_Y: f32 = 23.0;

/// Texel of a point of the face (front projection, cm).
pub(super) fn texel(x: f32, y: f32) -> (f32, f32) {
    ((x - LEFT) / SPAN_X * SIDE, (TOP - y) / SPAN_Y * SIDE)
}

fn place(u: f32, v: f32) -> (f32, f32) {
    (u / SIDE * SPAN_X + LEFT, TOP - v / SIDE * SPAN_Y)
}

pub(super) const SKIN: [f32; 3] = [0.905, 0.735, 0.640];
const LIP: [f32; 3] = [0.760, 0.400, 0.385];
const BROW: [f32; 3] = [0.235, 0.165, 0.130];

fn blend(c: &mut [f32; 3], to: [f32; 3], t: f32) {
    for i in 0..3 {
        c[i] = mix(c[i], to[i], t);
    }
}

/// Fine mottling of skin, common to face, neck and hands.
pub(super) fn skin_tone(x: f32, y: f32) -> [f32; 3] {
    let broad = fbm(x * 0.5 + 40.0, y * 0.5 + 9.0) - 0.5;
    let fine = fbm(x * 5.0 + 7.0, y * 5.0 + 3.0) - 0.5;
    let pores = noise(x * 22.0 + 90.0, y * 22.0 + 70.0) - 0.5;
    let l = 1.0 + 0.03 * broad + 0.035 * fine + 0.022 * pores;
    [SKIN[0] * l, (SKIN[1] - 0.035 * broad - 0.02 * fine) * l, (SKIN[2] - 0.045 * broad - 0.02 * fine) * l]
}

/// The painted skin of the face.
pub(super) fn texture() -> Texture {
    Texture::paint(9, 9, |u, v| {
        let (sx, y) = place(u, v);
        let x = sx.abs();
        let mut c = skin_tone(sx, y);
        let blush = 0.55 * bell(x - 4.5, 2.0) * bell(y + 3.2, 1.7)
            + 0.32 * bell(x, 1.0) * bell(y + 3.9, 1.0)
            + 0.25 * bell(x, 1.6) * bell(y + 10.2, 1.2);
        blend(&mut c, [0.885, 0.560, 0.495], 0.36 * blush);
        // Thin skin around the eyes is cooler and darker.
        let socket = bell(x - EYE.x, 2.1) * bell(y - EYE.y + 0.15, 1.25);
        blend(&mut c, [0.700, 0.500, 0.450], 0.36 * socket);
        blend(&mut c, [0.930, 0.770, 0.680], 0.25 * bell(x, 2.6) * bell(y - 5.0, 2.0));
        for (fx, fy) in [(0.85, -4.78), (0.45, -4.92)] {
            blend(&mut c, [0.22, 0.10, 0.09], 0.75 * bell(x - fx, 0.26) * bell(y - fy, 0.16));
        }
        blend(&mut c, [0.60, 0.36, 0.31], 0.35 * bell(x - 1.75, 0.18) * bell(y + 4.5, 0.4));
        // Brows: strokes that lean outwards, dense along an arch.
        let t = (x - 1.35) / 3.9;
        let arch = 1.98 + 0.50 * smooth(0.0, 0.66, t) - 0.62 * smooth(0.60, 1.06, t);
        let half = mix(0.42, 0.20, clamp01(t)) * smooth(-0.06, 0.08, t) * smooth(1.04, 0.8, t);
        if half > 0.01 {
            let off = (y - arch) / half;
            let lean = sx.abs() * 1.0 - (y - arch) * mix(0.35, 1.3, clamp01(t));
            let stroke = noise(lean * 9.0 + 11.0, y * 1.4 + sx.signum() * 5.0) * 0.65
                + noise(lean * 21.0, y * 2.0) * 0.35;
            let body = smooth(1.25, 0.25, off.abs());
            blend(&mut c, BROW, clamp01(body * (0.45 + 1.0 * (stroke - 0.28))) * 0.95);
        }
        // Lips, with fine vertical lines; their seam is dark.
        let lip = lip_amount(v3(sx, y, 9.0));
        if lip > 0.0 {
            let line = super::head::mouth_line(sx);
            let (up, low) = lip_edges(sx);
            let lines = noise(sx * 9.0, y * 1.2) - 0.5;
            let k = 1.0 + 0.10 * lines + if y < line { 0.06 } else { -0.07 };
            let roll = bell((y - line) / (up - low), 0.13);
            blend(&mut c, [LIP[0] * k, LIP[1] * k, LIP[2] * k], 0.86 * lip);
            blend(&mut c, [0.36, 0.13, 0.13], 0.55 * roll * lip);
        }
        let corner = bell(x - MOUTH_HALF_WIDTH, 0.3) * bell(y - super::head::mouth_line(2.4), 0.16);
        blend(&mut c, [0.42, 0.19, 0.17], 0.35 * corner);
        for (fx, fy, r) in [(3.4, -5.2, 0.10), (-1.9, -9.0, 0.07), (4.9, 0.4, 0.06)] {
            blend(&mut c, [0.42, 0.26, 0.20], 0.7 * bell(sx - fx, r) * bell(y - fy, r));
        }
        (c, 0.75 + 0.25 * noise(sx * 14.0, y * 14.0))
    })
}

/// The eyes of one moment, drawn into the skin's openings.
pub(super) struct Eyes<'a> {
    pub skin: &'a Texture,
    /// 0 shut, 1 open.
    open: f32,
    gaze: (f32, f32),
    smile: f32,
}

/// Half the width of an eye's opening.
const EYE_HALF: f32 = 1.60;

impl<'a> Eyes<'a> {
    pub fn new(skin: &'a Texture, pose: &Pose) -> Eyes<'a> {
        // The eyes keep looking near the camera while the head turns.
        let gaze = (pose.gaze_x * 0.30 - pose.yaw * 0.9, pose.gaze_y * 0.22 - pose.pitch * 0.8);
        Eyes {
            skin,
            open: 1.0 - pose.blink,
            gaze: (gaze.0.clamp(-0.42, 0.42), gaze.1.clamp(-0.16, 0.16)),
            smile: pose.smile + 0.8 * pose.jaw * pose.smile,
        }
    }

    /// Upper and lower edge of the opening at `t` (-1 inner corner … 1 outer corner), cm above the eye's middle.
    #[inline(always)]
    fn lids(&self, t: f32) -> (f32, f32, f32) {
        let skew = t - 0.12 * (1.0 - t * t);
        let bow = (1.0 - skew * skew * (0.75 + 0.25 * skew * skew)).max(0.0);
        let axis = 0.10 * t;
        let low = axis - (0.46 - 0.10 * self.smile) * (1.0 - t * t).max(0.0);
        let wide = axis + 0.66 * bow;
        (low + (wide - low) * (self.open * (0.97 - 0.10 * self.smile)), low, wide)
    }
}

impl Paint for Eyes<'_> {
    #[inline(always)]
    fn pixel(&self, f: &Fragment) -> u32 {
        let t = self.skin.at(f.u, f.v);
        let gloss = ((t >> 24) as i32 * (f.s >> 8)) >> 8;
        let (x, y) = place(f.u as f32 * (1.0 / 65536.0), f.v as f32 * (1.0 / 65536.0));
        let side = if x < 0.0 { -1.0 } else { 1.0 };
        let ex = x * side - EYE.x;
        let ey = y - EYE.y;
        let across = ex / EYE_HALF;
        if !(-1.25..=1.3).contains(&across) {
            return lit(t as i32, f, gloss);
        }
        let inside = across.clamp(-1.0, 1.0);
        let (up, low, wide) = self.lids(inside);
        let beyond = (across.abs() - 1.0).max(0.0) * EYE_HALF;
        let cover =
            clamp01((up - ey) * 14.0 + 0.5) * clamp01((ey - low) * 14.0 + 0.5) * clamp01(1.0 - beyond * 14.0);
        let mut c = [(t & 255) as f32, (t >> 8 & 255) as f32, (t >> 16 & 255) as f32];
        let skin_light =
            [f.r as f32 * (1.0 / 65536.0), f.g as f32 * (1.0 / 65536.0), f.b as f32 * (1.0 / 65536.0)];
        // The fold of the upper lid, and the shade it throws.
        let crease = bell_fast((ey - wide - 0.30 - 0.05 * across) * 7.0)
            * clamp01((1.12 - across.abs()) * 2.5)
            * (0.35 + 0.65 * self.open);
        let lid_shade = clamp01(1.0 - (ey - up) * 3.0)
            * clamp01((ey - up) * 30.0 + 1.0)
            * clamp01((1.1 - across.abs()) * 3.0);
        let below = bell_fast((ey - low + 0.10) * 9.0) * clamp01((1.05 - across.abs()) * 3.0);
        let dark = 1.0 - 0.36 * crease - 0.12 * lid_shade - 0.10 * below;
        for (i, c) in c.iter_mut().enumerate() {
            *c = (*c * dark * skin_light[i] + gloss as f32) * (1.0 - cover);
        }
        if cover > 0.0 {
            let ball = self.ball(ex * side, ey, up - ey, across, side);
            let light = 0.30 + 0.72 * (skin_light[0] + skin_light[1]) * 0.5;
            for i in 0..3 {
                c[i] += (ball[i] * light + ball[3]) * cover;
            }
        }
        // Lashes: a dark line on the upper edge that thickens outwards, a fine one below.
        let reach = 0.10 + 0.07 * clamp01(across) + 0.05 * beyond;
        let lift = ey - up + beyond * 0.9;
        let upper = clamp01(1.0 - (lift - 0.03).abs() / reach) * clamp01((1.16 - across.abs()) * 5.0);
        let lower = clamp01(1.0 - (ey - low).abs() / 0.07) * clamp01((1.0 - across.abs()) * 4.0) * 0.38;
        let lash = 1.0 - (0.92 * upper).max(lower);
        let px = |k: f32| (k * lash).clamp(0.0, 255.0) as u32;
        px(c[0] + 10.0 * upper) | px(c[1]) << 8 | px(c[2]) << 16 | 0xff00_0000
    }
}

impl Eyes<'_> {
    /// Colour 0..255 of the eyeball at `(x, y)` cm from the eye's middle, and its highlight. `depth`: cm below the upper lid.
    #[inline(always)]
    fn ball(&self, x: f32, y: f32, depth: f32, across: f32, side: f32) -> [f32; 4] {
        let (dx, dy) = (x - self.gaze.0 - side * -0.02, y - 0.05 - self.gaze.1);
        let r = (dx * dx + dy * dy).sqrt();
        let round = 1.0 - 0.22 * across * across;
        let mut c = [232.0 * round, 222.0 * round, 216.0 * round];
        // Pink at the inner corner.
        let pink = clamp01((-across - 0.72) * 5.0);
        c = [c[0] - 14.0 * pink, c[1] - 84.0 * pink, c[2] - 84.0 * pink];
        let iris = clamp01((0.66 - r) * 14.0);
        if iris > 0.0 {
            let rings = 0.75 + 0.5 * clamp01((r - 0.20) * 2.5) + 0.25 * clamp01(-dy * 2.0);
            let rim = 1.0 - 0.62 * clamp01((r - 0.50) * 7.0);
            let pupil = clamp01((r - 0.22) * 18.0);
            let k = rings * rim * pupil;
            let tint = [92.0 * k + 8.0, 66.0 * k + 7.0, 42.0 * k + 7.0];
            for i in 0..3 {
                c[i] = mix(c[i], tint[i], iris);
            }
        }
        // The lid's shadow.
        let shadow = 0.50 + 0.50 * clamp01(depth * 2.6);
        let glint = clamp01((0.15 - ((dx + 0.20) * (dx + 0.20) + (dy - 0.20) * (dy - 0.20)).sqrt()) * 16.0);
        let second =
            clamp01((0.10 - ((dx - 0.22) * (dx - 0.22) + (dy + 0.22) * (dy + 0.22)).sqrt()) * 10.0) * 0.25;
        [c[0] * shadow, c[1] * shadow, c[2] * shadow, 225.0 * (glint + second).min(1.0)]
    }
}

/// A bell without the exponential: 1 at 0, 0 from ±1 on.
#[inline(always)]
fn bell_fast(x: f32) -> f32 {
    let t = (1.0 - x * x).max(0.0);
    t * t
}

/// The inside of the open mouth: `u` is cm from the middle (+8), `v` runs 0..1 from the upper to the lower lip, `s` is the gap in cm.
pub(super) struct Mouth;

impl Paint for Mouth {
    #[inline(always)]
    fn pixel(&self, f: &Fragment) -> u32 {
        let k = 1.0 / 65536.0;
        let (x, t, gap) = (f.u as f32 * k - 8.0, f.v as f32 * k, f.s as f32 * k);
        let depth = t * gap;
        let side = 1.0 - 0.16 * x * x;
        let mut c = [66.0, 22.0, 22.0];
        let tongue = clamp01((t - 0.62) * 5.0) * clamp01((gap - 0.4) * 2.0) * clamp01(side);
        c = [mix(c[0], 168.0, tongue), mix(c[1], 82.0, tongue), mix(c[2], 80.0, tongue)];
        let between = (x / 0.80 + 0.5).fract().abs();
        let seam = 1.0 - 0.22 * bell_fast((between - 0.5).abs() * 9.0 - 4.5 + 0.6);
        let edge = 0.62 - 0.06 * x * x;
        let teeth = clamp01((edge - depth) * 9.0) * clamp01(side * 1.6 - 0.2);
        let white = (0.55 + 0.45 * clamp01(depth * 3.0)) * seam * (0.55 + 0.45 * clamp01(side));
        c = [
            mix(c[0], 226.0 * white, teeth),
            mix(c[1], 214.0 * white, teeth),
            mix(c[2], 200.0 * white, teeth),
        ];
        // Barely parted lips show only their own shade.
        let parted = clamp01(gap * 4.0 - 0.3);
        c = [mix(104.0, c[0], parted), mix(44.0, c[1], parted), mix(44.0, c[2], parted)];
        let light = f.g as f32 * k;
        let shade = (0.35 + 0.65 * light) * (1.0 - 0.45 * clamp01(1.0 - depth * 5.0));
        let px = |v: f32| (v * shade).clamp(0.0, 255.0) as u32;
        px(c[0]) | px(c[1]) << 8 | px(c[2]) << 16 | 0xff00_0000
    }
}
