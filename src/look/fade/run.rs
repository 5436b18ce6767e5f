//! The course of one fade, and how one that is in the way gets out of it.

use std::time::Duration;

use super::Easing;

/// Longest time that an interrupted fade takes to get to its nearer end.
const HURRY: Duration = Duration::from_millis(250);

/// What seconds as a number may be off.
const ROUNDING: Duration = Duration::from_micros(100);

/// A fade that runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fading {
    /// Where it began, 0 unless it was turned.
    begin: f32,
    /// How long it takes from there to 1.
    duration: Duration,
    elapsed: Duration,
    easing: Easing,
    hurried: bool,
}

impl Fading {
    /// From nothing to all.
    pub(super) fn new(duration: Duration, easing: Easing) -> Self {
        Self { begin: 0.0, duration, elapsed: Duration::ZERO, easing, hurried: false }
    }

    /// How much of the new look is seen, 0–1.
    pub(super) fn progress(&self) -> f32 {
        let time = self.elapsed.as_secs_f32() / self.duration.as_secs_f32();
        let eased = self.easing.at(if time.is_finite() { time } else { 1.0 });
        self.begin + (1.0 - self.begin) * eased
    }

    pub(super) fn advance(&mut self, delta: Duration) {
        self.elapsed = self.elapsed.saturating_add(delta).min(self.duration);
    }

    pub(super) fn is_over(&self) -> bool {
        self.elapsed + ROUNDING >= self.duration
    }

    /// Makes way for another fade: goes from what is seen to the nearer end, fast but without a jump. Gives
    /// whether that is the look that went: then the two change places.
    pub(super) fn hurry(&mut self) -> bool {
        if self.hurried {
            return false;
        }
        let seen = self.progress();
        let turned = seen < 0.5;
        self.go_on_from(if turned { 1.0 - seen } else { seen });
        turned
    }

    /// Goes back to the look that went, which changes places with the other one; takes as long as coming
    /// here took.
    pub(super) fn turn(&mut self) {
        let seen = self.progress();
        let (taken, easing) = (self.elapsed, self.easing);
        *self = Self { begin: 1.0 - seen, elapsed: Duration::ZERO, duration: taken, easing, hurried: false };
    }

    fn go_on_from(&mut self, seen: f32) {
        let duration = HURRY.mul_f32(2.0 * (1.0 - seen).clamp(0.0, 0.5));
        let elapsed = Duration::ZERO;
        *self = Self { begin: seen, elapsed, duration, easing: Easing::Linear, hurried: true };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(40);

    #[test]
    fn a_fade_takes_its_time_and_reaches_its_end() {
        let mut fading = Fading::new(Duration::from_secs(2), Easing::Linear);
        for step in 0..50 {
            assert!((fading.progress() - step as f32 / 50.0).abs() < 1e-4, "{step}");
            assert!(!fading.is_over());
            fading.advance(STEP);
        }
        assert!(fading.is_over() && fading.progress() == 1.0);
    }

    #[test]
    fn a_fade_in_the_way_goes_to_its_nearer_end_without_a_jump() {
        for steps in 0..50 {
            let mut fading = Fading::new(Duration::from_secs(2), Easing::Smooth);
            (0..steps).for_each(|_| fading.advance(STEP));
            let before = fading.progress();
            let turned = fading.hurry();
            assert_eq!(turned, before < 0.5, "the nearer end");
            let seen = if turned { 1.0 - before } else { before };
            assert!((fading.progress() - seen).abs() < 1e-5, "what is seen stays");
            assert!(!fading.hurry(), "once is enough");
            (0..7).for_each(|_| fading.advance(STEP));
            assert!(fading.is_over() && fading.progress() == 1.0);
        }
    }

    #[test]
    fn a_fade_back_begins_with_what_is_seen_and_takes_as_long() {
        let mut fading = Fading::new(Duration::from_secs(2), Easing::Smooth);
        (0..10).for_each(|_| fading.advance(STEP));
        let before = fading.progress();
        fading.turn();
        assert!((fading.progress() - (1.0 - before)).abs() < 1e-5);
        (0..9).for_each(|_| fading.advance(STEP));
        assert!(!fading.is_over());
        fading.advance(STEP);
        assert!(fading.is_over() && fading.progress() == 1.0);
    }
}
