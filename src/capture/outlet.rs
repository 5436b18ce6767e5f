//! Where the frames of all lives of a source, and of its stand-in, become one stream.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::SendTimeoutError;

use super::Pace;
use crate::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use crate::memory::Sender;
use crate::stats::Stats;

/// Time between two frames that are held.
pub(super) const HELD: Duration = Duration::from_millis(33);
/// Size of the black picture that is shown where no frame ever came.
const DARK: (u32, u32) = (1280, 720);
/// How often a full slot is looked at again.
const POLL: Duration = Duration::from_millis(50);

/// Nobody wants the frame any more.
#[derive(Debug)]
pub(super) struct Stopped;

/// Which opening of which source a frame comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    /// Counted over all lives.
    pub(super) life: u64,
    /// Whether it only stands in for another one.
    pub(super) stands_in: bool,
}

/// A frame of the stream.
pub(super) struct Admitted {
    pub(super) frame: Arc<Frame>,
    /// The one before was of another life.
    pub(super) takes_over: bool,
}

/// Numbers frames, keeps their times true and growing, and hands them over.
pub(super) struct Outlet {
    slot: Sender<Arc<Frame>>,
    pace: Pace,
    hold: bool,
    stats: Stats,
    stream: Mutex<Stream>,
    /// Held from a frame's number to its place in the slot, where nobody waits for that: frames of two lives, and those that
    /// are held, stay in order. Taken before any other lock.
    order: Mutex<()>,
}

/// What was handed over so far.
#[derive(Debug, Default)]
struct Stream {
    on_air: Option<Ticket>,
    next: u64,
    /// Time and arrival of the last frame.
    last: Option<(Duration, Instant)>,
    /// What is added to the times of the source that is on air; none until its next frame says it.
    shift: Option<Duration>,
    frame: Option<Arc<Frame>>,
}

impl Stream {
    /// A time for a frame that comes now, and at which it stays after the one before.
    fn now(&self, now: Instant) -> Duration {
        self.last.map_or(Duration::ZERO, |(time, at)| time + now.saturating_duration_since(at))
    }

    /// Number and time go on where they stopped, the gap included.
    fn number(&mut self, frame: &mut Frame, late: Duration) {
        let now = Instant::now();
        let shift = self.shift.unwrap_or_else(|| self.now(now).saturating_sub(frame.timestamp)) + late;
        self.shift = Some(shift);
        frame.timestamp += shift;
        if let Some((last, _)) = self.last {
            frame.timestamp = frame.timestamp.max(last + Duration::from_micros(1));
        }
        self.stamp(frame, now);
    }

    fn stamp(&mut self, frame: &mut Frame, now: Instant) {
        frame.seq = FrameSeq(self.next);
        // A file's frame was read before it was due.
        frame.arrived = now;
        self.next += 1;
        self.last = Some((frame.timestamp, now));
    }
}

impl Outlet {
    /// `hold` keeps the last frame, so that it can be shown while none comes.
    pub(super) fn new(slot: Sender<Arc<Frame>>, pace: Pace, hold: bool, stats: Stats) -> Self {
        Self { slot, pace, hold, stats, stream: Mutex::default(), order: Mutex::default() }
    }

    /// Whose frames are shown.
    pub(super) fn on_air(&self) -> Option<Ticket> {
        self.lock().on_air
    }

    /// The frames of `ticket` have ended.
    pub(super) fn take_off(&self, ticket: Ticket) {
        let mut stream = self.lock();
        if stream.on_air == Some(ticket) {
            stream.on_air = None;
        }
    }

    /// To be held while a frame is admitted and put. Nothing in a lossless run, which has one life only.
    pub(super) fn in_order(&self) -> Option<MutexGuard<'_, ()>> {
        (self.pace == Pace::RealTime).then(|| self.order.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a frame one of the stream; none of what stands in while the source itself gives frames. A file that could not be
    /// read fast enough goes on `late`: what is recorded of it lasts as long as it was shown.
    pub(super) fn admit(
        &self,
        ticket: Ticket,
        mut frame: Frame,
        late: Duration,
        stopping: &AtomicBool,
    ) -> Result<Option<Admitted>, Stopped> {
        let mut stream = self.lock();
        if stopping.load(Ordering::Relaxed) {
            return Err(Stopped);
        }
        let takes_over = stream.on_air != Some(ticket);
        if takes_over {
            if ticket.stands_in && stream.on_air.is_some() {
                return Ok(None);
            }
            (stream.on_air, stream.shift) = (Some(ticket), None);
        }
        stream.number(&mut frame, late);
        let frame = Arc::new(frame);
        stream.frame = self.hold.then(|| frame.clone());
        Ok(Some(Admitted { frame, takes_over }))
    }

    /// Hands over what was admitted.
    pub(super) fn put(&self, mut frame: Arc<Frame>, stopping: &AtomicBool) -> Result<(), Stopped> {
        if self.pace == Pace::RealTime {
            let dropped = self.slot.send_newest(frame);
            self.stats.add("frames_dropped_capture", dropped as u64);
            return Ok(());
        }
        while !stopping.load(Ordering::Relaxed) {
            match self.slot.send_timeout(frame, POLL) {
                Ok(()) => return Ok(()),
                Err(SendTimeoutError::Timeout(back)) => frame = back,
                Err(SendTimeoutError::Disconnected(_)) => return Err(Stopped),
            }
        }
        Err(Stopped)
    }

    /// Hands the last frame over once more, as one that comes now; a black one where there is none. Says whether it was due.
    pub(super) fn hold(&self, pool: &FramePool) -> bool {
        let _in_order = self.in_order();
        let mut stream = self.lock();
        let now = Instant::now();
        if stream.last.is_some_and(|(_, at)| now.saturating_duration_since(at) < HELD) {
            return false;
        }
        let time = stream.now(now);
        let held = match &stream.frame {
            Some(frame) => again(frame, time, pool),
            None => dark(time, pool),
        };
        let Some(mut frame) = held else {
            self.stats.count("frame_pool_exhausted");
            return false;
        };
        stream.stamp(&mut frame, now);
        // The source's own times mean nothing for what was held meanwhile.
        stream.shift = None;
        drop(stream);
        self.slot.send_newest(Arc::new(frame));
        self.stats.count("frames_held");
        true
    }

    fn lock(&self) -> MutexGuard<'_, Stream> {
        // Every field stands for itself, so a panicking holder left nothing half done.
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A copy of `frame` at `time`; none where the pool is full.
fn again(frame: &Frame, time: Duration, pool: &FramePool) -> Option<Frame> {
    let mut data = pool.acquire(frame.data().len()).ok()?;
    data.copy_from_slice(frame.data());
    Frame::new(frame.seq, time, frame.format, (frame.width, frame.height), frame.color, data).ok()
}

/// Black.
fn dark(time: Duration, pool: &FramePool) -> Option<Frame> {
    let format = PixelFormat::Nv12;
    let mut data = pool.acquire(format.bytes(DARK.0, DARK.1)).ok()?;
    let (luma, chroma) = data.split_at_mut(format.plane(0, DARK.0, DARK.1).len());
    luma.fill(16);
    chroma.fill(128);
    Frame::new(FrameSeq(0), time, format, DARK, ColorSpace::default(), data).ok()
}
