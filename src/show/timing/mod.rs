//! Watches the show's time: frames that took long, pictures that did not come, a main loop that did not turn.
//!
//! Each is counted whenever it happens and told in the event log at most once in ten seconds, with the stage that
//! took the most of it. Lossless runs take the time they need: there, only the timings are kept.

mod gap;
mod lag;
mod slow;

use std::fmt;
use std::time::{Duration, Instant};

use bevy::prelude::*;

use crate::schedule::{MasqueSystems, Pacing};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<slow::FrameTimes>()
        .add_systems(First, lag::watch_main_loop)
        .add_systems(Update, slow::note_taken.after(MasqueSystems::Capture).before(MasqueSystems::Perceive))
        .add_systems(
            Update,
            (
                slow::watch_frames,
                slow::watch_recording,
                gap::watch_gaps.run_if(resource_equals(Pacing::Live)),
            )
                .in_set(MasqueSystems::Report),
        );
}

/// How often one kind of thing is told.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Lets one line through, then keeps silent for [`TELL_EVERY`] and counts.
#[derive(Debug, Default)]
struct Teller {
    last: Option<Instant>,
    untold: u64,
}

impl Teller {
    /// How many were not told since the last that was; none when this one is not to be told either.
    fn tells(&mut self, now: Instant) -> Option<u64> {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < TELL_EVERY) {
            self.untold += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.untold))
    }
}

/// `, 201 ms of it in inference.hair (12 more since the last line)`.
struct Cause {
    stage: Option<(&'static str, Duration)>,
    untold: u64,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stage {
            Some((stage, share)) => write!(f, ", {} ms of it in {stage}", share.as_millis())?,
            None => f.write_str(", in no stage that is timed")?,
        }
        if self.untold > 0 {
            write!(f, " ({} more since the last line)", self.untold)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_ten_seconds_says_how_many_it_stands_for() {
        let mut teller = Teller::default();
        let start = Instant::now();
        assert_eq!(teller.tells(start), Some(0));
        for n in 1..=7 {
            assert_eq!(teller.tells(start + Duration::from_secs(n)), None);
        }
        assert_eq!(teller.tells(start + TELL_EVERY), Some(7));
        let cause = Cause { stage: Some(("upload", Duration::from_millis(120))), untold: 7 };
        assert_eq!(cause.to_string(), ", 120 ms of it in upload (7 more since the last line)");
    }
}
