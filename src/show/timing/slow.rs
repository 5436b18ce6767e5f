//! Frames that take long from the source to the picture, and pictures that take long to the file.

use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::{Cause, Teller};
use crate::capture::LatestFrame;
use crate::compositor::{Composition, Drawn};
use crate::frame::FrameSeq;
use crate::schedule::Pacing;
use crate::stats::Stats;

/// A frame that takes longer is told.
const SLOW: Duration = Duration::from_millis(100);
/// Frames whose arrival is remembered: more than are ever on their way.
const REMEMBERED: usize = 32;
/// How often the recorder's stages are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Stages that are no work on a frame's way to the picture, or are made of others.
const ASIDE: [&str; 5] = ["capture", "faces", "frame", "main_loop", "mask_age"];
/// Stages of a picture's way to the file.
const RECORDER: [&str; 5] = ["encode", "readback", "record.flush", "record.open", "record.write"];

/// What follows the picture, on threads of its own.
const AFTER: [&str; 3] = ["encode", "replay", "time_lapse"];

/// Whether a stage may hold a frame up on its way to the picture.
fn is_of_frames(name: &str) -> bool {
    !ASIDE.contains(&name) && !AFTER.contains(&name) && !name.starts_with("record.")
}

/// When frames were taken from the source, and the one whose picture is waited for.
#[derive(Resource, Debug)]
pub(super) struct FrameTimes {
    taken: [Option<(FrameSeq, Instant)>; REMEMBERED],
    next: usize,
    shown: Option<FrameSeq>,
    /// The frame that is being drawn: its number, the picture's, and when it was taken.
    pending: Option<(FrameSeq, u64, Instant)>,
}

impl Default for FrameTimes {
    fn default() -> Self {
        Self { taken: [None; REMEMBERED], next: 0, shown: None, pending: None }
    }
}

impl FrameTimes {
    fn note(&mut self, seq: FrameSeq, now: Instant) {
        self.taken[self.next] = Some((seq, now));
        self.next = (self.next + 1) % REMEMBERED;
    }

    /// `seq` is shown by picture `revision` from now on.
    fn show(&mut self, seq: FrameSeq, revision: u64) {
        // Drawn again for another look: this frame was timed.
        if self.shown.replace(seq) == Some(seq) {
            return;
        }
        let taken = self.taken.iter().flatten().find(|(known, _)| *known == seq);
        self.pending = taken.map(|(_, at)| (seq, revision, *at));
    }

    /// The frame that is on the screen since `at`, and when it was taken; each once.
    fn finish(&mut self, drawn: u64, at: Instant) -> Option<(FrameSeq, Instant, Duration)> {
        let (seq, _, taken) = self.pending.take_if(|(_, revision, _)| drawn >= *revision)?;
        Some((seq, taken, at.saturating_duration_since(taken)))
    }
}

pub(super) fn note_taken(
    latest: Res<LatestFrame>,
    mut times: ResMut<FrameTimes>,
    mut last: Local<Option<FrameSeq>>,
) {
    if let Some(frame) = &latest.frame
        && last.replace(frame.seq) != Some(frame.seq)
    {
        times.note(frame.seq, Instant::now());
    }
}

/// Times each frame from the source to the picture, and tells of slow ones.
pub(super) fn watch_frames(
    (composition, drawn): (Res<Composition>, Res<Drawn>),
    (stats, pacing): (Res<Stats>, Res<Pacing>),
    mut times: ResMut<FrameTimes>,
    mut teller: Local<Teller>,
) {
    if let Some(at) = drawn.at()
        && let Some((seq, taken, elapsed)) = times.finish(drawn.revision(), at)
    {
        stats.stage("frame", elapsed);
        if elapsed > SLOW && *pacing == Pacing::Live {
            stats.count("frames_slow");
            if let Some(untold) = teller.tells(at) {
                let stage = stats.busiest_since(taken, is_of_frames);
                let cause = Cause { stage, untold };
                stats.event(format!("slow frame {}: {} ms{cause}", seq.0, elapsed.as_millis()));
            }
        }
    }
    if let Some(frame) = &composition.frame {
        times.show(frame.seq, composition.revision);
    }
}

/// Tells of pictures that took long on their way to the file.
pub(super) fn watch_recording(
    (stats, pacing): (Res<Stats>, Res<Pacing>),
    (mut last, mut teller): (Local<Option<Instant>>, Local<Teller>),
) {
    let now = Instant::now();
    if last.is_some_and(|last| now.saturating_duration_since(last) < LOOK) {
        return;
    }
    *last = Some(now);
    let longest = stats.take_longest(|name| RECORDER.contains(&name));
    let Some((stage, elapsed)) = longest.filter(|(_, elapsed)| *elapsed > SLOW) else { return };
    if *pacing == Pacing::Lossless {
        return;
    }
    stats.count("recording_slow");
    if let Some(untold) = teller.tells(now) {
        let more = if untold > 0 { format!(" ({untold} more since the last line)") } else { String::new() };
        stats.event(format!("slow recording: {stage} took {} ms{more}", elapsed.as_millis()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_timed_once_from_the_source_to_its_picture() {
        let mut times = FrameTimes::default();
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        times.note(FrameSeq(4), start);
        times.note(FrameSeq(5), after(33));
        times.show(FrameSeq(4), 10);
        assert_eq!(times.finish(9, after(50)), None, "the picture before is drawn, this one is not");
        let done = times.finish(10, after(120));
        assert_eq!(done, Some((FrameSeq(4), start, Duration::from_millis(120))));
        times.show(FrameSeq(4), 11);
        assert_eq!(times.finish(11, after(400)), None, "another look, the same frame");
        times.show(FrameSeq(5), 12);
        assert_eq!(times.finish(12, after(133)).map(|(.., took)| took), Some(Duration::from_millis(100)));
        times.show(FrameSeq(77), 13);
        assert_eq!(times.finish(13, after(500)), None, "a frame that never arrived is not guessed at");
    }

    fn app() -> App {
        let mut app = App::new();
        app.init_resource::<Stats>().init_resource::<Pacing>().add_systems(Update, watch_recording);
        app
    }

    #[test]
    fn a_slow_write_is_counted_and_told_by_its_stage() {
        let mut app = app();
        let stats = app.world().resource::<Stats>().clone();
        stats.stage("record.write", Duration::from_millis(40));
        stats.stage("inference.hair", Duration::from_millis(900));
        stats.stage("record.finish", Duration::from_secs(3));
        stats.stage("record.flush", Duration::from_millis(812));
        app.update();
        assert_eq!(stats.counter("recording_slow"), 1);
        let told = stats.events().pop().expect("a line").message;
        assert_eq!(told, "slow recording: record.flush took 812 ms");
    }

    #[test]
    fn a_slow_recording_is_not_blamed_for_a_slow_frame() {
        for stage in ["record.finish", "encode", "frame", "time_lapse"] {
            assert!(!is_of_frames(stage), "{stage}");
        }
        assert!(is_of_frames("compose") && is_of_frames("readback"));
    }

    #[test]
    fn a_lossless_run_may_take_its_time() {
        let mut app = app();
        app.insert_resource(Pacing::Lossless);
        let stats = app.world().resource::<Stats>().clone();
        stats.stage("encode", Duration::from_secs(2));
        app.update();
        assert!(stats.counter("recording_slow") == 0 && stats.events().is_empty());
    }
}
