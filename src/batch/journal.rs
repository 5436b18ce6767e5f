//! What was detected so far in an input that is not finished: read again after an interruption, so that no frame goes through
//! the network twice.
//!
//! A file of records: length and CRC-32 (both little-endian u32), then that many bytes. The first record says what the journal
//! belongs to; each other one holds the detections of the frames of one run of the network, before tracking. What a kill or a crash
//! left half-written at the end is cut off.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use crate::perception::{Detection, PixelBox};

/// A longer record is none.
const RECORD_MOST: u32 = 256 << 20;
/// Bytes of a detection: class, confidence, box.
const DETECTION: usize = 2 + 4 + 16;
/// Bytes of a frame without its detections: number, time, size, count.
const FRAME: usize = 8 + 8 + 4 + 4 + 4;

/// What was found in one frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Found {
    pub(super) frame: u64,
    pub(super) time: Duration,
    pub(super) size: (u32, u32),
    pub(super) detections: Vec<Detection>,
}

/// A journal that grows.
#[derive(Debug)]
pub(super) struct Journal {
    file: BufWriter<File>,
    record: Vec<u8>,
}

/// A journal that is read again.
#[derive(Debug)]
pub(super) struct JournalReader {
    file: BufReader<File>,
    record: Vec<u8>,
    /// Where the next record begins.
    position: u64,
}

/// What is in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Bytes of its whole records.
    pub(super) bytes: u64,
    /// Number of the last frame in it.
    pub(super) last_frame: u64,
}

impl Journal {
    /// A new one for what `owner` says, in place of any other.
    pub(super) fn create(path: &Path, owner: &[u8]) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        let mut journal = Self { file, record: Vec::new() };
        journal.record.extend_from_slice(owner);
        journal.write_record()?;
        Ok(journal)
    }

    /// Goes on with the one that is there, behind its first `bytes`; what follows them is cut off.
    pub(super) fn go_on(path: &Path, bytes: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.set_len(bytes)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file: BufWriter::new(file), record: Vec::new() })
    }

    /// Adds the frames of one run of the network; they are handed to the system before this returns.
    pub(super) fn add(&mut self, frames: &[Found]) -> io::Result<()> {
        for found in frames {
            let record = &mut self.record;
            record.extend_from_slice(&found.frame.to_le_bytes());
            record.extend_from_slice(&(found.time.as_nanos() as u64).to_le_bytes());
            record.extend_from_slice(&found.size.0.to_le_bytes());
            record.extend_from_slice(&found.size.1.to_le_bytes());
            record.extend_from_slice(&(found.detections.len() as u32).to_le_bytes());
            for Detection { class, confidence, bounds } in &found.detections {
                record.extend_from_slice(&class.to_le_bytes());
                for number in [*confidence, bounds.x, bounds.y, bounds.width, bounds.height] {
                    record.extend_from_slice(&number.to_le_bytes());
                }
            }
        }
        self.write_record()
    }

    fn write_record(&mut self) -> io::Result<()> {
        let length = u32::try_from(self.record.len()).unwrap_or(u32::MAX);
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&crc32fast::hash(&self.record).to_le_bytes())?;
        self.file.write_all(&self.record)?;
        self.record.clear();
        self.file.flush()
    }
}

impl JournalReader {
    /// Opens the journal of what `owner` says; none when there is none, or it belongs to something else.
    pub(super) fn open(path: &Path, owner: &[u8]) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => BufReader::new(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut reader = Self { file, record: Vec::new(), position: 0 };
        let is_its = reader.read_record()? && reader.record == owner;
        Ok(is_its.then_some(reader))
    }

    /// Reads it to its end.
    pub(super) fn extent(mut self) -> io::Result<Option<Extent>> {
        let mut extent = None;
        let mut frames = Vec::new();
        while self.next(&mut frames)? {
            if let Some(last) = frames.last() {
                extent = Some(Extent { bytes: self.position, last_frame: last.frame });
            }
        }
        Ok(extent)
    }

    /// The frames of the next record into `frames`; false at the end, where the rest is damaged, or beyond it.
    pub(super) fn next(&mut self, frames: &mut Vec<Found>) -> io::Result<bool> {
        if !self.read_record()? {
            return Ok(false);
        }
        let mut used = 0;
        let mut bytes = self.record.as_slice();
        while !bytes.is_empty() {
            if frames.len() == used {
                frames.push(Found::default());
            }
            if parse_frame(&mut bytes, &mut frames[used]).is_none() {
                return Ok(false);
            }
            used += 1;
        }
        frames.truncate(used);
        Ok(true)
    }

