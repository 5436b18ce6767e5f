//! What a camera is and can do.

use std::fmt;

/// One way a camera can send pictures.
#[derive(Debug, Clone, PartialEq)]
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

/// A camera that is plugged in.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraInfo {
    /// The number to type after `camera:`.
    pub index: u32,
    /// The name it gives itself.
    pub name: String,
    /// Where the system has it.
    pub path: String,
    /// What it can do; empty when it does not say, for instance because it is in use.
    pub modes: Vec<CameraMode>,
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
