//! The encoder on its own thread, behind a bounded channel that the main loop never waits for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use crossbeam_channel::{RecvTimeoutError, TryRecvError, TrySendError};

use super::encode::record;
use super::status::CurrentFile;
use super::{RecordingOptions, RecordingStatus, Replay, Snapshots, TimeLapse};
use crate::capture::CaptureGate;
use crate::compositor::{ComposedFrame, ComposedFrames, Composition, ReadbackDemand};
use crate::ffmpeg::{Ffmpeg, copied_bytes};
use crate::frame::{FrameSeq, PixelFormat};
use crate::memory::{Bound, Each, Receiver, Sender, bound, queue};
use crate::schedule::{Pacing, Waker};
use crate::stats::Stats;

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
    /// All files are complete; the last one.
    Done(PathBuf),
    /// The recording failed, for the reason given.
    Failed(String),
}

/// The recording that runs, if any.
#[derive(Resource, Default)]
pub struct Recorder {
    state: RecorderState,
    active: Option<Active>,
    /// Pictures that the renderer has missed so far, whether or not one was recorded.
    missed: u64,
    file: CurrentFile,
    /// When it began, and how long the last one was.
    began: Option<Instant>,
    length: Duration,
}

/// How long the end of the program waits for its recordings: a disk that does not answer must not keep it.
const LAST_PATIENCE: Duration = Duration::from_secs(90);
/// Pictures that were drawn and did not come back from the GPU.
const MISSED: [&str; 3] = ["readback_skipped", "readback_dropped", "readback_failed"];

struct Active {
    frames: Option<Sender<Arc<ComposedFrame>>>,
    result: Receiver<Result<PathBuf, String>>,
    stats: Stats,
}

impl Recorder {
    /// How it does.
    pub fn state(&self) -> &RecorderState {
        &self.state
    }

    /// How it does, for the panel; none where nothing was recorded.
    pub fn status(&self, stats: &Stats) -> Option<RecordingStatus> {
        let elapsed = self.began.map_or(self.length, |began| began.elapsed());
        let is_off = self.state == RecorderState::Off;
        (!is_off).then(|| RecordingStatus::new(self.state.clone(), self.file.get(), elapsed, stats))
    }

    /// Whether frames are still to come out or to be written.
    pub fn is_busy(&self) -> bool {
        self.active.is_some()
    }

    /// Begins a recording. One that runs goes on, and the new one is refused and counted: `recording_refused`.
    pub fn start(&mut self, ffmpeg: Ffmpeg, options: RecordingOptions, stats: &Stats, waker: &Waker) {
        if self.is_busy() {
            stats.count("recording_refused");
            stats.event("a recording runs already; it ends first");
            return;
        }
        let (sender, frames) = queue(&QUEUE, stats);
        let (report, result) = queue(&RESULT, stats);
        let (own_stats, stats) = (stats.clone(), stats.clone());
        let waker = waker.clone();
        self.missed = missed(&stats);
        self.file = CurrentFile::default();
        self.began = Some(Instant::now());
        let file = self.file.clone();
        let spawned = std::thread::Builder::new().name("recording".into()).spawn(move || {
            let written = record(ffmpeg, options, frames, file, (stats, waker.clone()));
            // The receiver is gone only when the app is.
            let _ = report.send(written);
            waker.wake();
        });
        if let Err(error) = spawned {
            self.state = RecorderState::Failed(format!("cannot start its thread: {error}"));
            return;
        }
        self.active = Some(Active { frames: Some(sender), result, stats: own_stats });
        self.state = RecorderState::Recording;
    }

    /// Ends the recording after the frames that it has; the file is complete when the state says so.
    pub fn stop(&mut self) {
        if let Some(active) = &mut self.active
            && active.frames.take().is_some()
        {
            self.length = self.began.take().map_or(Duration::ZERO, |began| began.elapsed());
            self.state = RecorderState::Finishing;
        }
    }

    fn has_room(&self) -> bool {
        let sender = self.active.as_ref().and_then(|active| active.frames.as_ref());
        sender.is_none_or(|sender| !sender.is_full())
    }
}

