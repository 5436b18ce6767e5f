//! How the mattes of a look are refined before they are dressed.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Refinement of all mattes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MatteStyle {
    /// Time in seconds in which an unsure edge follows the network where the picture does not change;
    /// where it changes, mattes follow at once. Range [`Self::SMOOTHING`], default 0.35; 0 is off.
    pub smoothing: f32,
    /// How far edges follow the edges of the full picture instead of the small mask's, 0–1.
    /// Default 1; 0 is off.
    pub refinement: f32,
}

impl MatteStyle {
    /// Range of [`MatteStyle::smoothing`].
    pub const SMOOTHING: RangeInclusive<f32> = 0.0..=1.0;

    /// What the network says, scaled up.
    pub fn raw() -> Self {
        Self { smoothing: 0.0, refinement: 0.0 }
    }

    /// Brings every number into its range; what is no number becomes the default.
    pub fn clamped(self) -> Self {
        let default = Self::default();
        Self {
            smoothing: super::style::fit(self.smoothing, Self::SMOOTHING, default.smoothing),
            refinement: super::style::fit(self.refinement, 0.0..=1.0, default.refinement),
        }
    }
}

impl Default for MatteStyle {
    fn default() -> Self {
        Self { smoothing: 0.35, refinement: 1.0 }
    }
}
