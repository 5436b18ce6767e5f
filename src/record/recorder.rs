//! The encoder on its own thread, behind a bounded channel that the main loop never waits for.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use crossbeam_channel::TrySendError;

use super::Snapshots;
use crate::capture::CaptureGate;
use crate::compositor::{ComposedFrame, ComposedFrames, ReadbackDemand};
use crate::ffmpeg::{ChildError, Ffmpeg, VideoWriter, WriterOptions};
use crate::frame::PixelFormat;
use crate::memory::{Bound, Each, Receiver, Sender, bound, queue};
use crate::schedule::{Pacing, Waker};
use crate::stats::{Stats, describe};

pub(super) const QUEUE: Bound = bound!(
    "record.pictures",
    "pictures between the main loop and the encoder",
    3,
    Each::In("pictures"),
    "the picture is skipped, `recording_skipped_encoder`; lossless runs wait"
);
pub(super) const RESULT: Bound =
    bound!("record.result", "how a recording went", 1, Each::Bytes(4096), "never full: one is sent");
/// How a recording does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RecorderState {
    /// Nothing is recorded.
    #[default]
    Off,
    /// Frames are taken.
    Recording,
    /// The last frames are written.
    Finishing,
    /// The file is complete.
    Done(PathBuf),
    /// The recording failed, for the reason given.
    Failed(String),
}

/// The recording that runs, if any.
#[derive(Resource, Default)]
pub struct Recorder {
    state: RecorderState,
    active: Option<Active>,
}

struct Active {
    frames: Option<Sender<ComposedFrame>>,
    result: Receiver<Result<PathBuf, String>>,
    thread: Option<JoinHandle<()>>,
    stats: Stats,
}

impl Recorder {
    /// How it does.
    pub fn state(&self) -> &RecorderState {
        &self.state
    }

    /// Whether frames are still to come out or to be written.
    pub fn is_busy(&self) -> bool {
        self.active.is_some()
    }

    /// Begins a recording into `path`; one that runs is finished first.
    pub fn start(
        &mut self,
        ffmpeg: Ffmpeg,
        path: &Path,
        options: WriterOptions,
        stats: &Stats,
        waker: &Waker,
    ) {
        self.stop();
        let (sender, frames) = queue(&QUEUE, stats);
        let (report, result) = queue(&RESULT, stats);
        let path = path.to_owned();
        let (own_stats, stats) = (stats.clone(), stats.clone());
        let waker = waker.clone();
        let thread = std::thread::spawn(move || {
            let written = encode(&ffmpeg, &path, &options, &frames, &stats, &waker);
            // The receiver is gone only when the app is.
            let _ = report.send(written.map(|()| path));
            waker.wake();
        });
        self.active = Some(Active { frames: Some(sender), result, thread: Some(thread), stats: own_stats });
        self.state = RecorderState::Recording;
    }

    /// Ends the recording after the frames that it has; the file is complete when the state says so.
    pub fn stop(&mut self) {
        if let Some(active) = &mut self.active
            && active.frames.take().is_some()
        {
            self.state = RecorderState::Finishing;
        }
    }

    fn has_room(&self) -> bool {
        let sender = self.active.as_ref().and_then(|active| active.frames.as_ref());
        sender.is_none_or(|sender| !sender.is_full())
    }
}

impl Drop for Recorder {
    /// An app that ends in the middle still leaves a complete file.
    fn drop(&mut self) {
        self.stop();
        let Some(mut active) = self.active.take() else { return };
        if let Some(thread) = active.thread.take() {
            // A panicked encoder has nothing left to wait for.
            let _ = thread.join();
        }
        match active.result.try_recv() {
            Ok(Ok(path)) => active.stats.event(format!("recorded {}", path.display())),
            Ok(Err(error)) => active.stats.fail(format!("the recording failed: {error}")),
            Err(_) => active.stats.fail("the recording failed: the encoder crashed"),
        }
    }
}

