//! Cameras of this machine: Video4Linux through its own bindings, other systems through nokhwa.
//!
//! On Linux nokhwa is passed over although it sits on the same bindings: it waits for ever for a camera
//! that has fallen silent, hides how many bytes of a buffer are valid, which are broken and how its rows
//! are padded, and refuses cameras whose last user left a frame rate that is not a whole number.

mod broken;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod linux_modes;
mod model;
mod pick;
#[cfg(any(not(target_os = "linux"), test))]
mod portable;
mod raw;

use crate::memory::{Bound, Each, bound};
use crate::source::{CameraId, FrameSource, SourceError, SourceOptions};
use crate::stats::Stats;

pub use model::{CameraInfo, CameraMode};

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

/// The cameras that are plugged in, by number.
pub fn cameras() -> Vec<CameraInfo> {
    system::cameras()
}

/// Opens the camera that `id` means.
pub(super) fn open(
    id: &CameraId,
    options: &SourceOptions,
    stats: &Stats,
) -> Result<Box<dyn FrameSource>, SourceError> {
    let camera = find(id, cameras())?;
    Ok(Box::new(system::CameraSource::open(&camera, options, stats)?))
}

fn find(id: &CameraId, cameras: Vec<CameraInfo>) -> Result<CameraInfo, SourceError> {
    if cameras.is_empty() {
        return Err(SourceError::NoCamera);
    }
    let wanted = match id {
        CameraId::First => "camera".to_owned(),
        CameraId::Index(index) => format!("camera {index}"),
        CameraId::Name(name) => format!("camera named {name}"),
    };
    let present: Vec<_> =
        cameras.iter().map(|camera| format!("{} ({})", camera.index, camera.name)).collect();
    let at = match id {
        CameraId::First => Some(0),
        CameraId::Index(index) => cameras.iter().position(|camera| camera.index == *index),
        CameraId::Name(name) => {
            let name = name.to_lowercase();
            let exact = cameras.iter().position(|camera| camera.name.to_lowercase() == name);
            exact.or_else(|| cameras.iter().position(|camera| camera.name.to_lowercase().contains(&name)))
        }
    };
    let unknown = || SourceError::UnknownCamera { wanted, present: present.join(", ") };
    at.and_then(|at| cameras.into_iter().nth(at)).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Vec<CameraInfo> {
        let camera =
            |index, name: &str| CameraInfo { index, name: name.into(), path: String::new(), modes: vec![] };
        vec![camera(0, "HD Webcam Pro"), camera(2, "HD Webcam")]
    }

    #[test]
    fn a_camera_is_found_by_number_and_by_name() {
        let index = |id| find(&id, two()).map(|camera| camera.index).ok();
        assert_eq!(index(CameraId::First), Some(0));
        assert_eq!(index(CameraId::Index(2)), Some(2));
        assert_eq!(index(CameraId::Name("hd webcam".into())), Some(2), "the whole name comes first");
        assert_eq!(index(CameraId::Name("pro".into())), Some(0));
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let error = find(&CameraId::Index(99), two()).unwrap_err().to_string();
        assert!(error.contains("camera 99") && error.contains("2 (HD Webcam)"), "{error}");
        let error = find(&CameraId::First, vec![]).unwrap_err().to_string();
        assert!(error.contains("demo:"), "{error}");
    }
}
