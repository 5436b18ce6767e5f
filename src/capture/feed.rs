//! What the thread of a life does: open, pull, pace, hand over, close.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::life::{End, Pulse, Room};
use super::outlet::{Stopped, Ticket};
use super::supervisor::Message;
use super::{Opener, Pace, SourceState};
use crate::frame::Frame;
use crate::source::{FrameSource, SourceError, SourceInfo};

/// Wait before a full pool is asked again.
const POOL_PAUSE: Duration = Duration::from_millis(2);
/// A source that falls this far behind its own times is played from here on instead of being hurried.
const LATE: Duration = Duration::from_millis(500);

/// The thread's belongings.
pub(super) struct Feed {
    pub(super) ticket: Ticket,
    pub(super) room: Room,
    pub(super) pulse: Arc<Pulse>,
    pub(super) stopped: Receiver<()>,
}

impl Feed {
    pub(super) fn run(&self, opener: &Opener) -> End {
        let mut source = match guarded("the source", || opener.open(&self.pulse.cancel)) {
            Ok(source) => source,
            Err(_) if self.is_stopping() => return End::Stopped,
            Err(error) => return End::Failed(error),
        };
        {
            let mut signs = self.pulse.lock();
            signs.info = Some(source.info().clone());
            signs.interrupt = source.interrupt();
            signs.last = Some(Instant::now());
        }
        let end = if self.is_stopping() {
            End::Stopped
        } else {
            self.room.status.opened(source.info());
            self.pull(source.as_mut())
        };
        // It must not outlive the source.
        self.pulse.lock().interrupt = None;
        // Closing a broken device can panic in its driver binding.
        let uri = source.info().uri.clone();
        if let Err(error) = guarded(&uri, || {
            drop(source);
            Ok(())
        }) {
            self.room.stats.count("source_failures");
            tracing::warn!("{error}");
        }
        end
    }

    fn pull(&self, source: &mut dyn FrameSource) -> End {
        let info = source.info().clone();
        let stats = &self.room.stats;
        let paced = self.room.pace == Pace::RealTime && !info.live;
        let mut origin: Option<(Instant, Duration)> = None;
        let mut frames = 0_u64;
        let mut pool_was_full = false;
        loop {
            if self.is_stopping() {
                return End::Stopped;
            }
            let start = Instant::now();
            let frame = match guarded(&info.uri, || source.next_frame(&self.room.pool)) {
                Ok(Some(frame)) => frame,
                Ok(None) if info.live => return End::Lost(ended(&info.uri)),
                Ok(None) => return End::Ended,
                Err(error) if error.is_pool_exhausted() => {
                    if !pool_was_full {
                        tracing::warn!("{}: no buffer for the next frame: {error}", info.uri);
                    }
                    pool_was_full = true;
                    match self.pass_by(source, &info) {
                        Ok(()) => continue,
                        Err(end) => return end,
                    }
                }
                Err(error) if info.live && frames > 0 => return End::Lost(error),
                Err(error) => return End::Failed(error),
            };
            if !info.live {
                // Live sources time their own work: here it would be the wait for the next picture.
                stats.stage("capture", start.elapsed());
            }
            pool_was_full = false;
            frames += 1;
            stats.count("frames_captured");
            let late = match paced.then(|| self.wait_until_due(&mut origin, frame.timestamp)).transpose() {
                Ok(late) => late.unwrap_or_default(),
                Err(Stopped) => return End::Stopped,
            };
            if self.hand_over(frame, late, &info).is_err() {
                return End::Stopped;
            }
        }
    }

    fn hand_over(&self, frame: Frame, late: Duration, info: &SourceInfo) -> Result<(), Stopped> {
        let is_first = self.pulse.frame_came();
        let Room { outlet, status, .. } = &self.room;
        if !self.ticket.stands_in && !self.is_stopping() {
            status.frame_came(info);
        }
        let in_order = outlet.in_order();
        let Some(admitted) = outlet.admit(self.ticket, frame, late, &self.pulse.stopping)? else {
            return Ok(());
        };
        // Whoever takes the frame finds the state that goes with it.
        if admitted.takes_over {
            status.shows(info);
        }
        if is_first && !self.ticket.stands_in {
            status.set(SourceState::Live);
        }
        outlet.put(admitted.frame, &self.pulse.stopping)?;
        drop(in_order);
        status.frame_ready();
        if is_first {
            // The supervisor looks again by itself, only later, if it has no room for this.
            let _ = self.room.messages.try_send(Message::FirstFrame);
        }
        Ok(())
    }

    /// No buffer is free: the newest frame of a live source is dropped, any other source waits.
    fn pass_by(&self, source: &mut dyn FrameSource, info: &SourceInfo) -> Result<(), End> {
        let stats = &self.room.stats;
        let skipped = if info.live && self.room.pace == Pace::RealTime {
            guarded(&info.uri, || source.skip_frame()).map_err(End::Lost)?
        } else {
            false
        };
        if skipped {
            self.pulse.frame_came();
            stats.count("frame_pool_exhausted");
            return Ok(());
        }
        stats.count("capture_pool_waits");
        self.sleep(POOL_PAUSE).map_err(|Stopped| End::Stopped)
    }

    /// Waits for the time of a file's frame. Gives how much later its time comes from now on, where it is too late to be
    /// caught up.
    fn wait_until_due(
        &self,
        origin: &mut Option<(Instant, Duration)>,
        timestamp: Duration,
    ) -> Result<Duration, Stopped> {
        let now = Instant::now();
        let (start, first) = *origin.get_or_insert((now, timestamp));
        let due = start + timestamp.saturating_sub(first);
        if now > due + LATE {
            self.room.stats.count("capture_late");
            *origin = Some((now, timestamp));
            return Ok(now - due);
        }
        self.sleep(due.saturating_duration_since(now)).map(|()| Duration::ZERO)
    }

    fn is_stopping(&self) -> bool {
        self.pulse.stopping.load(Ordering::Relaxed)
    }

    /// Sleeps unless it is told to end.
    fn sleep(&self, time: Duration) -> Result<(), Stopped> {
        if time.is_zero() {
            return Ok(());
        }
        match self.stopped.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            _ => Err(Stopped),
        }
    }
}

fn ended(uri: &str) -> SourceError {
    SourceError::Video {
        uri: uri.to_owned(),
        error: crate::ffmpeg::ChildError::Failed("the stream ended".to_owned()),
    }
}

/// Runs foreign code whose panic must not end the show.
fn guarded<T>(uri: &str, work: impl FnOnce() -> Result<T, SourceError>) -> Result<T, SourceError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(SourceError::Panicked { uri: uri.to_owned(), reason: words(panic.as_ref()) })
    })
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it did not say why").to_owned()
}
