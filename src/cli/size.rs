//! `1280x720` on the command line.

use std::str::FromStr;

use bevy::math::UVec2;

/// Largest side of an output picture: what every GPU that Masque meets can draw.
const LARGEST: u32 = 8192;

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub(super) UVec2);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let explain = || format!("\"{text}\" is no size; type width x height, for example 1280x720");
        let (width, height) = text.split_once(['x', 'X', '×']).ok_or_else(explain)?;
        let side = |side: &str| side.trim().parse::<u32>().map_err(|_| explain());
        let size = UVec2::new(side(width)?, side(height)?);
        if size.min_element() < 2 || size.max_element() > LARGEST {
            return Err(format!("the size {text} is out of range: each side is 2 to {LARGEST} pixels"));
        }
        Ok(Self(size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_parse_and_errors_say_what_to_type() {
        assert_eq!("1280x720".parse(), Ok(Size(UVec2::new(1280, 720))));
        assert_eq!("641×481".parse(), Ok(Size(UVec2::new(641, 481))));
        for wrong in ["", "720", "ax b", "1x1", "99999x2"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
        assert!("720p".parse::<Size>().is_err_and(|error| error.contains("1280x720")));
    }
}
