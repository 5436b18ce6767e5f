//! Stand-in until the resampler lands.

/// See [`Resampler`].
#[derive(Debug, thiserror::Error)]
#[error("cannot resample: {0}")]
pub struct ResampleError(pub String);
/// Turns frames into small RGB pictures.
#[derive(Debug, Default)]
pub struct Resampler;
/// A rotated square.
#[derive(Debug, Clone, Copy)]
pub struct Roi;
