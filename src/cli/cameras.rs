//! `masque cameras`: what is plugged in.

use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;

use crate::source::{
    CameraAbilities, CameraInfo, CameraMode, ControlInfo, ControlKind, camera_abilities, cameras,
};

/// List the cameras that are plugged in: number, name, serial number or place, formats, sizes, rates, controls
#[derive(clap::Args, Debug)]
pub(super) struct CamerasArgs {
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// A camera and what it can do.
#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    camera: CameraInfo,
    #[serde(flatten)]
    abilities: CameraAbilities,
}

pub(super) fn run(args: CamerasArgs) -> anyhow::Result<ExitCode> {
    let list = |camera| Listed { abilities: camera_abilities(&camera), camera };
    let listed: Vec<_> = cameras().into_iter().map(list).collect();
    let text = if args.json { serde_json::to_string_pretty(&listed)? + "\n" } else { listing(&listed) };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn listing(cameras: &[Listed]) -> String {
    if cameras.is_empty() {
        return "No camera is plugged in. Type: masque run demo: (or give a path of an image or a video)\n"
            .into();
    }
    let mut text = String::new();
    for Listed { camera, abilities } in cameras {
        text += &format!("camera:{}  {}  {}\n", camera.index, camera.name, camera.path);
        text += &format!("    camera:@{}", camera.identity);
        if camera.identity.serial.is_some() {
            text += &format!("  or camera:@{}", camera.identity.bus);
        }
        text += "  (the same camera under any number)\n";
        if abilities.modes.is_empty() {
            text += "    tells no formats (in use by another program, or not permitted)\n";
        }
        let mut rest = abilities.modes.as_slice();
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|mode| mode.format == first.format).count();
            text += &format!("    {}  {}\n", first.format, sizes(&rest[..same]));
            rest = &rest[same..];
        }
        for control in &abilities.controls {
            text += &format!("    {}\n", describe(control));
        }
    }
    text
}

/// `brightness  0–255, default 128, now 130`.
fn describe(control: &ControlInfo) -> String {
    let value = |value: i64| match (&control.kind, value) {
        (ControlKind::Switch, 0) => "off".to_owned(),
        (ControlKind::Switch, _) => "on".to_owned(),
        (_, value) => value.to_string(),
    };
    let mut text = format!("{}  {}, default {}", control.name, control.kind, value(control.default));
    if let Some(current) = control.current {
        text += &format!(", now {}", value(current));
    }
    if control.inactive {
        text += " (has no effect now)";
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
    use crate::source::Identity;

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
        let control = |name: &str, kind, default, current| ControlInfo {
            name: name.into(),
            kind,
            default,
            current: Some(current),
            inactive: name == "gain",
        };
        let range = ControlKind::Number { least: 0, most: 255, step: 1 };
        let controls = vec![control("gain", range, 128, 130), control("flip", ControlKind::Switch, 0, 1)];
        let identity = Identity { bus: "usb-1-4".into(), serial: Some("046d:082d:A1".into()) };
        let camera = CameraInfo { index: 2, name: "Webcam".into(), path: "/dev/video2".into(), identity };
        let listed = [Listed { camera, abilities: CameraAbilities { modes, controls } }];
        let text = listing(&listed);
        assert!(text.starts_with("camera:2  Webcam"), "{text}");
        assert!(text.contains("camera:@046d:082d:A1  or camera:@usb-1-4"), "{text}");
        assert!(text.contains("YUYV  640×480 at 30, 12.5 fps; 320×480\n"), "{text}");
        assert!(text.contains("MJPG  640×480 at 29.97 fps\n"), "{text}");
        assert!(text.contains("gain  0–255, default 128, now 130 (has no effect now)\n"), "{text}");
        assert!(text.contains("flip  on, off, default off, now on\n"), "{text}");
        let json = serde_json::to_value(&listed).expect("JSON");
        assert_eq!(json[0]["identity"]["serial"], "046d:082d:A1");
        assert_eq!(json[0]["controls"][0]["kind"]["number"]["most"], 255);
    }
}
