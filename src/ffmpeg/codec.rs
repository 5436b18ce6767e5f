//! Which encoders this ffmpeg has, and how each is told to be fast.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::child::{ChildError, FfmpegChild};

/// How long a question to ffmpeg may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Best first. x264's `ultrafast` costs a third of `veryfast`; the others are there in builds without GPL
/// parts and in every build.
const PREFERENCE: [VideoCodec; 3] = [VideoCodec::X264, VideoCodec::OpenH264, VideoCodec::Mpeg4];
/// Audio that an MP4 file can hold as it is.
const MP4_AUDIO: [&str; 7] = ["aac", "mp3", "ac3", "eac3", "opus", "alac", "flac"];

/// A way to encode pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VideoCodec {
    X264,
    OpenH264,
    Mpeg4,
}

/// A way to carry sound over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AudioWay {
    Copy,
    Encode,
}

impl VideoCodec {
    /// ffmpeg's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::X264 => "libx264",
            Self::OpenH264 => "libopenh264",
            Self::Mpeg4 => "mpeg4",
        }
    }

    /// Encoder options; `quality` is x264's constant rate factor (0 best, 51 worst).
    pub(super) fn options(self, quality: u8, preset: &str, pixels_per_second: f64) -> Vec<String> {
        match self {
            Self::X264 => {
                vec![
                    "-preset".into(),
                    preset.into(),
                    "-tune".into(),
                    "zerolatency".into(),
                    "-crf".into(),
                    quality.to_string(),
                ]
            }
            // No constant quality there; a tenth of a bit per pixel looks the same at the default quality.
            Self::OpenH264 => vec!["-b:v".into(), format!("{:.0}", (pixels_per_second * 0.1).max(500_000.0))],
            Self::Mpeg4 => vec!["-q:v".into(), "3".into()],
        }
    }
}

/// The best encoder that this ffmpeg has.
///
/// # Errors
/// When ffmpeg does not answer or has none of them.
pub(super) fn best_video_codec(program: &Path) -> Result<VideoCodec, ChildError> {
    let args = ["-hide_banner", "-encoders"].map(OsString::from);
    let (child, mut pipes) = FfmpegChild::start(program, &args, false, |_| false)?;
    let mut text = String::new();
    if let Some(stdout) = &mut pipes.stdout {
        stdout.read_to_string(&mut text).map_err(ChildError::Pipe)?;
    }
    child.wait(PATIENCE);
    let listed =
        |codec: &VideoCodec| text.lines().any(|line| line.split_whitespace().nth(1) == Some(codec.name()));
    PREFERENCE.into_iter().find(listed).ok_or_else(|| {
        ChildError::Failed(
            "this ffmpeg can encode neither H.264 nor MPEG-4; install the full ffmpeg".to_owned(),
        )
    })
}

/// How the sound of `input` gets into an MP4 file; `None` when it has no sound.
pub(super) fn audio_way(program: &Path, input: &OsString) -> Result<Option<AudioWay>, ChildError> {
    let first = Arc::new(OnceLock::new());
    let found = first.clone();
    // Without an output ffmpeg lists the streams of its input and fails, which is all that is wanted.
    let args = ["-hide_banner".into(), "-nostdin".into(), "-i".into(), input.clone()];
    let (child, _) = FfmpegChild::start(program, &args, false, move |line| {
        if let Some(codec) = audio_codec(line) {
            // Tracks after the first are left out.
            let _ = found.set(codec.to_owned());
        }
        false
    })?;
    child.wait(PATIENCE);
    Ok(first.get().map(|codec: &String| match MP4_AUDIO.contains(&codec.as_str()) {
        true => AudioWay::Copy,
        false => AudioWay::Encode,
    }))
}

/// The codec in a line such as `Stream #0:1[0x2](eng): Audio: aac (LC), 48000 Hz, …`.
fn audio_codec(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("Stream #")?;
    let (_, rest) = rest.split_once(": Audio: ")?;
    rest.split([' ', ',']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codec_of_the_sound_is_read_from_the_stream_list() {
        let line = "  Stream #0:1[0x2](eng): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo";
        assert_eq!(audio_codec(line), Some("aac"));
        assert_eq!(audio_codec("  Stream #0:0: Audio: pcm_s16le, 8000 Hz, mono, s16"), Some("pcm_s16le"));
        assert_eq!(audio_codec("  Stream #0:0: Video: h264, yuv420p"), None);
    }
}
