//! The last seconds, always at hand: encoded as they pass, kept in memory, written when somebody asks.

mod ring;
mod save;
#[cfg(test)]
mod tests;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bevy::prelude::*;

use crate::compositor::{ComposedFrame, ReadbackDemand};
use crate::ffmpeg::Ffmpeg;
use crate::memory::{Bound, Each, MemoryPressure, PressureLevel, Receiver, Sender, bound, queue};
use crate::schedule::Waker;
use crate::stats::Stats;
use worker::Shared;

pub(super) use ring::KEPT;

/// Pictures on their way to the encoder.
const PICTURES: usize = 2;
/// Files that are written at once.
const SAVING: usize = 2;
/// How long a wish waits for the second that it was made in to be encoded.
const LAST_SECOND: Duration = Duration::from_millis(2500);

pub(super) const WAITING: Bound = bound!(
    "record.replay_pictures",
    "pictures on their way into the replay",
    PICTURES,
    Each::In("pictures"),
    "the picture is skipped, `replay_skipped`"
);
pub(super) const SAVED: Bound = bound!(
    "record.replay_saved",
    "names of replays that were written",
    SAVING,
    Each::Bytes(4096),
    "never full: there are as many places as writers"
);

/// How the last seconds are kept; without this resource they are not.
#[derive(Resource, Debug, Clone)]
pub struct ReplayOptions {
    /// How much is kept, as far as 128 MiB go. At least a second.
    pub keep: Duration,
    /// Where files go.
    pub folder: PathBuf,
    /// How clips are written.
    pub clip: ClipFormat,
    /// The program that encodes.
    pub ffmpeg: Ffmpeg,
}

/// How a clip for sharing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClipFormat {
    /// Shown everywhere; 256 colours.
    #[default]
    Gif,
    /// Smaller and in all colours; newer programs only.
    WebP,
}

/// What is made of the last seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayKind {
    /// All that is kept, as MP4, as it was encoded.
    Video,
    /// The last five seconds, small and in a loop.
    Clip(ClipFormat),
}

/// Asks for the last seconds as a file: all of them as a video, or a clip of the newest.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveReplay {
    /// As MP4.
    Video,
    /// As a clip, in the format of [`ReplayOptions::clip`].
    Clip,
}

/// How the replay does, for the panel.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReplayStatus {
    /// How much is there.
    pub span: Duration,
    /// How much is to be there.
    pub keep: Duration,
    /// Bytes that it holds.
    pub bytes: usize,
    /// Files that are being written.
    pub saving: usize,
    /// The last file, or why it was not written.
    pub last: Option<Result<PathBuf, String>>,
}

/// The replay that runs, if any.
#[derive(Resource, Default)]
pub struct Replay {
    running: Option<Running>,
}

struct Running {
    options: ReplayOptions,
    pictures: Option<Sender<Arc<ComposedFrame>>>,
    shared: Shared,
    thread: Option<JoinHandle<()>>,
    /// What was asked for, when, and how many seconds had been encoded by then.
    wanted: Vec<(ReplayKind, Instant, u64)>,
    saving: Vec<JoinHandle<()>>,
    saved: (Sender<Result<PathBuf, String>>, Receiver<Result<PathBuf, String>>),
    last: Option<Result<PathBuf, String>>,
    stats: Stats,
    waker: Waker,
}

impl Replay {
    /// How it does; none where nothing is kept.
    pub fn status(&self) -> Option<ReplayStatus> {
        let running = self.running.as_ref()?;
        let ring = running.shared.ring();
        Some(ReplayStatus {
            span: ring.span(),
            keep: running.options.keep,
            bytes: ring.bytes(),
            saving: running.saving.len() + running.wanted.len(),
            last: running.last.clone(),
        })
    }

    /// Keeps the last seconds from now on.
    pub fn start(&mut self, options: ReplayOptions, stats: &Stats, waker: &Waker) {
        let (pictures, waiting) = queue(&WAITING, stats);
        let shared = Shared::new(options.keep, stats);
        let held = Arc::downgrade(&shared.ring);
        stats.probe("replay_resident_bytes", move || {
            let ring = held.upgrade()?;
            Some(ring.lock().map_or(0, |ring| ring.bytes()) as f64)
        });
        let thread = {
            let (ffmpeg, shared, stats) = (options.ffmpeg.clone(), shared.clone(), stats.clone());
            let work = move || worker::run(&ffmpeg, &shared, &waiting, &stats);
            std::thread::Builder::new().name("replay".into()).spawn(work)
        };
        let thread = match thread {
            Ok(thread) => Some(thread),
            Err(error) => return stats.event(format!("nothing is kept for a replay: {error}")),
        };
        self.running = Some(Running {
            options,
            pictures: Some(pictures),
            shared,
            thread,
            wanted: Vec::new(),
            saving: Vec::new(),
            saved: queue(&SAVED, stats),
            last: None,
            stats: stats.clone(),
            waker: waker.clone(),
        });
    }

