//! The command line that encodes, and the names of its files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::codec::{AudioWay, VideoCodec};
use super::dialect::Dialect;
use super::options::WriterOptions;

/// Seconds from one key frame to the next.
const KEY_INTERVAL: f64 = 2.0;
/// Extensions of the containers that can be written.
const CONTAINERS: [&str; 4] = ["mp4", "m4v", "mov", "mkv"];

/// Everything that goes into the command line.
pub(super) struct Job<'a> {
    pub(super) dialect: Dialect,
    pub(super) codec: VideoCodec,
    pub(super) sound: Option<AudioWay>,
    pub(super) size: (u32, u32),
    pub(super) options: &'a WriterOptions,
    pub(super) output: &'a Path,
}

impl Job<'_> {
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let mut args: Vec<OsString> = Vec::new();
        let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
        add(&["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-y"]);
        // Not `-fflags nobuffer`, which loses the first frames.
        add(&["-analyzeduration", "0", "-f", "matroska", "-i", "pipe:0"]);
        if let (Some(_), Some(input)) = (self.sound, &self.options.audio_from) {
            args.extend(["-i".into(), file_argument(input)]);
        }
        let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
        add(&["-map", "0:v:0"]);
        match self.sound {
            Some(AudioWay::Copy) => add(&["-map", "1:a:0", "-c:a", "copy"]),
            Some(AudioWay::Encode) => add(&["-map", "1:a:0", "-c:a", "aac", "-b:a", "192k"]),
            None => {}
        }
        let (width, height) = self.size;
        if width % 2 == 1 || height % 2 == 1 {
            // 4:2:0 needs even sizes; the last column or row is repeated as black.
            add(&["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"]);
        }
        let pixels = f64::from(width) * f64::from(height) * self.options.rate;
        add(&[self.dialect.frame_mode, "passthrough", "-c:v", self.codec.name()]);
        for word in self.codec.options(self.options.quality, &self.options.preset, pixels) {
            add(&[&word]);
        }
        let key_frames = (self.options.rate * KEY_INTERVAL).round().max(1.0).to_string();
        // Else times are rounded to the nominal rate.
        add(&["-g", &key_frames, "-pix_fmt", "yuv420p", "-enc_time_base", "1:10000"]);
        add(&[
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
            "-colorspace",
            "bt709",
            "-color_range",
            "tv",
        ]);
        if !is_matroska(self.output) {
            // A fragmented file plays up to its last fragment whatever ends the writing.
            add(&["-movflags", "+frag_keyframe+delay_moov+default_base_moof"]);
        }
        args.push(file_argument(self.output));
        args
    }
}

fn has_extension(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

fn is_matroska(path: &Path) -> bool {
    has_extension(path, "mkv")
}

/// `path` as an input or output that cannot be taken for an option or a protocol.
pub fn file_argument(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

/// `clip.mp4` → `clip.partial.mp4`: the extension still tells the container.
pub(super) fn partial_path(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(".partial");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Whether the name of `path` says a container that can be written.
pub(super) fn is_container(path: &Path) -> bool {
    CONTAINERS.iter().any(|ending| has_extension(path, ending))
}
