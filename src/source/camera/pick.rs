//! Which of a camera's modes comes closest to what is wanted.

use super::CameraMode;
use super::raw::RawFormat;
use crate::source::SourceOptions;

/// Size and rate where nothing else is wanted.
const SIZE: (u32, u32) = (1280, 720);
const RATE: f64 = 30.0;
/// A third of the frames hurts more than a third of the pixels.
const RATE_WEIGHT: f64 = 1.5;

/// A mode to ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Choice {
    pub(super) format: RawFormat,
    pub(super) width: u32,
    pub(super) height: u32,
    /// `None` where the driver does not say.
    pub(super) rate: Option<f64>,
}

/// The best mode in a format that is understood; `None` when there is no such format.
pub(super) fn pick(modes: &[CameraMode], options: &SourceOptions) -> Option<Choice> {
    let (width, height) = options.size.unwrap_or(SIZE);
    let wanted_rate = options.rate.filter(|rate| *rate > 0.0).unwrap_or(RATE);
    let wanted_area = (f64::from(width) * f64::from(height)).max(1.0);
    let mut best: Option<(f64, Choice)> = None;
    for mode in modes {
        let Some(format) = RawFormat::from_code(&mode.format) else { continue };
        let rate = mode.rates.iter().copied().min_by(|a, b| {
            // Enough is best, and of those that are enough the one that wastes least.
            let miss = |rate: f64| if rate + 0.1 >= wanted_rate { rate - wanted_rate } else { 1e6 - rate };
            miss(*a).total_cmp(&miss(*b))
        });
        let area = f64::from(mode.width) * f64::from(mode.height);
        let aspect =
            f64::from(mode.width) * f64::from(height) / (f64::from(mode.height) * f64::from(width)).max(1.0);
        let shortfall = rate.map_or(0.0, |rate| (wanted_rate / rate).ln().max(0.0));
        let cost = (area / wanted_area).ln().abs()
            + aspect.ln().abs() * 0.3
            + shortfall * RATE_WEIGHT
            + format.cost();
        let choice = Choice { format, width: mode.width, height: mode.height, rate };
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, choice));
        }
    }
    best.map(|(_, choice)| choice)
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
        assert_eq!(pick(&modes, &small).map(|c| c.format), Some(RawFormat::Yuyv));
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
}
