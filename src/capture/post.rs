//! One source that is to be there for ever: opened, watched, torn down and opened again.

use std::time::{Duration, Instant};

use super::life::{End, Life, Room, Silence};
use super::outlet::Ticket;
use super::pause::BackOff;
use super::{Opener, Pace};
use crate::source::SourceError;

/// How long a source that was told to end may take, or as long as it may be silent where that is shorter; then its thread is
/// left alone.
const GRACE: Duration = Duration::from_secs(2);
/// How long opening may take. Streams have shorter limits of their own.
const OPENING: Duration = Duration::from_secs(45);
/// Threads of one source that hang in a driver, at most; while there are as many, no other is sent after them.
pub(super) const ABANDONED_MOST: usize = 4;

/// Where it is.
enum Phase {
    Alive(Life),
    /// It was told to end.
    Leaving {
        life: Life,
        since: Instant,
    },
    /// It is opened then.
    Pausing {
        until: Instant,
    },
    /// It is not wanted any more.
    Gone,
}

/// How it does, seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    /// It is being opened for the first time, or it gives frames.
    Well,
    /// It is being torn down.
    Stalled,
    /// It is being opened again, or will be.
    Away(u32),
}

/// Why nothing more comes of it.
#[derive(Debug)]
pub(super) enum Over {
    Ended,
    Failed(SourceError),
}

/// Keeps one source alive.
pub(super) struct Post {
    opener: Opener,
    stands_in: bool,
    /// It is waited for, although it never worked.
    wait: bool,
    stall: Duration,
    worked: bool,
    dismissed: bool,
    back_off: BackOff,
    phase: Phase,
    /// What [`Opener::changes`] said when the last attempt began.
    changes: u64,
}

/// What all posts share.
pub(super) struct Ground<'a> {
    pub(super) room: &'a Room,
    /// Lives that hang.
    pub(super) abandoned: &'a mut Vec<Ticket>,
    pub(super) lives: &'a mut u64,
}

impl Post {
    /// One whose source is opened at the next look.
    pub(super) fn new(opener: Opener, stands_in: bool, wait: bool, stall: Duration) -> Self {
        let phase = Phase::Pausing { until: Instant::now() };
        let changes = opener.changes();
        Self {
            opener,
            stands_in,
            wait,
            stall,
            worked: false,
            dismissed: false,
            back_off: BackOff::default(),
            phase,
            changes,
        }
    }

    pub(super) fn health(&self) -> Health {
        match &self.phase {
            Phase::Leaving { .. } => Health::Stalled,
            Phase::Alive(life) if life.frames() > 0 => Health::Well,
            _ => match self.back_off.attempt() {
                0 => Health::Well,
                attempt => Health::Away(attempt),
            },
        }
    }

    /// The life that runs or ends.
    pub(super) fn ticket(&self) -> Option<Ticket> {
        match &self.phase {
            Phase::Alive(life) | Phase::Leaving { life, .. } => Some(life.ticket),
            Phase::Pausing { .. } | Phase::Gone => None,
        }
    }

    /// Opens the source now if it waits to be opened and something was plugged in since the last attempt began.
    fn hurry(&mut self) {
        let has_changed = self.opener.changes() != self.changes;
        if let Phase::Pausing { until } = &mut self.phase
            && has_changed
        {
            *until = Instant::now();
            self.back_off.begin_anew();
        }
    }

    /// Tells the source to end until it is opened again: it is silent.
    fn tear_down(&mut self) {
        self.leave(Life::end);
    }

    /// Tells the source to end for good: it is not needed any more.
    pub(super) fn dismiss(&mut self) {
        self.dismissed = true;
        self.leave(Life::dismiss);
        if let Phase::Pausing { .. } = self.phase {
            self.phase = Phase::Gone;
        }
    }

