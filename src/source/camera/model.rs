//! What a camera is and can do.

use std::fmt;

/// One way a camera can send pictures.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CameraMode {
    /// The format's code: `YUYV`, `MJPG`, `NV12`, `RGB3`, …
    pub format: String,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Frames per second, fastest first; empty where the driver does not say.
    pub rates: Vec<f64>,
}

/// By what a camera is known again, whatever number it gets.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    /// Where it is plugged in, as `usb-0000:00:14.0-4`; a second picture node of the same device has `#1` behind it.
    pub bus: String,
    /// Maker, product and serial number, as `046d:082d:A1B2C3`; none where it has no serial number.
    pub serial: Option<String>,
}

/// A camera that is plugged in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CameraInfo {
    /// The number to type after `camera:`.
    pub index: u32,
    /// The name it gives itself.
    pub name: String,
    /// Where the system has it.
    pub path: String,
    /// By what it is known again: the text to type after `camera:@`.
    pub identity: Identity,
}

/// What a camera can do.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct CameraAbilities {
    /// Formats, sizes and rates; empty when it does not say, for instance because it is in use.
    pub modes: Vec<CameraMode>,
    /// What can be set on it.
    pub controls: Vec<ControlInfo>,
}

/// Something that can be set on a camera.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ControlInfo {
    /// What to type, as `white_balance_automatic`.
    pub name: String,
    /// What it takes.
    pub kind: ControlKind,
    /// Value without anybody's doing.
    pub default: i64,
    /// Value now; none where the camera does not say.
    pub current: Option<i64>,
    /// Whether it does nothing now, most often because the camera sets it by itself.
    pub inactive: bool,
}

/// What a control takes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlKind {
    /// A number.
    Number {
        /// Least.
        least: i64,
        /// Most.
        most: i64,
        /// From one value to the next.
        step: u64,
    },
    /// On or off: 1 or 0.
    Switch,
    /// One of these.
    Menu(Vec<(i64, String)>),
}

impl Identity {
    /// Whether `text`, as typed after `camera:@`, means this one.
    pub fn is_called(&self, text: &str) -> bool {
        let text = text.trim();
        let serial_alone = |serial: &str| serial.rsplit(':').next().unwrap_or_default().to_owned();
        let serial = self.serial.as_deref();
        self.bus.eq_ignore_ascii_case(text)
            || serial.is_some_and(|serial| {
                serial.eq_ignore_ascii_case(text) || serial_alone(serial).eq_ignore_ascii_case(text)
            })
    }
}

impl fmt::Display for Identity {
    /// What to type after `camera:@`: the serial number, which stays with the camera, else the place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.serial.as_deref().unwrap_or(&self.bus))
    }
}

impl fmt::Display for CameraInfo {
    /// As messages call it: number and name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.index, self.name)
    }
}

impl fmt::Display for CameraMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}×{}", self.format, self.width, self.height)?;
        for (i, rate) in self.rates.iter().enumerate() {
            write!(f, "{}{}", if i == 0 { " at " } else { ", " }, (rate * 100.0).round() / 100.0)?;
        }
        if self.rates.is_empty() { Ok(()) } else { write!(f, " fps") }
    }
}

impl fmt::Display for ControlKind {
    /// What may be typed: `0–255`, `0–255 in steps of 5`, `on, off`, `1 Manual Mode, 3 Aperture Priority Mode`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { least, most, step } => {
                write!(f, "{least}–{most}")?;
                if *step > 1 { write!(f, " in steps of {step}") } else { Ok(()) }
            }
            Self::Switch => f.write_str("on, off"),
            Self::Menu(entries) => {
                let entries: Vec<_> = entries.iter().map(|(value, name)| format!("{value} {name}")).collect();
                f.write_str(&entries.join(", "))
            }
        }
    }
}
