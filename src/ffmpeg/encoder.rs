//! The encoders that ffmpeg may have, and how each is told to be fast.

use std::ffi::OsString;

/// A way to encode pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoder {
    /// NVIDIA's, `h264_nvenc`.
    Nvenc,
    /// Linux's way to Intel's and AMD's, `h264_vaapi`.
    Vaapi,
    /// Intel's, `h264_qsv`.
    Qsv,
    /// Apple's, `h264_videotoolbox`.
    VideoToolbox,
    /// AMD's on Windows, `h264_amf`.
    Amf,
    /// x264, on the processor.
    X264,
    /// Cisco's OpenH264, on the processor.
    OpenH264,
    /// MPEG-4 part 2, on the processor; every build has it.
    Mpeg4,
}

/// Which encoder is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EncoderChoice {
    /// The first of the hardware that encodes pictures here, else as [`Self::Software`].
    Auto,
    /// The best one on the processor: x264, else OpenH264, else MPEG-4.
    #[default]
    Software,
    /// This one; where it does not work, as [`Self::Software`], loudly.
    Named(Encoder),
}

/// Where Linux has the first graphics card that encodes.
const RENDER_NODE: &str = "/dev/dri/renderD128";

/// What an encoder is told.
#[derive(Debug, Clone)]
pub(super) struct Settings<'a> {
    /// x264's constant rate factor, which the others' scales are fitted to.
    pub(super) quality: u8,
    /// Bits per second instead of a quality.
    pub(super) bitrate: Option<u64>,
    pub(super) preset: &'a str,
    pub(super) pixels_per_second: f64,
}

impl Encoder {
    /// Best first: hardware, then x264, whose `ultrafast` costs a third of `veryfast`; the last two are there
    /// in builds without GPL parts and in every build.
    pub(super) const PREFERENCE: [Self; 8] = [
        Self::Nvenc,
        Self::Vaapi,
        Self::Qsv,
        Self::VideoToolbox,
        Self::Amf,
        Self::X264,
        Self::OpenH264,
        Self::Mpeg4,
    ];

    /// ffmpeg's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nvenc => "h264_nvenc",
            Self::Vaapi => "h264_vaapi",
            Self::Qsv => "h264_qsv",
            Self::VideoToolbox => "h264_videotoolbox",
            Self::Amf => "h264_amf",
            Self::X264 => "libx264",
            Self::OpenH264 => "libopenh264",
            Self::Mpeg4 => "mpeg4",
        }
    }

    /// Whether it is a piece of hardware.
    pub fn is_hardware(self) -> bool {
        !matches!(self, Self::X264 | Self::OpenH264 | Self::Mpeg4)
    }

    /// What stands before the input.
    pub(super) fn input_options(self) -> &'static [&'static str] {
        match self {
            Self::Vaapi => &["-vaapi_device", RENDER_NODE],
            _ => &[],
        }
    }

    /// The filter that brings pictures to it.
    pub(super) fn filter(self) -> Option<&'static str> {
        (self == Self::Vaapi).then_some("format=nv12,hwupload")
    }

    /// The layout that it takes; none where the filter says it.
    pub(super) fn pixel_format(self) -> Option<&'static str> {
        match self {
            Self::Vaapi => None,
            Self::X264 | Self::OpenH264 | Self::Mpeg4 => Some("yuv420p"),
            _ => Some("nv12"),
        }
    }

    /// Its options.
    pub(super) fn options(self, settings: &Settings<'_>) -> Vec<OsString> {
        let quality = settings.quality.to_string();
        let words: Vec<&str> = match self {
            Self::Nvenc => vec!["-preset", "p4", "-tune", "ull", "-rc", "vbr", "-cq", &quality, "-b:v", "0"],
            Self::Vaapi => vec!["-qp", &quality],
            Self::Qsv => vec!["-preset", "veryfast", "-async_depth", "1", "-global_quality", &quality],
            Self::VideoToolbox => vec!["-realtime", "1", "-q:v", "65"],
            Self::Amf => vec!["-usage", "ultralowlatency", "-quality", "speed"],
            Self::X264 => vec!["-preset", settings.preset, "-tune", "zerolatency", "-crf", &quality],
            Self::OpenH264 => vec![],
            Self::Mpeg4 => vec!["-q:v", "3"],
        };
        // What says a quality is left out where a rate is asked for.
        let says_quality = ["-cq", "-qp", "-global_quality", "-q:v", "-crf", "-b:v"];
        let mut options: Vec<OsString> = Vec::new();
        for pair in words.chunks(2) {
            if settings.bitrate.is_none() || !says_quality.contains(&pair[0]) {
                options.extend(pair.iter().map(OsString::from));
            }
        }
        // No constant quality there; a tenth of a bit per pixel looks the same at the default quality.
        let rate = settings
            .bitrate
            .or((self == Self::OpenH264).then(|| (settings.pixels_per_second * 0.1).max(500_000.0) as u64));
        if let Some(rate) = rate {
            let rate = rate.to_string();
            options.extend(["-b:v", &rate, "-maxrate", &rate, "-bufsize", &rate].map(OsString::from));
        }
        options
    }
}

impl std::str::FromStr for EncoderChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "auto" => Self::Auto,
            "software" => Self::Software,
            "nvenc" => Self::Named(Encoder::Nvenc),
            "vaapi" => Self::Named(Encoder::Vaapi),
            "qsv" => Self::Named(Encoder::Qsv),
            "videotoolbox" => Self::Named(Encoder::VideoToolbox),
            "amf" => Self::Named(Encoder::Amf),
            "x264" => Self::Named(Encoder::X264),
            "openh264" => Self::Named(Encoder::OpenH264),
            "mpeg4" => Self::Named(Encoder::Mpeg4),
            _ => {
                return Err(format!(
                    "\"{text}\" is no encoder; type auto, software, nvenc, vaapi, qsv, videotoolbox, amf, x264, openh264 or mpeg4"
                ));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_takes_the_place_of_a_quality() {
        let settings =
            |bitrate| Settings { quality: 20, bitrate, preset: "ultrafast", pixels_per_second: 27e6 };
        for encoder in Encoder::PREFERENCE {
            let words = encoder.options(&settings(Some(6_000_000)));
            let rates = words.iter().filter(|word| *word == "-b:v").count();
            assert_eq!(rates, 1, "{encoder:?}: {words:?}");
            assert!(!words.iter().any(|word| word == "-crf" || word == "-qp"), "{encoder:?}: {words:?}");
        }
        let crf: OsString = "-crf".into();
        assert!(Encoder::X264.options(&settings(None)).contains(&crf));
    }

    #[test]
    fn encoders_are_asked_for_by_short_names() {
        assert_eq!("nvenc".parse(), Ok(EncoderChoice::Named(Encoder::Nvenc)));
        assert!("h265".parse::<EncoderChoice>().is_err_and(|error| error.contains("x264")));
    }
}
