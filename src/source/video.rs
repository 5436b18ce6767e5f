//! Video files and network streams, decoded by the ffmpeg child.

use std::path::Path;
use std::time::Duration;

use super::{FrameSource, Interrupt, SourceError, SourceInfo, SourceOptions, SourceUri, buffer};
use crate::ffmpeg::{self, ChildError, ReaderInput, ReaderOptions, VideoReader};
use crate::frame::{Frame, FramePool, FrameSeq, PixelFormat};
use crate::stats::Stats;

/// How long the first picture of a file may take; slow disks and enormous indexes are allowed for.
const FILE_PATIENCE: Duration = Duration::from_secs(30);
/// How long the first picture of a stream may take.
const NETWORK_PATIENCE: Duration = Duration::from_secs(15);
/// Frames of a video as NV12, every one exactly once, with the times of the file.
#[derive(Debug)]
pub(super) struct VideoSource {
    info: SourceInfo,
    reader: VideoReader,
    next: u64,
    damage: u64,
    stats: Stats,
}

impl VideoSource {
    pub(super) fn open_file(
        path: &Path,
        options: &SourceOptions,
        stats: &Stats,
    ) -> Result<Self, SourceError> {
        let file = std::fs::File::open(path).map_err(|error| SourceError::from_io(path, error))?;
        let bytes = file.metadata().map_err(|error| SourceError::from_io(path, error))?.len();
        if bytes == 0 {
            return Err(SourceError::EmptyFile(path.to_owned()));
        }
        let options = ReaderOptions {
            input: ReaderInput::File(path.to_owned()),
            repeat: options.repeat,
            patience: FILE_PATIENCE,
        };
        Self::open(path.display().to_string(), &options, stats)
    }

    pub(super) fn open_network(url: &str, uri: &SourceUri, stats: &Stats) -> Result<Self, SourceError> {
        let options = ReaderOptions {
            input: ReaderInput::Network(url.to_owned()),
            repeat: false,
            patience: NETWORK_PATIENCE,
        };
        Self::open(uri.to_string(), &options, stats)
    }

    fn open(uri: String, options: &ReaderOptions, stats: &Stats) -> Result<Self, SourceError> {
        let ffmpeg = ffmpeg::locate()?;
        let reader = VideoReader::open(&ffmpeg, options)
            .map_err(|error| SourceError::Video { uri: uri.clone(), error })?;
        let stream = reader.info();
        // A stream of known length is a file behind a server: it comes as fast as it is read.
        let length = stream.duration.filter(|_| !options.repeat);
        let live = stream.duration.is_none() && matches!(options.input, ReaderInput::Network(_));
        let frames =
            length.zip(stream.rate).map(|(length, rate)| (length.as_secs_f64() * rate).round() as u64);
        let rate = stream.rate.map_or_else(String::new, |rate| format!(", {rate:.4} fps"));
        let info = SourceInfo {
            uri,
            description: format!("video, {}×{}{rate}", stream.width, stream.height),
            width: stream.width,
            height: stream.height,
            nominal_rate: stream.rate,
            live,
            frames,
            pixel_format: PixelFormat::Nv12,
        };
        Ok(Self { info, reader, next: 0, damage: 0, stats: stats.clone() })
    }

    /// Counts what ffmpeg complained about since the last call and says so the first time.
    fn count_damage(&mut self) {
        let damage = self.reader.damage();
        if damage > self.damage {
            if self.damage == 0 {
                tracing::warn!("{}: parts of it are damaged and show wrong pictures", self.info.uri);
            }
            self.stats.add("source_damage", damage - self.damage);
            self.damage = damage;
        }
    }

    /// A file that breaks off has ended, after its good frames; a live stream has failed.
    fn broken_off(&mut self, error: ChildError) -> Result<Option<Frame>, SourceError> {
        let uri = self.info.uri.clone();
        if self.info.live || self.next == 0 || !matches!(error, ChildError::Failed(_)) {
            return Err(SourceError::Video { uri, error });
        }
        self.stats.count("source_broken_off");
        tracing::warn!("{uri}: it breaks off after {} frames: {error}", self.next);
        Ok(None)
    }
}

impl FrameSource for VideoSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        let mut data = buffer(pool, self.reader.frame_bytes(), &self.info.uri)?;
        let timestamp = self.reader.read_frame(&mut data);
        self.count_damage();
        let timestamp = match timestamp {
            Ok(Some(timestamp)) => timestamp,
            Ok(None) => return Ok(None),
            Err(error) => return self.broken_off(error),
        };
        if self.info.live {
            self.stats.stage("capture", self.reader.transfer());
        }
        let size = (self.info.width, self.info.height);
        let color = self.reader.info().color;
        let frame = Frame::new(FrameSeq(self.next), timestamp, PixelFormat::Nv12, size, color, data)?;
        self.next += 1;
        Ok(Some(frame))
    }

    fn skip_frame(&mut self) -> Result<bool, SourceError> {
        if !self.info.live {
            return Ok(false);
        }
        let skipped = self.reader.skip_frame();
        self.count_damage();
        match skipped {
            Ok(time) => Ok(time.is_some()),
            Err(error) => Err(SourceError::Video { uri: self.info.uri.clone(), error }),
        }
    }

    fn interrupt(&self) -> Option<Interrupt> {
        let switch = self.reader.kill_switch();
        Some(Box::new(move || switch.kill()))
    }
}
