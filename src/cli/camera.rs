//! What a camera is asked for, and how its picture is shown.

use clap::{ArgAction, Args};

use super::size::Size;
use crate::source::{Automatic, CameraOptions, ControlWish, Crop, Rotation, SourceOptions, View};

/// Options of a run from a camera; `masque cameras` lists what each one takes.
#[derive(Args, Debug, Default)]
pub(super) struct CameraArgs {
    /// Size of the camera's picture; the nearest that it has is taken [default: 1280x720]
    #[arg(long, value_name = "WxH")]
    camera_size: Option<Size>,
    /// Pictures per second of the camera; comes before the size where it cannot have both [default: 30]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    camera_rate: Option<f64>,
    /// Pixel format of the camera, as YUYV or MJPG; none takes the cheapest
    #[arg(long, value_name = "CODE")]
    camera_format: Option<String>,
    /// Exposure: auto, or a time in units of 100 µs
    #[arg(long, value_name = "auto|TIME")]
    exposure: Option<Automatic>,
    /// Focus: auto, or a value of the camera's range
    #[arg(long, value_name = "auto|VALUE")]
    focus: Option<Automatic>,
    /// White balance: auto, or kelvin, as 4600
    #[arg(long, value_name = "auto|KELVIN")]
    white_balance: Option<Automatic>,
    /// Set a control of the camera, as brightness=128; may be repeated
    #[arg(long = "control", value_name = "NAME=VALUE")]
    controls: Vec<ControlWish>,
    /// Turn the source's picture clockwise: 90, 180 or 270
    #[arg(long, value_name = "DEGREES", default_value = "0")]
    rotate: Rotation,
    /// Show a part of the source's picture, before it is turned, in pixels or per cent, as 10%,0,80%,100%
    #[arg(long, value_name = "X,Y,W,H")]
    crop: Option<Crop>,
    /// Whether the picture is mirrored: cameras are, other sources not, unless this says so
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    mirror: Option<bool>,
}

impl CameraArgs {
    /// As the source takes them.
    pub(super) fn options(&self, repeat: bool) -> SourceOptions {
        SourceOptions {
            repeat,
            size: self.camera_size.map(|size| (size.0.x, size.0.y)),
            rate: self.camera_rate,
            camera: CameraOptions {
                format: self.camera_format.clone(),
                exposure: self.exposure,
                focus: self.focus,
                white_balance: self.white_balance,
                controls: self.controls.clone(),
            },
            view: View { crop: self.crop, rotation: self.rotate },
            ..SourceOptions::default()
        }
    }

    /// Whether the picture is mirrored, where it was said.
    pub(super) fn mirror(&self) -> Option<bool> {
        self.mirror
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: Option<f64> = text.parse().ok().filter(|rate| (0.1..=1000.0).contains(rate));
    rate.ok_or_else(|| format!("`{text}` is no rate; type pictures per second, 0.1 to 1000"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        camera: CameraArgs,
    }

    fn typed(words: &[&str]) -> Result<SourceOptions, String> {
        let parsed = Typed::try_parse_from(["masque"].iter().chain(words));
        parsed.map(|typed| typed.camera.options(true)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_typed_reaches_the_camera() {
        let nothing = SourceOptions { repeat: true, ..SourceOptions::default() };
        assert_eq!(typed(&[]), Ok(nothing));
        let options = typed(&[
            "--camera-size=640x480",
            "--camera-rate=29.97",
            "--camera-format=MJPG",
            "--exposure=auto",
            "--white-balance=4600",
            "--control=Zoom=3",
            "--control=gain=1",
            "--rotate=90",
            "--crop=10%,0,80%,100%",
        ]);
        let options = options.expect("understood");
        assert_eq!((options.size, options.rate), (Some((640, 480)), Some(29.97)));
        assert_eq!(options.camera.white_balance, Some(Automatic::Value(4600)));
        assert_eq!(options.camera.controls.len(), 2);
        assert_eq!(options.view.rotation, Rotation::Quarter);
    }

    #[test]
    fn mistakes_say_what_to_type() {
        for (wrong, hint) in [
            ("--rotate=45", "90, 180"),
            ("--crop=1,2", "X,Y,WIDTH,HEIGHT"),
            ("--control=zoom", "NAME=VALUE"),
            ("--exposure=dark", "auto"),
            ("--camera-rate=0", "per second"),
        ] {
            let error = typed(&[wrong]).expect_err(wrong);
            assert!(error.contains(hint), "{error}");
        }
    }
}
