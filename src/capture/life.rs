//! One opening of a source, from then to its end, on a thread of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::feed::Feed;
use super::outlet::{Outlet, Ticket};
use super::status::{Status, three_frames};
use super::supervisor::Message;
use super::{Opener, Pace};
use crate::frame::FramePool;
use crate::memory::{self, signal};
use crate::source::{Cancel, Interrupt, SourceError, SourceInfo};
use crate::stats::Stats;

/// How it ended.
#[derive(Debug)]
pub(super) enum End {
    /// It was told to.
    Stopped,
    /// The source came to its end.
    Ended,
    /// The source could not be opened, or failed.
    Failed(SourceError),
    /// A live source failed after it had given frames.
    Lost(SourceError),
}

/// What every life works with.
#[derive(Clone)]
pub(super) struct Room {
    pub(super) outlet: Arc<Outlet>,
    pub(super) status: Arc<Status>,
    pub(super) pool: FramePool,
    pub(super) stats: Stats,
    pub(super) pace: Pace,
    pub(super) messages: memory::Sender<Message>,
}

/// The supervisor's end of it.
pub(super) struct Life {
    pub(super) ticket: Ticket,
    pulse: Arc<Pulse>,
    stop: Option<Sender<()>>,
}

/// What its thread tells while it runs.
#[derive(Default)]
pub(super) struct Pulse {
    pub(super) stopping: AtomicBool,
    /// Whatever it says when it ends is no failure.
    pub(super) dismissed: AtomicBool,
    /// Gives its opening up.
    pub(super) cancel: Cancel,
    signs: Mutex<Signs>,
}

#[derive(Default)]
pub(super) struct Signs {
    pub(super) info: Option<SourceInfo>,
    pub(super) interrupt: Option<Interrupt>,
    pub(super) last: Option<Instant>,
    frames: u64,
}

impl Pulse {
    pub(super) fn lock(&self) -> MutexGuard<'_, Signs> {
        // Every field stands for itself, so a panicking holder left nothing half done.
        self.signs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it was the first.
    pub(super) fn frame_came(&self) -> bool {
        let mut signs = self.lock();
        signs.last = Some(Instant::now());
        signs.frames += 1;
        signs.frames == 1
    }
}

impl Life {
    /// Begins: `opener` is called on a new thread. It ends with [`Message::Ended`].
    pub(super) fn begin(ticket: Ticket, opener: Opener, room: &Room) -> Result<Self, std::io::Error> {
        let (stop, stopped) = signal();
        let pulse = Arc::new(Pulse::default());
        pulse.lock().last = Some(Instant::now());
        let feed = Feed { ticket, room: room.clone(), pulse: pulse.clone(), stopped };
        std::thread::Builder::new().name("source".into()).spawn(move || {
            let messages = feed.room.messages.clone();
            let end = match feed.run(&opener) {
                End::Failed(_) | End::Lost(_) if feed.pulse.dismissed.load(Ordering::Relaxed) => End::Stopped,
                end => end,
            };
            // The opener goes first: whoever hears of the end may take it that nothing of it is left.
            drop(opener);
            // Nobody listens any more when the worker is gone.
            let _ = messages.send(Message::Ended(ticket.life, end));
        })?;
        Ok(Self { ticket, pulse, stop: Some(stop) })
    }

    /// Frames that it has given.
    pub(super) fn frames(&self) -> u64 {
        self.pulse.lock().frames
    }

    /// How long a live source has been silent beyond three of its frames, or any has been opening; none of a source whose
    /// frames come when they are pulled.
    pub(super) fn silence(&self) -> Silence {
        let signs = self.pulse.lock();
        let silence = signs.last.map_or(Duration::ZERO, |last| last.elapsed());
        match &signs.info {
            None => Silence::Opening(silence),
            Some(info) if info.live => Silence::Live { silence, frames: three_frames(info) },
            Some(_) => Silence::Pulled,
        }
    }

    /// Tells it to end: it is not needed any more, and nothing is wrong with it.
    pub(super) fn dismiss(&mut self) {
        self.pulse.dismissed.store(true, Ordering::Relaxed);
        self.end();
    }

    /// Tells it to end, and wakes it wherever it waits.
    pub(super) fn end(&mut self) {
        self.pulse.stopping.store(true, Ordering::Relaxed);
        self.pulse.cancel.cancel();
        // Closing the channel wakes a thread that waits for a frame's time.
        self.stop = None;
        if let Some(interrupt) = &self.pulse.lock().interrupt {
            interrupt();
        }
    }
}

/// How long nothing came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// It is not open yet.
    Opening(Duration),
    /// Of a live source; and how long three of its frames take.
    Live { silence: Duration, frames: Duration },
    /// It gives frames when it is asked.
    Pulled,
}
