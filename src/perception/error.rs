//! Why a frame could not be understood.

use super::DetectorError;
use crate::frame::ResampleError;
use crate::models::{ModelError, SessionError};

/// What stops perception.
#[derive(Debug, thiserror::Error)]
pub enum PerceptionError {
    /// A model that nothing works without cannot be had.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A network could not be loaded or run.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The frame could not be scaled.
    #[error(transparent)]
    Resample(#[from] ResampleError),
    /// What detects things cannot be had, or fails.
    #[error("--detect: {0}")]
    Detector(#[from] DetectorError),
    /// A model file is not of the kind its role needs.
    #[error("model {model} does not fit its role: {reason}. Type: masque models verify")]
    Contract {
        /// The model.
        model: String,
        /// What is different.
        reason: String,
    },
}
