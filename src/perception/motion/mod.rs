//! How the picture moved between two frames.

mod field;

pub use field::MotionField;
