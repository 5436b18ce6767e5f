//! Which of a camera's modes comes closest to what is wanted: rate first, then size, then the cheapest format.
//!
//! A mode is fast enough at four fifths of the wanted rate, or of the camera's fastest where none has the wanted one.
//! Of those that are fast enough, the closest in size win (area and shape); of these, those with no less than the wanted
//! rate, or the nearest to it; of these, the pixel format that costs least to unpack.

use std::cmp::Ordering;

use super::CameraMode;
use super::formats::RawFormat;
use crate::source::SourceOptions;

/// Size and rate where nothing else is wanted.
const SIZE: (u32, u32) = (1280, 720);
const RATE: f64 = 30.0;
/// What share of the wanted rate is fast enough to go by size: 24 of 30, 50 of 60.
const ENOUGH: f64 = 0.8;
/// Rates as near as this are alike: 29.97 is 30.
const ALIKE: f64 = 0.5;
/// How much more a wrong shape counts than a wrong area; both as logarithms of what they should be.
const SHAPE_WEIGHT: f64 = 0.3;

/// A mode to ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Choice {
    pub(super) format: RawFormat,
    pub(super) width: u32,
    pub(super) height: u32,
    /// `None` where the driver does not say.
    pub(super) rate: Option<f64>,
}

/// The best mode in a format that is understood, and is the wanted one where one is wanted; `None` when there is none.
pub(super) fn pick(modes: &[CameraMode], options: &SourceOptions) -> Option<Choice> {
    let wanted_rate = options.rate.filter(|rate| *rate > 0.0).unwrap_or(RATE);
    let only = options.camera.format.as_deref().map(RawFormat::from_code);
    let choices = modes.iter().filter_map(|mode| {
        let format = RawFormat::from_code(&mode.format)?;
        let rate = nearest(&mode.rates, wanted_rate);
        let is_wanted = only.is_none_or(|only| only == Some(format));
        is_wanted.then_some(Choice { format, width: mode.width, height: mode.height, rate })
    });
    let choices: Vec<_> = choices.collect();
    let fastest = choices.iter().map(|choice| choice.rate.unwrap_or(wanted_rate)).fold(0.0, f64::max);
    let enough = fastest.min(wanted_rate) * ENOUGH;
    let fast_enough = choices.into_iter().filter(|choice| choice.rate.is_none_or(|rate| rate >= enough));
    fast_enough.min_by(|a, b| compare(a, b, options.size.unwrap_or(SIZE), wanted_rate))
}

/// The better one is less.
fn compare(a: &Choice, b: &Choice, size: (u32, u32), rate: f64) -> Ordering {
    let too_slow = |choice: &Choice| {
        let missing = rate - choice.rate.unwrap_or(rate);
        if missing < ALIKE { 0.0 } else { missing }
    };
    let by_size = distance(a, size).total_cmp(&distance(b, size));
    let by_rate = too_slow(a).total_cmp(&too_slow(b));
    by_size.then(by_rate).then(a.format.cost().cmp(&b.format.cost()))
}

/// How far a size is from the wanted one: 0 where it is the same.
fn distance(choice: &Choice, (width, height): (u32, u32)) -> f64 {
    let across = f64::from(choice.width.max(1)) / f64::from(width.max(1));
    let down = f64::from(choice.height.max(1)) / f64::from(height.max(1));
    (across * down).ln().abs() + (across / down).ln().abs() * SHAPE_WEIGHT
}

/// Enough is best, and of those that are enough the one that wastes least.
fn nearest(rates: &[f64], wanted: f64) -> Option<f64> {
    let miss = |rate: f64| if rate + ALIKE >= wanted { rate - wanted } else { 1e6 - rate };
    rates.iter().copied().min_by(|a, b| miss(*a).total_cmp(&miss(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(format: &str, width: u32, height: u32, rates: &[f64]) -> CameraMode {
        CameraMode { format: format.into(), width, height, rates: rates.to_vec() }
    }

    #[test]
    fn a_webcam_gives_720p_as_jpeg_because_raw_is_too_slow() {
        let modes = [
            mode("YUYV", 640, 480, &[30.0]),
            mode("YUYV", 1280, 720, &[10.0]),
            mode("MJPG", 1280, 720, &[60.0, 30.0]),
            mode("MJPG", 1920, 1080, &[30.0]),
        ];
        let choice = pick(&modes, &SourceOptions::default()).expect("one fits");
        assert_eq!((choice.format, choice.width, choice.rate), (RawFormat::Mjpeg, 1280, Some(30.0)));
        let small = SourceOptions { size: Some((640, 480)), ..SourceOptions::default() };
        assert_eq!(pick(&modes, &small).map(|c| c.format), Some(RawFormat::YUYV));
    }

    #[test]
    fn motion_comes_before_size() {
        let modes = [mode("YUYV", 1280, 720, &[5.0]), mode("YUYV", 640, 480, &[30.0])];
        assert_eq!(pick(&modes, &SourceOptions::default()).map(|c| c.width), Some(640));
    }

    #[test]
    fn formats_that_are_not_understood_are_no_choice() {
        assert_eq!(pick(&[mode("H264", 1280, 720, &[30.0])], &SourceOptions::default()), None);
    }

    #[test]
    fn a_little_slower_is_no_reason_for_a_small_picture() {
        let modes = [mode("YUYV", 320, 180, &[60.0]), mode("YUYV", 1280, 720, &[25.0])];
        assert_eq!(pick(&modes, &SourceOptions::default()).map(|c| c.width), Some(1280));
        let sports = SourceOptions { rate: Some(60.0), ..SourceOptions::default() };
        assert_eq!(pick(&modes, &sports).map(|c| (c.width, c.rate)), Some((320, Some(60.0))));
        let slow = [mode("YUYV", 640, 480, &[12.5]), mode("YUYV", 1280, 720, &[10.0])];
        assert_eq!(
            pick(&slow, &SourceOptions::default()).map(|c| c.width),
            Some(1280),
            "12.5 and 10 are alike"
        );
    }

    #[test]
    fn what_is_alike_goes_by_the_cheapest_format() {
        let modes =
            ["MJPG", "BGR3", "UYVY", "YUYV", "GREY"].map(|code| mode(code, 1280, 720, &[29.97, 15.0]));
        let of = |modes: &[CameraMode]| pick(modes, &SourceOptions::default()).map(|c| c.format);
        assert_eq!(of(&modes), Some(RawFormat::YUYV));
        assert_eq!(of(&modes[..2]), Some(RawFormat::BGR));
        let faster = [mode("YUYV", 1280, 720, &[25.0]), mode("MJPG", 1280, 720, &[30.0])];
        assert_eq!(of(&faster), Some(RawFormat::Mjpeg), "rate comes before the cost of a format");
    }

    #[test]
    fn a_format_that_is_asked_for_is_taken_or_nothing() {
        let modes = [mode("YUYV", 1280, 720, &[30.0]), mode("MJPG", 640, 480, &[5.0])];
        let asked = |code: &str| {
            let mut options = SourceOptions::default();
            options.camera.format = Some(code.into());
            pick(&modes, &options).map(|choice| choice.format)
        };
        assert_eq!(asked("mjpg"), Some(RawFormat::Mjpeg));
        assert_eq!(asked("NV12"), None);
        assert_eq!(asked("H264"), None);
    }
}
