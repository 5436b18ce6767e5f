//! How a fade runs over its time.

use bevy::math::curve::{Curve, EaseFunction};
use serde::{Deserialize, Serialize};

/// How a fade runs from 0 to 1. All of them begin at 0, end at 1 and never turn back. Source of the curves:
/// `bevy_math::curve::EaseFunction`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Easing {
    /// At one speed.
    Linear,
    /// Slow at both ends: 3t² − 2t³.
    #[default]
    Smooth,
    /// Slow at both ends, very slow right there: 6t⁵ − 15t⁴ + 10t³.
    Smoother,
    /// Begins slowly: t².
    EaseIn,
    /// Ends slowly: 1 − (1 − t)².
    EaseOut,
    /// Slow at both ends, fast between them: cubic.
    EaseInOut,
}

impl Easing {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Linear, Self::Smooth, Self::Smoother, Self::EaseIn, Self::EaseOut, Self::EaseInOut];

    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Smooth => "smooth",
            Self::Smoother => "smoother",
            Self::EaseIn => "ease_in",
            Self::EaseOut => "ease_out",
            Self::EaseInOut => "ease_in_out",
        }
    }

    /// The one that is called so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|easing| easing.name() == name)
    }

    /// Where a fade is after the share `time` of its duration, both 0–1.
    pub fn at(self, time: f32) -> f32 {
        let curve = match self {
            Self::Linear => EaseFunction::Linear,
            Self::Smooth => EaseFunction::SmoothStep,
            Self::Smoother => EaseFunction::SmootherStep,
            Self::EaseIn => EaseFunction::QuadraticIn,
            Self::EaseOut => EaseFunction::QuadraticOut,
            Self::EaseInOut => EaseFunction::CubicInOut,
        };
        curve.sample_clamped(time).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_easing_runs_from_nothing_to_all_and_never_back() {
        for easing in Easing::ALL {
            assert_eq!(Easing::named(easing.name()), Some(easing));
            assert_eq!((easing.at(-1.0), easing.at(0.0)), (0.0, 0.0), "{easing:?}");
            assert_eq!((easing.at(1.0), easing.at(2.0)), (1.0, 1.0), "{easing:?}");
            let steps: Vec<f32> = (0..=100).map(|step| easing.at(step as f32 / 100.0)).collect();
            assert!(steps.windows(2).all(|pair| pair[0] <= pair[1]), "{easing:?}");
        }
        assert_eq!(Easing::Linear.at(0.25), 0.25);
        assert_eq!(Easing::Smooth.at(0.25), 0.15625);
        assert!(Easing::EaseIn.at(0.5) < 0.5 && Easing::EaseOut.at(0.5) > 0.5);
    }
}
