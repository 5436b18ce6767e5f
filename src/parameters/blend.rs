//! How one colour lies over another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A blend mode. Source of the formulas: W3C, Compositing and Blending Level 1, section 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlendMode {
    /// The upper colour.
    #[default]
    Normal,
    /// Both multiplied: darker.
    Multiply,
    /// Both inverted, multiplied and inverted again: brighter.
    Screen,
    /// Multiplied where the lower colour is dark, screened where it is bright.
    Overlay,
    /// As overlay, gently, and by the upper colour.
    SoftLight,
    /// The sum.
    Add,
    /// What they differ by.
    Difference,
}

impl BlendMode {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Normal,
        Self::Multiply,
        Self::Screen,
        Self::Overlay,
        Self::SoftLight,
        Self::Add,
        Self::Difference,
    ];

    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Multiply => "multiply",
            Self::Screen => "screen",
            Self::Overlay => "overlay",
            Self::SoftLight => "soft_light",
            Self::Add => "add",
            Self::Difference => "difference",
        }
    }

    /// The mode that is called so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

impl fmt::Display for BlendMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
