//! Looks after a source, and after what stands in for it, for as long as somebody wants frames.

use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;

use super::life::{End, Room};
use super::outlet::{HELD, Ticket};
use super::post::{ABANDONED_MOST, Ground, Health, Over, Post};
use super::{CaptureOptions, Opener, Pace, SourceState};
use crate::memory::{Bound, Each, Receiver, bound};

/// How often the source is looked after while nothing happens.
const TURN: Duration = Duration::from_millis(100);
/// How long the end waits for its threads.
const ENDING: Duration = Duration::from_millis(400);

/// What happens to a source.
#[derive(Debug)]
pub(super) enum Message {
    /// The life of this number is over.
    Ended(u64, End),
    /// A life gave its first frame.
    FirstFrame,
    /// Nobody wants frames any more.
    Stop,
}

pub(super) const ABANDONED: Bound = bound!(
    "capture.abandoned",
    "threads that hang in a driver and are left alone, of a source and of what stands in for it",
    2 * ABANDONED_MOST,
    Each::Bytes(64 << 10),
    "the source is not opened again before one of them comes back, `source_openings_refused`"
);

/// The one that looks after it.
pub(super) struct Supervisor {
    room: Room,
    messages: Receiver<Message>,
    options: CaptureOptions,
    post: Post,
    stand_in: Option<Post>,
    began: Instant,
    lives: u64,
    abandoned: Vec<Ticket>,
}

/// What a turn came to.
enum Turn {
    Again,
    Over(Over),
    Stopped,
}

impl Supervisor {
    pub(super) fn new(
        opener: Opener,
        options: CaptureOptions,
        room: Room,
        messages: Receiver<Message>,
    ) -> Self {
        let post = Post::new(opener, false, options.wait, options.stall);
        Self {
            room,
            messages,
            options,
            post,
            stand_in: None,
            began: Instant::now(),
            lives: 0,
            abandoned: Vec::new(),
        }
    }

    /// Runs until the source is over or nobody wants frames.
    pub(super) fn run(mut self) {
        let over = loop {
            match self.turn() {
                Turn::Again => {}
                Turn::Over(over) => break Some(over),
                Turn::Stopped => break None,
            }
        };
        // What runs still, and what stands in, go as well.
        self.end();
        match over {
            Some(Over::Ended) => self.room.status.set(SourceState::Ended),
            Some(Over::Failed(error)) => self.room.status.set(SourceState::Failed(error.to_string())),
            None => {}
        }
    }

    fn turn(&mut self) -> Turn {
        if let Some(over) = self.look() {
            return Turn::Over(over);
        }
        self.room.status.update(|| self.state());
        let holds = self.hold();
        match self.messages.recv_timeout(if holds { HELD } else { TURN }) {
            Ok(Message::Ended(life, end)) => self.life_ended(life, end).map_or(Turn::Again, Turn::Over),
            Ok(Message::FirstFrame) | Err(RecvTimeoutError::Timeout) => Turn::Again,
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => Turn::Stopped,
        }
    }

    fn look(&mut self) -> Option<Over> {
        let mut ground = Ground { room: &self.room, abandoned: &mut self.abandoned, lives: &mut self.lives };
        let over = self.post.look(&mut ground);
        if let Some(stand_in) = &mut self.stand_in {
            stand_in.look(&mut ground);
        }
        self.call_stand_in();
        over
    }

    /// Has something stand in while the source is away, and sends it home when it is back.
    fn call_stand_in(&mut self) {
        let is_away = self.post.health() != Health::Well;
        let Some(opener) = self.options.stand_in.clone().filter(|_| self.options.pace == Pace::RealTime)
        else {
            return;
        };
        if self.stand_in.as_ref().is_some_and(Post::is_gone) {
            self.stand_in = None;
        }
        match &mut self.stand_in {
            None if is_away => self.stand_in = Some(Post::new(opener, true, true, self.options.stall)),
            // It is gone when it has ended, or hung for long enough.
            Some(stand_in) if !is_away => stand_in.dismiss(),
            _ => {}
        }
    }

    fn life_ended(&mut self, life: u64, end: End) -> Option<Over> {
        if let Some(at) = self.abandoned.iter().position(|hangs| hangs.life == life) {
            self.abandoned.swap_remove(at);
            self.room.stats.count("capture_threads_returned");
            return None;
        }
        if self.post.ticket().is_some_and(|ticket| ticket.life == life) {
            return self.post.ended(end, &self.room);
        }
        if let Some(stand_in) =
            self.stand_in.as_mut().filter(|post| post.ticket().map(|t| t.life) == Some(life))
        {
            stand_in.ended(end, &self.room);
        }
        None
    }

    fn state(&self) -> SourceState {
        let stood_in = self.room.outlet.on_air().is_some_and(|ticket| ticket.stands_in);
        match self.post.health() {
            _ if stood_in => SourceState::Fallback,
            Health::Stalled => SourceState::Stalled,
            Health::Away(attempt) => SourceState::Reconnecting(attempt),
            Health::Well if self.room.outlet.on_air().is_some() => SourceState::Live,
            // An address that listens may be opening for hours.
            Health::Well if self.options.wait && self.began.elapsed() >= self.options.stall => {
                SourceState::Reconnecting(0)
            }
            Health::Well => SourceState::Starting,
        }
    }

    /// Shows the last frame on while none comes; says whether it does.
    fn hold(&self) -> bool {
        let wants = self.options.hold && self.options.pace == Pace::RealTime;
        let holds = wants && self.room.status.state().is_away();
        if holds && self.room.outlet.hold(&self.room.pool) {
            self.room.status.frame_ready();
        }
        holds
    }

    /// Ends what runs, and waits a little until it has.
    fn end(&mut self) {
        let begin = Instant::now();
        let mut left: Vec<u64> = Vec::new();
        for post in [Some(&mut self.post), self.stand_in.as_mut()].into_iter().flatten() {
            post.dismiss();
            left.extend(post.ticket().map(|ticket| ticket.life));
        }
        while !left.is_empty() {
            let rest = ENDING.saturating_sub(begin.elapsed());
            match self.messages.recv_timeout(rest) {
                Ok(Message::Ended(life, _)) => left.retain(|waiting| *waiting != life),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        if !left.is_empty() {
            self.room.stats.add("capture_threads_detached", left.len() as u64);
            tracing::warn!("the source hangs and does not stop: its thread is left alone");
        }
    }
}
