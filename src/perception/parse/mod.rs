//! From a frame to six regions, by the nets there are.

mod composed;
mod cut;
mod grid;
mod hair;
mod hair_guess;
mod head;
mod multiclass;
mod oval;
mod patches;
mod people;
mod person;
mod skin;
mod wearers;

pub(super) use composed::{Composer, Materials};
pub(super) use cut::CutDetector;
pub(super) use grid::Grid;
pub(super) use hair::HairNet;
pub(super) use head::Head;
pub(super) use multiclass::MulticlassNet;
pub(super) use people::People;
pub(super) use person::PersonNet;

/// The multiclass model's name in the manifest.
pub(super) const MULTICLASS_MODEL: &str = "selfie-multiclass";
/// The hair model's name in the manifest.
pub(super) const HAIR_MODEL: &str = "hair-segmenter";
