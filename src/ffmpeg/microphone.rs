//! Sound as it is heard now, from a device that ffmpeg knows.

use std::ffi::OsString;
use std::fmt;
use std::io::Read;
use std::process::ChildStdout;
use std::str::FromStr;
use std::time::Duration;

use super::Ffmpeg;
use super::child::{FfmpegChild, KillSwitch};
use super::error::ChildError;
use super::watchdog::Watchdog;

/// Samples per second and channel, whatever the device has.
pub const SOUND_RATE: u32 = 48_000;
/// Channels; a microphone with one is heard on both.
pub const SOUND_CHANNELS: u32 = 2;

/// How long a device may give nothing before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a child that gave up may take to say why.
const LAST_PATIENCE: Duration = Duration::from_secs(1);
/// ffmpeg's names of what devices are reached through.
const FORMATS: [&str; 9] =
    ["alsa", "pulse", "jack", "oss", "sndio", "openal", "avfoundation", "dshow", "lavfi"];

/// Where sound comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundInput {
    format: String,
    name: String,
}

/// Whether a sound server listens, which PipeWire does under this name as well.
fn has_pulse() -> bool {
    let socket =
        std::env::var_os("XDG_RUNTIME_DIR").map(|folder| std::path::Path::new(&folder).join("pulse/native"));
    std::env::var_os("PULSE_SERVER").is_some() || socket.is_some_and(|socket| socket.exists())
}

impl FromStr for SoundInput {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "default" {
            return Self::of_the_system();
        }
        let (format, name) = text.split_once(':').unwrap_or_default();
        if FORMATS.contains(&format) && !name.is_empty() {
            return Ok(Self { format: format.to_owned(), name: name.to_owned() });
        }
        Err(format!(
            "\"{text}\" is no microphone; type default, or how ffmpeg reaches it and its name there, for example \
             pulse:default, alsa:hw:1, avfoundation::0 or dshow:audio=NAME"
        ))
    }
}

impl fmt::Display for SoundInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.format, self.name)
    }
}

impl SoundInput {
    /// The device that the system takes where none is chosen.
    fn of_the_system() -> Result<Self, String> {
        let (format, name) = match std::env::consts::OS {
            "macos" => ("avfoundation", ":default"),
            "windows" => {
                return Err(
                    "Windows has no name for its first microphone; type dshow:audio=NAME with a name that \
                            `ffmpeg -list_devices true -f dshow -i dummy` lists"
                        .to_owned(),
                );
            }
            _ if has_pulse() => ("pulse", "default"),
            _ => ("alsa", "default"),
        };
        Ok(Self { format: format.to_owned(), name: name.to_owned() })
    }

    fn arguments(&self) -> Vec<OsString> {
        let mut args =
            vec!["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-fflags", "nobuffer"];
        match self.format.as_str() {
            // What is calculated comes as fast as it is asked for.
            "lavfi" => args.push("-re"),
            // Some give half a second, or two, at a time unless they are told not to.
            "dshow" => args.extend(["-audio_buffer_size", "40"]),
            "pulse" => args.extend(["-fragment_size", "9600"]),
            _ => {}
        }
        let (rate, channels) = (SOUND_RATE.to_string(), SOUND_CHANNELS.to_string());
        args.extend(["-f", &self.format, "-i", &self.name, "-map", "0:a:0", "-ar", &rate, "-ac", &channels]);
        args.extend(["-c:a", "pcm_s16le", "-f", "s16le", "-flush_packets", "1", "pipe:1"]);
        args.into_iter().map(OsString::from).collect()
    }
}

/// A microphone that listens: interleaved samples of 16 bits, little-endian, [`SOUND_RATE`] a second on
/// [`SOUND_CHANNELS`] channels.
#[derive(Debug)]
pub struct SoundReader {
    child: FfmpegChild,
    stdout: Option<ChildStdout>,
    watchdog: Watchdog,
}

impl SoundReader {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`ChildError`] when ffmpeg does not run; a device that is not there is known at the first [`Self::read`].
    pub fn open(ffmpeg: &Ffmpeg, input: &SoundInput) -> Result<Self, ChildError> {
        let (child, pipes) = FfmpegChild::start(&ffmpeg.path, &input.arguments(), false, |_| false)?;
        let watchdog = Watchdog::start(child.kill_switch())?;
        Ok(Self { child, stdout: pipes.stdout, watchdog })
    }

    /// Ends a read that waits.
    pub fn kill_switch(&self) -> KillSwitch {
        self.child.kill_switch()
    }

    /// Fills `block` with what is heard next, as long as that takes.
    ///
    /// # Errors
    /// [`ChildError`] with ffmpeg's reason when the device is not there, or is gone.
    pub fn read(&mut self, block: &mut [u8]) -> Result<(), ChildError> {
        let Some(stdout) = &mut self.stdout else { return Err(self.child.failure(None)) };
        self.watchdog.arm(PATIENCE);
        let read = stdout.read_exact(block);
        self.watchdog.disarm();
        read.map_err(|error| match error.kind() {
            _ if self.watchdog.has_fired() => ChildError::Hung(PATIENCE),
            std::io::ErrorKind::UnexpectedEof => self.child.failure(self.child.wait(LAST_PATIENCE)),
            _ => ChildError::Pipe(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microphones_are_named_as_ffmpeg_does() {
        for (text, format, name) in [
            ("alsa:hw:1,0", "alsa", "hw:1,0"),
            ("avfoundation::0", "avfoundation", ":0"),
            ("dshow:audio=Line in (USB)", "dshow", "audio=Line in (USB)"),
        ] {
            let input: SoundInput = text.parse().expect("a microphone");
            assert_eq!((input.format.as_str(), input.name.as_str()), (format, name));
            assert_eq!(input.to_string(), text);
        }
        for wrong in ["", "hw:1", "alsa:", "file:x.wav", "-i:x"] {
            assert!(
                wrong.parse::<SoundInput>().is_err_and(|error| error.contains("pulse:default")),
                "{wrong}"
            );
        }
    }
}
