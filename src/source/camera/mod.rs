//! Cameras of this machine: Video4Linux through its own bindings, other systems through nokhwa.
//!
//! On Linux nokhwa is passed over although it sits on the same bindings: it waits for ever for a camera
//! that has fallen silent, hides how many bytes of a buffer are valid, which are broken and how its rows
//! are padded, and refuses cameras whose last user left a frame rate that is not a whole number.

mod broken;
#[cfg(any(target_os = "linux", test))]
mod controls;
mod find;
mod formats;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod linux_clock;
#[cfg(target_os = "linux")]
mod linux_controls;
#[cfg(target_os = "linux")]
mod linux_list;
#[cfg(target_os = "linux")]
mod linux_modes;
mod memory;
mod model;
mod options;
mod pick;
mod picture;
// On Linux its tests only.
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(target_os = "linux", allow(dead_code))]
mod portable;
mod raw;
mod watch;
mod words;

use crate::memory::{Bound, Each, bound};
use crate::source::{FrameSource, SourceError, SourceOptions};
use crate::stats::Stats;

pub(super) use memory::CameraMemory;
pub use model::{CameraAbilities, CameraInfo, CameraMode, ControlInfo, ControlKind, Identity};
pub use options::{Automatic, CameraOptions, ControlWish, OptionError};
pub(crate) use picture::CameraPicture;
pub use watch::CameraWatch;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
use portable as system;

pub(in crate::source) const BUFFERS: Bound = bound!(
    "source.camera",
    "pictures as the camera's driver gives them (macOS, Windows)",
    1,
    Each::Bytes(32 << 20),
    "the driver's thread waits"
);
pub(in crate::source) const OPENED: Bound = bound!(
    "source.camera_format",
    "the format in which a camera was opened (macOS, Windows)",
    1,
    Each::Bytes(64),
    "never full"
);

/// The cameras that are plugged in, by number. None is started.
pub fn cameras() -> Vec<CameraInfo> {
    system::Asked::default().cameras()
}

/// What `camera` can do. It is opened for that, and not started.
pub fn camera_abilities(camera: &CameraInfo) -> CameraAbilities {
    system::abilities(camera)
}

/// Opens this camera. `strict`: a control that it does not have is an error; else it is told and counted
/// (`camera_controls_refused`).
pub(super) fn open_camera(
    camera: &CameraInfo,
    options: &SourceOptions,
    stats: &Stats,
    strict: bool,
) -> Result<Box<dyn FrameSource>, SourceError> {
    Ok(Box::new(system::CameraSource::open(camera, options, stats, strict)?))
}

/// What was wished and is not to be had: an error, or told and counted.
fn refuse(camera: &CameraInfo, refused: &[String], stats: &Stats, strict: bool) -> Result<(), SourceError> {
    for reason in refused {
        if strict {
            return Err(SourceError::CameraControl { name: camera.to_string(), reason: reason.clone() });
        }
        stats.count("camera_controls_refused");
        tracing::warn!("camera {camera}: {reason}");
    }
    Ok(())
}

/// Why no mode of `camera` could be chosen.
fn no_mode(camera: &CameraInfo, modes: &[CameraMode], options: &SourceOptions) -> SourceError {
    let mut formats: Vec<_> = modes.iter().map(|mode| mode.format.as_str()).collect();
    formats.dedup();
    let formats = if formats.is_empty() { "none at all".to_owned() } else { formats.join(", ") };
    let name = camera.to_string();
    match &options.camera.format {
        Some(wanted) => SourceError::CameraLacksFormat { name, wanted: wanted.clone(), formats },
        None => SourceError::CameraFormat { name, formats },
    }
}