    /// Gives a composed picture to the encoder, if one is to be kept; never waits.
    pub(super) fn offer(&mut self, frame: &Arc<ComposedFrame>) {
        let Some(running) = &mut self.running else { return };
        let Some(pictures) = running.pictures.as_ref() else { return };
        if pictures.try_send(frame.clone()).is_err() {
            running.stats.count("replay_skipped");
        }
    }
}

impl Running {
    fn ask(&mut self, kind: ReplayKind) {
        if self.wanted.len() + self.saving.len() >= SAVING {
            self.stats.count("replay_refused");
            return self.stats.event("the last seconds are being saved already");
        }
        self.wanted.push((kind, Instant::now(), self.shared.ring().arrived()));
    }

    /// Begins to write what was asked for, once the second in which that was is encoded, or `now`.
    fn save_wanted(&mut self, now: bool) {
        let arrived = self.shared.ring().arrived();
        let ready = |(_, since, before): &mut (ReplayKind, Instant, u64)| {
            now || arrived > *before || since.elapsed() > LAST_SECOND
        };
        let ready: Vec<_> = self.wanted.extract_if(.., ready).collect();
        for (kind, ..) in ready {
            let longest = match kind {
                ReplayKind::Video => Duration::MAX,
                ReplayKind::Clip(_) => save::CLIP,
            };
            let Some(kept) = self.shared.ring().last(longest) else {
                self.stats.count("replay_refused");
                self.stats.event("nothing is kept yet: try again in a second");
                continue;
            };
            let (options, stats, waker) = (self.options.clone(), self.stats.clone(), self.waker.clone());
            let sender = self.saved.0.clone();
            let work = move || {
                let saved = save::save(&options.ffmpeg, &options.folder, kind, &kept, &stats);
                // There are as many places as writers.
                let _ = sender.try_send(saved);
                waker.wake();
            };
            match std::thread::Builder::new().name("replay-file".into()).spawn(work) {
                Ok(thread) => self.saving.push(thread),
                Err(error) => self.take(Err(format!("cannot save the last seconds: {error}"))),
            }
        }
    }

    /// Tells what was written.
    fn take(&mut self, saved: Result<PathBuf, String>) {
        match &saved {
            Ok(path) => {
                self.stats.count("replays_saved");
                self.stats.event(format!("wrote {}", path.display()));
            }
            Err(error) => {
                self.stats.count("replays_failed");
                self.stats.event(error.clone());
            }
        }
        self.last = Some(saved);
    }
}

impl Drop for Replay {
    /// What was asked for is written, also at the end.
    fn drop(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        running.pictures = None;
        // The encoder gives its last second when nothing more comes; one that hangs is ended.
        while running.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            running.shared.supervise();
            std::thread::sleep(Duration::from_millis(5));
        }
        running.save_wanted(true);
        for thread in std::mem::take(&mut running.saving) {
            // One that panicked has written nothing, and said so.
            let _ = thread.join();
        }
        while let Ok(saved) = running.saved.1.try_recv() {
            running.take(saved);
        }
    }
}

/// Starts the replay where it is asked for.
pub(super) fn begin(
    options: Option<Res<ReplayOptions>>,
    (stats, waker): (Res<Stats>, Res<Waker>),
    mut replay: ResMut<Replay>,
) {
    if let Some(options) = options {
        replay.start(options.clone(), &stats, &waker);
    }
}

/// Wants pictures as long as they are kept, and obeys who asks for them.
pub(super) fn obey(
    mut asked: MessageReader<SaveReplay>,
    mut pressure: MessageReader<MemoryPressure>,
    mut demand: ResMut<ReadbackDemand>,
    stats: Res<Stats>,
    mut replay: ResMut<Replay>,
) {
    let tight = pressure.read().any(|pressure| pressure.reaches(PressureLevel::Critical));
    let Some(running) = &mut replay.bypass_change_detection().running else {
        if asked.read().count() > 0 {
            stats.count("replay_refused");
            stats.event("nothing is kept that could be saved; start with: masque run --replay 30s");
        }
        return;
    };
    if !demand.replay {
        demand.replay = true;
    }
    if tight {
        let gone = running.shared.ring().halve();
        stats.add("replay_shortened", gone);
    }
    for wish in asked.read() {
        running.ask(match wish {
            SaveReplay::Video => ReplayKind::Video,
            SaveReplay::Clip => ReplayKind::Clip(running.options.clip),
        });
    }
    running.shared.supervise();
    if !running.wanted.is_empty() {
        running.save_wanted(false);
    }
    while let Ok(saved) = running.saved.1.try_recv() {
        running.take(saved);
    }
    running.saving.retain(|thread| !thread.is_finished());
}
