//! How the sound of an input gets into the output.

use std::ffi::OsString;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::child::FfmpegChild;
use super::error::ChildError;

/// How long a question to ffmpeg may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Audio that an MP4 file can hold as it is.
const MP4_AUDIO: [&str; 7] = ["aac", "mp3", "ac3", "eac3", "opus", "alac", "flac"];

/// A way to carry sound over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AudioWay {
    /// As it is.
    Copy,
    /// As AAC.
    Encode,
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
