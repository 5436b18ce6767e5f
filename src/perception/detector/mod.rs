//! What is in the picture: boxes with a class and a confidence.

mod detection;

pub use detection::{Detection, PixelBox};
