//! Landmarks that stand still when the face does, and follow when it moves.

use std::f32::consts::TAU;
use std::time::Duration;

/// Frames further apart have nothing to do with one another.
const LONGEST_GAP: Duration = Duration::from_millis(500);
/// Faces smaller than this (pixels) are not smoothed: their speed says nothing.
const LEAST_SIZE: f32 = 1.0;

/// Settings of the one-euro filter that steadies the published landmarks of a video: a low-pass filter
/// whose cutoff frequency rises with speed, `min_cutoff + beta · |speed|`.
///
/// Speed is measured in face sizes (mean of the width and height of its box) per second, so that the
/// settings hold at any distance and resolution; time is that of the frames. Source: Casiez, Roussel,
/// Vogel, "1€ filter", CHI 2012. Defaults: MediaPipe's face landmarker
/// (`face_landmarks_detector_graph.cc`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneEuro {
    /// Cutoff for a face that stands still, Hz, 0.001 to 30; lower is steadier. Default: 0.05.
    pub min_cutoff: f32,
    /// How much the cutoff rises with speed, 0 to 1000; higher lags less. Default: 80.
    pub beta: f32,
    /// Cutoff of the speed itself, Hz, 0.01 to 30. Default: 1.
    pub derivative_cutoff: f32,
}

impl Default for OneEuro {
    fn default() -> Self {
        Self { min_cutoff: 0.05, beta: 80.0, derivative_cutoff: 1.0 }
    }
}

impl OneEuro {
    /// With every value inside its range.
    fn sound(self) -> Self {
        let within = |value: f32, low: f32, high: f32, default: f32| {
            if value.is_finite() { value.clamp(low, high) } else { default }
        };
        let default = Self::default();
        Self {
            min_cutoff: within(self.min_cutoff, 0.001, 30.0, default.min_cutoff),
            beta: within(self.beta, 0.0, 1000.0, default.beta),
            derivative_cutoff: within(self.derivative_cutoff, 0.01, 30.0, default.derivative_cutoff),
        }
    }
}

/// The filter's memory of one face.
#[derive(Debug, Default)]
pub(super) struct Smoother {
    last: Option<Duration>,
    raw: Vec<[f32; 3]>,
    speed: Vec<[f32; 3]>,
    value: Vec<[f32; 3]>,
}

impl Smoother {
    /// The next landmarks are taken as they are: it is another face, or another scene.
    pub fn reset(&mut self) {
        self.last = None;
    }

    /// The landmarks of the last [`update`](Self::update), steadied.
    pub fn points(&self) -> &[[f32; 3]] {
        &self.value
    }

    /// Takes in the landmarks of the frame at `timestamp`, in pixels; `size` is the face's, in pixels.
    /// Begins anew after a gap of more than half a second and when time does not go on.
    pub fn update(&mut self, points: &[[f32; 3]], size: f32, timestamp: Duration, settings: OneEuro) {
        let elapsed = self.last.and_then(|last| timestamp.checked_sub(last));
        let goes_on = elapsed.filter(|elapsed| !elapsed.is_zero() && *elapsed <= LONGEST_GAP);
        self.last = Some(timestamp);
        let Some(elapsed) = goes_on.filter(|_| size >= LEAST_SIZE && self.raw.len() == points.len()) else {
            self.begin(points);
            return;
        };
        let settings = settings.sound();
        let seconds = elapsed.as_secs_f32();
        let per_second = 1.0 / (seconds * size);
        let speed_share = share(settings.derivative_cutoff, seconds);
        let before = self.raw.as_flattened_mut().iter_mut();
        let memory = before.zip(self.speed.as_flattened_mut()).zip(self.value.as_flattened_mut());
        for (((raw, speed), value), now) in memory.zip(points.as_flattened()) {
            *speed += speed_share * ((now - *raw) * per_second - *speed);
            *raw = *now;
            *value += share(settings.min_cutoff + settings.beta * speed.abs(), seconds) * (now - *value);
        }
    }

    fn begin(&mut self, points: &[[f32; 3]]) {
        self.raw.clear();
        self.raw.extend_from_slice(points);
        self.value.clear();
        self.value.extend_from_slice(points);
        self.speed.clear();
        self.speed.resize(points.len(), [0.0; 3]);
    }
}

/// How much of a new value a low-pass filter of `cutoff` Hz takes after `seconds`: 1 / (1 + τ / t).
fn share(cutoff: f32, seconds: f32) -> f32 {
    let turns = TAU * cutoff * seconds;
    turns / (1.0 + turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: f32 = 200.0;

    /// Frame `n` of 30 a second.
    fn at(n: u32) -> Duration {
        Duration::from_secs(1) * n / 30
    }

    /// Noise of about ±half a pixel that averages to nothing.
    fn noise(n: u32) -> f32 {
        ((n.wrapping_mul(2_654_435_761) >> 16) & 0xff) as f32 / 255.0 - 0.5
    }

    fn run(frames: u32, place: impl Fn(u32) -> f32) -> Vec<f32> {
        let mut smoother = Smoother::default();
        (0..frames)
            .map(|n| {
                smoother.update(&[[place(n), 7.0, 0.0]], SIZE, at(n), OneEuro::default());
                smoother.points()[0][0]
            })
            .collect()
    }

    fn jitter(path: &[f32]) -> f32 {
        path.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum::<f32>() / (path.len() - 1) as f32
    }

    #[test]
    fn a_still_face_trembles_five_times_less() {
        let raw: Vec<f32> = (0..120).map(noise).collect();
        let smooth = run(120, noise);
        let (raw, smooth) = (jitter(&raw[60..]), jitter(&smooth[60..]));
        assert!(smooth * 5.0 < raw, "{smooth} of {raw} pixels");
    }

    #[test]
    fn a_fast_face_is_followed_within_a_frame() {
        // After a second of rest it moves by its own size each second.
        let step = SIZE / 30.0;
        let place = |n: u32| (n.max(30) - 30) as f32 * step;
        let path = run(60, place);
        for n in 33..60 {
            let lag = place(n) - path[n as usize];
            assert!(lag.abs() < step, "frame {n}: {lag} behind, a frame is {step}");
        }
    }

    #[test]
    fn it_begins_anew_after_a_gap_a_jump_back_in_time_and_a_reset() {
        let settings = OneEuro::default();
        let mut smoother = Smoother::default();
        let feed = |smoother: &mut Smoother, x: f32, time: Duration| {
            smoother.update(&[[x, 0.0, 0.0]], SIZE, time, settings);
            smoother.points()[0][0]
        };
        feed(&mut smoother, 0.0, at(0));
        assert!(feed(&mut smoother, 10.0, at(1)) < 10.0, "it smooths");
        assert_eq!(feed(&mut smoother, 20.0, at(31)), 20.0, "a second later");
        assert_eq!(feed(&mut smoother, 30.0, at(2)), 30.0, "time went back");
        assert_eq!(feed(&mut smoother, 40.0, at(2)), 40.0, "time stands still");
        smoother.reset();
        assert_eq!(feed(&mut smoother, 50.0, at(3)), 50.0, "another face");
    }

    #[test]
    fn senseless_settings_give_numbers() {
        let settings = OneEuro { min_cutoff: f32::NAN, beta: f32::INFINITY, derivative_cutoff: -1.0 };
        let mut smoother = Smoother::default();
        for n in 0..5 {
            smoother.update(&[[noise(n), 1e6, -1e6]], SIZE, at(n), settings);
            assert!(smoother.points().as_flattened().iter().all(|v| v.is_finite()));
        }
        assert_eq!(settings.sound().min_cutoff, 0.05);
    }
}
