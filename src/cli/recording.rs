//! What is recorded, and how, on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::bytes::ByteSize;
use super::size::Size;
use super::{UsageError, check_folder};
use crate::ffmpeg::{EncoderChoice, SoundInput, WriterOptions};
use crate::record::{DEFAULT_RESERVE, RecordingOptions, Split, check_template};

/// Options of recordings.
#[derive(Args, Debug)]
pub(super) struct RecordArgs {
    /// Record what is shown, into .mp4, .mov or .mkv, or into a folder; {date}, {time}, {look} and {n} may stand in
    /// the name. A file that is there is never replaced: the next number is taken
    #[arg(long, value_name = "FILE.mp4")]
    record: Option<PathBuf>,
    /// Largest size of the recording; larger pictures are made smaller in their shape
    #[arg(long, value_name = "WxH", requires = "record")]
    record_size: Option<Size>,
    /// Most pictures per second in the recording
    #[arg(long, value_name = "N", value_parser = parse_rate, requires = "record")]
    record_fps: Option<f64>,
    /// Quality, from 0 (best, huge) to 51 [default: 20]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=51), requires = "record")]
    record_quality: Option<u8>,
    /// Bits per second at most instead of a quality, for example 6M
    #[arg(long, value_name = "RATE", value_parser = parse_bits, requires = "record", conflicts_with = "record_quality")]
    record_bitrate: Option<u64>,
    /// auto, software, nvenc, vaapi, qsv, videotoolbox, amf, x264, openh264 or mpeg4; auto tries the hardware with
    /// real pictures first [default: auto]
    #[arg(long, value_name = "NAME", requires = "record")]
    record_encoder: Option<EncoderChoice>,
    /// Begin a new file after so much time, for example 10m
    #[arg(long, value_name = "TIME", value_parser = parse_split, requires = "record")]
    record_split: Option<Duration>,
    /// Begin a new file before one is so large, for example 2GB
    #[arg(long, value_name = "SIZE", requires = "record")]
    record_split_size: Option<ByteSize>,
    /// What stays free on the disk: the recording is closed before; 0B does not look [default: 500MB]
    #[arg(long, value_name = "SIZE", requires = "record")]
    record_reserve: Option<ByteSize>,
    /// Longest piece that a crash may cost, from 100ms to 10s [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = parse_fragment, requires = "record")]
    record_fragment: Option<Duration>,
    /// Record sound beside the picture: default, or how ffmpeg reaches a microphone and its name there, for example
    /// pulse:NAME, alsa:hw:1, avfoundation::0, dshow:audio=NAME
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "default", requires = "record")]
    microphone: Option<SoundInput>,
    /// How much later than the picture the sound comes in, where one can see that lips are ahead [default: 0ms]
    #[arg(long, value_name = "TIME", value_parser = parse_delay, requires = "microphone")]
    microphone_delay: Option<Duration>,
}

impl RecordArgs {
    /// The recording that is asked for; `look` is what is worn.
    pub(super) fn recording(&self, look: &str) -> Result<Option<RecordingOptions>, UsageError> {
        let Some(path) = &self.record else { return Ok(None) };
        let has_parts = path.parent().is_some_and(|folder| folder.to_string_lossy().contains('{'));
        if !has_parts {
            check_folder(path)?;
        }
        let path = check_template(path).map_err(UsageError)?;
        let live = RecordingOptions::live(path);
        let writer = WriterOptions {
            quality: self.record_quality.unwrap_or(live.writer.quality),
            bitrate: self.record_bitrate,
            largest: self.record_size.map(|size| (size.0.x, size.0.y)),
            encoder: self.record_encoder.unwrap_or(live.writer.encoder),
            fragment: self.record_fragment.unwrap_or(live.writer.fragment),
            rate: self.record_fps.unwrap_or(live.writer.rate),
            sound: self.microphone.is_some(),
            ..live.writer
        };
        Ok(Some(RecordingOptions {
            look: look.to_owned(),
            writer,
            split: Split { every: self.record_split, bytes: self.record_split_size.map(|size| size.0) },
            rate: self.record_fps,
            microphone: self
                .microphone
                .clone()
                .map(|input| (input, self.microphone_delay.unwrap_or_default())),
            reserve: self.record_reserve.map_or(DEFAULT_RESERVE, |size| size.0),
            ..RecordingOptions::live(live.path)
        }))
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.1..=240.0).contains(rate));
    rate.ok_or_else(|| format!("\"{text}\" is no rate; type 0.1 to 240, for example 25"))
}

/// `6M`, `800k` or `6000000`.
fn parse_bits(text: &str) -> Result<u64, String> {
    let explain = || format!("\"{text}\" is no rate of bits; type 100k to 1000M, for example 6M");
    let (number, factor) = match text.strip_suffix(['M', 'm']) {
        Some(number) => (number, 1e6),
        None => text.strip_suffix(['k', 'K']).map_or((text, 1.0), |number| (number, 1e3)),
    };
    let bits = number.trim().parse::<f64>().map_err(|_| explain())? * factor;
    if (1e5..=1e9).contains(&bits) { Ok(bits as u64) } else { Err(explain()) }
}

fn parse_split(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if time < Duration::from_secs(1) { Err("type 1s or more".to_owned()) } else { Ok(time) }
}

fn parse_fragment(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let allowed = Duration::from_millis(100)..=Duration::from_secs(10);
    if allowed.contains(&time) { Ok(time) } else { Err("type 100ms to 10s".to_owned()) }
}

fn parse_delay(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if time <= Duration::from_secs(1) { Ok(time) } else { Err("type 0ms to 1s".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_bits_are_written_as_people_do() {
        assert_eq!(
            [parse_bits("6M"), parse_bits("800k"), parse_bits("2.5M")],
            [Ok(6_000_000), Ok(800_000), Ok(2_500_000)]
        );
        for wrong in ["", "6", "6G", "M", "-1M"] {
            assert!(parse_bits(wrong).is_err_and(|error| error.contains("6M")), "{wrong}");
        }
    }
}
