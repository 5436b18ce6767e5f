//! When frames were taken, and how many were not, by the driver's word.

use std::time::{Duration, Instant};

use v4l::buffer::Metadata;

/// Frames that the driver had to leave out since the last one.
pub(super) fn missed(last: &mut Option<u32>, metadata: &Metadata) -> u64 {
    let missed = last.map_or(0, |last| metadata.sequence.wrapping_sub(last).wrapping_sub(1));
    *last = Some(metadata.sequence);
    // Drivers that do not count leave it at zero, which would look like an enormous gap.
    if missed > 1000 { 0 } else { u64::from(missed) }
}

/// Times from the driver's clock where it has one that runs, else from ours.
#[derive(Debug, Default)]
pub(super) struct Clock {
    started: Option<(Duration, Instant)>,
    last: Option<Duration>,
}

impl Clock {
    pub(super) fn at(&mut self, metadata: &Metadata) -> Duration {
        let micros = u64::try_from(metadata.timestamp.usec).unwrap_or(0);
        let driver = Duration::from_secs(u64::try_from(metadata.timestamp.sec).unwrap_or(0))
            + Duration::from_micros(micros);
        let (first, start) = *self.started.get_or_insert((driver, Instant::now()));
        let time = driver.saturating_sub(first);
        let time = if self.last.is_some_and(|last| time <= last) { start.elapsed() } else { time };
        let time = self.last.map_or(time, |last| time.max(last + Duration::from_micros(1)));
        self.last = Some(time);
        time
    }
}
