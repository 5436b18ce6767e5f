//! How the picture moved between two frames: block matching on small gray pictures.

mod estimator;
mod field;
mod level;
mod luma;
mod search;

pub use estimator::MotionEstimator;
pub use field::MotionField;
pub use luma::SmallLuma;
