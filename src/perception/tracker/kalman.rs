//! Where a box will be: a Kalman filter with constant velocity over its centre, aspect and height.
//!
//! The filter of SORT and ByteTrack has eight dimensions, but its noise is diagonal and each number only moves with
//! its own velocity: it is four filters of two dimensions, and they are kept as such. Its unit of time is a
//! thirtieth of a second, for which the noises of those programs were made.

use crate::perception::PixelBox;

/// Deviation of a place and of a velocity, in heights of the box.
const PLACE: f32 = 1.0 / 20.0;
const VELOCITY: f32 = 1.0 / 160.0;

/// A number, its velocity, and the covariance of the two.
#[derive(Debug, Clone, Copy, Default)]
struct Coordinate {
    value: f32,
    velocity: f32,
    variance: f32,
    both: f32,
    velocity_variance: f32,
}

impl Coordinate {
    fn new(value: f32, deviation: f32, velocity_deviation: f32) -> Self {
        let (variance, velocity_variance) = (deviation.powi(2), velocity_deviation.powi(2));
        Self { value, velocity: 0.0, variance, both: 0.0, velocity_variance }
    }

    fn predict(&mut self, time: f32, deviation: f32, velocity_deviation: f32) {
        self.value += self.velocity * time;
        self.variance += time * (2.0 * self.both + time * self.velocity_variance) + deviation.powi(2) * time;
        self.both += time * self.velocity_variance;
        self.velocity_variance += velocity_deviation.powi(2) * time;
    }

    fn update(&mut self, seen: f32, deviation: f32) {
        let off = seen - self.value;
        let [gain, velocity_gain] =
            [self.variance, self.both].map(|v| v / (self.variance + deviation.powi(2)));
        self.value += gain * off;
        self.velocity += velocity_gain * off;
        self.velocity_variance -= velocity_gain * self.both;
        self.both -= gain * self.both;
        self.variance -= gain * self.variance;
    }
}

/// The state of a box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Motion {
    x: Coordinate,
    y: Coordinate,
    aspect: Coordinate,
    height: Coordinate,
}

/// Centre, width over height, and height.
fn measured(bounds: &PixelBox) -> [f32; 4] {
    let height = bounds.height.max(f32::MIN_POSITIVE);
    [bounds.x + bounds.width / 2.0, bounds.y + height / 2.0, bounds.width / height, height]
}

impl Motion {
    pub fn new(bounds: &PixelBox) -> Self {
        let [x, y, aspect, height] = measured(bounds);
        let place = |value| Coordinate::new(value, 2.0 * PLACE * height, 10.0 * VELOCITY * height);
        Self { x: place(x), y: place(y), aspect: Coordinate::new(aspect, 1e-2, 1e-5), height: place(height) }
    }

    /// Lets `time` thirtieths of a second pass. What is not seen (`lost`) does not grow or shrink.
    pub fn predict(&mut self, time: f32, lost: bool) {
        if lost {
            self.height.velocity = 0.0;
        }
        let height = self.height.value.abs();
        for place in [&mut self.x, &mut self.y, &mut self.height] {
            place.predict(time, PLACE * height, VELOCITY * height);
        }
        self.aspect.predict(time, 1e-2, 1e-5);
    }

    /// Takes in where it was seen.
    pub fn update(&mut self, bounds: &PixelBox) {
        let [x, y, aspect, height] = measured(bounds);
        let deviation = PLACE * self.height.value.abs();
        self.x.update(x, deviation);
        self.y.update(y, deviation);
        self.aspect.update(aspect, 1e-1);
        self.height.update(height, deviation);
    }

    /// Where it should be now.
    pub fn bounds(&self) -> PixelBox {
        let height = self.height.value.max(0.0);
        let width = (self.aspect.value * height).max(0.0);
        PixelBox { x: self.x.value - width / 2.0, y: self.y.value - height / 2.0, width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_evenly_is_foreseen_whatever_the_rate() {
        for step in [1.0_f32, 3.0, 7.0] {
            let place = |time: f32| PixelBox { x: 4.0 * time, y: 50.0 - time, width: 40.0, height: 100.0 };
            let mut motion = Motion::new(&place(0.0));
            let mut time = 0.0;
            for _ in 0..60 {
                motion.predict(step, false);
                time += step;
                motion.update(&place(time));
            }
            motion.predict(step * 3.0, true);
            let (seen, expected) = (motion.bounds(), place(time + step * 3.0));
            assert!((seen.x - expected.x).abs() < 2.0 && (seen.y - expected.y).abs() < 2.0, "{seen:?}");
            assert!((seen.width - 40.0).abs() < 1.0 && (seen.height - 100.0).abs() < 1.0, "{seen:?}");
        }
    }
}
