//! The arms: sleeves swept along a curve from shoulder to wrist, and where the hands are.

use super::math::{Rot, V3, bell, fbm, mix, smooth, v3};
use super::motion::Pose;

pub(super) const RINGS: usize = 36;
pub(super) const AROUND: usize = 24;

/// One sleeve's rest shape: how far each vertex stands out from the arm's axis, and its texels.
pub(super) struct Sleeve {
    pub bulge: Vec<f32>,
    pub uv: Vec<(f32, f32)>,
    pub tris: Vec<[u32; 3]>,
}

impl Sleeve {
    pub fn new(seed: f32) -> Sleeve {
        let (mut bulge, mut uv) = (vec![], vec![]);
        for ring in 0..RINGS {
            let t = ring as f32 / (RINGS - 1) as f32;
            for k in 0..AROUND {
                let a = k as f32 / AROUND as f32 * std::f32::consts::TAU;
                let (s, c) = a.sin_cos();
                let folds =
                    0.9 * (fbm(c * 1.3 + seed + 10.0, t * 9.0 + s * 1.3) - 0.5) * smooth(0.02, 0.2, t);
                let bunch = 0.28 * (t * 90.0 + 3.0 * s + 2.0 * c).sin() * bell(t - 0.80, 0.10);
                let cuff = if t > 0.92 { 0.30 - 0.5 * smooth(0.985, 1.0, t) } else { 0.0 };
                bulge.push(folds + bunch + cuff);
                uv.push((k as f32 / AROUND as f32 * 256.0 * 2.0, t * 640.0));
            }
        }
        let mut tris = vec![];
        for r in 0..RINGS - 1 {
            for c in 0..AROUND {
                let at = |c: usize, r: usize| (r * AROUND + c % AROUND) as u32;
                tris.push([at(c, r), at(c, r + 1), at(c + 1, r + 1)]);
                tris.push([at(c, r), at(c + 1, r + 1), at(c + 1, r)]);
            }
        }
        Sleeve { bulge, uv, tris }
    }
}

/// An arm in one posture, in the chest's space.
pub(super) struct Arm {
    shoulder: V3,
    bend: V3,
    wrist: V3,
    /// Turns the hand's rest pose into place.
    pub hand: Rot,
    pub side: f32,
}

impl Arm {
    pub fn at(pose: &Pose, index: usize) -> Arm {
        let side = if index == 0 { -1.0 } else { 1.0 };
        let up = pose.arms[index];
        let wave = pose.wave[index] * up;
        let shoulder = v3(13.6 * side, -22.2, -3.2);
        let bend = v3(mix(19.4, 23.0, up) * side, mix(-42.0, -54.0, up), mix(-2.0, 4.0, up));
        let arc = (up * std::f32::consts::PI).sin();
        let low = v3(22.0 * side, -62.0, 6.0);
        let high = v3(
            (25.5 + if index == 0 { 0.5 } else { 0.0 }) * side,
            if index == 0 { -23.0 } else { -20.5 },
            12.0,
        );
        let wrist = low.lerp(high, up) + v3(3.5 * arc * side + 5.0 * wave, 0.0, 3.0 * arc);
        let tilt = wave + side * if index == 0 { -0.10 } else { 0.10 } + 0.5 * arc * side;
        let along = v3(tilt.sin(), tilt.cos(), 0.10).unit();
        let facing = v3(-0.32 * side, 0.0, 1.0);
        let palm = (facing - along * facing.dot(along)).unit();
        // The thumb points to the head: the rest pose is the arm at the right of the picture, the other one mirrors it.
        let hand = Rot::from_axes(along.cross(palm) * side, along, palm);
        Arm { shoulder, bend, wrist, hand, side }
    }

    pub fn wrist(&self) -> V3 {
        self.wrist
    }

    /// Axis point and direction at `t` (0 shoulder, 1 wrist).
    fn axis(&self, t: f32) -> (V3, V3) {
        let s = 1.0 - t;
        let p = self.shoulder * (s * s) + self.bend * (2.0 * s * t) + self.wrist * (t * t);
        let d = (self.bend - self.shoulder) * s + (self.wrist - self.bend) * t;
        (p, d.unit())
    }

    /// Positions of the sleeve's vertices, in the order of [`Sleeve`].
    pub fn sweep(&self, sleeve: &Sleeve, out: &mut Vec<V3>, circle: &[(f32, f32)]) {
        out.clear();
        for ring in 0..RINGS {
            let t = ring as f32 / (RINGS - 1) as f32;
            let (p, d) = self.axis(t);
            let x = v3(1.0, 0.0, 0.0);
            let a = (x - d * x.dot(d)).unit();
            let b = d.cross(a);
            let cap = smooth(-0.06, 0.05, t);
            let radius = mix(mix(5.2, 4.4, smooth(0.0, 0.5, t)), 3.3, smooth(0.5, 1.0, t)) * cap;
            for (k, (s, c)) in circle.iter().enumerate() {
                let r = radius + sleeve.bulge[ring * AROUND + k];
                out.push(p + (a * *c + b * *s) * r);
            }
        }
    }
}

/// Sine and cosine of each position around a sleeve.
pub(super) fn circle() -> Vec<(f32, f32)> {
    (0..AROUND).map(|k| (k as f32 / AROUND as f32 * std::f32::consts::TAU).sin_cos()).collect()
}
