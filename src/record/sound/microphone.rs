//! The microphone on its own thread: blocks with times, and another try when it goes away.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::arrivals::Arrivals;
use super::track::MOMENT;
use crate::ffmpeg::{ChildError, Ffmpeg, KillSwitch, SOUND_RATE, SoundInput, SoundReader};
use crate::memory::{Bound, Each, Receiver, Sender, bound, newest_wins, signal};
use crate::stats::{Stats, describe};

/// Moments of a block: 20 ms.
const BLOCK: usize = SOUND_RATE as usize / 50;
/// How long the microphone is left alone after it failed, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

pub(in crate::record) const HEARD: Bound = bound!(
    "record.sound",
    "sound between the microphone and the encoder, 20 ms each",
    150,
    Each::Bytes((BLOCK * MOMENT) as u64),
    "the oldest goes; the file gets silence there"
);

/// What was heard in 20 ms.
#[derive(Debug)]
pub(super) struct Block {
    /// When its first moment was heard.
    pub(super) heard: Instant,
    /// Its samples.
    pub(super) samples: Box<[u8]>,
}

impl Block {
    /// When its last moment was heard.
    pub(super) fn end(&self) -> Instant {
        self.heard + length(self.samples.len() / MOMENT)
    }
}

/// Listens until it is dropped.
pub(super) struct Microphone {
    pub(super) blocks: Receiver<Block>,
    stop: Option<crossbeam_channel::Sender<()>>,
    running: Running,
}

/// The child that listens now.
type Running = Arc<Mutex<Option<KillSwitch>>>;

impl Microphone {
    pub(super) fn start(ffmpeg: &Ffmpeg, input: &SoundInput, stats: &Stats) -> std::io::Result<Self> {
        let (sender, blocks) = newest_wins(&HEARD, stats);
        let (stop, stopped) = signal();
        let running = Running::default();
        let ear = Ear {
            ffmpeg: ffmpeg.clone(),
            input: input.clone(),
            sender,
            stopped,
            running: running.clone(),
            stats: stats.clone(),
        };
        std::thread::Builder::new().name("microphone".into()).spawn(move || ear.listen())?;
        Ok(Self { blocks, stop: Some(stop), running })
    }
}

impl Drop for Microphone {
    /// Nobody waits for a device that does not answer.
    fn drop(&mut self) {
        self.stop = None;
        // A child that is started just now is ended by its thread, which looks whether it is to stop.
        kill(&self.running);
    }
}

fn kill(running: &Running) {
    running.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(KillSwitch::kill);
}

struct Ear {
    ffmpeg: Ffmpeg,
    input: SoundInput,
    sender: Sender<Block>,
    stopped: crossbeam_channel::Receiver<()>,
    running: Running,
    stats: Stats,
}

impl Ear {
    fn listen(self) {
        let mut pause = PAUSES.0;
        loop {
            let begun = Instant::now();
            let Err(error) = self.hear() else { return };
            if begun.elapsed() > PAUSES.1 {
                pause = PAUSES.0;
            }
            self.stats.count("sound_failures");
            self.stats.event(format!(
                "the microphone {} is silent in the recording: {}; trying again in {pause:?}",
                self.input,
                describe(&error)
            ));
            if self.is_stopped(pause) {
                return;
            }
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Until the microphone fails, or nobody listens any more.
    fn hear(&self) -> Result<(), ChildError> {
        let mut reader = SoundReader::open(&self.ffmpeg, &self.input)?;
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(reader.kill_switch());
        let mut arrivals = Arrivals::default();
        let mut moments = 0;
        while !self.is_stopped(Duration::ZERO) {
            let mut samples = vec![0; BLOCK * MOMENT].into_boxed_slice();
            match reader.read(&mut samples) {
                Ok(()) => {}
                Err(_) if self.is_stopped(Duration::ZERO) => return Ok(()),
                Err(error) => return Err(error),
            }
            let start = length(moments);
            moments += BLOCK;
            // It arrived when its last moment was heard, at the earliest.
            arrivals.note(length(moments), Instant::now());
            if let Some(heard) = arrivals.instant(start) {
                self.stats.count("sound_blocks");
                self.stats.gauge("sound_peak", peak(&samples));
                self.sender.send_newest(Block { heard, samples });
            }
        }
        Ok(())
    }

    fn is_stopped(&self, patience: Duration) -> bool {
        self.stopped.recv_timeout(patience) != Err(crossbeam_channel::RecvTimeoutError::Timeout)
    }
}

/// How long so many moments last.
fn length(moments: usize) -> Duration {
    Duration::from_secs_f64(moments as f64 / f64::from(SOUND_RATE))
}

/// The loudest sample, 0 to 1.
fn peak(samples: &[u8]) -> f64 {
    let loudest =
        samples.chunks_exact(2).map(|bytes| i16::from_le_bytes([bytes[0], bytes[1]]).unsigned_abs()).max();
    f64::from(loudest.unwrap_or(0)) / 32_768.0
}
