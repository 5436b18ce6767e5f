//! Where something that ticks evenly stands on this machine's clock.

use std::time::{Duration, Instant};

/// How long the earliest arrival counts, at least, and half of how long at most.
const WINDOW: i64 = 2_000_000;

/// Compares times of a source with their arrivals. What arrives is late now and then, and never early: the earliest
/// arrival of the last seconds tells how the two clocks stand, also when one of them drifts.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrivals {
    epoch: Option<Instant>,
    last: Option<Duration>,
    /// Least difference in microseconds of the window before, and of this one with the time when it began.
    before: Option<i64>,
    now: Option<(i64, i64)>,
}

impl Arrivals {
    /// Something that its source timed `nominal` arrived. A source that counts anew is another one.
    pub(super) fn note(&mut self, nominal: Duration, arrived: Instant) {
        if self.last.is_some_and(|last| nominal < last) {
            *self = Self { epoch: self.epoch, ..Self::default() };
        }
        self.last = Some(nominal);
        let arrived = self.micros(arrived);
        let difference = arrived - nominal.as_micros() as i64;
        self.now = Some(match self.now {
            Some((least, since)) if arrived - since < WINDOW => (least.min(difference), since),
            Some((least, _)) => {
                self.before = Some(least);
                (difference, arrived)
            }
            None => (difference, arrived),
        });
    }

    /// Microseconds of the source at `instant`; none before anything arrived.
    pub(super) fn nominal(&self, instant: Instant) -> Option<i64> {
        let epoch = self.epoch?;
        Some(since(epoch, instant) - self.difference()?)
    }

    /// When the source was at `nominal`; none before anything arrived.
    pub(super) fn instant(&self, nominal: Duration) -> Option<Instant> {
        let at = nominal.as_micros() as i64 + self.difference()?;
        let distance = Duration::from_micros(at.unsigned_abs());
        if at >= 0 { self.epoch?.checked_add(distance) } else { self.epoch?.checked_sub(distance) }
    }

    fn difference(&self) -> Option<i64> {
        let (least, _) = self.now?;
        Some(self.before.map_or(least, |before| before.min(least)))
    }

    fn micros(&mut self, instant: Instant) -> i64 {
        since(*self.epoch.get_or_insert(instant), instant)
    }
}

/// Microseconds from `epoch` to `instant`, which may lie before it.
fn since(epoch: Instant, instant: Instant) -> i64 {
    match instant.checked_duration_since(epoch) {
        Some(after) => after.as_micros() as i64,
        None => -(epoch.duration_since(instant).as_micros() as i64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_arrivals_do_not_move_the_clock_and_a_drift_does() {
        let start = Instant::now();
        let mut arrivals = Arrivals::default();
        assert_eq!(arrivals.nominal(start), None);
        let mut chance = fastrand::Rng::with_seed(5);
        // A clock that is 200 millionths slow, and arrivals that are up to 80 ms late.
        for n in 0..30_000_u64 {
            let nominal = Duration::from_millis(n * 20);
            let at = start + nominal.mul_f64(1.0002);
            arrivals.note(nominal, at + Duration::from_micros(chance.u64(..80_000)));
            if n > 200 {
                let seen = arrivals.nominal(at).expect("something arrived");
                let error = seen - nominal.as_micros() as i64;
                assert!(error.abs() < 5_000, "{error} µs after {nominal:?}");
                let back = arrivals.instant(nominal).expect("the same");
                assert!(since(at, back).abs() < 5_000);
            }
        }
    }

    #[test]
    fn a_source_that_counts_anew_is_compared_anew() {
        let start = Instant::now();
        let mut arrivals = Arrivals::default();
        arrivals.note(Duration::from_secs(90), start);
        arrivals.note(Duration::ZERO, start + Duration::from_secs(5));
        assert_eq!(arrivals.nominal(start + Duration::from_secs(6)), Some(1_000_000));
        assert_eq!(arrivals.nominal(start), Some(-5_000_000));
    }
}
