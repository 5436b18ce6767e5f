//! `masque cameras`: what is plugged in.

use std::io::Write;
use std::process::ExitCode;

use crate::source::{CameraInfo, CameraMode, cameras};

/// List the cameras that are plugged in: number, name, formats, sizes, rates
#[derive(clap::Args, Debug)]
pub(super) struct CamerasArgs {}

pub(super) fn run(_args: CamerasArgs) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    out.write_all(listing(&cameras()).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn listing(cameras: &[CameraInfo]) -> String {
    if cameras.is_empty() {
        return "No camera is plugged in. Type: masque run demo: (or give a path of an image or a video)\n"
            .into();
    }
    let mut text = String::new();
    for camera in cameras {
        text += &format!("camera:{}  {}  {}\n", camera.index, camera.name, camera.path);
        if camera.modes.is_empty() {
            text += "    tells no formats (in use by another program, or not permitted)\n";
        }
        let mut rest = camera.modes.as_slice();
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|mode| mode.format == first.format).count();
            text += &format!("    {}  {}\n", first.format, sizes(&rest[..same]));
            rest = &rest[same..];
        }
    }
    text
}

/// `640×480 at 30, 15 fps; 1280×720 at 10 fps`.
fn sizes(modes: &[CameraMode]) -> String {
    let each = modes.iter().map(|mode| {
        let rates: Vec<_> =
            mode.rates.iter().map(|rate| ((rate * 100.0).round() / 100.0).to_string()).collect();
        let rates = if rates.is_empty() { String::new() } else { format!(" at {} fps", rates.join(", ")) };
        format!("{}×{}{rates}", mode.width, mode.height)
    });
    each.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listing_says_what_to_type() {
        assert!(listing(&[]).contains("masque run demo:") && listing(&[]).lines().count() == 1);
        let mode = |format: &str, width, rates: &[f64]| CameraMode {
            format: format.into(),
            width,
            height: 480,
            rates: rates.to_vec(),
        };
        let modes =
            vec![mode("YUYV", 640, &[30.0, 12.5]), mode("YUYV", 320, &[]), mode("MJPG", 640, &[29.97])];
        let camera = CameraInfo { index: 2, name: "Webcam".into(), path: "/dev/video2".into(), modes };
        let text = listing(&[camera]);
        assert!(text.starts_with("camera:2  Webcam"), "{text}");
        assert!(text.contains("YUYV  640×480 at 30, 12.5 fps; 320×480\n"), "{text}");
        assert!(text.contains("MJPG  640×480 at 29.97 fps\n"), "{text}");
    }
}
