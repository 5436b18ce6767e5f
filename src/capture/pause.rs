//! How long to wait before a source is opened again.

use std::time::Duration;

/// Before the first attempt.
const FIRST: Duration = Duration::from_millis(500);
/// Before the fifth and all that follow.
const LONGEST: Duration = Duration::from_secs(10);

/// Attempts to open a source again, and the pause before each, which doubles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BackOff {
    attempt: u32,
    pause: Duration,
}

impl Default for BackOff {
    fn default() -> Self {
        Self { attempt: 0, pause: FIRST }
    }
}

impl BackOff {
    /// Number of the attempt that is being made or waited for; 0 before the first.
    pub(super) fn attempt(self) -> u32 {
        self.attempt
    }

    /// One attempt more, and the pause before it.
    pub(super) fn next(&mut self) -> Duration {
        self.attempt = self.attempt.saturating_add(1);
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST);
        pause
    }

    /// There is hope: the next pauses are short again. What has just been plugged in may need a moment.
    pub(super) fn begin_anew(&mut self) {
        self.pause = FIRST;
    }

    /// Whether a person who reads the log wants to know of this attempt: of the first three, then ever more rarely, so that a
    /// camera that is away for a month does not fill the disk.
    pub(super) fn is_told(self) -> bool {
        self.attempt <= 3 || self.attempt.is_power_of_two()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_seconds_for_ever() {
        let mut back_off = BackOff::default();
        let pauses: Vec<_> = (0..7).map(|_| back_off.next().as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        back_off.begin_anew();
        assert_eq!((back_off.next().as_millis(), back_off.attempt()), (500, 8));
    }

    #[test]
    fn a_month_of_attempts_is_told_in_few_lines() {
        let mut back_off = BackOff::default();
        let told = (0..30 * 24 * 360).filter(|_| {
            back_off.next();
            back_off.is_told()
        });
        assert!(told.count() < 25);
    }
}
