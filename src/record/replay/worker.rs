//! The thread that encodes what is kept, and begins anew when the encoder is lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::ring::Ring;
use crate::compositor::ComposedFrame;
use crate::ffmpeg::{ChildError, EncodedStream, Ffmpeg, KillSwitch, Piece};
use crate::memory::Receiver;
use crate::stats::{Stats, describe};

/// Nominal pictures a second, for the encoder's planning.
const RATE: f64 = 30.0;
/// x264's constant rate factor.
const QUALITY: u8 = 22;
/// A jump of the pictures' times beyond this is another source, not a pause.
const JUMP: Duration = Duration::from_secs(10);
/// Between two pictures where their times do not say it.
const STEP: Duration = Duration::from_millis(33);
/// Wait before a lost encoder is started again.
const PAUSE: Duration = Duration::from_secs(1);
/// A write that takes longer means that the encoder hangs.
const HUNG: Duration = Duration::from_millis(2500);

/// The encoder that runs, and since when it is written to.
#[derive(Debug, Default)]
struct Running {
    switch: Option<KillSwitch>,
    since: Option<Instant>,
}

/// What the thread and its owner share.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) ring: Arc<Mutex<Ring>>,
    encoder: Arc<Mutex<Running>>,
    stats: Stats,
}

impl Shared {
    pub(super) fn new(keep: Duration, stats: &Stats) -> Self {
        Self { ring: Arc::new(Mutex::new(Ring::new(keep))), encoder: Arc::default(), stats: stats.clone() }
    }

    pub(super) fn ring(&self) -> MutexGuard<'_, Ring> {
        lock(&self.ring)
    }

    /// Ends an encoder that hangs.
    pub(super) fn supervise(&self) {
        let mut encoder = lock(&self.encoder);
        if encoder.since.is_some_and(|since| since.elapsed() > HUNG)
            && let Some(switch) = encoder.switch.take()
        {
            self.stats.count("replay_encoder_hung");
            switch.kill();
        }
    }

    /// The encoder's process, once it runs.
    #[cfg(test)]
    pub(super) fn encoder(&self) -> Option<u32> {
        lock(&self.encoder).switch.as_ref().map(KillSwitch::process)
    }
}

/// Runs until the channel closes.
pub(super) fn run(ffmpeg: &Ffmpeg, shared: &Shared, pictures: &Receiver<Arc<ComposedFrame>>, stats: &Stats) {
    let mut stream: Option<(EncodedStream, (u32, u32))> = None;
    let mut clock = Clock::default();
    let mut lost: Option<Instant> = None;
    let mut last = None;
    for picture in pictures.iter() {
        let resting = lost.is_some_and(|at| at.elapsed() < PAUSE);
        // Drawn again for another look: this moment is there already.
        if resting || last.replace(picture.seq) == Some(picture.seq) {
            continue;
        }
        if stream.as_ref().is_some_and(|(_, size)| *size != (picture.width, picture.height)) {
            stats.event("the replay begins anew: the picture has another size");
            stream = None;
        }
        match encode(ffmpeg, shared, &mut stream, &mut clock, &picture, stats) {
            Ok(()) => lost = None,
            Err(error) => {
                stats.count("replay_encoder_lost");
                if lost.is_none() {
                    stats.event(format!("the replay begins anew: {}", describe(&error)));
                }
                (stream, lost) = (None, Some(Instant::now()));
            }
        }
    }
}

fn encode(
    ffmpeg: &Ffmpeg,
    shared: &Shared,
    stream: &mut Option<(EncodedStream, (u32, u32))>,
    clock: &mut Clock,
    picture: &ComposedFrame,
    stats: &Stats,
) -> Result<(), ChildError> {
    if stream.is_none() {
        let (into, counted) = (shared.clone(), stats.clone());
        let sink = move |piece: Piece| {
            let gone = into.ring().push(piece);
            if gone > 0 {
                counted.add("replay_shortened", gone);
            }
        };
        *clock = Clock::default();
        let size = (picture.width, picture.height);
        *stream = Some((EncodedStream::start(ffmpeg, size, RATE, QUALITY, stats, sink)?, size));
    }
    let Some((stream, _)) = stream else { return Ok(()) };
    let start = Instant::now();
    *lock(&shared.encoder) = Running { switch: Some(stream.kill_switch()), since: Some(start) };
    let written = stream.write_nv12(clock.stamp(picture.timestamp), &picture.pixels);
    lock(&shared.encoder).since = None;
    stats.stage("replay", start.elapsed());
    written
}

/// Times from zero that always move on, and never by more than a pause.
#[derive(Debug, Default)]
struct Clock {
    last: Option<(Duration, Duration)>,
}

impl Clock {
    fn stamp(&mut self, timestamp: Duration) -> Duration {
        let stamp = self.last.map_or(Duration::ZERO, |(before, stamp)| {
            let step = timestamp.checked_sub(before).filter(|step| !step.is_zero() && *step < JUMP);
            stamp + step.unwrap_or(STEP)
        });
        self.last = Some((timestamp, stamp));
        stamp
    }
}

/// Every field stands for itself, so a panicking holder left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_source_neither_turns_time_back_nor_opens_a_gap() {
        let mut clock = Clock::default();
        let ms = Duration::from_millis;
        let stamps = [5000, 5040, 9000, 40, 80, 7_200_000].map(|time| clock.stamp(ms(time)).as_millis());
        assert_eq!(stamps, [0, 40, 4000, 4033, 4073, 4106]);
    }
}