    /// Where the next record begins.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    fn read_record(&mut self) -> io::Result<bool> {
        let mut head = [0; 8];
        if !read_whole(&mut self.file, &mut head)? {
            return Ok(false);
        }
        let [a, b, c, d, e, f, g, h] = head;
        let (length, crc) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        if length > RECORD_MOST {
            return Ok(false);
        }
        self.record.resize(length as usize, 0);
        if !read_whole(&mut self.file, &mut self.record)? || crc32fast::hash(&self.record) != crc {
            return Ok(false);
        }
        self.position += 8 + u64::from(length);
        Ok(true)
    }
}

/// Whether `buffer` could be filled before the end of the file.
fn read_whole(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn parse_frame(bytes: &mut &[u8], found: &mut Found) -> Option<()> {
    let (head, rest) = bytes.split_at_checked(FRAME)?;
    let u32_at = |at: usize| Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
    let u64_at = |at: usize| Some(u64::from_le_bytes(head.get(at..at + 8)?.try_into().ok()?));
    found.frame = u64_at(0)?;
    found.time = Duration::from_nanos(u64_at(8)?);
    found.size = (u32_at(16)?, u32_at(20)?);
    let (detections, rest) = rest.split_at_checked((u32_at(24)? as usize).checked_mul(DETECTION)?)?;
    found.detections.clear();
    for one in detections.chunks_exact(DETECTION) {
        let number = |at: usize| Some(f32::from_le_bytes(one.get(at..at + 4)?.try_into().ok()?));
        let bounds = PixelBox { x: number(6)?, y: number(10)?, width: number(14)?, height: number(18)? };
        let class = u16::from_le_bytes([one[0], one[1]]);
        found.detections.push(Detection { class, confidence: number(2)?, bounds });
    }
    *bytes = rest;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(frame: u64, count: u16) -> Found {
        let detection = |class| Detection {
            class,
            confidence: 0.1 + f32::from(class) / 100.0,
            bounds: PixelBox { x: -1.5, y: 2.0, width: 3.25, height: f32::from(class) },
        };
        let time = Duration::from_millis(frame * 40);
        Found { frame, time, size: (640, 480), detections: (0..count).map(detection).collect() }
    }

    fn read(path: &Path, owner: &[u8]) -> Vec<Vec<Found>> {
        let Some(mut reader) = JournalReader::open(path, owner).expect("opens") else { return Vec::new() };
        let (mut all, mut frames) = (Vec::new(), Vec::new());
        while reader.next(&mut frames).expect("reads") {
            all.push(frames.clone());
        }
        all
    }

    #[test]
    fn what_was_written_is_read_and_a_torn_end_is_cut_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("clip.journal");
        let chunks = [vec![found(0, 3), found(2, 0)], vec![found(4, 1)], vec![found(6, 7), found(8, 2)]];
        let mut journal = Journal::create(&path, b"mine").expect("made");
        for chunk in &chunks {
            journal.add(chunk).expect("added");
        }
        drop(journal);
        assert_eq!(read(&path, b"mine"), chunks);
        assert!(read(&path, b"other").is_empty(), "of another job");
        let whole = std::fs::read(&path).expect("read");
        let extent = |path: &Path| {
            JournalReader::open(path, b"mine")
                .expect("opens")
                .and_then(|reader| reader.extent().expect("reads"))
        };
        assert_eq!(extent(&path), Some(Extent { bytes: whole.len() as u64, last_frame: 8 }));
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).expect("written");
            let kept = read(&path, b"mine");
            assert_eq!(kept, chunks[..kept.len()], "cut at {length}");
            if let Some(extent) = extent(&path) {
                let mut journal = Journal::go_on(&path, extent.bytes).expect("goes on");
                journal.add(&[found(99, 1)]).expect("added");
                assert_eq!(read(&path, b"mine").len(), kept.len() + 1);
            }
        }
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        std::fs::write(&path, flipped).expect("written");
        assert!(read(&path, b"mine").len() < chunks.len(), "a damaged record is not believed");
    }
}
