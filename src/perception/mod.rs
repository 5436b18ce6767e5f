//! Who is in the picture and what they wear: one frame in, six regions per pixel and faces out.
//!
//! [`PerceptionEngine`] is synchronous and keeps all its networks, buffers and memory of people to
//! itself; whoever drives it decides on which thread and how often.

mod box_grid;
mod cadence;
mod choice;
mod detector;
mod engine;
mod error;
mod face;
mod face_engine;
mod landmarks;
mod loader;
mod mask;
mod motion;
mod net;
mod objects;
mod options;
mod pairing;
mod parse;
mod parser;
mod plugin;
mod publish;
mod report;
mod result;
mod retired;
mod shown;
mod task;
mod thrift;
mod tracker;

pub use cadence::{Cadence, CadenceState, CostChange, CostLevel};
pub use detector::{
    COCO_CLASSES, Detection, Detector, DetectorError, DetectorModel, DetectorOptions,
    Family as DetectorFamily, PixelBox,
};
pub use engine::PerceptionEngine;
pub use error::PerceptionError;
pub use face::{BLENDSHAPE_NAMES, BLENDSHAPES, HeadPose, Iris, OneEuro, indices};
pub use face_engine::FaceEngine;
pub use landmarks::FaceLandmarks;
pub use mask::RegionMask;
pub use motion::{MotionEstimator, MotionField, SmallLuma};
pub use objects::{Detections, MOST_ZONES, ObjectOptions, Thing, Things, Zone, ZoneError};
pub use options::PerceptionOptions;
pub use plugin::PerceptionPlugin;
pub use report::{ParserKind, ParserReport};
pub use result::{Face, MAX_LANDMARKS, Perception, Timings};
pub use shown::{Pairing, Parsed, PerceptionStatus, SegmentationMask, Shown};
pub use task::EngineLoader;
pub use tracker::{Tracker, TrackerOptions};

/// What this room may hold.
pub const BOUNDS: &[crate::memory::Bound] =
    &[task::ENGINE, task::TASK, task::RESULTS, pairing::FIELDS, tracker::TRACKS];
