//! A part of the picture, turned: for cameras that are mounted sideways, or see more than they should.
//!
//! Perception sees what is shown, so frames are cut and turned before anything else sees them. It costs one more copy of
//! the picture, and nothing where neither is asked for.

mod turn;

use std::str::FromStr;

/// How a source's picture is shown. Default: as it comes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct View {
    /// The part that is shown, before it is turned; none shows all.
    pub crop: Option<Crop>,
    /// How it is turned.
    pub rotation: Rotation,
}

/// Clockwise, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rotation {
    /// As it comes.
    #[default]
    None,
    /// What was on the left is at the top.
    Quarter,
    /// Upside down.
    Half,
    /// What was on the right is at the top.
    ThreeQuarters,
}

/// A part of a picture: left edge, top edge, width, height. What lies outside of the picture is left out; edges lie on
/// even pixels, as chroma does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crop(pub [Length; 4]);

/// A length in a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Length {
    /// Pixels.
    Pixels(u32),
    /// Of the picture's width or height, 0–1.
    Share(f64),
}

/// What was typed is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// No such turn.
    #[error("`{0}` is no turn; type 0, 90, 180 or 270")]
    Rotation(String),
    /// Not four lengths.
    #[error(
        "`{0}` is no part of a picture; type X,Y,WIDTH,HEIGHT in pixels or per cent, for example 10%,0,80%,100%"
    )]
    Crop(String),
}

impl View {
    /// Whether the picture is shown as it comes.
    pub fn is_plain(&self) -> bool {
        self.crop.is_none() && self.rotation == Rotation::None
    }
}

impl Rotation {
    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        matches!(self, Self::Quarter | Self::ThreeQuarters)
    }
}

impl Crop {
    /// Left, top, width and height in a picture of this size, in pixels; at least 2 × 2 where the picture has them.
    pub fn window(&self, (width, height): (u32, u32)) -> [u32; 4] {
        let [left, top, across, down] = self.0;
        let (left, across) = span(left, across, width);
        let (top, down) = span(top, down, height);
        [left, top, across, down]
    }
}

/// Begin and length of a part of `whole` pixels, both even where `whole` has two.
fn span(begin: Length, length: Length, whole: u32) -> (u32, u32) {
    let pixels = |length: Length| match length {
        Length::Pixels(pixels) => pixels.min(whole),
        Length::Share(share) => (share.clamp(0.0, 1.0) * f64::from(whole)).round() as u32,
    };
    let begin = pixels(begin).min(whole.saturating_sub(2)) & !1;
    let most = whole - begin;
    let length = pixels(length).min(most);
    (begin, if length >= most { most } else { (length & !1).max(2).min(most) })
}

impl FromStr for Rotation {
    type Err = ViewError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "0" => Ok(Self::None),
            "90" => Ok(Self::Quarter),
            "180" => Ok(Self::Half),
            "270" => Ok(Self::ThreeQuarters),
            other => Err(ViewError::Rotation(other.to_owned())),
        }
    }
}

impl FromStr for Crop {
    type Err = ViewError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = |text: &str| match text.trim().strip_suffix('%') {
            Some(share) => {
                let share: f64 = share.trim().parse().ok()?;
                (0.0..=100.0).contains(&share).then_some(Length::Share(share / 100.0))
            }
            None => text.trim().parse().ok().map(Length::Pixels),
        };
        let lengths: Option<Vec<_>> = text.split(',').map(length).collect();
        let crop = lengths.and_then(|lengths| <[Length; 4]>::try_from(lengths).ok());
        let has_area = |crop: &[Length; 4]| {
            crop[2..].iter().all(|length| !matches!(length, Length::Pixels(0) | Length::Share(0.0)))
        };
        crop.filter(has_area).map(Self).ok_or_else(|| ViewError::Crop(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_given_in_pixels_or_per_cent_and_stays_in_the_picture() {
        let window = |text: &str, size| text.parse::<Crop>().map(|crop| crop.window(size));
        assert_eq!(window("10%, 0, 80%, 100%", (1280, 720)), Ok([128, 0, 1024, 720]));
        assert_eq!(window("101,51,33,33", (640, 480)), Ok([100, 50, 32, 32]), "on even pixels");
        assert_eq!(window("600,0,640,480", (640, 480)), Ok([600, 0, 40, 480]));
        assert_eq!(window("5000,5000,10,10", (640, 480)), Ok([638, 478, 2, 2]));
        assert_eq!(window("0,0,100%,100%", (641, 3)), Ok([0, 0, 641, 3]), "all of an odd picture");
        assert_eq!(window("0,0,1,1", (1, 1)), Ok([0, 0, 1, 1]));
        for wrong in ["", "1,2,3", "1,2,3,4,5", "0,0,0,10", "0,0,101%,10", "a,b,c,d", "-1,0,5,5"] {
            assert!(wrong.parse::<Crop>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn turns_are_quarters() {
        assert_eq!("270".parse(), Ok(Rotation::ThreeQuarters));
        assert!("45".parse::<Rotation>().is_err_and(|error| error.to_string().contains("90")));
    }
}
