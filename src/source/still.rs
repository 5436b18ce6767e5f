//! One still image, once or for ever.

use std::path::Path;
use std::time::Duration;

use super::picture::{self, Picture};
use super::{FrameSource, SourceError, SourceInfo, SourceOptions, buffer};
use crate::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use crate::stats::Stats;

/// Frames per second of a repeated still: effects move over it.
const RATE: f64 = 30.0;

/// A still image; with `repeat` it yields itself at 30 frames per second for ever.
#[derive(Debug)]
pub(super) struct StillSource {
    info: SourceInfo,
    picture: Picture,
    rate: f64,
    repeat: bool,
    next: u64,
}

impl StillSource {
    pub(super) fn open(path: &Path, options: &SourceOptions, stats: &Stats) -> Result<Self, SourceError> {
        let picture = picture::load(path, stats)?;
        let rate = options.rate.filter(|rate| *rate > 0.0).unwrap_or(RATE);
        let info = SourceInfo {
            uri: path.display().to_string(),
            description: format!("still image, {}×{}", picture.width, picture.height),
            width: picture.width,
            height: picture.height,
            nominal_rate: options.repeat.then_some(rate),
            live: false,
            frames: (!options.repeat).then_some(1),
            pixel_format: PixelFormat::Rgba8,
        };
        Ok(Self { info, picture, rate, repeat: options.repeat, next: 0 })
    }
}

impl FrameSource for StillSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        if self.next > 0 && !self.repeat {
            return Ok(None);
        }
        let Picture { width, height, pixels } = &self.picture;
        let mut data = buffer(pool, pixels.len(), &self.info.uri)?;
        data.copy_from_slice(pixels);
        let time = Duration::from_secs_f64(self.next as f64 / self.rate);
        let format = PixelFormat::Rgba8;
        let frame =
            Frame::new(FrameSeq(self.next), time, format, (*width, *height), ColorSpace::default(), data)?;
        self.next += 1;
        Ok(Some(frame))
    }
}
