//! What is in the picture: boxes with a class and a confidence.
//!
//! [`Detector`] runs an ONNX file of one of the [`Family`] kinds, which it knows by the shapes of its outputs.

mod classes;
mod decode;
mod detection;
mod error;
mod family;
mod letterbox;
mod model;
mod network;
mod options;
mod probe;
mod suppress;

pub use classes::COCO_CLASSES;
pub use detection::{Detection, PixelBox};
pub use error::DetectorError;
pub use family::Family;
pub use model::DetectorModel;
pub use network::Detector;
pub use options::DetectorOptions;
