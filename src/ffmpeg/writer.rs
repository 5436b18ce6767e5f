//! Frames with exact times into a file that a crash cannot spoil.

use std::path::{Path, PathBuf};
use std::process::ChildStdin;
use std::time::Duration;

use super::child::{FfmpegChild, KillSwitch};
use super::dialect::Dialect;
use super::encoder::Encoder;
use super::error::ChildError;
use super::finish::{Dubbing, file_error, keep_fragments, make_ordinary, place};
use super::job::{Job, file_argument, is_container, is_matroska};
use super::microphone::{SOUND_CHANNELS, SOUND_RATE};
use super::options::WriterOptions;
use super::partial::PartialFile;
use super::sound::{AudioWay, audio_way};
use super::watchdog::Watchdog;
use super::{Ffmpeg, matroska};
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, PixelFormat};

/// How long ffmpeg may take to finish the file after the last frame.
const FINISH_PATIENCE: Duration = Duration::from_secs(30);
/// How long a child that was ended may take to go.
const LAST_PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of one sample on all channels.
const SOUND_MOMENT: usize = SOUND_CHANNELS as usize * 2;
/// Bytes of sound in one block: 100 ms.
const SOUND_CHUNK: usize = SOUND_RATE as usize / 10 * SOUND_MOMENT;
/// The first write waits for the child to start as well.
const FIRST_WRITE: u32 = 4;
/// What is written: BT.709 in limited range, as players expect of video.
const COLOR: ColorSpace = ColorSpace { matrix: ColorMatrix::Bt709, range: ColorRange::Limited };

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Frames that were handed over.
    pub frames: u64,
    /// Frames that are in the file; none when nobody counted them.
    pub frames_in_file: Option<u64>,
    /// Why it was left fragmented, where it was to be an ordinary file.
    pub fragmented: Option<String>,
    /// Time of the last frame.
    pub last_timestamp: Duration,
    /// ffmpeg's name of the encoder.
    pub encoder: &'static str,
}

/// A running encoder. The file appears under its name when it is finished, never before.
#[derive(Debug)]
pub struct VideoWriter {
    child: FfmpegChild,
    stdin: Option<ChildStdin>,
    partial: PartialFile,
    path: PathBuf,
    format: PixelFormat,
    frame_bytes: usize,
    frames: u64,
    last: Duration,
    encoder: Encoder,
    watchdog: Option<Watchdog>,
    program: PathBuf,
    patience: Option<Duration>,
    ordinary: bool,
    /// A file whose sound it gets.
    dubbing: Option<(PathBuf, AudioWay)>,
    audio_start: Duration,
    rate: f64,
    spare: u64,
    replace: bool,
    keep_partial: bool,
}

impl VideoWriter {
    /// Starts writing `width` × `height` frames to `path`, whose extension says the container (`.mp4`,
    /// `.mov`, `.mkv`).
    ///
    /// # Errors
    /// [`ChildError`] when the folder cannot be written or ffmpeg cannot encode.
    pub fn start(
        ffmpeg: &Ffmpeg,
        path: &Path,
        width: u32,
        height: u32,
        options: &WriterOptions,
    ) -> Result<Self, ChildError> {
        let stats = options.stats.clone().unwrap_or_default();
        let encoder = |_: &PartialFile| Encoder::choose(ffmpeg, options.encoder, &stats);
        Self::start_by(ffmpeg, encoder, path, (width, height), options)
    }

