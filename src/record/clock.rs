//! Times of recorded pictures, and which of them are left out to hold a rate.

use std::time::{Duration, Instant};

/// What a picture whose time went back is put after the one before.
const STEP: Duration = Duration::from_millis(1);
/// How much further than the arrivals of pictures their times may jump; more is another source.
const LEAP: Duration = Duration::from_secs(2);
/// How far a time may go back and still be of the same clock; more is another source.
const JITTER: Duration = Duration::from_millis(500);

/// Presentation times from zero that never stand still or go back, whatever the source's clock does.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// The source's time that is zero, and what lies before it in the file.
    origin: Option<(Duration, Duration)>,
    last: Option<Duration>,
    arrived: Option<Instant>,
    /// Pictures arrive as they are taken.
    live: bool,
}

impl Clock {
    /// Of pictures that arrive as they are taken, if `live`.
    pub(super) fn new(live: bool) -> Self {
        Self { live, ..Self::default() }
    }

    /// The time in the file of a picture that the source took at `timestamp` and that arrived then.
    pub(super) fn stamp(&mut self, timestamp: Duration, arrived: Instant) -> Duration {
        let (zero, offset) = *self.origin.get_or_insert((timestamp, Duration::ZERO));
        let earliest = self.last.map_or(Duration::ZERO, |last| last + STEP);
        let gap = self.arrived.map_or(Duration::ZERO, |last| arrived.saturating_duration_since(last));
        let latest = self.last.filter(|_| self.live).map(|last| last + gap + LEAP);
        let wanted = (timestamp + offset).checked_sub(zero);
        let stamp = match wanted {
            Some(wanted) if wanted + JITTER >= earliest && latest.is_none_or(|latest| wanted <= latest) => {
                wanted.max(earliest)
            }
            _ => {
                // Another source began to count anew: the file goes on, the gap between them included.
                let goes_on = earliest.max(self.last.unwrap_or_default() + gap);
                self.origin = Some((timestamp, goes_on));
                goes_on
            }
        };
        self.last = Some(stamp);
        self.arrived = Some(arrived);
        stamp
    }

    /// Microseconds of the file at which the source stood at `micros` of its own; negative: before the first picture. None
    /// before that is there.
    pub(super) fn place(&self, micros: i64) -> Option<i64> {
        let (zero, offset) = self.origin?;
        Some(micros - zero.as_micros() as i64 + offset.as_micros() as i64)
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
        let (mut clock, now) = (Clock::default(), Instant::now());
        assert_eq!(clock.stamp(ms(500), now), ms(0));
        assert_eq!(clock.place(520_000), Some(20_000));
        assert_eq!(clock.stamp(ms(533), now), ms(33));
        assert_eq!(clock.stamp(ms(533), now), ms(34));
        assert_eq!(clock.stamp(ms(530), now), ms(35));
        assert_eq!(clock.stamp(ms(633), now), ms(133), "a jitter does not shift what follows");
    }

    #[test]
    fn a_source_that_counts_anew_goes_on_at_its_own_pace() {
        let (mut clock, now) = (Clock::default(), Instant::now());
        clock.stamp(ms(10_000), now);
        clock.stamp(ms(20_000), now + ms(10_000));
        let first = clock.stamp(ms(0), now + ms(13_000));
        assert_eq!(first, ms(13_000), "the time without a picture counts");
        assert_eq!(clock.stamp(ms(40), now + ms(13_040)), first + ms(40));
        assert_eq!(clock.place(-10_000), Some(12_990_000));
        assert!(clock.stamp(ms(0), now) > first, "and it never goes back");
    }

    #[test]
    fn a_source_whose_times_leap_ahead_is_another_one_where_pictures_are_live() {
        let now = Instant::now();
        for (live, expected) in [(true, ms(100)), (false, ms(900_000))] {
            let mut clock = Clock::new(live);
            clock.stamp(ms(0), now);
            assert_eq!(clock.stamp(ms(900_000), now + ms(100)), expected);
        }
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
