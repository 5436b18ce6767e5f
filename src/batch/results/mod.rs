//! Results of one input as files, written as they come.

use std::io;
use std::time::Duration;

use crate::perception::Detection;

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
