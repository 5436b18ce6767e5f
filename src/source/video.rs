//! Video files and network streams as frames, decoded by the ffmpeg child.

use std::path::Path;
use std::time::Duration;

use super::roll::Roll;
use super::{FrameSource, Interrupt, SourceError, SourceInfo, SourceOptions, buffer};
use crate::ffmpeg::{self, ChildError, Development, Picture, ReaderInput, ReaderOptions};
use crate::frame::{Frame, FramePool, FrameSeq, PixelFormat};
use crate::stats::Stats;

/// How long the first picture of a file may take; slow disks and enormous indexes are allowed for.
const FILE_PATIENCE: Duration = Duration::from_secs(30);
/// How long a later one may take: a damaged file can keep ffmpeg busy for ever.
const FILE_SILENCE: Duration = Duration::from_secs(60);

/// Frames of a video as NV12, every one exactly once, with the times of the file.
#[derive(Debug)]
pub(super) struct VideoSource {
    info: SourceInfo,
    reader: Roll,
    next: u64,
    /// Of the newest picture.
    size: (u32, u32),
    /// It is to be shown again and again: its end is none.
    repeats: bool,
    damage: u64,
    jumps: u64,
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
        if let (from, Some(to)) = (options.from.unwrap_or_default(), options.to)
            && from >= to
        {
            return Err(SourceError::InOut { from, to });
        }
        let options = ReaderOptions {
            repeat: options.repeat,
            from: options.from,
            to: options.to,
            patience: Some(FILE_PATIENCE),
            silence: Some(FILE_SILENCE),
            ..ReaderOptions::new(ReaderInput::File(path.to_owned()))
        };
        Self::open(path.display().to_string(), &options, stats)
    }

    /// Opens what `options` say; `uri` names it to people.
    pub(super) fn open(uri: String, options: &ReaderOptions, stats: &Stats) -> Result<Self, SourceError> {
        let ffmpeg = ffmpeg::locate()?;
        let reader = Roll::open(ffmpeg, options.clone()).map_err(|error| match (error, options.from) {
            (ChildError::NoFrames, Some(from)) => SourceError::BeyondEnd { uri: uri.clone(), from },
            (error, _) => SourceError::Video { uri: uri.clone(), error },
        })?;
        let stream = reader.info();
        tell_development(&uri, stream.development, stats);
        let length = stream.duration.filter(|_| !options.repeat && !stream.live).map(|length| {
            options.to.unwrap_or(length).min(length).saturating_sub(options.from.unwrap_or_default())
        });
        let frames =
            length.zip(stream.rate).map(|(length, rate)| (length.as_secs_f64() * rate).round() as u64);
        let rate = stream.rate.map_or_else(String::new, |rate| format!(", {rate:.4} fps"));
        let info = SourceInfo {
            uri,
            description: format!("video, {}×{}{rate}", stream.width, stream.height),
            width: stream.width,
            height: stream.height,
            nominal_rate: stream.rate,
            live: stream.live,
            frames,
            pixel_format: PixelFormat::Nv12,
        };
        let size = (stream.width, stream.height);
        let repeats = options.repeat && !info.live;
        Ok(Self { info, reader, repeats, next: 0, size, damage: 0, jumps: 0, stats: stats.clone() })
    }

    /// A file behind a server, too, is to be shown again and again: at its end it is opened anew.
    pub(super) fn again(self, repeat: bool) -> Self {
        Self { repeats: repeat && !self.info.live, ..self }
    }

    /// Waits for the next picture, and says so when it has another size than the one before.
    fn wait_for_picture(&mut self) -> Result<Option<Picture>, ChildError> {
        let picture = self.reader.wait_for_picture();
        self.count_damage();
        if let Ok(Some(Picture { size, .. })) = picture
            && size != self.size
        {
            let (width, height) = size;
            tracing::warn!(
                "{}: its pictures are {width}×{height} from now on, before {}×{}",
                self.info.uri,
                self.size.0,
                self.size.1
            );
            self.stats.count("source_size_changes");
            self.size = size;
        }
        picture
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
        let jumps = self.reader.time_jumps();
        if jumps > self.jumps {
            self.stats.add("source_time_jumps", jumps - self.jumps);
            self.jumps = jumps;
        }
    }

    /// What is to begin again has failed when it ends.
    fn ended(&self) -> Result<Option<Frame>, SourceError> {
        if !self.repeats {
            return Ok(None);
        }
        let error = ChildError::Failed("it came to its end".to_owned());
        Err(SourceError::Video { uri: self.info.uri.clone(), error })
    }

    /// A file that breaks off has ended, after its good frames; a live stream has failed, and so has what is to be shown
    /// again and again.
    fn broken_off(&mut self, error: ChildError) -> Result<Option<Frame>, SourceError> {
        let uri = self.info.uri.clone();
        if self.info.live || self.repeats || self.next == 0 || !matches!(error, ChildError::Failed(_)) {
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
        let picture = match self.wait_for_picture() {
            Ok(Some(picture)) => picture,
            Ok(None) => return self.ended(),
            Err(error) => return self.broken_off(error),
        };
        let mut data = buffer(pool, picture.bytes(), &self.info.uri)?;
        let timestamp = match self.reader.read_frame(&mut data) {
            Ok(Some(timestamp)) => timestamp,
            Ok(None) => return self.ended(),
            Err(error) => return self.broken_off(error),
        };
        if self.info.live {
            self.stats.stage("capture", self.reader.transfer());
        }
        let number = FrameSeq(self.next);
        let frame = Frame::new(number, timestamp, PixelFormat::Nv12, picture.size, picture.color, data)?;
        self.next += 1;
        Ok(Some(frame))
    }

    fn skip_frame(&mut self) -> Result<bool, SourceError> {
        if !self.info.live {
            return Ok(false);
        }
        let skipped = self.wait_for_picture().and_then(|_| self.reader.skip_frame());
        match skipped {
            Ok(time) => Ok(time.is_some()),
            Err(error) => Err(SourceError::Video { uri: self.info.uri.clone(), error }),
        }
    }

    fn interrupt(&self) -> Option<Interrupt> {
        Some(self.reader.interrupt())
    }
}

fn tell_development(uri: &str, development: Development, stats: &Stats) {
    match development {
        Development::None => {}
        Development::ToneMapped => {
            stats.count("source_tone_mapped");
            tracing::info!("{uri}: its high dynamic range is brought to that of a screen");
        }
        Development::Converted => stats.count("source_wide_converted"),
        Development::Refused => {
            stats.count("source_hdr_as_it_is");
            tracing::warn!(
                "{uri}: its colours are of high dynamic range or wide gamut and are shown as they are: pale or dark"
            );
        }
    }
}