    /// Whether it was dismissed, and nothing of it is left.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.phase, Phase::Gone)
    }

    fn leave(&mut self, end: impl FnOnce(&mut Life)) {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Gone) {
            Phase::Alive(mut life) => {
                end(&mut life);
                Phase::Leaving { life, since: Instant::now() }
            }
            other => other,
        };
    }

    /// Looks after it; often.
    pub(super) fn look(&mut self, ground: &mut Ground) -> Option<Over> {
        let room = ground.room;
        self.hurry();
        match &self.phase {
            Phase::Alive(life) => {
                let reason = self.stalled(life)?;
                room.stats.count("source_stalls");
                room.stats.event(reason.clone());
                room.outlet.take_off(life.ticket);
                if !self.stands_in {
                    room.status.gap_begins(reason);
                }
                self.tear_down();
                None
            }
            Phase::Leaving { life, since } if since.elapsed() >= GRACE.min(self.stall) => {
                ground.abandoned.push(life.ticket);
                room.stats.count("capture_threads_abandoned");
                room.stats.event(format!(
                    "the source hangs and does not end: its thread is left alone ({} of at most {ABANDONED_MOST})",
                    ground.abandoned.len()
                ));
                self.opener.hung();
                self.remember(life.frames());
                self.pause(ground.room);
                None
            }
            Phase::Pausing { until } if Instant::now() >= *until => self.open(ground),
            _ => None,
        }
    }

    fn stalled(&self, life: &Life) -> Option<String> {
        match life.silence() {
            Silence::Opening(time) if time >= OPENING && !self.opener.is_patient() => {
                Some(format!("the source does not open within {} s: it is torn down", OPENING.as_secs()))
            }
            Silence::Live { silence, frames } if silence >= self.stall.max(frames) => {
                Some(format!("no frame for {:.1} s: the source has stalled", silence.as_secs_f64()))
            }
            _ => None,
        }
    }

    fn open(&mut self, ground: &mut Ground) -> Option<Over> {
        let room = ground.room;
        self.changes = self.opener.changes();
        let own = ground.abandoned.iter().filter(|hangs| hangs.stands_in == self.stands_in);
        if own.count() >= ABANDONED_MOST {
            room.stats.count("source_openings_refused");
            self.pause(room);
            return None;
        }
        *ground.lives += 1;
        let ticket = Ticket { life: *ground.lives, stands_in: self.stands_in };
        match Life::begin(ticket, self.opener.clone(), room) {
            Ok(life) => {
                self.phase = Phase::Alive(life);
                None
            }
            Err(error) => self.failed(SourceError::NoThread(error), room),
        }
    }

    /// Its life has ended.
    pub(super) fn ended(&mut self, end: End, room: &Room) -> Option<Over> {
        let (Phase::Alive(life) | Phase::Leaving { life, .. }) = &self.phase else { return None };
        room.outlet.take_off(life.ticket);
        self.remember(life.frames());
        self.phase = Phase::Pausing { until: Instant::now() };
        match end {
            End::Failed(error) => return self.failed(error, room),
            End::Lost(error) => {
                room.stats.count("source_failures");
                self.come_back(error, room);
            }
            End::Ended if !self.stands_in => return Some(Over::Ended),
            End::Ended | End::Stopped => {
                self.pause(room);
            }
        }
        None
    }

    /// A life that gave `frames` is over. If it gave any, the source works with whatever is plugged in by now.
    fn remember(&mut self, frames: u64) {
        if frames > 0 {
            (self.worked, self.back_off) = (true, BackOff::default());
            self.changes = self.opener.changes();
        }
    }

    /// What never worked is a mistake of the user, who is told at once; what worked comes back.
    fn failed(&mut self, error: SourceError, room: &Room) -> Option<Over> {
        room.stats.count("source_failures");
        if room.pace == Pace::Lossless || !(self.worked || self.wait || self.stands_in) {
            return Some(Over::Failed(error));
        }
        self.come_back(error, room);
        None
    }

    /// Opens the source again in a while, which tells `error`.
    fn come_back(&mut self, error: SourceError, room: &Room) {
        if !self.stands_in {
            room.status.gap_begins(error.to_string());
        }
        let pause = self.pause(room);
        let attempt = self.back_off.attempt();
        let who = if self.stands_in { "the stand-in: " } else { "" };
        if self.back_off.is_told() {
            tracing::warn!("{who}{error}; trying again in {pause:?} (attempt {attempt})");
        } else {
            tracing::debug!("{who}{error}; trying again in {pause:?} (attempt {attempt})");
        }
    }

    fn pause(&mut self, room: &Room) -> Duration {
        if self.dismissed {
            self.phase = Phase::Gone;
            return Duration::ZERO;
        }
        room.stats.count(if self.stands_in { "stand_in_reconnects" } else { "source_reconnects" });
        let pause = self.back_off.next();
        self.phase = Phase::Pausing { until: Instant::now() + pause };
        pause
    }
}
