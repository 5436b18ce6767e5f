//! What a recording is made of, and where it goes.

use std::path::PathBuf;
use std::time::Duration;

use crate::ffmpeg::{EncoderChoice, SoundInput, WriterOptions};

/// How long a write may take before the encoder is ended.
const PATIENCE: Duration = Duration::from_millis(2500);
/// What stays free on the disk.
pub const DEFAULT_RESERVE: u64 = 500_000_000;

/// How to record.
#[derive(Debug, Clone)]
pub struct RecordingOptions {
    /// The file, `.mp4`, `.mov` or `.mkv`. With [`Self::continues`] it may hold `{date}`, `{time}`, `{look}` and
    /// `{n}`, and nothing is ever replaced: what is taken is counted on.
    pub path: PathBuf,
    /// What `{look}` stands for.
    pub look: String,
    /// How pictures are written.
    pub writer: WriterOptions,
    /// When a new file begins.
    pub split: Split,
    /// Most pictures per second; those between are left out. Default none.
    pub rate: Option<f64>,
    /// Bytes that stay free on the disk: the recording is closed before. 0 does not look. Default
    /// [`DEFAULT_RESERVE`].
    pub reserve: u64,
    /// A microphone to record, and how much later than the picture its sound comes in. Default none.
    pub microphone: Option<(SoundInput, Duration)>,
    /// Whether a new file begins when the encoder fails. Without, the first failure ends the recording.
    pub continues: bool,
}

/// When a new file begins; by default never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Split {
    /// After so much time.
    pub every: Option<Duration>,
    /// Before a file has so many bytes, to within what comes in a second.
    pub bytes: Option<u64>,
}

impl RecordingOptions {
    /// Of a show: never gives up, replaces nothing, is watched, and uses the hardware where that works. `path` may be
    /// a template.
    pub fn live(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            look: String::new(),
            writer: WriterOptions {
                encoder: EncoderChoice::Auto,
                replace: false,
                keep_partial: true,
                patience: Some(PATIENCE),
                ..WriterOptions::default()
            },
            split: Split::default(),
            rate: None,
            reserve: DEFAULT_RESERVE,
            microphone: None,
            continues: true,
        }
    }

    /// Of a file that is rendered: exactly `path`, every picture or none.
    pub fn exact(path: impl Into<PathBuf>, writer: WriterOptions) -> Self {
        Self { writer, continues: false, reserve: 0, ..Self::live(path) }
    }
}
