//! Which encoder works on this machine: builds list what they were compiled with, not what is plugged in.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::time::Duration;

use super::Ffmpeg;
use super::child::FfmpegChild;
use super::encoder::{Encoder, EncoderChoice, Settings};
use super::error::ChildError;
use super::watchdog::Watchdog;
use crate::stats::Stats;

/// How long a list may take, on a machine that is busy beyond measure, too.
const LIST_PATIENCE: Duration = Duration::from_secs(60);
/// How long a trial may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pictures that an encoder is tried with, and their sides: some hardware refuses less.
const PICTURES: usize = 5;
const SIDES: (usize, usize) = (256, 144);

impl Encoder {
    /// The encoder to use: of those that `choice` admits, the first that this ffmpeg has and, where it is
    /// hardware or was named, that encodes five pictures now. Takes up to a second or so.
    ///
    /// A named one that does not work, and hardware that is there and does not, are told in one line and counted as
    /// `encoder_fallbacks`; every trial that failed as `encoder_trials_failed`.
    ///
    /// # Errors
    /// When ffmpeg does not answer or has none of them.
    pub fn choose(ffmpeg: &Ffmpeg, choice: EncoderChoice, stats: &Stats) -> Result<Self, ChildError> {
        let listed = listed(ffmpeg)?;
        let is_listed =
            |encoder: Self| listed.lines().any(|line| line.split_whitespace().nth(1) == Some(encoder.name()));
        let wanted: Vec<Self> = match choice {
            EncoderChoice::Auto => {
                Self::PREFERENCE.into_iter().filter(|encoder| encoder.is_hardware()).collect()
            }
            EncoderChoice::Software => Vec::new(),
            EncoderChoice::Named(encoder) => vec![encoder],
        };
        let mut refused = Vec::new();
        for encoder in wanted {
            let outcome = match is_listed(encoder) {
                true => try_out(ffmpeg, encoder),
                false if matches!(choice, EncoderChoice::Named(_)) => {
                    Err(ChildError::Failed("this ffmpeg lacks it".to_owned()))
                }
                false => continue,
            };
            match outcome {
                Ok(()) => {
                    stats.event(format!("recordings are encoded by {}", encoder.name()));
                    return Ok(encoder);
                }
                Err(error) => {
                    stats.count("encoder_trials_failed");
                    refused.push(format!("{}: {error}", encoder.name()));
                }
            }
        }
        let software = Self::PREFERENCE
            .into_iter()
            .filter(|encoder| !encoder.is_hardware())
            .find(|encoder| is_listed(*encoder));
        let Some(software) = software else {
            return Err(ChildError::Failed(
                "this ffmpeg can encode neither H.264 nor MPEG-4; install the full ffmpeg".to_owned(),
            ));
        };
        let disappointed =
            matches!(choice, EncoderChoice::Named(_)) || (has_hardware() && !refused.is_empty());
        if disappointed || software != Self::X264 {
            stats.count("encoder_fallbacks");
            let why =
                if refused.is_empty() { "this ffmpeg has no libx264".to_owned() } else { refused.join("; ") };
            tracing::warn!("recordings are encoded by {}, on the processor ({why})", software.name());
        }
        Ok(software)
    }
}

/// Whether there is a graphics card that may well encode: only then is it news that it does not.
fn has_hardware() -> bool {
    cfg!(not(target_os = "linux"))
        || ["/dev/nvidia0", "/dev/dri/renderD128"].iter().any(|device| std::path::Path::new(device).exists())
}

fn listed(ffmpeg: &Ffmpeg) -> Result<String, ChildError> {
    let args = ["-hide_banner", "-encoders"].map(OsString::from);
    let (child, mut pipes) = FfmpegChild::start(&ffmpeg.path, &args, false, |_| false)?;
    // One that says nothing and does not end is ended.
    let _watchdog = Watchdog::armed(child.kill_switch(), LIST_PATIENCE)?;
    let mut text = String::new();
    if let Some(stdout) = &mut pipes.stdout {
        stdout.read_to_string(&mut text).map_err(ChildError::Pipe)?;
    }
    child.wait(LIST_PATIENCE);
    Ok(text)
}

/// Encodes a few pictures and throws them away.
fn try_out(ffmpeg: &Ffmpeg, encoder: Encoder) -> Result<(), ChildError> {
    let (width, height) = SIDES;
    let size = format!("{width}x{height}");
    let mut args: Vec<OsString> = Vec::new();
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning"]);
    add(encoder.input_options());
    add(&["-f", "rawvideo", "-pix_fmt", "nv12", "-s", &size, "-r", "30", "-i", "pipe:0"]);
    if let Some(filter) = encoder.filter() {
        add(&["-vf", filter]);
    }
    add(&["-c:v", encoder.name()]);
    if let Some(format) = encoder.pixel_format() {
        add(&["-pix_fmt", format]);
    }
    let settings = Settings { quality: 20, bitrate: None, preset: "ultrafast", pixels_per_second: 1e6 };
    args.extend(encoder.options(&settings));
    args.extend(["-f", "null", "-"].map(OsString::from));
    let (child, pipes) = FfmpegChild::start(&ffmpeg.path, &args, true, |_| false)?;
    let watchdog = Watchdog::armed(child.kill_switch(), PATIENCE)?;
    if let Some(mut stdin) = pipes.stdin {
        for n in 0..PICTURES {
            let picture: Vec<u8> = (0..width * height * 3 / 2).map(|at| (at * 7 + n * 31) as u8).collect();
            if stdin.write_all(&picture).is_err() {
                // It has ended: its status and its words say why.
                break;
            }
        }
    }
    let status = child.wait(PATIENCE);
    match status {
        Some(status) if status.success() => Ok(()),
        _ if watchdog.has_fired() => Err(ChildError::Hung(PATIENCE)),
        _ => Err(child.failure(status)),
    }
}
