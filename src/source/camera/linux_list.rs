//! Which cameras Video4Linux has, and by what they are known again.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use v4l::Device;

use super::linux_modes::formats;
use super::{CameraInfo, Identity};

/// How often the nodes are looked at.
pub(super) const INTERVAL: Duration = Duration::from_millis(250);

/// A video node as the file system shows it: one that went and came back is another, and so is one whose permissions were
/// changed, as udev does a moment after it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    index: u32,
    path: PathBuf,
    inode: u64,
    changed: (i64, i64),
}

/// All video nodes, by number. Opens none.
pub(super) fn nodes() -> Vec<Node> {
    let Ok(entries) = std::fs::read_dir("/dev") else { return Vec::new() };
    let node = |entry: std::fs::DirEntry| {
        let index = entry.file_name().to_str()?.strip_prefix("video")?.parse().ok()?;
        let data = entry.metadata().ok()?;
        let changed = (data.ctime(), data.ctime_nsec());
        Some(Node { index, path: entry.path(), inode: data.ino(), changed })
    };
    let mut nodes: Vec<_> = entries.flatten().filter_map(node).collect();
    nodes.sort_by_key(|node| node.index);
    nodes
}

/// Who the cameras are, as far as they were asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked(Vec<(Node, CameraInfo)>);

impl Asked {
    /// The nodes that give pictures. Opens those for a moment that were not asked before, and starts none: a camera that
    /// hangs, be it this one or another, keeps nobody from opening one again.
    pub(super) fn cameras(&mut self) -> Vec<CameraInfo> {
        let before = std::mem::take(&mut self.0);
        let mut cameras = Vec::new();
        for node in nodes() {
            let known = before.iter().find(|(known, _)| *known == node).map(|(_, camera)| camera.clone());
            let (camera, is_asked) = match known {
                Some(camera) => (Some(camera), true),
                None => describe(&node),
            };
            let Some(camera) = camera else { continue };
            // One that refused may change its mind.
            if is_asked {
                self.0.push((node, camera.clone()));
            }
            cameras.push(camera);
        }
        number_twins(&mut cameras);
        cameras
    }
}

/// Tells nodes of one device apart.
fn number_twins(cameras: &mut [CameraInfo]) {
    let mut nodes_of: BTreeMap<String, u32> = BTreeMap::new();
    for camera in cameras {
        let before = nodes_of.entry(camera.identity.bus.clone()).or_default();
        if *before > 0 {
            camera.identity.bus += &format!("#{before}");
        }
        *before += 1;
    }
}

/// What is known of a node that gives pictures, and whether the camera itself was asked.
fn describe(node: &Node) -> (Option<CameraInfo>, bool) {
    let folder = PathBuf::from(format!("/sys/class/video4linux/video{}", node.index));
    let bus = match Device::with_path(&node.path) {
        Ok(device) => {
            // Nodes for metadata say that their camera gives pictures, but have no format for them.
            if !formats(&device).is_ok_and(|formats| !formats.is_empty()) {
                return (None, false);
            }
            // The binding panics at a name that is not UTF-8.
            let about = catch_unwind(AssertUnwindSafe(|| device.query_caps()));
            let Ok(Ok(about)) = about else { return (None, false) };
            Some(about.bus)
        }
        // It is listed, so that the refusal can be explained when it is opened.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => None,
        Err(_) => return (None, false),
    };
    let is_asked = bus.is_some();
    let place = folder.join("device").canonicalize().ok();
    let name = text(&folder.join("name")).unwrap_or_else(|| format!("camera {}", node.index));
    let bus = bus.filter(|bus| !bus.is_empty()).or_else(|| Some(place.as_ref()?.display().to_string()));
    let identity = Identity {
        bus: bus.unwrap_or_else(|| node.path.display().to_string()),
        serial: place.as_deref().and_then(serial),
    };
    let path = node.path.display().to_string();
    (Some(CameraInfo { index: node.index, name, path, identity }), is_asked)
}

/// Maker, product and serial number of the USB device that `interface` belongs to.
fn serial(interface: &Path) -> Option<String> {
    let device = interface.parent()?;
    let part = |name: &str| text(&device.join(name));
    Some(format!("{}:{}:{}", part("idVendor")?, part("idProduct")?, part("serial")?))
}

fn text(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_one_device_are_told_apart() {
        let camera = |index, bus: &str| CameraInfo {
            index,
            name: "Depth".into(),
            path: String::new(),
            identity: Identity { bus: bus.into(), serial: None },
        };
        let mut cameras = [camera(0, "usb-1"), camera(2, "usb-2"), camera(4, "usb-1"), camera(6, "usb-1")];
        number_twins(&mut cameras);
        let places = cameras.map(|camera| camera.identity.bus);
        assert_eq!(places, ["usb-1", "usb-2", "usb-1#1", "usb-1#2"]);
    }

    #[test]
    fn a_serial_number_comes_with_maker_and_product() {
        let folder = tempfile::tempdir().expect("a folder");
        let interface = folder.path().join("1-4:1.0");
        std::fs::create_dir(&interface).expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("writes");
        assert_eq!(serial(&interface), None);
        write("idVendor", "046d\n");
        write("idProduct", "082d\n");
        write("serial", "\n");
        assert_eq!(serial(&interface), None, "an empty one is none");
        write("serial", "A1B2\n");
        assert_eq!(serial(&interface).as_deref(), Some("046d:082d:A1B2"));
    }
}
