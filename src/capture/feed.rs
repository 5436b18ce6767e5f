//! What the capture thread does: open, pull, pace, hand over, open again.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, SendTimeoutError};

use super::Pace;
use super::watch::Watch;
use crate::frame::{Frame, FramePool, FrameSeq};
use crate::memory::Sender;
use crate::source::{FrameSource, SourceError, SourceInfo};
use crate::stats::Stats;

/// Wait before the first attempt to open a source again; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Wait before a full pool is asked again.
const POOL_PAUSE: Duration = Duration::from_millis(2);
/// A source that falls this far behind its own times is played from here on instead of being hurried.
const LATE: Duration = Duration::from_millis(500);

/// The slot between the thread and its owner.
pub(super) struct Slot {
    sender: Sender<Arc<Frame>>,
    pace: Pace,
    stats: Stats,
}

/// The owner is gone.
struct Stopped;

impl Slot {
    pub(super) fn new(sender: Sender<Arc<Frame>>, pace: Pace, stats: Stats) -> Self {
        Self { sender, pace, stats }
    }

    fn put(&self, frame: Arc<Frame>, stopping: &AtomicBool) -> Result<(), Stopped> {
        if self.pace == Pace::RealTime {
            let dropped = self.sender.send_newest(frame);
            self.stats.add("frames_dropped_capture", dropped as u64);
            return if stopping.load(Ordering::Relaxed) { Err(Stopped) } else { Ok(()) };
        }
        let mut frame = frame;
        while !stopping.load(Ordering::Relaxed) {
            match self.sender.send_timeout(frame, Duration::from_millis(50)) {
                Ok(()) => return Ok(()),
                Err(SendTimeoutError::Timeout(back)) => frame = back,
                Err(SendTimeoutError::Disconnected(_)) => return Err(Stopped),
            }
        }
        Err(Stopped)
    }
}

/// The thread's belongings.
pub(super) struct Feed {
    slot: Slot,
    watch: Arc<Watch>,
    pool: FramePool,
    stats: Stats,
    pace: Pace,
    stopped: Receiver<()>,
    stopping: Arc<AtomicBool>,
    /// Number of the next frame, over all reopenings.
    next: u64,
    /// Time and arrival of the last frame.
    last: Option<(Duration, Instant)>,
}

/// How one life of the source went.
enum Life {
    Stopped,
    Ended,
    Failed(SourceError),
    /// A live source failed after it had given frames.
    Lost(SourceError),
}

impl Feed {
    pub(super) fn new(
        slot: Slot,
        watch: Arc<Watch>,
        pool: FramePool,
        stats: Stats,
        pace: Pace,
        stopped: Receiver<()>,
        stopping: Arc<AtomicBool>,
    ) -> Self {
        Self { slot, watch, pool, stats, pace, stopped, stopping, next: 0, last: None }
    }

