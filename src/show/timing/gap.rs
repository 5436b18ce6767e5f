//! Times without a new picture, and why there was none.

use std::time::{Duration, Instant};

use bevy::prelude::*;

use crate::capture::{CaptureGate, LatestFrame, SourceState, SourceStatus};
use crate::compositor::{Composition, Drawn};
use crate::schedule::LastTurn;
use crate::stats::Stats;

/// Without a new picture for longer than this, something is wrong.
const GAP: Duration = Duration::from_secs(1);

/// Since when there was no new picture, and whether that was told.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    revision: u64,
    last: Option<Instant>,
    open: Option<String>,
}

/// What is to be told.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Begun(String),
    Ended(Duration, String),
}

impl Gaps {
    /// `drawn` is the newest picture and when it was drawn; `cause` says why there is no newer one.
    fn look(
        &mut self,
        now: Instant,
        drawn: (u64, Instant),
        cause: impl FnOnce(Duration) -> String,
    ) -> Option<Told> {
        let (revision, at) = drawn;
        let last = *self.last.get_or_insert(at);
        if revision != self.revision {
            self.revision = revision;
            self.last = Some(at);
            let length = at.saturating_duration_since(last);
            if length <= GAP {
                return self.open.take().map(|cause| Told::Ended(length, cause));
            }
            let cause = self.open.take().unwrap_or_else(|| cause(length));
            return Some(Told::Ended(length, cause));
        }
        let length = now.saturating_duration_since(last);
        if length > GAP && self.open.is_none() {
            let cause = cause(length);
            self.open = Some(cause.clone());
            return Some(Told::Begun(cause));
        }
        None
    }

    /// From now on pictures are due anew.
    fn forget(&mut self) {
        self.last = None;
        self.open = None;
    }
}

/// Notices when pictures stop and when they go on.
pub(super) fn watch_gaps(
    (composition, drawn): (Res<Composition>, Res<Drawn>),
    (source, latest, gate): (Res<SourceStatus>, Res<LatestFrame>, Res<CaptureGate>),
    (turn, stats): (Res<LastTurn>, Res<Stats>),
    mut gaps: Local<Gaps>,
) {
    let Some(at) = drawn.at() else { return };
    if source.state == SourceState::Ended {
        return gaps.forget();
    }
    let now = Instant::now();
    let cause = |length: Duration| {
        let held_up = turn.0.is_some_and(|turn| turn * 2 > length);
        let newer =
            latest.frame.as_ref().map(|frame| frame.seq) != composition.frame.as_ref().map(|frame| frame.seq);
        match &source.state {
            SourceState::Starting => "the source is being opened".to_owned(),
            SourceState::Reconnecting(attempt) => {
                format!("the source is being opened again (attempt {attempt})")
            }
            SourceState::Failed(reason) => format!("the source failed: {reason}"),
            SourceState::Stalled => "the source gives no frames".to_owned(),
            _ if held_up => "the main loop was held up".to_owned(),
            _ if newer && gate.perception_busy => "perception works on one frame".to_owned(),
            _ if newer => "frames come and are not drawn; why is not known".to_owned(),
            _ => "the source gives no frames".to_owned(),
        }
    };
    match gaps.look(now, (drawn.revision(), at), cause) {
        Some(Told::Begun(why)) => {
            stats.event(format!("no new picture for {} s: {why}", GAP.as_secs()));
        }
        Some(Told::Ended(length, why)) => {
            stats.count("picture_gaps");
            stats.stage("picture_gap", length);
            stats.event(format!("there was no new picture for {:.1} s: {why}", length.as_secs_f64()));
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_told_when_it_opens_and_with_its_length_when_it_closes() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut gaps = Gaps::default();
        let why = |reason: &str| reason.to_owned();
        let cause = |text: &'static str| move |_| why(text);
        assert_eq!(gaps.look(after(5), (1, start), cause("")), None);
        assert_eq!(gaps.look(after(900), (1, start), cause("")), None);
        let begun = gaps.look(after(1010), (1, start), cause("the cable"));
        assert_eq!(begun, Some(Told::Begun(why("the cable"))));
        assert_eq!(gaps.look(after(2500), (1, start), cause("else")), None, "told once");
        let ended = gaps.look(after(3210), (2, after(3200)), cause("else"));
        assert_eq!(ended, Some(Told::Ended(Duration::from_millis(3200), why("the cable"))));
        assert_eq!(gaps.look(after(3240), (3, after(3233)), cause("")), None);
    }

    #[test]
    fn a_gap_in_which_nobody_could_look_is_told_afterwards() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut gaps = Gaps::default();
        let why = "held up".to_owned();
        gaps.look(start, (1, start), |_| why.clone());
        let told = gaps.look(after(2000), (2, after(2000)), |_| why.clone());
        assert_eq!(told, Some(Told::Ended(Duration::from_secs(2), why)));
    }
}
