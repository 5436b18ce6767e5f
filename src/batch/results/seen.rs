//! Which frames there were, for what a file says at its end: some three bytes each.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};

use crate::memory::{Bound, Each, bound};

/// Bytes that are kept in memory, enough for about a day of video at one frame per second, or an hour and a half at 30.
const KEPT: usize = 512 << 10;
/// Most bytes of one entry: five numbers of ten bytes.
const ENTRY: usize = 50;

/// The frames of an input.
pub(super) const SEEN: Bound = bound!(
    "batch.frames_seen",
    "numbers, times and sizes of the frames of an input that is written as COCO JSON, three bytes each",
    1,
    Each::Bytes((KEPT + ENTRY) as u64),
    "goes on in a temporary file"
);

/// A frame that was looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Seen {
    pub(super) frame: u64,
    /// Milliseconds since the input's start.
    pub(super) time: u64,
    pub(super) size: (u32, u32),
}

/// Frames in the order of their numbers. What is kept of each is how it differs from the one before.
#[derive(Default)]
pub(super) struct SeenFrames {
    kept: Vec<u8>,
    /// What there was no room for in memory, before what is kept.
    spilled: Option<File>,
    last: Delta,
}

/// A frame and how far it was from the one before.
#[derive(Debug, Clone, Copy, Default)]
struct Delta {
    seen: Seen,
    time: u64,
}

impl SeenFrames {
    pub(super) fn push(&mut self, seen: Seen) -> io::Result<()> {
        let Delta { seen: before, time: step } = self.last;
        let is_resized = seen.size != before.size;
        let time = seen.time.wrapping_sub(before.time);
        number(&mut self.kept, seen.frame.wrapping_sub(before.frame) << 1 | u64::from(is_resized));
        let change = time.wrapping_sub(step) as i64;
        number(&mut self.kept, (change << 1 ^ change >> 63) as u64);
        if is_resized {
            number(&mut self.kept, seen.size.0.into());
            number(&mut self.kept, seen.size.1.into());
        }
        self.last = Delta { seen, time };
        if self.kept.len() >= KEPT {
            let mut file = match self.spilled.take() {
                Some(file) => file,
                None => tempfile::tempfile()?,
            };
            file.write_all(&self.kept)?;
            self.kept.clear();
            self.spilled = Some(file);
        }
        Ok(())
    }

    /// Gives every frame to `each`.
    pub(super) fn each(self, mut each: impl FnMut(Seen) -> io::Result<()>) -> io::Result<()> {
        let mut last = Delta::default();
        let mut bytes: Box<dyn Read> = Box::new(self.kept.as_slice());
        if let Some(mut file) = self.spilled {
            file.rewind()?;
            bytes = Box::new(BufReader::new(file).chain(bytes));
        }
        while let Some(step) = next(&mut bytes)? {
            let is_resized = step & 1 == 1;
            let change = next(&mut bytes)?.unwrap_or(0);
            let time = last.time.wrapping_add((change >> 1) ^ (change & 1).wrapping_neg());
            last.time = time;
            last.seen.time = last.seen.time.wrapping_add(time);
            last.seen.frame = last.seen.frame.wrapping_add(step >> 1);
            if is_resized {
                let mut side = || Ok::<_, io::Error>(next(&mut bytes)?.unwrap_or(0) as u32);
                last.seen.size = (side()?, side()?);
            }
            each(last.seen)?;
        }
        Ok(())
    }
}

/// Seven bits a byte, the lowest first; the highest bit says that another one comes.
fn number(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// The next number; `None` at the end.
fn next(bytes: &mut dyn Read) -> io::Result<Option<u64>> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let mut byte = [0];
        if bytes.read(&mut byte)? == 0 {
            return Ok(None);
        }
        value |= u64::from(byte[0] & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte[0] < 0x80 {
            return Ok(Some(value));
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_were_whether_they_fit_or_not() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut frames = vec![Seen { frame: 5, time: 200, size: (640, 360) }];
        for _ in 0..400_000 {
            let Seen { frame, time, size } = *frames.last().unwrap();
            let size = if random.u32(0..1000) == 0 { (random.u32(1..9000), 4) } else { size };
            let step = if random.u32(0..50) == 0 { random.u64(0..9_999_999) } else { 33 + random.u64(0..2) };
            frames.push(Seen { frame: frame + random.u64(1..3), time: time + step, size });
        }
        // Clocks that run backwards, and numbers as large as they get.
        frames.push(Seen { frame: u64::MAX >> 1, time: 0, size: (u32::MAX, 0) });
        frames.push(Seen { frame: u64::MAX >> 1, time: u64::MAX, size: (0, 1) });
        let mut seen = SeenFrames::default();
        for &frame in &frames {
            seen.push(frame).unwrap();
            assert!(seen.kept.len() < KEPT + ENTRY);
        }
        assert!(seen.spilled.is_some(), "there are more than fit");
        let mut back = Vec::new();
        seen.each(|frame| {
            back.push(frame);
            Ok(())
        })
        .unwrap();
        assert!(frames == back);
    }

    #[test]
    fn an_even_clip_takes_two_bytes_a_frame() {
        let mut seen = SeenFrames::default();
        for frame in 0..1000 {
            seen.push(Seen { frame, time: frame * 40, size: (1920, 1080) }).unwrap();
        }
        assert!(seen.kept.len() < 2100, "{}", seen.kept.len());
    }
}
