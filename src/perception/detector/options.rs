//! What a detector is asked for.

use std::path::PathBuf;

use super::DetectorError;

/// Settings of a [`Detector`](super::Detector).
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorOptions {
    /// Detections must be surer than this, 0–1. Default: 0.25.
    pub confidence: f32,
    /// Of two boxes of one class that overlap by more than this (intersection over union, 0–1), the less sure
    /// one goes. Without effect for networks that do so themselves. Default: 0.45.
    pub iou: f32,
    /// Only these classes, by name (whatever its case) or number; empty for all. Default: all.
    pub classes: Vec<String>,
    /// A file with the names of the model's classes, one per line. Default: the names in the model, else those
    /// of COCO where it has 80 classes.
    pub classes_file: Option<PathBuf>,
    /// Side of the input in pixels, 32 or more, rounded up to a multiple of 32, where the model leaves it open.
    /// Default: what the model's exporter noted, else 640.
    pub size: Option<u32>,
    /// Most detections per frame; the surest are kept, the others counted (`detections_cut`). Default: 20,000.
    pub most: usize,
}

impl Default for DetectorOptions {
    fn default() -> Self {
        Self {
            confidence: 0.25,
            iou: 0.45,
            classes: Vec::new(),
            classes_file: None,
            size: None,
            most: 20_000,
        }
    }
}

impl DetectorOptions {
    pub(super) fn check(&self) -> Result<(), DetectorError> {
        for (what, value) in [("the confidence", self.confidence), ("the overlap", self.iou)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(DetectorError::Threshold { what, value });
            }
        }
        Ok(())
    }
}
