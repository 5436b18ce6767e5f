//! A fragmented MP4 stream taken apart: its head once, then one piece per key frame.
//!
//! ISO/IEC 14496-12: `ftyp` and `moov` are the head, each `moof` with its `mdat` is a fragment that any player
//! takes after that head, whatever was before it.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

/// Largest box that is believed: some seconds of pictures have less.
const LARGEST: u64 = 64 << 20;

/// Pictures from one key frame to the next, encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Time of its first picture.
    pub start: Duration,
    /// `moof` and `mdat`.
    pub bytes: Arc<[u8]>,
}

/// What comes out of a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// What has to stand before fragments.
    Head(Arc<[u8]>),
    /// One more fragment.
    Fragment(Fragment),
}

/// Takes a stream apart.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    file_type: Vec<u8>,
    moof: Vec<u8>,
    /// Ticks of a second.
    timescale: u64,
}

impl Splitter {
    /// The next piece; none at the end of the stream.
    ///
    /// # Errors
    /// The stream breaks off inside a box, or is no MP4.
    pub(super) fn next(&mut self, from: &mut impl Read) -> io::Result<Option<Piece>> {
        loop {
            let Some((kind, bytes)) = read_box(from)? else { return Ok(None) };
            match &kind {
                b"ftyp" => self.file_type = bytes,
                b"moov" => {
                    self.timescale = timescale(&bytes).filter(|scale| *scale > 0).ok_or_else(|| {
                        io::Error::new(io::ErrorKind::InvalidData, "the encoder gives no video track")
                    })?;
                    let head = [std::mem::take(&mut self.file_type), bytes].concat();
                    return Ok(Some(Piece::Head(head.into())));
                }
                b"moof" => self.moof = bytes,
                b"mdat" if !self.moof.is_empty() => {
                    let ticks = decode_time(&self.moof).unwrap_or(0);
                    let start = Duration::from_secs_f64(ticks as f64 / self.timescale.max(1) as f64);
                    let mut whole = std::mem::take(&mut self.moof);
                    whole.extend_from_slice(&bytes);
                    return Ok(Some(Piece::Fragment(Fragment { start, bytes: whole.into() })));
                }
                // Indices that only help with seeking.
                _ => {}
            }
        }
    }
}

/// Kind and bytes, header included, of the next box; none at the end.
fn read_box(from: &mut impl Read) -> io::Result<Option<([u8; 4], Vec<u8>)>> {
    let mut bytes = Vec::new();
    if from.by_ref().take(8).read_to_end(&mut bytes)? == 0 {
        return Ok(None);
    }
    let short = || io::Error::new(io::ErrorKind::UnexpectedEof, "the encoder's stream breaks off");
    let header: [u8; 8] = bytes.as_slice().try_into().map_err(|_| short())?;
    let [a, b, c, d, kind @ ..] = header;
    let size = u64::from(u32::from_be_bytes([a, b, c, d]));
    if !(8..=LARGEST).contains(&size) {
        let reason = format!("the encoder gives a box of {size} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    bytes.reserve_exact(size as usize - 8);
    if from.by_ref().take(size - 8).read_to_end(&mut bytes)? as u64 != size - 8 {
        return Err(short());
    }
    Ok(Some((kind, bytes)))
}

/// What is inside the box `kind` that lies in `bytes`.
fn inside<'a>(mut bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    while let Some((header, _)) = bytes.split_at_checked(8) {
        let size = u32::from_be_bytes(header[..4].try_into().ok()?) as usize;
        let whole = bytes.get(..size.max(8))?;
        if &header[4..] == kind {
            return Some(&whole[8..]);
        }
        bytes = &bytes[whole.len()..];
    }
    None
}

/// A number of `bytes` bytes, from `at`.
fn number(bytes: &[u8], at: usize, count: usize) -> Option<u64> {
    Some(bytes.get(at..at + count)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// Ticks of a second in the first track of a whole `moov`.
fn timescale(moov: &[u8]) -> Option<u64> {
    let track = inside(inside(moov, b"moov")?, b"trak")?;
    let header = inside(inside(track, b"mdia")?, b"mdhd")?;
    // Version 1 has times of eight bytes.
    number(header, if header.first()? == &1 { 20 } else { 12 }, 4)
}

/// Ticks before the first picture of a whole `moof`.
fn decode_time(moof: &[u8]) -> Option<u64> {
    let time = inside(inside(inside(moof, b"moof")?, b"traf")?, b"tfdt")?;
    number(time, 4, if time.first()? == &1 { 8 } else { 4 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(kind: &[u8; 4], inside: &[u8]) -> Vec<u8> {
        [&(inside.len() as u32 + 8).to_be_bytes(), kind.as_slice(), inside].concat()
    }

    fn stream() -> Vec<u8> {
        let mut header = vec![0; 24];
        header[12..16].copy_from_slice(&10_000_u32.to_be_bytes());
        let media = made(b"mdia", &made(b"mdhd", &header));
        let moov = made(b"moov", &[made(b"mvhd", &[0; 20]), made(b"trak", &media)].concat());
        let moof = |ticks: u64| {
            let time = [vec![1, 0, 0, 0], ticks.to_be_bytes().to_vec()].concat();
            made(b"moof", &[made(b"mfhd", &[0; 8]), made(b"traf", &made(b"tfdt", &time))].concat())
        };
        let parts = [
            made(b"ftyp", b"iso5"),
            moov,
            moof(0),
            made(b"mdat", b"first"),
            moof(12_500),
            made(b"mdat", b"second"),
            made(b"mfra", &[0; 4]),
        ];
        parts.concat()
    }

    #[test]
    fn a_stream_comes_apart_into_its_head_and_timed_fragments() {
        let bytes = stream();
        let (mut splitter, mut from) = (Splitter::default(), bytes.as_slice());
        let head = splitter.next(&mut from).expect("a stream");
        assert!(matches!(&head, Some(Piece::Head(head)) if head.starts_with(&[0, 0, 0, 12])), "{head:?}");
        let mut starts = Vec::new();
        while let Some(piece) = splitter.next(&mut from).expect("a stream") {
            let Piece::Fragment(fragment) = piece else { panic!("one head only") };
            assert_eq!(&fragment.bytes[4..8], b"moof");
            starts.push(fragment.start.as_millis());
        }
        assert_eq!(starts, [0, 1250]);
    }

    #[test]
    fn a_stream_that_breaks_off_or_is_none_is_an_error() {
        let bytes = stream();
        for end in [3, 40, bytes.len() - 5] {
            let (mut splitter, mut from) = (Splitter::default(), &bytes[..end]);
            let error = loop {
                match splitter.next(&mut from) {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("cut at {end}: no error"),
                    Err(error) => break error,
                }
            };
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
        let nonsense = [0xFF; 64];
        assert!(Splitter::default().next(&mut nonsense.as_slice()).is_err());
    }
}
