//! Times of recorded pictures, and which of them are left out to hold a rate.

use std::time::Duration;

/// What a picture whose time went back is put after the one before.
const STEP: Duration = Duration::from_millis(1);
/// How far a time may go back and still be of the same clock; more is another source.
const JITTER: Duration = Duration::from_millis(500);

/// Presentation times from zero that never stand still or go back, whatever the source's clock does.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// The source's time that is zero, and what lies before it in the file.
    origin: Option<(Duration, Duration)>,
    last: Option<Duration>,
}

impl Clock {
    /// The time in the file of a picture that the source took at `timestamp`.
    pub(super) fn stamp(&mut self, timestamp: Duration) -> Duration {
        let (zero, offset) = *self.origin.get_or_insert((timestamp, Duration::ZERO));
        let earliest = self.last.map_or(Duration::ZERO, |last| last + STEP);
        let wanted = (timestamp + offset).checked_sub(zero);
        let stamp = match wanted {
            Some(wanted) if wanted + JITTER >= earliest => wanted.max(earliest),
            _ => {
                // Another source began to count anew: the file goes on where it is.
                let goes_on = earliest + Duration::from_millis(32);
                self.origin = Some((timestamp, goes_on));
                goes_on
            }
        };
        self.last = Some(stamp);
        stamp
    }

    /// How long the file would be with a picture of `timestamp`.
    pub(super) fn length(&self, timestamp: Duration) -> Duration {
        let Some((zero, offset)) = self.origin else { return Duration::ZERO };
        (timestamp + offset).saturating_sub(zero)
    }
}

/// Takes at most so many pictures per second, evenly.
#[derive(Debug)]
pub(super) struct RateCap {
    interval: Option<Duration>,
    due: Option<Duration>,
}

impl RateCap {
    /// None takes all.
    pub(super) fn new(rate: Option<f64>) -> Self {
        let interval = rate.and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        Self { interval, due: None }
    }

    /// Whether the picture of `timestamp` is taken.
    pub(super) fn takes(&mut self, timestamp: Duration) -> bool {
        let Some(interval) = self.interval else { return true };
        // Cameras come a little early or late; a third of the distance is forgiven.
        let due = self.due.unwrap_or(timestamp);
        let far_off = timestamp + interval * 4 < due;
        if timestamp + interval / 3 < due && !far_off {
            return false;
        }
        // After a gap it is counted from here: the gap is not caught up.
        let base = if timestamp > due + interval || far_off { timestamp } else { due };
        self.due = Some(base + interval);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn time_starts_at_zero_and_always_moves_on() {
        let mut clock = Clock::default();
        assert_eq!(clock.stamp(ms(500)), ms(0));
        assert_eq!(clock.stamp(ms(533)), ms(33));
        assert_eq!(clock.stamp(ms(533)), ms(34));
        assert_eq!(clock.stamp(ms(530)), ms(35));
        assert_eq!(clock.stamp(ms(633)), ms(133), "a jitter does not shift what follows");
    }

    #[test]
    fn a_source_that_counts_anew_goes_on_at_its_own_pace() {
        let mut clock = Clock::default();
        clock.stamp(ms(10_000));
        clock.stamp(ms(20_000));
        let first = clock.stamp(ms(0));
        assert!(first > ms(10_000) && first < ms(10_100), "{first:?}");
        assert_eq!(clock.stamp(ms(40)), first + ms(40));
    }

    #[test]
    fn half_the_rate_takes_every_second_picture_and_a_gap_is_not_caught_up() {
        let mut cap = RateCap::new(Some(15.0));
        let taken = (0..60).filter(|n| cap.takes(ms(n * 1000 / 30))).count();
        assert_eq!(taken, 30);
        assert!(cap.takes(ms(60_000)));
        assert!(!cap.takes(ms(60_033)));
        assert!(RateCap::new(None).takes(ms(0)));
    }
}
