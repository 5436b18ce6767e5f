//! The time by which looks fade and playlists go on.

use std::time::Duration;

use bevy::prelude::*;
use bevy::time::Real;

use crate::schedule::{FrameTime, Pacing};

/// Longest step of a lossless run that is believed: a source that begins anew or has a gap takes none.
const LONGEST_STEP: Duration = Duration::from_secs(10);
/// How often a fade goes on where no frame comes.
const INTERVAL: Duration = Duration::from_millis(33);

/// The time of the show: real in live runs, that of the frames in lossless ones. Moves with frames, and while
/// none come to a live run 30 times a second.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShowClock {
    /// Since the show began.
    pub now: Duration,
    /// Since the step before; zero between steps.
    pub delta: Duration,
    /// Real time that is not in `now` yet.
    waiting: Duration,
    /// Time of the frame before.
    frame: Option<Duration>,
}

pub(in super::super) fn tell_show_time(
    (pacing, time, frame): (Res<Pacing>, Res<Time<Real>>, Res<FrameTime>),
    mut clock: ResMut<ShowClock>,
) {
    let delta = match *pacing {
        Pacing::Lossless => clock.frame_step(frame.0),
        Pacing::Live => clock.real_step(time.delta(), frame.is_changed()),
    };
    if !delta.is_zero() || !clock.delta.is_zero() {
        clock.delta = delta;
        clock.now += delta;
    }
}

impl ShowClock {
    fn frame_step(&mut self, frame: Option<Duration>) -> Duration {
        if self.frame == frame {
            return Duration::ZERO;
        }
        let before = std::mem::replace(&mut self.frame, frame);
        let step = before.zip(frame).and_then(|(before, frame)| frame.checked_sub(before));
        step.filter(|step| *step <= LONGEST_STEP).unwrap_or_default()
    }

    fn real_step(&mut self, passed: Duration, is_new_frame: bool) -> Duration {
        self.waiting += passed;
        if is_new_frame || self.waiting >= INTERVAL {
            std::mem::take(&mut self.waiting)
        } else {
            Duration::ZERO
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lossless_time_is_that_of_the_frames_and_a_new_beginning_takes_none() {
        let mut clock = ShowClock::default();
        let mut steps = |times: &[u64]| -> Vec<u128> {
            let step = |time: &u64| clock.frame_step(Some(Duration::from_millis(*time))).as_millis();
            times.iter().map(step).collect()
        };
        assert_eq!(steps(&[5000, 5040, 5040, 5080, 0, 40, 90_000, 90_040]), [0, 40, 0, 40, 0, 40, 0, 40]);
    }

    #[test]
    fn live_time_moves_with_frames_or_thirty_times_a_second_and_loses_nothing() {
        let mut clock = ShowClock::default();
        let ms = Duration::from_millis;
        assert_eq!(clock.real_step(ms(10), false), ms(0));
        assert_eq!(clock.real_step(ms(10), true), ms(20));
        let steps: Duration = (0..10).map(|_| clock.real_step(ms(10), false)).sum();
        assert_eq!(steps, ms(80), "and 20 ms wait");
        assert_eq!(clock.real_step(ms(20), false), ms(40));
    }
}
