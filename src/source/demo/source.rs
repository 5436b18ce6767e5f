//! The performer as a source of frames.

use std::time::Duration;

use yuv::{
    BufferStoreMut, YuvBiPlanarImageMut, YuvConversionMode, YuvRange, YuvStandardMatrix, rgba_to_yuv_nv12,
};

use super::Performer;
use crate::frame::{
    ColorMatrix, ColorRange, ColorSpace, Frame, FrameError, FramePool, FrameSeq, PixelFormat,
};
use crate::source::{FrameSource, SourceError, SourceInfo, SourceOptions, buffer};

/// Size of the picture where none is asked for.
const SIZE: (u32, u32) = (1280, 720);
/// Frames per second where none are asked for.
const RATE: f64 = 30.0;
/// The colours of the frames.
const COLOR: ColorSpace = ColorSpace { matrix: ColorMatrix::Bt709, range: ColorRange::Limited };
/// Bounds of either side, pixels: 4:2:0 needs two, and a picture larger than a screen's helps nobody.
const SIDES: std::ops::RangeInclusive<u32> = 2..=4096;

/// The demo performer as an endless source: NV12, 1280 × 720 at 30 frames per second unless asked otherwise.
///
/// Frame `n` is a pure function of size, rate and `n`; the performance repeats after [`super::LOOP`].
pub struct DemoSource {
    info: SourceInfo,
    performer: Performer,
    rgba: Vec<u8>,
    rate: f64,
    next: u64,
}

impl DemoSource {
    /// A source that heeds `options.size` (rounded to even numbers, 2 to 4096 a side) and `options.rate`.
    pub fn new(options: &SourceOptions) -> Self {
        let (width, height) = options.size.unwrap_or(SIZE);
        let even = |side: u32| side.clamp(*SIDES.start(), *SIDES.end()) & !1;
        let (width, height) = (even(width), even(height));
        let rate = options.rate.filter(|rate| rate.is_finite() && *rate > 0.0).unwrap_or(RATE);
        let info = SourceInfo {
            uri: "demo:".to_owned(),
            description: format!("demo performer, {width}×{height}, {rate} fps"),
            width,
            height,
            nominal_rate: Some(rate),
            live: false,
            frames: None,
            pixel_format: PixelFormat::Nv12,
        };
        let rgba = vec![0; PixelFormat::Rgba8.bytes(width, height)];
        Self { info, performer: Performer::new(width, height), rgba, rate, next: 0 }
    }

    /// Writes the true region id of every pixel of frame `seq` into `ids` (width × height bytes); see [`Performer::regions`].
    pub fn regions(&mut self, seq: FrameSeq, ids: &mut [u8]) {
        self.performer.regions(moment(seq.0, self.rate), ids);
    }
}

fn moment(frame: u64, rate: f64) -> Duration {
    Duration::try_from_secs_f64(frame as f64 / rate).unwrap_or_default()
}

impl FrameSource for DemoSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        let (width, height) = (self.info.width, self.info.height);
        let format = self.info.pixel_format;
        let expected = format.bytes(width, height);
        let mut data = buffer(pool, expected, &self.info.uri)?;
        let found = data.len();
        let time = moment(self.next, self.rate);
        self.performer.render(time, &mut self.rgba);
        let (luma, chroma) = data.split_at_mut(format.plane(0, width, height).len());
        let mut planes = YuvBiPlanarImageMut {
            y_plane: BufferStoreMut::Borrowed(luma),
            y_stride: width,
            uv_plane: BufferStoreMut::Borrowed(chroma),
            uv_stride: width,
            width,
            height,
        };
        let converted = rgba_to_yuv_nv12(
            &mut planes,
            &self.rgba,
            width * 4,
            YuvRange::Limited,
            YuvStandardMatrix::Bt709,
            YuvConversionMode::Balanced,
        );
        converted.map_err(|_| FrameError { width, height, format, expected, found })?;
        let frame = Frame::new(FrameSeq(self.next), time, format, (width, height), COLOR, data)?;
        self.next += 1;
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_follow_one_another_at_the_rate_asked_for() {
        let pool = FramePool::new(1 << 20);
        let options = SourceOptions { size: Some((65, 48)), rate: Some(10.0), ..SourceOptions::default() };
        let mut source = DemoSource::new(&options);
        assert_eq!((source.info().width, source.info().height), (64, 48));
        for n in 0..3 {
            let frame = source.next_frame(&pool).unwrap().unwrap();
            assert_eq!((frame.seq, frame.format), (FrameSeq(n), PixelFormat::Nv12));
            assert_eq!(frame.timestamp, Duration::from_millis(100 * n));
            let luma = frame.plane(0);
            let (low, high) = (luma.iter().min().copied().unwrap(), luma.iter().max().copied().unwrap());
            assert!(low >= 16 && high <= 235 && high - low > 80, "luma {low}–{high}");
        }
    }

    #[test]
    fn a_spent_pool_loses_no_frame() {
        let pool = FramePool::new(PixelFormat::Nv12.bytes(64, 48));
        let mut source = DemoSource::new(&SourceOptions { size: Some((64, 48)), ..SourceOptions::default() });
        let held = source.next_frame(&pool).unwrap().unwrap();
        assert!(source.next_frame(&pool).is_err());
        drop(held);
        assert_eq!(source.next_frame(&pool).unwrap().unwrap().seq, FrameSeq(1));
    }
}
