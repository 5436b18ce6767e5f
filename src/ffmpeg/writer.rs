//! Frames with exact times into an MP4 file.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ChildStdin;
use std::time::Duration;

use super::child::{ChildError, FfmpegChild, KillSwitch};
use super::codec::{VideoCodec, audio_way, best_video_codec};
use super::dialect::Dialect;
use super::job::{Job, file_argument, is_container, partial_path};
use super::options::WriterOptions;
use super::{Ffmpeg, matroska};
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, PixelFormat};

/// How long ffmpeg may take to finish the file after the last frame.
const FINISH_PATIENCE: Duration = Duration::from_secs(30);
/// What is written: BT.709 in limited range, as players expect of video.
const COLOR: ColorSpace = ColorSpace { matrix: ColorMatrix::Bt709, range: ColorRange::Limited };

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Frames in it.
    pub frames: u64,
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
    codec: VideoCodec,
}

/// The unfinished file; removed when dropped unless it is kept.
#[derive(Debug)]
struct PartialFile {
    path: PathBuf,
    keep: bool,
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.keep
            && self.path.exists()
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!("{} cannot be removed: {error}", self.path.display());
        }
    }
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
        if !is_container(path) {
            return Err(ChildError::Container(path.to_owned()));
        }
        let partial = PartialFile { path: partial_path(path), keep: options.keep_partial };
        // ffmpeg's own message for this comes late and through a broken pipe.
        let file_error = |error| ChildError::File { path: path.to_owned(), error };
        std::fs::File::create(&partial.path).map_err(file_error)?;
        let codec = best_video_codec(&ffmpeg.path)?;
        if codec != VideoCodec::X264 {
            if let Some(stats) = &options.stats {
                stats.count("encoder_fallbacks");
            }
            tracing::warn!("this ffmpeg has no libx264: writing with {}", codec.name());
        }
        let sound = match &options.audio_from {
            Some(input) => audio_way(&ffmpeg.path, &file_argument(input))?,
            None => None,
        };
        let job = Job {
            dialect: Dialect::of(&ffmpeg.version),
            codec,
            sound,
            size: (width, height),
            options,
            output: &partial.path,
        };
        let (child, pipes) = FfmpegChild::start(&ffmpeg.path, &job.arguments(), true, |_| false)?;
        let mut this = Self {
            child,
            stdin: pipes.stdin,
            partial,
            path: path.to_owned(),
            format: options.format,
            frame_bytes: options.format.bytes(width, height),
            frames: 0,
            last: Duration::ZERO,
            codec,
        };
        let header = matroska::header(options.format, (width, height), COLOR, options.rate);
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

    /// Ends a write that hangs.
    pub fn kill_switch(&self) -> KillSwitch {
        self.child.kill_switch()
    }

    /// As [`Self::write`], for a frame in NV12.
    ///
    /// # Errors
    /// As [`Self::write`], and when the writer was started for another format.
    pub fn write_nv12(&mut self, timestamp: Duration, frame: &[u8]) -> Result<(), ChildError> {
        self.write_as(PixelFormat::Nv12, timestamp, frame)
    }

    /// As [`Self::write`], for a frame in I420.
    ///
    /// # Errors
    /// As [`Self::write`], and when the writer was started for another format.
    pub fn write_i420(&mut self, timestamp: Duration, frame: &[u8]) -> Result<(), ChildError> {
        self.write_as(PixelFormat::I420, timestamp, frame)
    }

    fn write_as(&mut self, given: PixelFormat, timestamp: Duration, frame: &[u8]) -> Result<(), ChildError> {
        if given != self.format {
            return Err(ChildError::FrameFormat { expected: self.format, given });
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
        self.feed(&matroska::cluster_head(timestamp, frame.len()))?;
        self.feed(frame)?;
        self.frames += 1;
        self.last = timestamp;
        Ok(())
    }

    /// Finishes the file and gives it its name, replacing one that was there.
    ///
    /// # Errors
    /// [`ChildError`] when ffmpeg did not finish well; the unfinished file is removed unless it is kept.
    pub fn finish(mut self) -> Result<Summary, ChildError> {
        // The end of the pipe is how ffmpeg knows that no more comes.
        self.stdin = None;
        let status = self.child.wait(FINISH_PATIENCE);
        if !status.is_some_and(|status| status.success()) {
            return Err(self.child.failure(status));
        }
        if self.frames == 0 {
            return Err(ChildError::NoFrames);
        }
        let file_error = |error| ChildError::File { path: self.path.clone(), error };
        std::fs::rename(&self.partial.path, &self.path).map_err(file_error)?;
        let bytes = std::fs::metadata(&self.path).map_err(file_error)?.len();
        Ok(Summary {
            path: self.path.clone(),
            bytes,
            frames: self.frames,
            last_timestamp: self.last,
            encoder: self.codec.name(),
        })
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), ChildError> {
        let Some(stdin) = &mut self.stdin else { return Err(self.child.failure(None)) };
        match stdin.write_all(bytes) {
            Ok(()) => Ok(()),
            // The pipe broke because the child ended: its own words say more.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                self.stdin = None;
                Err(self.child.failure(self.child.wait(Duration::from_secs(2))))
            }
            Err(error) => Err(ChildError::Pipe(error)),
        }
    }
}
