//! The time that effects see.

use std::time::Duration;

use crate::frame::Frame;

/// Times begin again after so long, so that small numbers stay exact.
const ROUND: Duration = Duration::from_secs(3600);
/// Frames are counted up to here: all of it is exact in 32-bit numbers.
const FRAMES: u32 = 1 << 24;
/// After a longer gap nothing moved.
const LONGEST: Duration = Duration::from_secs(1);

/// Goes on with each frame that is drawn, not with pictures of the same frame.
#[derive(Debug, Default)]
pub(super) struct Clock {
    last: Option<Duration>,
    delta: Duration,
    frames: u32,
}

impl Clock {
    /// A picture of `frame` is drawn.
    pub(super) fn show(&mut self, frame: &Frame) {
        if self.last == Some(frame.timestamp) {
            self.delta = Duration::ZERO;
            return;
        }
        let passed = self.last.and_then(|last| frame.timestamp.checked_sub(last));
        self.delta = passed.filter(|passed| *passed <= LONGEST).unwrap_or_default();
        self.frames = if self.last.is_some() { (self.frames + 1) % FRAMES } else { 0 };
        self.last = Some(frame.timestamp);
    }

    /// Seconds since the hour, seconds since the frame before, number of the frame.
    pub(super) fn values(&self) -> [f32; 3] {
        let time = self.last.unwrap_or_default();
        let second = time.as_secs() % ROUND.as_secs();
        [second as f32 + time.subsec_nanos() as f32 * 1e-9, self.delta.as_secs_f32(), self.frames as f32]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{ColorSpace, FramePool, FrameSeq, PixelFormat};

    fn at(millis: u64) -> Frame {
        let data = FramePool::new(64).acquire(PixelFormat::Rgba8.bytes(2, 2)).expect("budget");
        let (time, color) = (Duration::from_millis(millis), ColorSpace::default());
        Frame::new(FrameSeq(0), time, PixelFormat::Rgba8, (2, 2), color, data).expect("fits")
    }

    #[test]
    fn time_goes_on_with_frames_and_begins_again_each_hour() {
        let mut clock = Clock::default();
        let mut values = |millis| {
            clock.show(&at(millis));
            clock.values()
        };
        assert_eq!(values(3_599_500), [3599.5, 0.0, 0.0]);
        assert_eq!(values(3_600_000), [0.0, 0.5, 1.0]);
        assert_eq!(values(3_600_000), [0.0, 0.0, 1.0], "the same frame, drawn again");
        assert_eq!(values(3_700_000), [100.0, 0.0, 2.0], "after a gap");
        assert_eq!(values(40), [0.04, 0.0, 3.0], "from the start again");
    }
}
