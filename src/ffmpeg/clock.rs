//! Times of pictures: what the stream says, made to grow, and put right where a live stream jumps.

use std::time::{Duration, Instant};

use super::heads::Head;

/// A live stream whose times advance by this much more than the clock has jumped. So has one whose times go back by
/// this much.
const JUMP: i128 = 2_000_000_000;
/// Between pictures that come at once, by their arrival.
const LEAST: Duration = Duration::from_micros(100);

/// Makes times that start at or after zero and always grow.
#[derive(Debug, Default)]
pub(super) struct Clock {
    rate: Option<f64>,
    /// The stream comes in its own time, so that its times can be held against the clock.
    live: bool,
    /// The stream's times are made up from a nominal rate: pictures count from when they arrive.
    by_arrival: bool,
    /// What is added to the stream's times, in nanoseconds.
    shift: i128,
    last: Option<Last>,
    jumps: u64,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    time: Duration,
    /// In the stream's own time, where it said.
    own: Option<i128>,
    at: Instant,
}

impl Clock {
    /// For a stream of nominally `rate` frames per second that comes in its own time, or not; `by_arrival` says that its
    /// times are made up.
    pub(super) fn new(rate: Option<f64>, live: bool, by_arrival: bool) -> Self {
        Self { rate, live, by_arrival, ..Self::default() }
    }

    /// The time of the picture that `head` describes and that came `now`. Without one of its own, or with one that does
    /// not grow, it follows its predecessor by the nominal interval.
    pub(super) fn at(&mut self, head: &Head, now: Instant) -> Duration {
        let own = nanos(head).filter(|_| !self.by_arrival);
        let time = match self.last {
            None => {
                self.shift = own.map_or(0, |own| (-own).max(0));
                own.and_then(|own| self.shifted(own)).unwrap_or_default()
            }
            Some(last) => self.after(last, own, now),
        };
        self.last = Some(Last { time, own: own.or(self.last.and_then(|last| last.own)), at: now });
        time
    }

    /// How often the times of a live stream jumped.
    pub(super) fn jumps(&self) -> u64 {
        self.jumps
    }

    fn after(&mut self, last: Last, own: Option<i128>, now: Instant) -> Duration {
        let waited = now.saturating_duration_since(last.at);
        if self.by_arrival {
            return last.time + waited.max(LEAST);
        }
        let interval = Duration::from_secs_f64(1.0 / self.rate.unwrap_or(30.0));
        let Some(own) = own else { return last.time + interval };
        let advance = last.own.map_or(0, |before| own - before);
        if self.live && (advance < -JUMP || advance > waited.as_nanos() as i128 + JUMP) {
            self.jumps += 1;
            let time = last.time + waited.max(LEAST);
            self.shift = time.as_nanos() as i128 - own;
            return time;
        }
        self.shifted(own).filter(|time| *time > last.time).unwrap_or(last.time + interval)
    }

    fn shifted(&self, own: i128) -> Option<Duration> {
        u64::try_from(own + self.shift).ok().map(Duration::from_nanos)
    }
}

fn nanos(head: &Head) -> Option<i128> {
    let (num, den) = head.time_base;
    let pts = head.pts.filter(|_| num > 0 && den > 0)?;
    Some(i128::from(pts) * i128::from(num) * 1_000_000_000 / i128::from(den))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(pts: i64, time_base: (i64, i64)) -> Head {
        Head { pts: Some(pts), time_base, ..Head::default() }
    }

    #[test]
    fn times_are_exact_over_hours_and_always_grow() {
        let mut clock = Clock::new(Some(25.0), false, false);
        let now = Instant::now();
        let mut at = |pts| clock.at(&head(pts, (1, 25_000)), now);
        assert_eq!(at(0), Duration::ZERO);
        // Ten hours at 1/25000 s.
        assert_eq!(at(900_000_001), Duration::from_nanos(36_000_000_040_000));
        assert_eq!(at(5), Duration::from_nanos(36_000_040_040_000));
    }

    #[test]
    fn a_stream_that_starts_before_zero_is_shifted() {
        let mut clock = Clock::default();
        let now = Instant::now();
        let times = [-40, 0, 40].map(|pts| clock.at(&head(pts, (1, 1000)), now).as_millis());
        assert_eq!(times, [0, 40, 80]);
    }

    #[test]
    fn a_live_stream_whose_times_jump_goes_on_by_the_clock() {
        let mut clock = Clock::new(None, true, false);
        let start = Instant::now();
        let mut at = |pts, ms| clock.at(&head(pts, (1, 1000)), start + Duration::from_millis(ms)).as_millis();
        assert_eq!((at(1000, 0), at(1040, 40)), (1000, 1040));
        // An hour ahead, back to the beginning, and half a minute late but in its own time.
        assert_eq!((at(3_601_040, 80), at(3_601_080, 120)), (1080, 1120));
        assert_eq!((at(0, 160), at(40, 200)), (1160, 1200));
        assert_eq!((at(80, 30_000), at(120, 30_001)), (1240, 1280));
        assert_eq!(clock.jumps(), 2);
    }

    #[test]
    fn pictures_without_times_of_their_own_count_from_when_they_come() {
        let mut clock = Clock::new(None, true, true);
        let start = Instant::now();
        let times =
            [0, 100, 100, 700].map(|ms| clock.at(&head(0, (1, 25)), start + Duration::from_millis(ms)));
        assert_eq!(times[1], Duration::from_millis(100));
        assert!(times[2] > times[1] && times[3] >= Duration::from_millis(700));
    }
}
