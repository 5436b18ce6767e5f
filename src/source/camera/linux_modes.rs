//! Which cameras Video4Linux has, and what they can do.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use v4l::capability::Flags as Capabilities;
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture;
use v4l::{Device, FourCC, Fraction};

use super::{CameraInfo, CameraMode};

/// Sizes that are offered for cameras that scale to any.
const COMMON_SIZES: [(u32, u32); 4] = [(640, 480), (1280, 720), (1920, 1080), (3840, 2160)];

/// The nodes that capture pictures, by number; those that only carry metadata are left out.
pub(super) fn cameras() -> Vec<CameraInfo> {
    let Ok(entries) = std::fs::read_dir("/dev") else { return Vec::new() };
    let mut nodes: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let index = entry.file_name().to_str()?.strip_prefix("video")?.parse().ok()?;
            Some((index, entry.path()))
        })
        .collect();
    nodes.sort();
    nodes.into_iter().filter_map(|(index, path)| describe(index, &path)).collect()
}

fn describe(index: u32, path: &Path) -> Option<CameraInfo> {
    let label = std::fs::read_to_string(format!("/sys/class/video4linux/video{index}/name"));
    let name = label.map_or_else(|_| format!("camera {index}"), |name| name.trim().to_owned());
    let modes = match Device::with_path(path) {
        Ok(device) => {
            let captures =
                device.query_caps().is_ok_and(|caps| caps.capabilities.contains(Capabilities::VIDEO_CAPTURE));
            if !captures {
                return None;
            }
            modes(&device)
        }
        // It is listed, so that the refusal can be explained when it is opened.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Vec::new(),
        Err(_) => return None,
    };
    Some(CameraInfo { index, name, path: path.display().to_string(), modes })
}

fn modes(device: &Device) -> Vec<CameraMode> {
    let mut modes = Vec::new();
    for format in device.enum_formats().unwrap_or_default() {
        let code = String::from_utf8_lossy(&format.fourcc.repr).trim().to_owned();
        for size in device.enum_framesizes(format.fourcc).unwrap_or_default() {
            for (width, height) in sizes(&size.size) {
                let rates = rates(device, format.fourcc, width, height);
                modes.push(CameraMode { format: code.clone(), width, height, rates });
            }
        }
    }
    modes
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
