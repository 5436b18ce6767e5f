//! Frames with exact times into an MP4 file.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ChildStdin;
use std::time::Duration;

use super::child::{ChildError, FfmpegChild, KillSwitch};
use super::codec::{AudioWay, VideoCodec, audio_way, best_video_codec};
use super::{Ffmpeg, matroska};
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, PixelFormat};
use crate::stats::Stats;

/// How long ffmpeg may take to finish the file after the last frame.
const FINISH_PATIENCE: Duration = Duration::from_secs(30);
/// Extensions of the containers that can be written.
const CONTAINERS: [&str; 4] = ["mp4", "m4v", "mov", "mkv"];
/// Seconds from one key frame to the next.
const KEY_INTERVAL: f64 = 2.0;
/// What is written: BT.709 in limited range, as players expect of video.
const COLOR: ColorSpace = ColorSpace { matrix: ColorMatrix::Bt709, range: ColorRange::Limited };

/// How to write.
#[derive(Debug, Clone)]
pub struct WriterOptions {
    /// Layout of the frames that will come: [`PixelFormat::Nv12`] or [`PixelFormat::I420`], BT.709,
    /// limited range. Default NV12.
    pub format: PixelFormat,
    /// Nominal frames per second, for the encoder's planning; real times may vary. Default 30.
    pub rate: f64,
    /// x264's constant rate factor, 0 (best, huge) to 51. Default 20.
    pub quality: u8,
    /// x264's preset. Default `ultrafast`: 4.8 ms of CPU per 720p frame; `veryfast` costs three times that.
    pub preset: String,
    /// A file whose sound is carried over, copied where MP4 can hold it, else encoded as AAC.
    pub audio_from: Option<PathBuf>,
    /// Leaves `<name>.partial.<ext>` behind when the writing fails or is given up. Default no.
    pub keep_partial: bool,
    /// Where `encoder_fallbacks` is counted when ffmpeg has no x264.
    pub stats: Option<Stats>,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            format: PixelFormat::Nv12,
            rate: 30.0,
            quality: 20,
            preset: "ultrafast".to_owned(),
            audio_from: None,
            keep_partial: false,
            stats: None,
        }
    }
}

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
        if !self.keep && self.path.exists() {
            if let Err(error) = std::fs::remove_file(&self.path) {
                tracing::warn!("{} cannot be removed: {error}", self.path.display());
            }
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
        if !CONTAINERS.iter().any(|ending| has_extension(path, ending)) {
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
        let job = Job { codec, sound, size: (width, height), options, output: &partial.path };
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

/// Everything that goes into the command line.
struct Job<'a> {
    codec: VideoCodec,
    sound: Option<AudioWay>,
    size: (u32, u32),
    options: &'a WriterOptions,
    output: &'a Path,
}

impl Job<'_> {
    fn arguments(&self) -> Vec<OsString> {
        let mut args: Vec<OsString> = Vec::new();
        let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
        add(&["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-y"]);
        // Not `-fflags nobuffer`, which loses the first frames.
        add(&["-analyzeduration", "0", "-f", "matroska", "-i", "pipe:0"]);
        if let (Some(_), Some(input)) = (self.sound, &self.options.audio_from) {
            args.extend(["-i".into(), file_argument(input)]);
        }
        let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
        add(&["-map", "0:v:0"]);
        match self.sound {
            Some(AudioWay::Copy) => add(&["-map", "1:a:0", "-c:a", "copy"]),
            Some(AudioWay::Encode) => add(&["-map", "1:a:0", "-c:a", "aac", "-b:a", "192k"]),
            None => {}
        }
        let (width, height) = self.size;
        if width % 2 == 1 || height % 2 == 1 {
            // 4:2:0 needs even sizes; the last column or row is repeated as black.
            add(&["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"]);
        }
        let pixels = f64::from(width) * f64::from(height) * self.options.rate;
        add(&["-fps_mode", "passthrough", "-c:v", self.codec.name()]);
        for word in self.codec.options(self.options.quality, &self.options.preset, pixels) {
            add(&[&word]);
        }
        let key_frames = (self.options.rate * KEY_INTERVAL).round().max(1.0).to_string();
        add(&["-g", &key_frames, "-pix_fmt", "yuv420p"]);
        add(&[
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
            "-colorspace",
            "bt709",
            "-color_range",
            "tv",
        ]);
        if !is_matroska(self.output) {
            // A fragmented file plays up to its last fragment whatever ends the writing.
            add(&["-movflags", "+frag_keyframe+delay_moov+default_base_moof"]);
        }
        args.push(file_argument(self.output));
        args
    }
}

fn has_extension(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

fn is_matroska(path: &Path) -> bool {
    has_extension(path, "mkv")
}

/// `path` as an input or output that cannot be taken for an option or a protocol.
pub fn file_argument(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

/// `clip.mp4` → `clip.partial.mp4`: the extension still tells the container.
fn partial_path(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(".partial");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}
