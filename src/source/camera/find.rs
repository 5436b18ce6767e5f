//! Which camera is meant, and which is the one of before.

use super::CameraInfo;
use crate::source::{CameraId, SourceError};

/// The camera that `id` means.
pub(super) fn find(id: &CameraId, cameras: Vec<CameraInfo>) -> Result<CameraInfo, SourceError> {
    if cameras.is_empty() {
        return Err(SourceError::NoCamera);
    }
    let at = match id {
        CameraId::First => Some(0),
        CameraId::Index(index) => cameras.iter().position(|camera| camera.index == *index),
        CameraId::Identity(text) => cameras.iter().position(|camera| camera.identity.is_called(text)),
        CameraId::Name(name) => {
            let name = name.to_lowercase();
            let exact = cameras.iter().position(|camera| camera.name.to_lowercase() == name);
            exact.or_else(|| cameras.iter().position(|camera| camera.name.to_lowercase().contains(&name)))
        }
    };
    let wanted = match id {
        CameraId::First => "camera".to_owned(),
        CameraId::Index(index) => format!("camera {index}"),
        CameraId::Name(name) => format!("camera named {name}"),
        CameraId::Identity(text) => format!("camera with serial number or place {text}"),
    };
    let present = present(&cameras);
    let unknown = || SourceError::UnknownCamera { wanted, present };
    at.and_then(|at| cameras.into_iter().nth(at)).ok_or_else(unknown)
}

/// The camera that was `before`, under whatever number it is now.
///
/// Cameras with a serial number are known by it, wherever they are plugged in; where several share one (some makers
/// number all of theirs alike), the one in the same place. Others are known by place and name; the only camera of that
/// name is taken in another place, too, unless it was `others` when the one before was found.
pub(super) fn find_again(
    before: &CameraInfo,
    others: &[CameraInfo],
    cameras: &[CameraInfo],
) -> Option<CameraInfo> {
    let same_place = |camera: &&CameraInfo| {
        camera.identity.bus == before.identity.bus
            && camera.name == before.name
            && camera.identity.serial == before.identity.serial
    };
    if let Some(camera) = cameras.iter().find(same_place) {
        return Some(camera.clone());
    }
    let known = |camera: &&CameraInfo| others.iter().any(|other| other.identity == camera.identity);
    let alike = |camera: &&CameraInfo| {
        camera.name == before.name && camera.identity.serial == before.identity.serial && !known(camera)
    };
    let mut alike = cameras.iter().filter(alike);
    match (alike.next(), alike.next()) {
        (Some(camera), None) => Some(camera.clone()),
        _ => None,
    }
}

/// The cameras that there are, for a sentence.
pub(super) fn present(cameras: &[CameraInfo]) -> String {
    let present: Vec<_> = cameras.iter().map(ToString::to_string).collect();
    if present.is_empty() { "none".to_owned() } else { present.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::super::Identity;
    use super::*;

    fn camera(index: u32, name: &str, bus: &str, serial: Option<&str>) -> CameraInfo {
        let identity = Identity { bus: bus.into(), serial: serial.map(str::to_owned) };
        CameraInfo { index, name: name.into(), path: format!("/dev/video{index}"), identity }
    }

    fn two() -> Vec<CameraInfo> {
        vec![
            camera(0, "HD Webcam Pro", "usb-1-4", Some("046d:082d:A1")),
            camera(2, "HD Webcam", "usb-1-5", None),
        ]
    }

    #[test]
    fn a_camera_is_found_by_number_name_and_identity() {
        let index = |id| find(&id, two()).map(|camera| camera.index).ok();
        assert_eq!(index(CameraId::First), Some(0));
        assert_eq!(index(CameraId::Index(2)), Some(2));
        assert_eq!(index(CameraId::Name("hd webcam".into())), Some(2), "the whole name comes first");
        assert_eq!(index(CameraId::Name("pro".into())), Some(0));
        assert_eq!(index(CameraId::Identity("usb-1-5".into())), Some(2));
        assert_eq!(index(CameraId::Identity("a1".into())), Some(0), "the serial number alone");
        assert_eq!(index(CameraId::Identity("046d:082d:A1".into())), Some(0));
        assert_eq!(index(CameraId::Identity("usb-1".into())), None, "no part of it");
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let error = find(&CameraId::Index(99), two()).unwrap_err().to_string();
        assert!(error.contains("camera 99") && error.contains("2 (HD Webcam)"), "{error}");
        let error = find(&CameraId::First, vec![]).unwrap_err().to_string();
        assert!(error.contains("demo:"), "{error}");
    }

    #[test]
    fn a_camera_is_known_again_under_another_number_and_no_other_is_taken_for_it() {
        let [numbered, plain] = <[_; 2]>::try_from(two()).expect("two");
        let again = |before: &CameraInfo, others: &[CameraInfo], now: &[CameraInfo]| {
            find_again(before, others, now).map(|camera| camera.index)
        };
        // The other one took its number.
        let now = [
            camera(0, "HD Webcam", "usb-1-5", None),
            camera(3, "HD Webcam Pro", "usb-1-4", Some("046d:082d:A1")),
        ];
        assert_eq!(again(&numbered, &[], &now), Some(3));
        assert_eq!(again(&plain, &[], &now), Some(0));
        assert_eq!(again(&numbered, &[], &now[..1]), None);
        // In another place: by its serial number, or as the only one of its name.
        let moved = [
            camera(1, "HD Webcam Pro", "usb-2-1", Some("046d:082d:A1")),
            camera(4, "HD Webcam", "usb-2-2", None),
        ];
        assert_eq!(again(&numbered, &[], &moved), Some(1));
        assert_eq!(again(&plain, &[], &moved), Some(4));
        // A twin that was there all the time is not the one that went.
        let twin = camera(4, "HD Webcam", "usb-2-2", None);
        assert_eq!(again(&plain, std::slice::from_ref(&twin), std::slice::from_ref(&twin)), None);
        // Of two twins with one serial number, the one in the same place.
        let twins =
            [camera(0, "Cheap", "usb-1-1", Some("x:y:1")), camera(1, "Cheap", "usb-1-2", Some("x:y:1"))];
        assert_eq!(again(&camera(9, "Cheap", "usb-1-2", Some("x:y:1")), &[], &twins), Some(1));
        assert_eq!(again(&camera(9, "Cheap", "usb-1-3", Some("x:y:1")), &[], &twins), None);
    }
}
