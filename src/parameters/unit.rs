//! What a number is counted in.

use std::borrow::Cow;

/// Unit of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// A share; 1 is all of it.
    Share,
    /// Seconds.
    Seconds,
    /// Heights of the picture.
    PictureHeights,
    /// Heights of the picture per second.
    PictureHeightsPerSecond,
    /// Degrees.
    Degrees,
    /// Hundredths of the picture's height.
    PicturePercent,
    /// Heights of the face.
    FaceHeights,
    /// Sides of the face's map; of an iris: its diameters.
    MapSides,
    /// Pixels of a picture of 720 rows.
    Pixels,
    /// What the author of an effect wrote.
    Named(Cow<'static, str>),
}

impl Unit {
    /// Its name in the manual.
    pub fn name(&self) -> &str {
        match self {
            Self::Share => "share",
            Self::Seconds => "seconds",
            Self::PictureHeights => "heights of the picture",
            Self::PictureHeightsPerSecond => "heights of the picture per second",
            Self::Degrees => "degrees",
            Self::PicturePercent => "% of the picture's height",
            Self::FaceHeights => "heights of the face",
            Self::MapSides => "sides of the face's map",
            Self::Pixels => "pixels, for a picture of 720 rows",
            Self::Named(name) => name,
        }
    }

    /// What the panel writes behind the number.
    pub fn suffix(&self) -> &str {
        match self {
            Self::Seconds => " s",
            Self::PicturePercent => " %",
            Self::Pixels => " px",
            Self::PictureHeightsPerSecond => " /s",
            Self::Degrees => " °",
            Self::Share | Self::PictureHeights | Self::FaceHeights | Self::MapSides | Self::Named(_) => "",
        }
    }
}
