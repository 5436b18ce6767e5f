//! Sound that has no holes: what comes with times becomes samples one after the other.

use crate::ffmpeg::{SOUND_CHANNELS, SOUND_RATE};

/// Bytes of the samples of one moment: 16 bits each.
pub(super) const MOMENT: usize = SOUND_CHANNELS as usize * 2;
/// Moments that sound may be off before it is cut, or silence is put in: 30 ms. Two films of people speaking are told
/// apart from 40 ms on.
const CUT: i64 = SOUND_RATE as i64 * 30 / 1000;
/// Moments that it may be off before it is stretched: 2 ms.
const STRETCH: i64 = SOUND_RATE as i64 * 2 / 1000;
/// A block is made longer or shorter by at most this share: a drift is followed long before, and nobody hears it.
const SHARE: usize = 250;

/// The sound of one file.
#[derive(Debug, Default)]
pub(in crate::record) struct Track {
    /// Moments that were written.
    written: u64,
}

impl Track {
    /// Moments that were written.
    pub(in crate::record) fn written(&self) -> u64 {
        self.written
    }

    /// Puts `block`, whose first moment was heard at `at` of the file in microseconds (negative: before it began), where it
    /// belongs: appends to `out` what the file gets next. Silence fills holes, what overlaps is cut, and what is a little
    /// off is stretched.
    pub(in crate::record) fn place(&mut self, at: i64, block: &[u8], out: &mut Vec<u8>) {
        let before = out.len();
        let off = moments(at) - self.written as i64;
        let length = (block.len() / MOMENT) as i64;
        // The first block goes exactly where it belongs.
        let cut = if self.written == 0 { 0 } else { CUT };
        if off > cut {
            silence(off as u64, out);
            out.extend_from_slice(block);
        } else if off < -cut {
            out.extend_from_slice(&block[(-off).min(length) as usize * MOMENT..]);
        } else if off.abs() > STRETCH && length > 1 {
            let most = (length as usize / SHARE).max(1) as i64;
            stretch(block, (length + off.clamp(-most, most)) as usize, out);
        } else {
            out.extend_from_slice(block);
        }
        self.written += ((out.len() - before) / MOMENT) as u64;
    }

    /// Appends silence to `out` until the file is `at` microseconds long.
    pub(in crate::record) fn fill(&mut self, at: i64, out: &mut Vec<u8>) {
        let missing = moments(at) - self.written as i64;
        if missing > 0 {
            silence(missing as u64, out);
            self.written += missing as u64;
        }
    }
}

/// Moments in so many microseconds.
fn moments(micros: i64) -> i64 {
    (micros as f64 * f64::from(SOUND_RATE) / 1e6).round() as i64
}

fn silence(moments: u64, out: &mut Vec<u8>) {
    out.resize(out.len() + moments as usize * MOMENT, 0);
}

/// `block` with `length` moments, which lie between its own on straight lines.
fn stretch(block: &[u8], length: usize, out: &mut Vec<u8>) {
    let own = block.len() / MOMENT;
    let sample = |moment: usize, channel: usize| {
        let at = moment.min(own - 1) * MOMENT + channel * 2;
        f64::from(i16::from_le_bytes([block[at], block[at + 1]]))
    };
    let step = (own - 1) as f64 / (length.max(2) - 1) as f64;
    for moment in 0..length {
        let place = moment as f64 * step;
        let (left, share) = (place as usize, place.fract());
        for channel in 0..MOMENT / 2 {
            let value = sample(left, channel) * (1.0 - share) + sample(left + 1, channel) * share;
            out.extend_from_slice(&(value.round() as i16).to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: usize = 960;

    fn block(value: i16) -> Vec<u8> {
        value.to_le_bytes().repeat(BLOCK * MOMENT / 2)
    }

    fn left(out: &[u8]) -> Vec<i16> {
        out.chunks_exact(MOMENT).map(|moment| i16::from_le_bytes([moment[0], moment[1]])).collect()
    }

    #[test]
    fn holes_are_silent_and_what_was_before_the_file_is_left_out() {
        let (mut track, mut out) = (Track::default(), Vec::new());
        track.place(-50_000, &block(9), &mut out);
        assert!(out.is_empty(), "it ended before the file began");
        track.place(-10_000, &block(1), &mut out);
        track.place(10_000, &block(2), &mut out);
        track.place(130_000, &block(3), &mut out);
        track.fill(200_000, &mut out);
        let out = left(&out);
        assert_eq!(out.len() as u64, track.written());
        assert_eq!(out.len(), 9600);
        for (milliseconds, value) in [(5, 1), (20, 2), (80, 0), (140, 3), (160, 0)] {
            let heard = out[milliseconds * 48];
            assert_eq!(heard, value, "at {milliseconds} ms");
        }
    }

    #[test]
    fn ten_minutes_of_a_clock_that_drifts_stay_in_time() {
        for drift in [1.0005, 0.9995, 1.0] {
            let (mut track, mut out) = (Track::default(), Vec::new());
            let mut worst = 0.0_f64;
            for n in 0..30_000_u64 {
                // A click at the start of every 50th block.
                let mut click = block(0);
                click[..MOMENT].copy_from_slice(&[0xFF, 0x7F, 0xFF, 0x7F]);
                let samples = if n.is_multiple_of(50) { click } else { block(0) };
                let at = n as f64 * 20_000.0 * drift;
                let start = track.written();
                out.clear();
                track.place(at as i64, &samples, &mut out);
                if n.is_multiple_of(50) {
                    let loudest = left(&out).iter().position(|sample| *sample > 16_000).expect("a click");
                    let heard = (start + loudest as u64) as f64 / f64::from(SOUND_RATE);
                    worst = worst.max((heard - at / 1e6).abs());
                }
            }
            assert!(worst < 0.004, "{worst} s off at {drift}");
        }
    }

    #[test]
    fn a_stretched_block_keeps_its_ends() {
        let ramp: Vec<u8> =
            (0..BLOCK as i16).flat_map(|n| [n.to_le_bytes(), n.to_le_bytes()].concat()).collect();
        for length in [BLOCK - 3, BLOCK, BLOCK + 3] {
            let mut out = Vec::new();
            stretch(&ramp, length, &mut out);
            let out = left(&out);
            assert_eq!((out.len(), out[0], out[length - 1]), (length, 0, BLOCK as i16 - 1));
            assert!(out.is_sorted());
        }
    }
}