/// Pictures that the renderer has missed since the program began.
fn missed(stats: &Stats) -> u64 {
    MISSED.into_iter().map(|counter| stats.counter(counter)).sum()
}

impl Drop for Recorder {
    /// An app that ends in the middle still leaves complete files.
    fn drop(&mut self) {
        self.stop();
        let Some(active) = self.active.take() else { return };
        let mut copied = 0;
        let outcome = loop {
            let outcome = active.result.recv_timeout(LAST_PATIENCE);
            // The copy that becomes the ordinary file of a long recording takes its time; one that stands still does not.
            let copies =
                self.file.get().and_then(|file| Some(copied_bytes(file.parent()?))).unwrap_or_default();
            if outcome != Err(RecvTimeoutError::Timeout) || std::mem::replace(&mut copied, copies) == copies {
                break outcome;
            }
        };
        match outcome {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => active.stats.fail(format!("the recording failed: {error}")),
            Err(RecvTimeoutError::Timeout) => {
                active.stats.fail("the disk does not let the recording end; its last file is unfinished");
            }
            Err(RecvTimeoutError::Disconnected) => {
                active.stats.fail("the recording failed: the encoder crashed");
            }
        }
    }
}

/// Asks for composed pictures while somebody wants them.
pub(super) fn state_demand(
    (recorder, pacing): (Res<Recorder>, Res<Pacing>),
    mut demand: ResMut<ReadbackDemand>,
) {
    let recording = recorder.state == RecorderState::Recording;
    if demand.recording != recording {
        demand.recording = recording;
    }
    // The picture that is on the screen is not to be drawn again for it.
    demand.bypass_change_detection().recorder_full = *pacing == Pacing::Live && !recorder.has_room();
}

/// Counts pictures that were composed and not even converted, because the encoder had no room.
pub(super) fn count_held_back(
    composition: Option<Res<Composition>>,
    (recorder, stats): (Res<Recorder>, Res<Stats>),
    mut last: Local<Option<FrameSeq>>,
) {
    let Some(composition) = composition else { return };
    let seq = composition.frame.as_ref().map(|frame| frame.seq);
    let is_new = std::mem::replace(&mut *last, seq) != seq;
    if is_new && recorder.state == RecorderState::Recording && !composition.read_back.nv12 {
        stats.count("recording_skipped_encoder");
    }
}

/// Passes composed pictures on, and notices when the encoder is done.
pub(super) fn distribute_frames(
    composed: Res<ComposedFrames>,
    stats: Res<Stats>,
    pacing: Res<Pacing>,
    mut gate: ResMut<CaptureGate>,
    mut recorder: ResMut<Recorder>,
    (mut snapshots, mut replay, mut lapse): (ResMut<Snapshots>, ResMut<Replay>, ResMut<TimeLapse>),
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
        let frame = Arc::new(frame);
        replay.offer(&frame);
        lapse.offer(&frame);
        let Some(sender) = recorder.active.as_ref().and_then(|active| active.frames.as_ref()) else {
            continue;
        };
        match sender.try_send(frame) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => stats.count("recording_skipped_encoder"),
            Err(TrySendError::Disconnected(_)) => recorder.stop(),
        }
    }
    let missed = missed(&stats);
    if recorder.state == RecorderState::Recording && missed > recorder.missed {
        stats.add("recording_missed_render", missed - recorder.missed);
    }
    recorder.missed = missed;
    gate.recorder_full = !composed.is_empty() || !recorder.has_room();
    let finished = match recorder.active.as_ref().map(|active| active.result.try_recv()) {
        None | Some(Err(TryRecvError::Empty)) => return,
        Some(Ok(result)) => result,
        Some(Err(TryRecvError::Disconnected)) => Err("the encoder crashed".to_owned()),
    };
    recorder.stop();
    recorder.active = None;
    recorder.state = match finished {
        Ok(path) => RecorderState::Done(path),
        Err(error) => {
            stats.count("recording_failed");
            stats.event(format!("the recording failed: {error}"));
            RecorderState::Failed(error)
        }
    };
}
