//! How a video is written.

use std::path::PathBuf;

use crate::frame::PixelFormat;
use crate::stats::Stats;

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
