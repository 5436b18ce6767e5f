//! How a video is written.

use std::path::PathBuf;
use std::time::Duration;

use super::encoder::EncoderChoice;
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
    /// x264's constant rate factor, 0 (best, huge) to 51; other encoders' scales are fitted to it. Default 20.
    pub quality: u8,
    /// Bits per second at most, in the place of a quality. Default none.
    pub bitrate: Option<u64>,
    /// Largest size that is written; larger pictures are made smaller in their shape. Default none.
    pub largest: Option<(u32, u32)>,
    /// x264's preset. Default `ultrafast`: 4.8 ms of CPU per 720p frame; `veryfast` costs three times that.
    pub preset: String,
    /// Which encoder is wanted. Default the best one on the processor.
    pub encoder: EncoderChoice,
    /// A file whose sound is carried over when the pictures are complete, as far as they go; copied where MP4 can hold it,
    /// else encoded as AAC.
    pub audio_from: Option<PathBuf>,
    /// Where in it the pictures begin. Default zero.
    pub audio_start: Duration,
    /// Whether [`VideoWriter::write_sound`](super::VideoWriter::write_sound) will be given sound, which is encoded as AAC.
    /// Default no.
    pub sound: bool,
    /// Longest fragment of a file that is being written: what a crash may cost. Default 1 s.
    pub fragment: Duration,
    /// Makes an ordinary file of the fragmented one at the end. Default yes.
    pub ordinary: bool,
    /// Bytes that stay free beside the second copy of a file that is made an ordinary one. Default 64 MB.
    pub spare: u64,
    /// Replaces a file that has the name; else the next free number is put to the name. Default yes.
    pub replace: bool,
    /// How long one write may take before the encoder is ended, four times that for the first. Default for ever.
    pub patience: Option<Duration>,
    /// Leaves `<name>.partial.<ext>` behind when the writing fails or is given up. Default no.
    pub keep_partial: bool,
    /// Where `encoder_fallbacks` is counted.
    pub stats: Option<Stats>,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            format: PixelFormat::Nv12,
            rate: 30.0,
            quality: 20,
            bitrate: None,
            largest: None,
            preset: "ultrafast".to_owned(),
            encoder: EncoderChoice::Software,
            audio_from: None,
            audio_start: Duration::ZERO,
            sound: false,
            fragment: Duration::from_secs(1),
            ordinary: true,
            spare: 64_000_000,
            replace: true,
            patience: None,
            keep_partial: false,
            stats: None,
        }
    }
}
