//! Where the figure's parts are at one moment.

use super::head;
use super::light::KEY;
use super::math::{Rot, V3, smooth, v3};
use super::motion::Pose;

/// A rotation about a pivot and a shift.
#[derive(Clone, Copy)]
pub(super) struct Rigid {
    rot: Rot,
    pivot: V3,
    shift: V3,
}

impl Rigid {
    #[inline(always)]
    pub fn point(&self, p: V3) -> V3 {
        self.rot.apply(p - self.pivot) + self.pivot + self.shift
    }

    #[inline(always)]
    pub fn turn(&self, d: V3) -> V3 {
        self.rot.apply(d)
    }
}

/// Where head and chest are, and what shades the chest.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    pub chest: Rigid,
    pub head: Rigid,
    skull: V3,
    chin: V3,
}

impl Stage {
    pub fn new(pose: &Pose) -> Stage {
        let chest = Rigid {
            rot: Rot::new(pose.turn, 0.0, pose.lean),
            pivot: v3(0.0, -40.0, -2.0),
            shift: v3(pose.sway, 0.25 * pose.breath, 0.0),
        };
        let nape = v3(0.0, -10.5, -2.5);
        let carried = chest.point(nape);
        let head = Rigid {
            rot: Rot::new(pose.yaw, pose.pitch, pose.roll),
            pivot: nape,
            shift: carried - nape + v3(pose.head_x, 0.0, 0.0),
        };
        let skull = head.point(v3(0.0, 0.5, -0.5));
        let chin = head.point(head::drop_jaw(v3(0.0, -7.5, 4.2), pose.jaw));
        Stage { chest, head, skull, chin }
    }

    /// Share of the key light that passes the head on its way to `p`.
    #[inline(always)]
    pub fn key_at(&self, p: V3) -> f32 {
        let pass = |c: V3, r: f32| {
            let d = c - p;
            let t = d.dot(KEY);
            let off = (d.dot(d) - t * t).max(0.0).sqrt();
            smooth(r * 0.65, r * 1.25, off).max(smooth(1.0, -2.0, t))
        };
        pass(self.skull, 8.0).min(pass(self.chin, 4.6))
    }
}
