//! What ffmpeg's decoding side reports about its pictures on standard error.
//!
//! A raw pipe carries neither times nor sizes. The `showinfo` filter, last in the chain, prints both for
//! every frame it lets through, before the frame's bytes are written; the format of its lines is the
//! same from FFmpeg 4 to 9.

use std::time::Duration;

use crate::frame::{ColorMatrix, ColorRange, ColorSpace};

/// One line that means something.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Report {
    /// The unit of the times that follow, in seconds as a fraction, and the nominal frame rate.
    Config { time_base: (i64, i64), rate: Option<f64> },
    /// A frame: its time in time-base units and its size.
    Frame { pts: Option<i64>, size: (u32, u32) },
    /// How the frame before is coded; `None` where the stream does not say.
    Color { matrix: Option<ColorMatrix>, range: Option<ColorRange> },
    /// Other lines of the filter.
    Chatter,
    /// How long the input is, by its header.
    Duration(Duration),
    /// How an input's pictures are coded, by FFmpeg's names of codec and pixel format.
    Coding(Coding),
    /// A complaint about damaged data; decoding goes on.
    Damage,
}

/// FFmpeg's names of how pictures are coded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Coding {
    pub(super) codec: String,
    /// Pixel format.
    pub(super) pixels: String,
    /// Range, matrix, primaries and transfer, as far as they are known: `tv, bt2020nc/bt2020/smpte2084`.
    pub(super) colors: String,
}

impl Coding {
    /// Whether pictures are RGB or a palette of it.
    pub(super) fn is_rgb(&self) -> bool {
        ["rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "pal8", "x2rgb", "x2bgr"]
            .iter()
            .any(|word| self.pixels.starts_with(word))
    }

    /// Whether it is brighter than screens of standard range: PQ or HLG.
    pub(super) fn is_hdr(&self) -> bool {
        ["smpte2084", "arib-std-b67"].iter().any(|word| self.colors.contains(word))
    }

    /// Whether its YUV is that of BT.2020.
    pub(super) fn is_wide(&self) -> bool {
        self.colors.contains("bt2020")
    }
}

/// Phrases with which FFmpeg's demuxers and decoders tell of damaged data.
const DAMAGE: &[&str] = &[
    "File ended prematurely",
    "error while decoding",
    "Error submitting packet",
    "corrupt",
    "partial file",
    "concealing",
    "Invalid NAL",
];

/// What `line` says; `None` for lines without meaning here.
pub(super) fn parse(line: &str) -> Option<Report> {
    if line.starts_with("[Parsed_showinfo") {
        return Some(parse_showinfo(line).unwrap_or(Report::Chatter));
    }
    if let Some(rest) = line.trim_start().strip_prefix("Duration: ") {
        return parse_clock(rest.split(',').next()?).map(Report::Duration);
    }
    if line.trim_start().starts_with("Stream #") {
        return parse_coding(line);
    }
    DAMAGE.iter().any(|phrase| line.contains(phrase)).then_some(Report::Damage)
}

fn parse_showinfo(line: &str) -> Option<Report> {
    let (_, text) = line.split_once("] ")?;
    if let Some(config) = text.strip_prefix("config in ") {
        let (num, den) = field(config, "time_base:")?.trim_end_matches(',').split_once('/')?;
        let rate =
            field(config, "frame_rate:").and_then(fraction).filter(|rate| (0.01..=1000.0).contains(rate));
        return Some(Report::Config { time_base: (num.parse().ok()?, den.parse().ok()?), rate });
    }
    if text.trim_start().starts_with("n:") {
        let (width, height) = field(text, " s:")?.split_once('x')?;
        let pts = field(text, " pts:")?.parse().ok();
        return Some(Report::Frame { pts, size: (width.parse().ok()?, height.parse().ok()?) });
    }
    let range = field(text, "color_range:")?;
    let matrix = field(text, "color_space:").and_then(|name| match name {
        "bt709" | "bt2020nc" | "bt2020c" => Some(ColorMatrix::Bt709),
        "bt470bg" | "smpte170m" | "fcc" | "smpte240m" => Some(ColorMatrix::Bt601),
        _ => None,
    });
    let range = match range {
        "tv" => Some(ColorRange::Limited),
        "pc" => Some(ColorRange::Full),
        _ => None,
    };
    Some(Report::Color { matrix, range })
}

/// `Stream #0:0: Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709), 1280x720, …`; cover pictures are left out.
fn parse_coding(line: &str) -> Option<Report> {
    let (_, text) = line.split_once(": Video: ")?;
    if line.contains("(attached pic)") {
        return None;
    }
    let codec = text.split([' ', ',']).next()?.to_owned();
    let mut depth = 0;
    let mut items = text.split(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth <= 0
    });
    let item = items.nth(1)?.trim();
    let (pixels, colors) = item.split_once('(').unwrap_or((item, ""));
    let colors = colors.trim_end_matches(')').to_owned();
    Some(Report::Coding(Coding { codec, pixels: pixels.to_owned(), colors }))
}