/// Asks for composed pictures while somebody wants them.
pub(super) fn state_demand(recorder: Res<Recorder>, mut demand: ResMut<ReadbackDemand>) {
    let recording = recorder.state == RecorderState::Recording;
    if demand.recording != recording {
        demand.recording = recording;
    }
}

/// Passes composed pictures on, and notices when the encoder is done.
pub(super) fn distribute_frames(
    composed: Res<ComposedFrames>,
    stats: Res<Stats>,
    pacing: Res<Pacing>,
    mut gate: ResMut<CaptureGate>,
    mut recorder: ResMut<Recorder>,
    mut snapshots: ResMut<Snapshots>,
) {
    loop {
        // A lossless run leaves pictures in their bounded channel until the encoder has room.
        if *pacing == Pacing::Lossless && !recorder.has_room() {
            break;
        }
        let Ok(frame) = composed.try_recv() else { break };
        snapshots.offer(&frame, &stats);
        if frame.format != PixelFormat::Nv12 {
            continue;
        }
        let Some(sender) = recorder.active.as_ref().and_then(|active| active.frames.as_ref()) else {
            continue;
        };
        match sender.try_send(frame) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => stats.count("recording_skipped_encoder"),
            Err(TrySendError::Disconnected(_)) => recorder.stop(),
        }
    }
    gate.recorder_full = !composed.is_empty() || !recorder.has_room();
    let finished = recorder.active.as_ref().and_then(|active| active.result.try_recv().ok());
    if let Some(result) = finished {
        recorder.active = None;
        recorder.state = match result {
            Ok(path) => {
                stats.event(format!("recorded {}", path.display()));
                RecorderState::Done(path)
            }
            Err(error) => {
                stats.count("recording_failed");
                stats.event(format!("the recording failed: {error}"));
                RecorderState::Failed(error)
            }
        };
    }
}

/// Runs on the encoder thread until the channel closes.
fn encode(
    ffmpeg: &Ffmpeg,
    path: &Path,
    options: &WriterOptions,
    frames: &Receiver<ComposedFrame>,
    stats: &Stats,
    waker: &Waker,
) -> Result<(), String> {
    let Ok(first) = frames.recv() else { return Err("no frame was composed to record".into()) };
    let explain = |error: ChildError| describe(&error);
    let (width, height) = (first.width, first.height);
    let mut writer = VideoWriter::start(ffmpeg, path, width, height, options).map_err(explain)?;
    let mut clock = Clock::default();
    let mut last = None;
    for frame in std::iter::once(first).chain(frames.iter()) {
        waker.wake();
        // Drawn again for a snapshot or another look: the recording has this moment already.
        if last == Some(frame.seq) {
            continue;
        }
        last = Some(frame.seq);
        if (frame.width, frame.height) != (width, height) {
            stats.count("recording_skipped_size");
            continue;
        }
        let start = Instant::now();
        writer.write_nv12(clock.stamp(frame.timestamp), &frame.pixels).map_err(explain)?;
        stats.count("frames_recorded");
        stats.stage("encode", start.elapsed());
    }
    writer.finish().map_err(explain)?;
    Ok(())
}

/// Presentation times from zero that never stand still or go back.
#[derive(Default)]
struct Clock {
    first: Option<Duration>,
    last: Option<Duration>,
}

impl Clock {
    fn stamp(&mut self, timestamp: Duration) -> Duration {
        let first = *self.first.get_or_insert(timestamp);
        let wanted = timestamp.saturating_sub(first);
        let earliest = self.last.map_or(Duration::ZERO, |last| last + Duration::from_millis(1));
        let stamp = wanted.max(earliest);
        self.last = Some(stamp);
        stamp
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_starts_at_zero_and_always_moves_on() {
        let mut clock = Clock::default();
        let ms = Duration::from_millis;
        assert_eq!(clock.stamp(ms(500)), ms(0));
        assert_eq!(clock.stamp(ms(533)), ms(33));
        assert_eq!(clock.stamp(ms(533)), ms(34));
        assert_eq!(clock.stamp(ms(0)), ms(35));
    }
}
