//! What can go wrong with a child.

use std::path::PathBuf;
use std::time::Duration;

use crate::frame::PixelFormat;

/// Why a child did not do its work. The message is a clause; the room that asked names the file.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// The program could not be started.
    #[error("{} cannot be started: {error}; type `masque doctor` to see what is missing", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The input is readable but carries no moving picture.
    #[error("it has no video track")]
    NoVideo,
    /// The input ended without a single picture.
    #[error("it has no pictures in it")]
    NoFrames,
    /// ffmpeg gave up.
    #[error("{0}")]
    Failed(String),
    /// Somebody else ended ffmpeg.
    #[error("ffmpeg was killed")]
    Killed,
    /// The address cannot be used, now or ever.
    #[error("{0}")]
    Address(&'static str),
    /// The disk took no more.
    #[error("{0}")]
    Disk(String),
    /// The child took or gave nothing for so long that it was ended.
    #[error("ffmpeg stood still for {0:?} and was ended")]
    Hung(Duration),
    /// Nothing came within the time.
    #[error("no picture came within {0:?}")]
    Stalled(Duration),
    /// Nobody waits for it any more.
    #[error("it was given up before its first picture")]
    Cancelled,
    /// The pipe to or from the child broke.
    #[error("the pipe to ffmpeg broke: {0}")]
    Pipe(std::io::Error),
    /// A file beside the child's work could not be handled.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The name of the output does not say a container that can be written.
    #[error("{} cannot be written as video: name it .mp4, .mov or .mkv", .0.display())]
    Container(PathBuf),
    /// The frame handed over has another layout than was agreed.
    #[error("a frame in {given:?} was given, {expected:?} is expected")]
    FrameFormat {
        /// The layout that the writer was started for.
        expected: PixelFormat,
        /// The layout given.
        given: PixelFormat,
    },
    /// The frame handed over has the wrong size.
    #[error("a frame of {found} bytes was given, {expected} are expected")]
    FrameSize {
        /// Bytes of a frame.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
}

impl ChildError {
    /// Whether the disk, or a right to write there, is the cause.
    pub fn is_of_the_disk(&self) -> bool {
        matches!(self, Self::Disk(_) | Self::File { .. })
    }
}
