//! Detections that are made up: to measure what many cost.

use crate::batch::{Detect, DetectFailure};
use crate::frame::Frame;
use crate::perception::{Detection, PixelBox};

/// Lets a detector find more than there is: boxes that walk slowly, always the same in the same frame.
pub(super) struct Crowd {
    inner: Box<dyn Detect>,
    count: u32,
}

impl Crowd {
    /// `inner`, which finds `count` things more in every frame.
    pub(super) fn around(inner: Box<dyn Detect>, count: u32) -> Box<dyn Detect> {
        if count == 0 { inner } else { Box::new(Self { inner, count }) }
    }
}

impl Detect for Crowd {
    fn detect(&mut self, frames: &[&Frame], found: &mut [Vec<Detection>]) -> Result<(), DetectFailure> {
        self.inner.detect(frames, found)?;
        for (frame, found) in frames.iter().zip(found) {
            let (width, height) = (frame.width as f32, frame.height as f32);
            found.extend((0..self.count).map(|n| {
                let mut random = fastrand::Rng::with_seed(u64::from(n));
                let mut number = || random.f32();
                let (x, y) = (number(), number());
                let (dx, dy) = (number() - 0.5, number() - 0.5);
                let (columns, rows) = (8.0 + 40.0 * number(), 8.0 + 40.0 * number());
                let walked = frame.seq.0 as f32;
                let confidence = 0.3 + 0.7 * number();
                Detection {
                    class: (n % 80) as u16,
                    confidence,
                    bounds: PixelBox {
                        x: (x * width + dx * walked).rem_euclid(width),
                        y: (y * height + dy * walked).rem_euclid(height),
                        width: columns,
                        height: rows,
                    },
                }
            }));
            found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        }
        Ok(())
    }
}
