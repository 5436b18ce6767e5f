//! One thing that is followed.

use std::time::Duration;

use super::kalman::Motion;
use crate::perception::{Detection, PixelBox};

/// What is known of a thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Track {
    /// None until it was seen twice, or in the first frame.
    pub id: Option<u32>,
    pub class: u16,
    /// It was not in the frame before.
    pub lost: bool,
    pub seen: Duration,
    /// Where it should be in the frame in hand.
    pub bounds: PixelBox,
    motion: Motion,
}

impl Track {
    pub fn new(detection: &Detection, time: Duration) -> Self {
        let Detection { class, bounds, .. } = *detection;
        Self { id: None, class, lost: false, seen: time, bounds, motion: Motion::new(&bounds) }
    }

    /// Lets `time` thirtieths of a second pass.
    pub fn predict(&mut self, time: f32) {
        self.motion.predict(time, self.lost);
        self.bounds = self.motion.bounds();
    }

    /// Takes in where it is.
    pub fn update(&mut self, detection: &Detection, time: Duration) {
        self.motion.update(&detection.bounds);
        self.bounds = self.motion.bounds();
        (self.lost, self.seen) = (false, time);
    }

    pub fn is_real(&self) -> bool {
        self.bounds.is_real()
    }
}
