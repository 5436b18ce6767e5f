//! The microphone in the recording, beside the pictures that were seen when it was heard.

mod arrivals;
mod microphone;
#[cfg(test)]
mod tests;
mod track;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use arrivals::Arrivals;
pub(super) use microphone::HEARD;
use microphone::{Block, Microphone};
pub(super) use track::Track;

use super::clock::Clock;
use crate::compositor::ComposedFrame;
use crate::ffmpeg::{ChildError, Ffmpeg, SoundInput, VideoWriter};
use crate::memory::{Bound, Each, Receiver, bound};
use crate::stats::Stats;

/// Sound waits for the picture that belongs to it, but not for longer: the source may have none.
const PATIENCE: Duration = Duration::from_secs(1);
/// A file whose sound is so far behind its pictures gets silence: it could not be played while it is written.
const BEHIND: Duration = Duration::from_millis(400);

pub(super) const PENDING: Bound = bound!(
    "record.sound_pending",
    "sound that waits for its pictures, 20 ms each",
    100,
    Each::Bytes(3840),
    "the oldest goes; the file gets silence there, `sound_dropped`"
);

/// What the encoder's thread knows of sound.
pub(super) struct Sound {
    blocks: Receiver<Block>,
    /// Listens as long as it is here.
    _microphone: Option<Microphone>,
    /// What was heard so much later is seen now.
    delay: Duration,
    pending: VecDeque<Block>,
    pictures: Arrivals,
    /// When the last picture was taken.
    seen: Option<Instant>,
    bytes: Vec<u8>,
    stats: Stats,
}

impl Sound {
    pub(super) fn start(
        ffmpeg: &Ffmpeg,
        (input, delay): (&SoundInput, Duration),
        stats: &Stats,
    ) -> std::io::Result<Self> {
        stats.add("sound_dropped", 0);
        let microphone = Microphone::start(ffmpeg, input, stats)?;
        Ok(Self::of(microphone.blocks.clone(), Some(microphone), delay, stats))
    }

    fn of(blocks: Receiver<Block>, microphone: Option<Microphone>, delay: Duration, stats: &Stats) -> Self {
        Self {
            blocks,
            _microphone: microphone,
            delay,
            pending: VecDeque::with_capacity(PENDING.most as usize),
            pictures: Arrivals::default(),
            seen: None,
            bytes: Vec::new(),
            stats: stats.clone(),
        }
    }

    /// A picture was recorded.
    pub(super) fn picture(&mut self, frame: &ComposedFrame) {
        self.pictures.note(frame.timestamp, frame.arrived);
        self.seen = self.pictures.instant(frame.timestamp);
    }

    /// Writes what was heard until the last picture into its file.
    ///
    /// # Errors
    /// Those of [`VideoWriter::write_sound`].
    pub(super) fn write(
        &mut self,
        (writer, clock, track): (&mut VideoWriter, &Clock, &mut Track),
    ) -> Result<(), ChildError> {
        let dropped = self.take();
        self.stats.add("sound_dropped", dropped);
        let Some(seen) = self.seen else { return Ok(()) };
        let until = Instant::now().checked_sub(PATIENCE).map_or(seen, |old| old.max(seen));
        while let Some(block) = self.pending.pop_front_if(|block| block.end() <= until + self.delay) {
            let Some(at) = self.place(block.heard, clock) else { continue };
            self.bytes.clear();
            let start = track.written();
            track.place(at, &block.samples, &mut self.bytes);
            writer.write_sound(start, &self.bytes)?;
        }
        // What is heard now belongs to what was seen before the delay.
        let newest = Instant::now().checked_sub(self.delay).map_or(until, |newest| newest.min(until));
        let least = newest.checked_sub(BEHIND).and_then(|least| self.pictures.nominal(least));
        if let Some(at) = least.and_then(|least| clock.place(least)) {
            self.bytes.clear();
            let start = track.written();
            track.fill(at, &mut self.bytes);
            writer.write_sound(start, &self.bytes)?;
        }
        Ok(())
    }

    /// There is no file yet: only the newest sound is kept.
    pub(super) fn wait(&mut self) {
        self.take();
    }

    /// How many blocks found no room.
    fn take(&mut self) -> u64 {
        let mut dropped = 0;
        for block in self.blocks.try_iter() {
            if self.pending.len() as u64 == PENDING.most {
                self.pending.pop_front();
                dropped += 1;
            }
            self.pending.push_back(block);
        }
        dropped
    }

    /// Microseconds of the file at which what was heard at `heard` belongs.
    fn place(&self, heard: Instant, clock: &Clock) -> Option<i64> {
        clock.place(self.pictures.nominal(heard.checked_sub(self.delay)?)?)
    }
}
