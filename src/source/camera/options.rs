//! What a camera may be asked for, besides size and rate.

use std::str::FromStr;

/// A control that a camera can hold by itself, or be given a value for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Automatic {
    /// The camera decides.
    Auto,
    /// This value, in the driver's unit: exposure in 100 µs, white balance in kelvin, focus in steps of its own.
    Value(i64),
}

/// A control by the name that `masque cameras` lists, and what it is to be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ControlWish {
    /// As `brightness`; upper and lower case, spaces and signs do not matter.
    pub name: String,
    /// A number, `on`, `off`, `default`, or an entry of its menu.
    pub value: String,
}

/// Wishes for a camera; what it does not have is told and counted (`camera_controls_refused`), and the camera runs
/// without it. Default: nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct CameraOptions {
    /// The code of a pixel format, as `YUYV` or `MJPG`; none takes the cheapest.
    pub format: Option<String>,
    /// How long the sensor is exposed.
    pub exposure: Option<Automatic>,
    /// How far away the camera is focused.
    pub focus: Option<Automatic>,
    /// What the camera takes for white.
    pub white_balance: Option<Automatic>,
    /// Any other control, set in this order, after the three above.
    pub controls: Vec<ControlWish>,
}

/// What was typed is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// Neither `auto` nor a number.
    #[error("`{0}` is neither auto nor a whole number")]
    Automatic(String),
    /// No `=`.
    #[error("`{0}` sets nothing; type NAME=VALUE, for example brightness=128")]
    Wish(String),
}

impl FromStr for Automatic {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        text.parse().map(Self::Value).map_err(|_| OptionError::Automatic(text.to_owned()))
    }
}

impl FromStr for ControlWish {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or_else(|| OptionError::Wish(text.to_owned()))?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() || value.is_empty() {
            return Err(OptionError::Wish(text.to_owned()));
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_understood_or_told() {
        assert_eq!("AUTO".parse(), Ok(Automatic::Auto));
        assert_eq!("4600".parse(), Ok(Automatic::Value(4600)));
        let error = "warm".parse::<Automatic>().expect_err("refused").to_string();
        assert!(error.contains("`warm`"), "{error}");
        let wish = ControlWish { name: "Zoom, Absolute".into(), value: "100".into() };
        assert_eq!("Zoom, Absolute = 100".parse(), Ok(wish));
        assert!("zoom".parse::<ControlWish>().is_err() && "=5".parse::<ControlWish>().is_err());
    }
}
