//! How well a detector does: its results against ground truth, with COCO's numbers.
//!
//! [`Truth`] and [`read_detections`] read; [`evaluate`] compares, step for step as COCO's own tools do
//! (`pycocotools.cocoeval`, Lin et al., "Microsoft COCO", 2014), so the numbers are the same to the last digits;
//! [`table`] and [`html`] show. Files are read as they come; what is held is a box of 48 to 56 bytes for each that counts.

mod coco;
mod confusion;
mod detections;
mod error;
mod evaluation;
mod html;
mod matching;
mod names;
mod precision;
mod read;
mod summary;
mod terminal;
mod truth;

pub use confusion::Confusion;
pub use detections::{Detections, Tally};
pub use error::EvaluateError;
pub use evaluation::{ClassReport, Evaluation, OperatingPoint, Rates, evaluate, score};
pub use html::html;
pub use matching::{AREAS, THRESHOLDS, thresholds};
pub use precision::{CONFIDENCES, ClassScores, MOST_DETECTIONS, RECALLS, confidence, recalls};
pub use read::read_detections;
pub use summary::Summary;
pub use terminal::table;
pub use truth::Truth;

use crate::memory::Bound;

/// What this room may hold.
pub const BOUNDS: &[Bound] = &[truth::BOXES, truth::IMAGES, detections::FOUND, precision::SCORES];
