//! Frames with exact times into an encoded stream that stays in memory, and such a stream into a file.

use std::ffi::OsString;
use std::io::{BufReader, Write};
use std::path::Path;
use std::process::ChildStdin;
use std::thread::JoinHandle;
use std::time::Duration;

use super::child::{FfmpegChild, KillSwitch};
use super::dialect::Dialect;
use super::encoder::{Encoder, EncoderChoice, Settings};
use super::error::ChildError;
use super::fragments::{Fragment, Piece, Splitter};
use super::job::{EVEN_SIDES, file_argument};
use super::watchdog::Watchdog;
use super::{Ffmpeg, matroska};
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, PixelFormat};
use crate::stats::Stats;

/// What is encoded: BT.709 in limited range, as players expect of video.
const COLOR: ColorSpace = ColorSpace { matrix: ColorMatrix::Bt709, range: ColorRange::Limited };
/// How long a child that is no longer fed may take to end.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a file may take to be written from a stream.
const FILE_PATIENCE: Duration = Duration::from_secs(120);
/// Bytes that are read from the encoder at once.
const READ: usize = 64 << 10;

/// A running encoder whose output comes back in pieces, a fragment per second.
#[derive(Debug)]
pub struct EncodedStream {
    child: FfmpegChild,
    stdin: Option<ChildStdin>,
    reader: Option<JoinHandle<()>>,
    frame_bytes: usize,
}

impl EncodedStream {
    /// Starts encoding NV12 frames (BT.709, limited range) of `width` × `height`, nominally `rate` a second, at
    /// x264's `quality` (0 best, 51 worst). `sink` gets the pieces, on a thread of its own.
    ///
    /// # Errors
    /// [`ChildError`] when ffmpeg does not run or cannot encode.
    pub fn start(
        ffmpeg: &Ffmpeg,
        (width, height): (u32, u32),
        rate: f64,
        quality: u8,
        stats: &Stats,
        mut sink: impl FnMut(Piece) + Send + 'static,
    ) -> Result<Self, ChildError> {
        let args = arguments(ffmpeg, (width, height), rate, quality, stats)?;
        let (child, pipes) = FfmpegChild::start_through(&ffmpeg.path, &args, |_| false)?;
        let start_error = |error| ChildError::Start { program: ffmpeg.path.clone(), error };
        let stdout = pipes.stdout;
        let reader = std::thread::Builder::new().name("encoded".into()).spawn(move || {
            let Some(stdout) = stdout else { return };
            let mut stdout = BufReader::with_capacity(READ, stdout);
            let mut splitter = Splitter::default();
            loop {
                match splitter.next(&mut stdout) {
                    Ok(Some(piece)) => sink(piece),
                    Ok(None) => return,
                    // Who feeds the encoder learns of it by the broken pipe.
                    Err(error) => return tracing::debug!("the encoder's stream ended: {error}"),
                }
            }
        });
        let reader = Some(reader.map_err(start_error)?);
        let frame_bytes = PixelFormat::Nv12.bytes(width, height);
        let mut this = Self { child, stdin: pipes.stdin, reader, frame_bytes };
        this.feed(&matroska::header(PixelFormat::Nv12, (width, height), COLOR, rate, false))?;
        Ok(this)
    }

    /// Encodes one tightly packed frame; times grow from frame to frame. Blocks while the encoder is busy.
    ///
    /// # Errors
    /// [`ChildError`] with the encoder's reason.
    pub fn write_nv12(&mut self, timestamp: Duration, frame: &[u8]) -> Result<(), ChildError> {
        if frame.len() != self.frame_bytes {
            return Err(ChildError::FrameSize { expected: self.frame_bytes, found: frame.len() });
        }
        self.feed(&matroska::picture_head(timestamp, frame.len()))?;
        self.feed(frame)
    }

    /// Ends a write that hangs.
    pub fn kill_switch(&self) -> KillSwitch {
        self.child.kill_switch()
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), ChildError> {
        self.child.feed(&mut self.stdin, bytes, FfmpegChild::failure)
    }
}

impl Drop for EncodedStream {
    /// Lets the encoder give what it still has.
    fn drop(&mut self) {
        self.stdin = None;
        self.child.wait(PATIENCE);
        if let Some(reader) = self.reader.take() {
            // Its pipe is closed: it ends at once. One that panicked has nothing left to wait for.
            let _ = reader.join();
        }
    }
}

fn arguments(
    ffmpeg: &Ffmpeg,
    (width, height): (u32, u32),
    rate: f64,
    quality: u8,
    stats: &Stats,
) -> Result<Vec<OsString>, ChildError> {
    // The recording may have the graphics card.
    let encoder = Encoder::choose(ffmpeg, EncoderChoice::Software, stats)?;
    let pixels_per_second = f64::from(width) * f64::from(height) * rate;
    let settings = Settings { quality, bitrate: None, preset: "ultrafast", pixels_per_second };
    let mut args: Vec<OsString> = Vec::new();
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning"]);
    add(&["-analyzeduration", "0", "-f", "matroska", "-i", "pipe:0", "-map", "0:v:0"]);
    if width % 2 == 1 || height % 2 == 1 {
        add(&["-vf", EVEN_SIDES]);
    }
    add(&[Dialect::of(&ffmpeg.version).frame_mode, "passthrough", "-c:v", encoder.name()]);
    args.extend(encoder.options(&settings));
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    // A key frame, and so a fragment, for every second, however many pictures it has.
    add(&["-g", "600", "-force_key_frames", "expr:gte(t,n_forced)"]);
    add(&["-pix_fmt", encoder.pixel_format().unwrap_or("yuv420p"), "-enc_time_base", "1:10000"]);
    add(&["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]);
    add(&["-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-flush_packets", "1"]);
    add(&["-f", "mp4", "pipe:1"]);
    Ok(args)
}

/// Writes `fragments` after their `head` into `output` by what `options` tell ffmpeg, `["-c", "copy"]` for the
/// pictures as they are. Times begin at zero. Blocks until the file is there.
///
/// # Errors
/// [`ChildError`] with ffmpeg's reason; what was written by then is left to the caller.
pub fn write_fragments(
    ffmpeg: &Ffmpeg,
    head: &[u8],
    fragments: &[Fragment],
    options: &[&str],
    output: &Path,
) -> Result<(), ChildError> {
    let mut args: Vec<OsString> = Vec::new();
    args.extend(["-hide_banner", "-nostdin", "-nostats", "-loglevel", "error", "-y"].map(OsString::from));
    args.extend(["-f", "mp4", "-i", "pipe:0"].map(OsString::from));
    args.extend(options.iter().map(OsString::from));
    args.push(file_argument(output));
    let (child, mut pipes) = FfmpegChild::start(&ffmpeg.path, &args, true, |_| false)?;
    let watchdog = Watchdog::armed(child.kill_switch(), FILE_PATIENCE)?;
    let mut fed = Ok(());
    if let Some(mut stdin) = pipes.stdin.take() {
        let pieces = std::iter::once(head).chain(fragments.iter().map(|fragment| &*fragment.bytes));
        fed = pieces.into_iter().try_for_each(|piece| stdin.write_all(piece));
    }
    watchdog.disarm();
    let status = child.wait(FILE_PATIENCE);
    match (status, fed) {
        (Some(status), Ok(())) if status.success() => Ok(()),
        (status, _) => Err(child.failure(status)),
    }
}
