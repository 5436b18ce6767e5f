//! The names that sources go by.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::SourceError;
use crate::ffmpeg::NetworkAddress;

/// Extensions of still images that can be decoded here.
const IMAGES: [&str; 10] = ["png", "jpg", "jpeg", "jfif", "bmp", "gif", "tif", "tiff", "webp", "jpe"];

/// Which camera.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CameraId {
    /// The first that is there.
    First,
    /// By number, as `masque cameras` lists it.
    Index(u32),
    /// By name or a part of it, upper and lower case alike.
    Name(String),
    /// By serial number or place, as `masque cameras` lists it: the same camera under any number.
    Identity(String),
}

/// Where pictures come from. Written and read as text: `camera:0`, `camera:Name`, `camera:@SERIAL`, `demo:`, the address of a stream
/// ([`NetworkAddress`]), `env:NAME` for what the variable of that name says, or the path of an image, a folder of images
/// or a video.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SourceUri {
    /// A camera of this machine.
    Camera(CameraId),
    /// The figure that the program draws itself.
    Demo,
    /// A still image.
    Image(PathBuf),
    /// A folder of still images.
    Folder(PathBuf),
    /// A video file.
    Video(PathBuf),
    /// A network stream.
    Network(NetworkAddress),
}

impl FromStr for SourceUri {
    type Err = SourceError;

    /// A path is a folder when it is one now, an image by its extension, else a video.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SourceError::Empty);
        }
        if let Some((scheme, rest)) = text.split_once(':') {
            match scheme.to_ascii_lowercase().as_str() {
                "camera" => return Ok(Self::Camera(camera_id(rest))),
                "demo" => return Ok(Self::Demo),
                "file" => return path(rest.strip_prefix("//").unwrap_or(rest)),
                // An address given so is seen neither in the list of processes nor in a shell's history.
                "env" => return from_environment(rest.trim()),
                known if NetworkAddress::knows(known) && rest.starts_with('/') => {
                    return Ok(Self::Network(text.parse()?));
                }
                _ if rest.starts_with("//") => return Err(SourceError::UnknownScheme(scheme.to_owned())),
                // As a path it would be shown as it is.
                _ if rest.contains('@') && !Path::new(text).exists() => return Err(SourceError::NoScheme),
                _ => {}
            }
        }
        path(text)
    }
}

fn from_environment(name: &str) -> Result<SourceUri, SourceError> {
    let text = std::env::var(name).ok().filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| SourceError::NoVariable(name.to_owned()))?;
    if text.trim_start().to_ascii_lowercase().starts_with("env:") {
        return Err(SourceError::NoVariable(name.to_owned()));
    }
    text.parse()
}

fn camera_id(text: &str) -> CameraId {
    match text.trim() {
        "" => CameraId::First,
        text if text.starts_with('@') => CameraId::Identity(text[1..].trim().to_owned()),
        text => text.parse().map_or_else(|_| CameraId::Name(text.to_owned()), CameraId::Index),
    }
}

fn path(text: &str) -> Result<SourceUri, SourceError> {
    if text.is_empty() {
        return Err(SourceError::Empty);
    }
    let path = PathBuf::from(text);
    Ok(if path.is_dir() {
        SourceUri::Folder(path)
    } else if is_image(&path) {
        SourceUri::Image(path)
    } else {
        SourceUri::Video(path)
    })
}

/// Whether the name of `path` ends like a still image.
pub(crate) fn is_image(path: &std::path::Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| IMAGES.contains(&extension.as_str()))
}

impl fmt::Display for SourceUri {
    /// As it is typed, but without user name, password and query of a network address: this text goes to
    /// logs, the panel and the stats file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Camera(CameraId::First) => write!(f, "camera:"),
            Self::Camera(CameraId::Index(index)) => write!(f, "camera:{index}"),
            Self::Camera(CameraId::Name(name)) => write!(f, "camera:{name}"),
            Self::Camera(CameraId::Identity(text)) => write!(f, "camera:@{text}"),
            Self::Demo => write!(f, "demo:"),
            Self::Image(path) | Self::Folder(path) | Self::Video(path) => write!(f, "{}", path.display()),
            Self::Network(url) => write!(f, "{url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> SourceUri {
        text.parse().expect(text)
    }

    #[test]
    fn every_kind_of_name_is_understood() {
        assert_eq!(parse("camera:"), SourceUri::Camera(CameraId::First));
        assert_eq!(parse("camera:2"), SourceUri::Camera(CameraId::Index(2)));
        assert_eq!(parse("camera:HD Webcam"), SourceUri::Camera(CameraId::Name("HD Webcam".into())));
        let known = SourceUri::Camera(CameraId::Identity("046d:082d:A1".into()));
        assert_eq!(parse("camera:@046d:082d:A1"), known);
        assert_eq!(known.to_string(), "camera:@046d:082d:A1");
        assert_eq!(parse("demo:"), SourceUri::Demo);
        assert_eq!(parse("a/b.JPG"), SourceUri::Image("a/b.JPG".into()));
        assert_eq!(parse("a/b.mp4"), SourceUri::Video("a/b.mp4".into()));
        assert_eq!(parse("file:///a/b.mp4"), SourceUri::Video("/a/b.mp4".into()));
        assert_eq!(parse("take 2: final.mp4"), SourceUri::Video("take 2: final.mp4".into()));
        assert_eq!(parse("RTSP://host/x"), SourceUri::Network("RTSP://host/x".parse().expect("an address")));
        assert_eq!(parse(env!("CARGO_MANIFEST_DIR")), SourceUri::Folder(env!("CARGO_MANIFEST_DIR").into()));
    }

    #[test]
    fn mistakes_say_what_to_type() {
        let error = "gopher://x".parse::<SourceUri>().unwrap_err().to_string();
        assert!(error.contains("gopher") && error.contains("rtsp://"), "{error}");
        for address in ["admin:hunter2@10.0.0.5/x", "rtsp:admin:hunter2@h"] {
            let error = address.parse::<SourceUri>().unwrap_err().to_string();
            assert!(error.contains("rtsp://") && !error.contains("hunter2"), "{error}");
        }
        assert!("".parse::<SourceUri>().unwrap_err().to_string().contains("demo:"));
        assert!("rtsp://".parse::<SourceUri>().unwrap_err().to_string().contains("host"));
        let error = "rtsp:/admin:secret@host".parse::<SourceUri>().unwrap_err().to_string();
        assert!(error.contains("host") && !error.contains("secret"), "{error}");
        let error = "env:MASQUE_NO_SUCH_VARIABLE".parse::<SourceUri>().unwrap_err().to_string();
        assert!(error.contains("MASQUE_NO_SUCH_VARIABLE"), "{error}");
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = parse("rtsp://admin:p@ss@10.0.0.5:554/cam?token=abc").to_string();
        assert_eq!(shown, "rtsp://…@10.0.0.5:554/cam?…");
        assert_eq!(parse("udp://0.0.0.0:5000").to_string(), "udp://0.0.0.0:5000");
    }
}
