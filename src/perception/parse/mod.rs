//! From a frame to six regions, by the nets there are.

mod compose;
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
mod wide;

pub(super) use composed::Composed;
pub(super) use cut::CutDetector;
pub(super) use hair::HairNet;
pub(super) use multiclass::MulticlassNet;
pub(super) use person::PersonNet;

/// The multiclass model's name in the manifest.
pub(super) const MULTICLASS_MODEL: &str = "selfie-multiclass";
/// The hair model's name in the manifest.
pub(super) const HAIR_MODEL: &str = "hair-segmenter";