impl Report {
    /// The colour space of a picture of `height` lines whose stream says this about itself.
    pub(super) fn color_space(
        matrix: Option<ColorMatrix>,
        range: Option<ColorRange>,
        height: u32,
    ) -> ColorSpace {
        let guess = ColorSpace::guess(height);
        ColorSpace { matrix: matrix.unwrap_or(guess.matrix), range: range.unwrap_or(guess.range) }
    }
}

/// The word after `key`, which may stand after spaces.
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(key)?;
    rest.split_whitespace().next()
}

fn fraction(text: &str) -> Option<f64> {
    let (num, den) = text.split_once('/')?;
    let (num, den): (f64, f64) = (num.parse().ok()?, den.parse().ok()?);
    (den > 0.0).then(|| num / den)
}

/// `HH:MM:SS.ss`; `None` for `N/A`, which live streams have.
fn parse_clock(text: &str) -> Option<Duration> {
    let mut parts = text.trim().splitn(3, ':');
    let hours: u64 = parts.next()?.parse().ok()?;
    let minutes: u64 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next()?.parse().ok()?;
    Some(Duration::from_secs(hours * 3600 + minutes * 60) + Duration::try_from_secs_f64(seconds).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_ends_of_the_supported_range_are_read() {
        let size = (768, 432);
        for line in [
            "[Parsed_showinfo_3 @ 0x55846b44b280] n:   1 pts:   2000 pts_time:0.08    pos:    46023 fmt:nv12 sar:1/1 s:768x432 i:P iskey:0 type:P ",
            "[Parsed_showinfo_3 @ 0x7f7ddc010100] n:   1 pts:   2000 pts_time:0.08    duration:   2000 duration_time:0.08    fmt:nv12 cl:unspecified sar:1/1 s:768x432 i:P iskey:0 type:P ",
        ] {
            assert_eq!(parse(line), Some(Report::Frame { pts: Some(2000), size }));
        }
        let nopts =
            "[Parsed_showinfo_3 @ 0x1] n:   1 pts:   NOPTS pts_time:NOPTS   fmt:nv12 sar:0/1 s:768x432 i:P";
        assert_eq!(parse(nopts), Some(Report::Frame { pts: None, size }));
    }

    #[test]
    fn the_coding_of_an_input_is_read() {
        let coding = |line: &str| match parse(line) {
            Some(Report::Coding(coding)) => coding,
            other => panic!("{line}: {other:?}"),
        };
        let h264 = coding(
            "  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709/unknown/bt709), 64x64",
        );
        assert_eq!((&*h264.codec, &*h264.pixels, h264.is_rgb()), ("h264", "yuv420p", false));
        let png = coding("  Stream #0:0: Video: png (png  / 0x20676E70), rgb24, 1280x720, 5 fps");
        assert_eq!((&*png.codec, &*png.pixels, png.is_rgb()), ("png", "rgb24", true));
        let hdr =
            coding("  Stream #0:0: Video: hevc (Main 10), yuv420p10le(tv, bt2020nc/bt2020/smpte2084), 64x64");
        assert!(hdr.is_hdr() && hdr.is_wide() && !h264.is_hdr() && !h264.is_wide());
        assert_eq!(parse("  Stream #0:1: Audio: aac (LC), 44100 Hz"), None);
        assert_eq!(parse("  Stream #0:2: Video: mjpeg, yuvj420p(pc), 600x600 (attached pic)"), None);
    }

    #[test]
    fn the_clock_and_the_colours_are_read() {
        assert_eq!(
            parse("[Parsed_showinfo_3 @ 0x1] config in time_base: 1/25000, frame_rate: 25/2"),
            Some(Report::Config { time_base: (1, 25_000), rate: Some(12.5) })
        );
        assert_eq!(
            parse("[Parsed_showinfo_3 @ 0x1] color_range:tv color_space:smpte170m color_primaries:x"),
            Some(Report::Color { matrix: Some(ColorMatrix::Bt601), range: Some(ColorRange::Limited) })
        );
        assert_eq!(
            parse("[Parsed_showinfo_3 @ 0x1] color_range:unknown color_space:unknown"),
            Some(Report::Color { matrix: None, range: None })
        );
        assert_eq!(
            parse("  Duration: 00:01:30.21, start: 0.000000, bitrate: 744 kb/s"),
            Some(Report::Duration(Duration::from_millis(90_210)))
        );
        assert_eq!(parse("  Duration: N/A, start: 0.000000, bitrate: N/A"), None);
    }
}
