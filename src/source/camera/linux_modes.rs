//! Formats, sizes and rates of a camera.

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};

use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture;
use v4l::{Device, FourCC, Fraction};

use super::CameraMode;

/// Sizes that are offered for cameras that scale to any.
const COMMON_SIZES: [(u32, u32); 4] = [(640, 480), (1280, 720), (1920, 1080), (3840, 2160)];

/// Formats, sizes and rates.
pub(super) fn modes(device: &Device) -> Vec<CameraMode> {
    let mut modes = Vec::new();
    for fourcc in formats(device).unwrap_or_default() {
        let code = code(fourcc);
        for size in device.enum_framesizes(fourcc).unwrap_or_default() {
            for (width, height) in sizes(&size.size) {
                let rates = rates(device, fourcc, width, height);
                modes.push(CameraMode { format: code.clone(), width, height, rates });
            }
        }
    }
    modes
}

/// The formats that the camera offers. The binding panics at a description that is not UTF-8.
pub(super) fn formats(device: &Device) -> std::io::Result<Vec<FourCC>> {
    let described = catch_unwind(AssertUnwindSafe(|| device.enum_formats()));
    let described = described.unwrap_or_else(|_| Err(ErrorKind::InvalidData.into()))?;
    Ok(described.into_iter().map(|format| format.fourcc).collect())
}

/// As people write it: four letters, and `-BE` for big-endian.
pub(super) fn code(fourcc: FourCC) -> String {
    let mut letters = fourcc.repr;
    let is_big_endian = letters[3] & 0x80 != 0;
    letters[3] &= 0x7F;
    let code = String::from_utf8_lossy(&letters).trim().to_owned();
    if is_big_endian { code + "-BE" } else { code }
}

fn sizes(size: &FrameSizeEnum) -> Vec<(u32, u32)> {
    match size {
        FrameSizeEnum::Discrete(size) => vec![(size.width, size.height)],
        FrameSizeEnum::Stepwise(steps) => COMMON_SIZES
            .into_iter()
            .filter(|(width, height)| {
                (steps.min_width..=steps.max_width).contains(width)
                    && (steps.min_height..=steps.max_height).contains(height)
            })
            .collect(),
    }
}

/// Fastest first.
fn rates(device: &Device, fourcc: FourCC, width: u32, height: u32) -> Vec<f64> {
    let mut rates = Vec::new();
    for interval in device.enum_frameintervals(fourcc, width, height).unwrap_or_default() {
        match interval.interval {
            FrameIntervalEnum::Discrete(interval) => rates.extend(rate(interval)),
            FrameIntervalEnum::Stepwise(steps) => {
                let (slowest, fastest) = (rate(steps.max), rate(steps.min));
                rates.extend(fastest);
                let between =
                    |wanted: &f64| slowest.zip(fastest).is_some_and(|(s, f)| s < *wanted && *wanted < f);
                rates.extend([60.0, 30.0].into_iter().filter(between));
                rates.extend(slowest);
            }
        }
    }
    rates.sort_by(|a, b| b.total_cmp(a));
    rates.dedup();
    rates
}

pub(super) fn rate(interval: Fraction) -> Option<f64> {
    let Fraction { numerator, denominator } = interval;
    (numerator > 0 && denominator > 0).then(|| f64::from(denominator) / f64::from(numerator))
}
