//! The command line that encodes, and the names of its files.

use std::ffi::OsString;
use std::path::Path;

use super::dialect::Dialect;
use super::encoder::{Encoder, Settings};
use super::options::WriterOptions;

/// Seconds from one key frame to the next.
const KEY_INTERVAL: f64 = 2.0;
/// Extensions of the containers that can be written.
const CONTAINERS: [&str; 4] = ["mp4", "m4v", "mov", "mkv"];

/// Everything that goes into the command line.
pub(super) struct Job<'a> {
    pub(super) dialect: Dialect,
    pub(super) encoder: Encoder,
    pub(super) size: (u32, u32),
    pub(super) options: &'a WriterOptions,
    /// Says the container.
    pub(super) path: &'a Path,
    pub(super) output: &'a Path,
}

impl Job<'_> {
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let mut args: Vec<OsString> = Vec::new();
        let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
        add(&["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-y"]);
        add(self.encoder.input_options());
        // Not `-fflags nobuffer`, which loses the first frames.
        add(&["-analyzeduration", "0", "-f", "matroska", "-i", "pipe:0"]);
        add(&["-map", "0:v:0"]);
        if self.options.sound {
            add(&["-map", "0:a:0", "-c:a", "aac", "-b:a", "160k"]);
        }
        let filters = self.filters();
        if !filters.is_empty() {
            add(&["-vf", &filters]);
        }
        let (width, height) = self.size;
        let settings = Settings {
            quality: self.options.quality,
            bitrate: self.options.bitrate,
            preset: &self.options.preset,
            pixels_per_second: f64::from(width) * f64::from(height) * self.options.rate,
        };
        add(&[self.dialect.frame_mode, "passthrough", "-c:v", self.encoder.name()]);
        args.extend(self.encoder.options(&settings));
        let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
        if let Some(format) = self.encoder.pixel_format() {
            add(&["-pix_fmt", format]);
        }
        let key_frames = (self.options.rate * KEY_INTERVAL).round().max(1.0).to_string();
        // Else times are rounded to the nominal rate.
        add(&["-g", &key_frames, "-enc_time_base", "1:10000"]);
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
        if !is_matroska(self.path) {
            // A fragmented file plays up to its last fragment whatever ends the writing.
            let longest = self.options.fragment.as_micros().max(1).to_string();
            // With its head written first, a file can be opened from the first picture on. It would put sound 21 ms off.
            let head = if self.options.sound { "delay_moov" } else { "empty_moov" };
            let flags = format!("+frag_keyframe+{head}+default_base_moof");
            add(&["-movflags", &flags, "-frag_duration", &longest]);
            // Else the end of each fragment waits in the child for the next one.
            add(&["-flush_packets", "1"]);
        } else {
            let longest = self.options.fragment.as_millis().max(1).to_string();
            add(&["-cluster_time_limit", &longest, "-flush_packets", "1"]);
        }
        args.extend(["-f", muxer(self.path)].map(OsString::from));
        args.push(file_argument(self.output));
        args
    }

    /// What happens to pictures before they are encoded; empty where nothing does.
    fn filters(&self) -> String {
        let (width, height) = self.size;
        let fitted = self.options.largest.map(|largest| fit_into(self.size, largest));
        let mut filters = Vec::new();
        if let Some((width, height)) = fitted.filter(|fitted| *fitted != self.size) {
            filters.push(format!("scale={width}:{height}:flags=bilinear"));
        } else if width % 2 == 1 || height % 2 == 1 {
            filters.push(EVEN_SIDES.to_owned());
        }
        filters.extend(self.encoder.filter().map(str::to_owned));
        filters.join(",")
    }
}

/// Pictures in 4:2:0 have even sides: one row or column is there twice. `pad` would cut off the last one of NV12.
pub(super) const EVEN_SIDES: &str = "scale=ceil(iw/2)*2:ceil(ih/2)*2:flags=neighbor";

/// The largest size of the shape of `size` that fits into `largest`, with even sides; `size` if it fits.
fn fit_into(size: (u32, u32), largest: (u32, u32)) -> (u32, u32) {
    // What is in the file is even, whatever was asked for.
    let largest = (largest.0 & !1, largest.1 & !1);
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let scale = (f64::from(largest.0) / width).min(f64::from(largest.1) / height);
    if scale >= 1.0 {
        return size;
    }
    let even = |side: f64| ((side * scale / 2.0).round() as u32 * 2).max(2);
    (even(width), even(height))
}

fn has_extension(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

/// ffmpeg's name of the container of `path`, for a file whose own name does not say it.
pub(super) fn muxer(path: &Path) -> &'static str {
    match path {
        path if is_matroska(path) => "matroska",
        path if has_extension(path, "mov") => "mov",
        _ => "mp4",
    }
}

pub(super) fn is_matroska(path: &Path) -> bool {
    has_extension(path, "mkv")
}

/// `path` as an input or output that cannot be taken for an option or a protocol.
pub fn file_argument(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

/// Whether the name of `path` says a container that can be written.
pub fn is_container(path: &Path) -> bool {
    CONTAINERS.iter().any(|ending| has_extension(path, ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_cap_keeps_the_shape() {
        assert_eq!(fit_into((1920, 1080), (1280, 720)), (1280, 720));
        assert_eq!(fit_into((1080, 1920), (1280, 720)), (406, 720));
        assert_eq!(fit_into((641, 361), (1280, 720)), (641, 361));
        assert_eq!(fit_into((1280, 720), (641, 361)), (640, 360));
        assert_eq!(fit_into((641, 361), (641, 361)), (640, 360));
    }
}
