//! What the performer does: every pose is a pure function of the time, and repeats after [`LOOP`].

use std::f32::consts::TAU;
use std::time::Duration;

use super::math::smooth;

/// Length of the performance; the first and the last pose join seamlessly.
pub const LOOP: Duration = Duration::from_secs(24);

/// Seconds at which the eyes close; one blink lasts about a quarter of a second.
const BLINKS: [f32; 8] = [1.3, 4.1, 6.9, 9.0, 12.6, 15.2, 18.8, 21.9];

/// The whole posture. Angles in radians, lengths in centimetres, amounts 0..1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pose {
    pub yaw: f32,
    pub pitch: f32,
    pub roll: f32,
    pub head_x: f32,
    pub sway: f32,
    pub lean: f32,
    pub turn: f32,
    pub breath: f32,
    pub blink: f32,
    pub jaw: f32,
    pub smile: f32,
    pub brow: f32,
    pub gaze_x: f32,
    pub gaze_y: f32,
    /// How far each arm is raised: the one on the left of the picture, then the right one.
    pub arms: [f32; 2],
    /// Swing of each raised forearm, radians.
    pub wave: [f32; 2],
    /// Late followers of the head's motion, for loose hair.
    pub swing: f32,
}

/// A plateau that rises at `a` and falls at `b`, each over `ease` seconds.
fn window(t: f32, a: f32, b: f32, ease: f32) -> f32 {
    smooth(a, a + ease, t) * (1.0 - smooth(b - ease, b, t))
}

fn yaw_at(p: f32) -> f32 {
    0.24 * (2.0 * p).sin() + 0.10 * (5.0 * p + 0.8).sin()
}

impl Pose {
    pub fn at(time: Duration) -> Pose {
        let nanos = time.as_nanos() % LOOP.as_nanos();
        let t = (nanos as f64 * 1e-9) as f32;
        let p = TAU * t / LOOP.as_secs_f32();

        let mut blink: f32 = 0.0;
        for at in BLINKS {
            blink = blink.max(window(t, at, at + 0.26, 0.11));
        }
        let talk = window(t, 2.0, 5.6, 0.6) + window(t, 11.6, 15.0, 0.6) + window(t, 19.5, 22.6, 0.6);
        let syllables = 0.5 + 0.32 * (51.0 * p).sin() + 0.26 * (76.0 * p + 1.1).sin();
        let yawn = window(t, 16.6, 18.4, 0.7);
        let jaw = (talk * syllables.max(0.04) * 0.62).max(yawn * 0.62);
        let smile = 0.25 + 0.6 * (window(t, 6.0, 10.6, 0.9) + window(t, 22.2, 23.9, 0.6)) - 0.2 * yawn;

        Pose {
            yaw: yaw_at(p),
            pitch: 0.07 * (3.0 * p + 0.5).sin() + 0.035 * (7.0 * p).sin() + 0.03 * talk * (23.0 * p).sin(),
            roll: 0.07 * (2.0 * p + 1.9).sin() + 0.03 * (5.0 * p).sin(),
            head_x: 0.9 * (2.0 * p + 0.4).sin(),
            sway: 1.6 * (p + 0.3).sin() + 0.8 * (3.0 * p).sin(),
            lean: 0.022 * (p + 0.3).sin() + 0.012 * (3.0 * p + 0.6).sin(),
            turn: 0.10 * (2.0 * p - 0.4).sin(),
            breath: 0.5 + 0.5 * (6.0 * p).sin(),
            blink,
            jaw,
            smile,
            brow: 0.9 * window(t, 2.6, 4.4, 0.5) + 0.8 * window(t, 12.2, 13.6, 0.4) + 0.5 * yawn,
            gaze_x: (0.55 * (3.0 * p + 2.0).sin()
                + 0.5 * (window(t, 10.6, 12.0, 0.15) - window(t, 18.6, 19.8, 0.15)))
                * 0.6,
            gaze_y: 0.25 * (4.0 * p).sin(),
            arms: [window(t, 13.0, 19.4, 1.3), window(t, 4.6, 10.8, 1.3)],
            wave: [0.14 * (19.0 * p).sin(), 0.26 * (29.0 * p).sin()],
            swing: yaw_at(p - 0.09) - yaw_at(p),
        }
    }
}