    /// As [`Self::start`], with an encoder that was chosen before, which saves the time of asking.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(
        ffmpeg: &Ffmpeg,
        encoder: Encoder,
        path: &Path,
        size: (u32, u32),
        options: &WriterOptions,
    ) -> Result<Self, ChildError> {
        Self::start_by(ffmpeg, |_| Ok(encoder), path, size, options)
    }

    fn start_by(
        ffmpeg: &Ffmpeg,
        encoder: impl FnOnce(&PartialFile) -> Result<Encoder, ChildError>,
        path: &Path,
        size: (u32, u32),
        options: &WriterOptions,
    ) -> Result<Self, ChildError> {
        if !is_container(path) {
            return Err(ChildError::Container(path.to_owned()));
        }
        // ffmpeg's own message for this comes late and through a broken pipe.
        let partial = PartialFile::create(path, options.replace).map_err(|error| file_error(path, error))?;
        let encoder = encoder(&partial)?;
        let dubbing = match &options.audio_from {
            Some(input) => audio_way(&ffmpeg.path, &file_argument(input))?.map(|way| (input.clone(), way)),
            None => None,
        };
        let job = Job {
            dialect: Dialect::of(&ffmpeg.version),
            encoder,
            size,
            options,
            path,
            output: &partial.path,
        };
        let (child, pipes) = FfmpegChild::start(&ffmpeg.path, &job.arguments(), true, |_| false)?;
        let watchdog = options.patience.map(|_| Watchdog::start(child.kill_switch())).transpose()?;
        let mut this = Self {
            child,
            stdin: pipes.stdin,
            partial,
            path: path.to_owned(),
            format: options.format,
            frame_bytes: options.format.bytes(size.0, size.1),
            frames: 0,
            last: Duration::ZERO,
            encoder,
            watchdog,
            program: ffmpeg.path.clone(),
            patience: options.patience,
            ordinary: options.ordinary,
            dubbing,
            audio_start: options.audio_start,
            rate: options.rate,
            spare: options.spare,
            replace: options.replace,
            keep_partial: options.keep_partial,
        };
        let header = matroska::header(options.format, size, COLOR, options.rate, options.sound);
        this.feed(&header)?;
        Ok(this)
    }

    /// Layout of the frames that [`Self::write`] takes.
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// Bytes of a frame.
    pub fn frame_bytes(&self) -> usize {
        self.frame_bytes
    }

    /// Frames written so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The file while it is written, and a handle of it. Its name changes when it has its first picture.
    pub fn partial(&self) -> (&Path, Option<std::fs::File>) {
        (&self.partial.path, self.partial.handle())
    }

    /// Whether the file has just got the name under which it plays.
    pub fn appeared(&mut self) -> bool {
        self.partial.appear()
    }

    /// The name that the file is to get.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Ends a write that hangs.
    pub fn kill_switch(&self) -> KillSwitch {
        self.child.kill_switch()
    }

    /// As [`Self::write`], for a frame in NV12.
    ///
    /// # Errors
    /// As [`Self::write`], and when the writer was started for another format.
    pub fn write_nv12(&mut self, timestamp: Duration, frame: &[u8]) -> Result<(), ChildError> {
        if self.format != PixelFormat::Nv12 {
            return Err(ChildError::FrameFormat { expected: self.format, given: PixelFormat::Nv12 });
        }
        self.write(timestamp, frame)
    }

    /// Writes one tightly packed frame; `timestamp` counts from the start of the recording and grows from
    /// frame to frame (exact to 0.1 ms). Blocks while the encoder is busy.
    ///
    /// # Errors
    /// [`ChildError`] with the encoder's reason: a full disk, a killed child.
    pub fn write(&mut self, timestamp: Duration, frame: &[u8]) -> Result<(), ChildError> {
        if frame.len() != self.frame_bytes {
            return Err(ChildError::FrameSize { expected: self.frame_bytes, found: frame.len() });
        }
        self.put(&matroska::picture_head(timestamp, frame.len()), frame)?;
        self.frames += 1;
        self.last = timestamp;
        self.partial.keep = self.keep_partial;
        Ok(())
    }

    /// Writes samples as [`SoundReader`](super::SoundReader) gives them; the first is number `start` of the file, and
    /// follows the last one written. Blocks while the encoder is busy.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_sound(&mut self, start: u64, samples: &[u8]) -> Result<(), ChildError> {
        for (n, samples) in samples.chunks(SOUND_CHUNK).enumerate() {
            let moment = start + (n * SOUND_CHUNK / SOUND_MOMENT) as u64;
            let timestamp = Duration::from_secs_f64(moment as f64 / f64::from(SOUND_RATE));
            self.put(&matroska::sound_head(timestamp, samples.len()), samples)?;
        }
        Ok(())
    }

    /// Feeds a block, and the child's end to a write that hangs.
    fn put(&mut self, head: &[u8], block: &[u8]) -> Result<(), ChildError> {
        let patience =
            self.patience.map(|patience| if self.frames == 0 { patience * FIRST_WRITE } else { patience });
        if let (Some(watchdog), Some(patience)) = (&self.watchdog, patience) {
            watchdog.arm(patience);
        }
        let written = self.feed(head).and_then(|()| self.feed(block));
        if let Some(watchdog) = &self.watchdog {
            watchdog.disarm();
            if let (Err(_), true, Some(patience)) = (&written, watchdog.has_fired(), patience) {
                return Err(ChildError::Hung(patience));
            }
        }
        written
    }

    /// Finishes the file and gives it its name: the one asked for, or the next free number after it
    /// ([`WriterOptions::replace`]). An MP4 file is written anew as an ordinary one, where there is room.
    ///
    /// # Errors
    /// [`ChildError`] when ffmpeg did not finish well; the unfinished file is removed unless it is kept.
    pub fn finish(mut self) -> Result<Summary, ChildError> {
        // The end of the pipe is how ffmpeg knows that no more comes.
        self.stdin = None;
        let status = self.child.wait(FINISH_PATIENCE);
        if !status.is_some_and(|status| status.success()) {
            let error = self.child.writing_failure(status);
            if !self.keep_partial || self.frames == 0 || error.is_of_the_disk() {
                return Err(error);
            }
            // What is in the file plays.
            let summary = self.conclude(true)?;
            return Ok(Summary { fragmented: summary.fragmented.or(Some(error.to_string())), ..summary });
        }
        if self.frames == 0 {
            return Err(ChildError::NoFrames);
        }
        // ffmpeg has written an index into a Matroska file already.
        let wanted = self.dubbing.is_some() || self.ordinary && !is_matroska(&self.path);
        self.conclude(wanted)
    }

    /// Keeps what there is after the encoder failed: ends the child and gives its file its name, as
    /// [`Self::finish`] does. [`Summary::frames_in_file`] says what was saved.
    ///
    /// # Errors
    /// [`ChildError`] when there is not one picture in the file, which is removed then, or it cannot be named.
    pub fn salvage(mut self) -> Result<Summary, ChildError> {
        self.stdin = None;
        self.child.kill_switch().kill();
        self.child.wait(LAST_PATIENCE);
        self.conclude(true)
    }

    fn conclude(mut self, anew: bool) -> Result<Summary, ChildError> {
        self.partial.appear();
        let dubbing = self.dubbing.take().map(|(input, way)| Dubbing {
            input,
            way,
            start: self.audio_start,
            length: self.last + Duration::from_secs_f64(1.0 / self.rate),
        });
        let outcome =
            anew.then(|| make_ordinary(&self.program, &self.partial.path, dubbing.as_ref(), self.spare));
        let (frames_in_file, fragmented) = match outcome {
            Some(Ok(frames)) => (Some(frames), None),
            Some(Err(error)) => {
                if !self.partial.has_picture() {
                    return Err(error);
                }
                (keep_fragments(&self.program, &self.partial.path), Some(error.to_string()))
            }
            None => (None, None),
        };
        let path = place(&self.partial.path, &self.path, self.replace)?;
        let bytes = std::fs::metadata(&path).map_err(|error| file_error(&path, error))?.len();
        Ok(Summary {
            path,
            bytes,
            frames: self.frames,
            frames_in_file,
            fragmented,
            last_timestamp: self.last,
            encoder: self.encoder.name(),
        })
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), ChildError> {
        self.child.feed(&mut self.stdin, bytes, FfmpegChild::writing_failure)
    }
}