    pub(super) fn run(mut self, mut open: impl FnMut() -> Result<Box<dyn FrameSource>, SourceError>) {
        let mut attempt = 0;
        let mut pause = FIRST_PAUSE;
        loop {
            let captured = self.next;
            let error = match self.live(&mut open) {
                Life::Stopped => return,
                Life::Ended => return self.watch.end(),
                // What never worked is a mistake of the user, who is told at once; what worked comes back.
                Life::Failed(error) if self.next == 0 || self.pace == Pace::Lossless => {
                    self.stats.count("source_failures");
                    return self.watch.fail(error.to_string());
                }
                Life::Failed(error) | Life::Lost(error) => error,
            };
            if self.next > captured {
                (attempt, pause) = (0, FIRST_PAUSE);
            }
            attempt += 1;
            self.stats.count("source_failures");
            self.stats.count("source_reconnects");
            tracing::warn!("{error}; trying again in {pause:?} (attempt {attempt})");
            self.watch.reconnecting(attempt);
            if self.sleep(pause).is_err() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Opens the source and hands its frames over until it ends.
    fn live(&mut self, open: &mut impl FnMut() -> Result<Box<dyn FrameSource>, SourceError>) -> Life {
        let mut source = match guarded("the source", open) {
            Ok(source) => source,
            Err(error) => return Life::Failed(error),
        };
        self.watch.opened(source.info(), source.interrupt());
        let life = self.pull(source.as_mut());
        self.watch.closed();
        // Closing a broken device can panic in its driver binding.
        let uri = source.info().uri.clone();
        if let Err(error) = guarded(&uri, || {
            drop(source);
            Ok(())
        }) {
            self.stats.count("source_failures");
            tracing::warn!("{error}");
        }
        life
    }

    fn pull(&mut self, source: &mut dyn FrameSource) -> Life {
        let info = source.info().clone();
        let paced = self.pace == Pace::RealTime && !info.live;
        let mut origin: Option<(Instant, Duration)> = None;
        let mut shift = None;
        let mut pool_was_full = false;
        loop {
            if self.stopping.load(Ordering::Relaxed) {
                return Life::Stopped;
            }
            let start = Instant::now();
            let mut frame = match guarded(&info.uri, || source.next_frame(&self.pool)) {
                Ok(Some(frame)) => frame,
                Ok(None) if info.live => return Life::Lost(ended(&info.uri)),
                Ok(None) => return Life::Ended,
                Err(error) if error.is_pool_exhausted() => {
                    if !pool_was_full {
                        tracing::warn!("{}: no buffer for the next frame: {error}", info.uri);
                    }
                    pool_was_full = true;
                    match self.pass_by(source, &info) {
                        Ok(()) => continue,
                        Err(life) => return life,
                    }
                }
                Err(error) if info.live && self.next > 0 => return Life::Lost(error),
                Err(error) => return Life::Failed(error),
            };
            if !info.live {
                // Live sources time their own work: here it would be the wait for the next picture.
                self.stats.stage("capture", start.elapsed());
            }
            pool_was_full = false;
            self.stats.count("frames_captured");
            let late = match paced.then(|| self.wait_until_due(&mut origin, frame.timestamp)).transpose() {
                Ok(late) => late.unwrap_or_default(),
                Err(Stopped) => return Life::Stopped,
            };
            self.continue_numbering(&mut frame, &mut shift, late);
            self.watch.frame_arrived();
            if self.slot.put(Arc::new(frame), &self.stopping).is_err() {
                return Life::Stopped;
            }
            self.watch.frame_ready();
        }
    }

    /// No buffer is free: the newest frame of a live source is dropped, any other source waits.
    fn pass_by(&self, source: &mut dyn FrameSource, info: &SourceInfo) -> Result<(), Life> {
        let skipped = if info.live && self.pace == Pace::RealTime {
            guarded(&info.uri, || source.skip_frame()).map_err(Life::Lost)?
        } else {
            false
        };
        if skipped {
            self.watch.frame_arrived();
            self.stats.count("frame_pool_exhausted");
            return Ok(());
        }
        self.stats.count("capture_pool_waits");
        self.sleep(POOL_PAUSE).map_err(|Stopped| Life::Stopped)
    }

    /// Numbers and times go on where the source's life before stopped, the gap included.
    /// A file that could not be read fast enough goes on `late`: what is recorded of it lasts as long as it was shown.
    fn continue_numbering(&mut self, frame: &mut Frame, shift: &mut Option<Duration>, late: Duration) {
        let now = Instant::now();
        let shift = shift.get_or_insert_with(|| {
            self.last.map_or(Duration::ZERO, |(time, at)| {
                (time + now.duration_since(at)).saturating_sub(frame.timestamp)
            })
        });
        *shift += late;
        frame.seq = FrameSeq(self.next);
        frame.timestamp += *shift;
        // A file's frame was read before it was due.
        frame.arrived = now;
        self.next += 1;
        self.last = Some((frame.timestamp, now));
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
            self.stats.count("capture_late");
            *origin = Some((now, timestamp));
            return Ok(now - due);
        }
        self.sleep(due.saturating_duration_since(now)).map(|()| Duration::ZERO)
    }

    /// Sleeps unless the worker is stopped.
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
