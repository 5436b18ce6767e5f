//! Results of one input as files, written as they come.
//!
//! [`writer`] begins a file in one of the formats of [`ResultFormat`]. All of them take in frames in the order of their
//! numbers, hold a bounded part of what they took, and make the same bytes of the same frames, always.

mod categories;
mod coco;
mod csv;
mod format;
mod jsonl;
mod parquet;
#[cfg(test)]
mod samples;
mod seen;
mod text;

use std::io;
use std::time::Duration;

pub use format::{ResultFormat, writer};
pub use jsonl::MOST_BYTES;

use crate::memory::Bound;

use crate::perception::Detection;

/// What this room may hold.
pub const BOUNDS: &[Bound] = &[seen::SEEN, parquet::ROW_GROUP];

/// A detection and the track it belongs to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tracked {
    /// What was found.
    pub detection: Detection,
    /// Number of its track in this input, from 1; `None` where nothing is tracked, or not yet.
    pub track: Option<u32>,
}

/// What was found in one frame.
#[derive(Debug, Clone, Copy)]
pub struct FrameResults<'a> {
    /// Number of the frame in its input, from 0; frames that were passed over (`--every`) count.
    pub frame: u64,
    /// Presentation time since the input's start.
    pub time: Duration,
    /// Columns and rows of the frame.
    pub size: (u32, u32),
    /// Surest first; may be empty.
    pub detections: &'a [Tracked],
}

/// What all files of results say about their input.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// Stem of the result files, unique in a job.
    pub name: &'a str,
    /// Name of the input itself, with its ending: `clip.mp4`; a picture keeps it in COCO files.
    pub file: &'a str,
    /// Six hexadecimal digits that tell the input from others: the beginning of every detection's id.
    pub key: &'a str,
    /// Names of the classes, in the order of their numbers.
    pub classes: &'a [String],
    /// Whether the input is one picture.
    pub is_still: bool,
}

/// One file of results. It holds no more than what it needs for a bounded number of detections.
pub trait ResultWriter: Send {
    /// Adds a frame; frames come in the order of their numbers, each once.
    ///
    /// # Errors
    /// What the disk says.
    fn add(&mut self, frame: &FrameResults<'_>) -> io::Result<()>;

    /// Writes what is left; the file is whole afterwards.
    ///
    /// # Errors
    /// What the disk says.
    fn finish(self: Box<Self>) -> io::Result<()>;
}
