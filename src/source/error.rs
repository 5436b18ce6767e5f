//! What can be wrong with a source, each in one sentence that says what to type or do.

use std::path::PathBuf;

use crate::ffmpeg::{AddressError, ChildError, FfmpegError};
use crate::frame::{FrameError, PoolExhausted};

/// Why a source cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No name was given.
    #[error(
        "no source is given; type camera:0, demo:, a path of an image, a folder of images or a video, or an \
         rtsp://, http(s)://, rtmp://, srt:// or udp:// address"
    )]
    Empty,
    /// The scheme is unknown.
    #[error(
        "the kind of source {0}:// is unknown; type camera:0, demo:, a path, or an address that starts with \
         rtsp://, rtsp-udp://, http(s)://, rtmp://, srt://, tcp://, udp:// or rtp:// (docs/sources.md has them all)"
    )]
    UnknownScheme(String),
    /// It may be an address with a password in it, which is not repeated.
    #[error(
        "this looks like an address, but does not say of which kind; type for example rtsp://user:password@host/path"
    )]
    NoScheme,
    /// An address that names nothing.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The variable that was to name the source does not.
    #[error("the variable {0} names no source; type for example: export {0}=rtsp://user:password@host/path")]
    NoVariable(String),
    /// Nothing has that name.
    #[error("{}: there is no such file or folder; check the path", .0.display())]
    NotFound(PathBuf),
    /// The system does not let it be read.
    #[error("{}: cannot be read ({error}); check its permissions", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file has no bytes.
    #[error("{}: the file is empty", .0.display())]
    EmptyFile(PathBuf),
    /// The bytes are no image, or a damaged one.
    #[error("{}: not an image that can be read ({reason}); give a PNG, JPEG, WebP, TIFF, BMP or GIF", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// The image says that it is enormous.
    #[error(
        "{}: {width}×{height} pixels are too many (at most {side} a side and {megapixels} megapixels); \
         scale it down first", path.display()
    )]
    ImageTooLarge {
        /// The file.
        path: PathBuf,
        /// Columns it claims.
        width: u32,
        /// Rows it claims.
        height: u32,
        /// Most pixels a side.
        side: u32,
        /// Most megapixels.
        megapixels: u64,
    },
    /// No image in the folder.
    #[error("{}: no images in this folder; put PNG or JPEG files there or name another", .0.display())]
    EmptyFolder(PathBuf),
    /// The in point is not before the out point.
    #[error("a video cannot run from {from:?} to {to:?}; give a later end, or an earlier beginning")]
    InOut {
        /// Where it was to begin.
        from: std::time::Duration,
        /// Where it was to end.
        to: std::time::Duration,
    },
    /// There is nothing after the in point.
    #[error("{uri}: it has no pictures after {from:?}; give an earlier beginning")]
    BeyondEnd {
        /// The source.
        uri: String,
        /// Where it was to begin.
        from: std::time::Duration,
    },
    /// ffmpeg is missing.
    #[error(transparent)]
    Ffmpeg(#[from] FfmpegError),
    /// A video or stream that does not work.
    #[error("{uri}: {error}")]
    Video {
        /// The source, without secrets.
        uri: String,
        /// What is wrong with it.
        error: ChildError,
    },
    /// There is no camera at all.
    #[error("no camera is plugged in; plug one in, or type demo: or a path of a video as the source")]
    NoCamera,
    /// The camera asked for is not among those there are.
    #[error("there is no {wanted}; there is {present}; type `masque cameras` to see them all")]
    UnknownCamera {
        /// The camera asked for.
        wanted: String,
        /// The cameras there are.
        present: String,
    },
    /// Another program has the camera.
    #[error("camera {0} is in use by another program; close that program and try again")]
    CameraBusy(String),
    /// The user may not use the camera.
    #[error("camera {0} may not be used by this user; add the user to the group `video` and log in again")]
    CameraForbidden(String),
    /// The camera went away.
    #[error("camera {0} is gone; plug it in again")]
    CameraGone(String),
    /// The camera is silent.
    #[error(
        "camera {name} has sent no picture for {seconds} s; unplug it and plug it in again if it stays so"
    )]
    CameraSilent {
        /// The camera.
        name: String,
        /// For how long.
        seconds: u64,
    },
    /// The camera speaks formats that are not understood here.
    #[error(
        "camera {name} offers only formats that are not understood here ({formats}); YUYV, NV12, MJPG and RGB3 are among those that are"
    )]
    CameraFormat {
        /// The camera.
        name: String,
        /// What it offers.
        formats: String,
    },
    /// The camera has not the pixel format that was asked for.
    #[error("camera {name} does not offer {wanted}; it offers {formats}")]
    CameraLacksFormat {
        /// The camera.
        name: String,
        /// The format asked for.
        wanted: String,
        /// What it offers.
        formats: String,
    },
    /// The camera cannot be set as it was asked for.
    #[error("camera {name}: {reason}; type `masque cameras` to see what can be set")]
    CameraControl {
        /// The camera.
        name: String,
        /// What it has not, and what it has.
        reason: String,
    },
    /// A camera that was open before is not plugged in.
    #[error("camera {name} is away; plug it in again (there is: {present})")]
    CameraAway {
        /// The camera.
        name: String,
        /// The cameras there are.
        present: String,
    },
    /// Anything else about a camera.
    #[error("camera {name}: {reason}")]
    Camera {
        /// The camera.
        name: String,
        /// What the driver said.
        reason: String,
    },
    /// What the process that reads the source says.
    #[error("{0}")]
    Apart(String),
    /// The system gives no thread to read it.
    #[error("there is no thread for the source ({0}); close other programs or raise the limit (ulimit -u)")]
    NoThread(std::io::Error),
    /// No buffer is free now: try again, or drop the frame and count it.
    #[error(transparent)]
    Pool(#[from] PoolExhausted),
    /// The frame can never fit into the pool.
    #[error(
        "{uri}: a frame of {bytes} bytes is larger than the whole frame pool of {budget} bytes; scale the source down"
    )]
    FrameTooLarge {
        /// The source.
        uri: String,
        /// Bytes of a frame.
        bytes: usize,
        /// Bytes of the pool.
        budget: usize,
    },
    /// A buffer and its picture disagree: a mistake of the source.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A driver or decoder panicked and was caught.
    #[error("{uri}: its driver failed badly ({reason})")]
    Panicked {
        /// The source.
        uri: String,
        /// The message.
        reason: String,
    },
}

impl SourceError {
    /// Whether it was given up before its first picture, as was asked for.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Video { error: ChildError::Cancelled, .. })
    }

    /// Whether the frame pool is only full for the moment.
    pub fn is_pool_exhausted(&self) -> bool {
        matches!(self, Self::Pool(_))
    }

    /// For a file that cannot be opened: missing, forbidden.
    pub(super) fn from_io(path: &std::path::Path, error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound(path.to_owned()),
            _ => Self::Unreadable { path: path.to_owned(), error },
        }
    }
}
