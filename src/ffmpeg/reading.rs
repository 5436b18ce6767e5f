//! What a reader is asked for, and what it finds.

use std::ffi::OsString;
use std::time::Duration;

use super::cancel::Cancel;
use super::develop::Development;
use super::dialect::Dialect;
use super::input::ReaderInput;
use crate::frame::{ColorSpace, PixelFormat};

/// Most pixels of a picture, and most bytes that ffmpeg may ask for at once: headers can claim anything.
const PIXELS: &str = "67108864";
const ALLOCATION: &str = "536870912";
/// What to read.
#[derive(Debug, Clone)]
pub struct ReaderOptions {
    /// Where from.
    pub input: ReaderInput,
    /// Starts again at the end, for ever, with times that go on. Not with `from` or `to`.
    pub repeat: bool,
    /// The first frame is the first one at or after this time, and gets time zero. Default the beginning. Files only.
    pub from: Option<Duration>,
    /// The last frame is the last one before this time of the file. Default the end. Files only.
    pub to: Option<Duration>,
    /// How long the first frame may take; none waits for ever. Default 30 s.
    pub patience: Option<Duration>,
    /// How long a later frame may take; none waits for ever. Default none.
    pub silence: Option<Duration>,
    /// Gives up waiting for the first frame.
    pub cancel: Cancel,
}

impl ReaderOptions {
    /// Reads `input` once.
    pub fn new(input: ReaderInput) -> Self {
        let patience = Some(Duration::from_secs(30));
        Self {
            input,
            repeat: false,
            from: None,
            to: None,
            patience,
            silence: None,
            cancel: Cancel::default(),
        }
    }
}

/// What the stream is, by its first frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StreamInfo {
    /// Columns, after rotation.
    pub width: u32,
    /// Rows, after rotation.
    pub height: u32,
    /// Nominal frames per second; `None` where the stream does not say.
    pub rate: Option<f64>,
    /// How YUV becomes RGB.
    pub color: ColorSpace,
    /// How long the input is, by its header; `None` for live streams.
    pub duration: Option<Duration>,
    /// Whether frames come in their own time.
    pub live: bool,
    /// What was done to colours that screens of standard range cannot show.
    pub development: Development,
}

/// A frame that is on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Picture {
    /// Columns and rows; a stream may change them in the middle.
    pub size: (u32, u32),
    /// How YUV becomes RGB.
    pub color: ColorSpace,
}

impl Picture {
    /// Bytes of the frame: NV12, tightly packed.
    pub fn bytes(&self) -> usize {
        PixelFormat::Nv12.bytes(self.size.0, self.size.1)
    }
}

/// A stream of known length is a file behind a web server, which comes as fast as it is read. Servers of the other kinds
/// send in their own time whatever they have.
pub(super) fn is_live(input: &ReaderInput, duration: Option<Duration>) -> bool {
    match input {
        ReaderInput::File(_) => false,
        ReaderInput::Network(address) => duration.is_none() || !address.is_web(),
    }
}

/// What ffmpeg is told: the words for the `input`, and the `filters` its pictures go through.
pub(super) fn arguments(
    options: &ReaderOptions,
    input: Vec<OsString>,
    filters: &str,
    dialect: Dialect,
) -> Vec<OsString> {
    let mut args: Vec<OsString> =
        ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+info"].map(OsString::from).to_vec();
    args.extend(["-max_alloc", ALLOCATION, "-max_pixels", PIXELS].map(OsString::from));
    if options.repeat {
        args.extend(["-stream_loop", "-1"].map(OsString::from));
    }
    for (name, time) in [("-ss", options.from), ("-to", options.to)] {
        args.extend(
            time.map(|time| [name.into(), format!("{:.6}", time.as_secs_f64()).into()]).into_iter().flatten(),
        );
    }
    args.extend(input);
    // `V` is video without cover pictures.
    args.extend(["-map", "0:V:0", "-vf", filters, dialect.frame_mode, "passthrough"].map(OsString::from));
    // A stream whose size changes keeps its true size: each frame's is told.
    args.extend(dialect.keep_sizes.map(OsString::from));
    // With threads, even copying pixels holds frames back, one for each; and the end of a frame must not wait in a buffer.
    args.extend(
        ["-c:v", "rawvideo", "-threads", "1", "-flush_packets", "1", "-f", "rawvideo", "pipe:1"]
            .map(OsString::from),
    );
    args
}
