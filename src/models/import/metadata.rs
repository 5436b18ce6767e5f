//! Input normalization from the metadata that MediaPipe packs into a model.
//!
//! Source: `tensorflow/lite/support/metadata/metadata_schema.fbs` (identifier `M001`), Apache-2.0.

use super::error::ImportError;
use super::flatbuffer::{Budget, Table};

/// `ProcessUnitOptions` tag of normalization.
const NORMALIZATION_OPTIONS: u8 = 1;

/// How the first input's values are made from 8-bit pixels: `(pixel - mean) / std`, with `pixel` in
/// 0..=255, per channel. One entry stands for all channels.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalization {
    /// Subtracted from the pixel.
    pub mean: Vec<f32>,
    /// Divides the difference; never 0.
    pub std: Vec<f32>,
}

/// Reads the normalization of the first input, if the metadata has one.
pub(super) fn read_normalization(metadata: &[u8]) -> Result<Option<Normalization>, ImportError> {
    if metadata.get(4..8) != Some(b"M001") {
        return Ok(None);
    }
    let budget = Budget::for_file(metadata);
    let root = Table::root(metadata, &budget)?;
    let Some(graph) = root.tables(3)?.first().copied() else { return Ok(None) };
    let Some(input) = graph.tables(2)?.first().copied() else { return Ok(None) };
    for unit in input.tables(4)? {
        if unit.u8(0, 0)? == NORMALIZATION_OPTIONS
            && let Some(options) = unit.table(1)?
        {
            let (mean, std) = (options.f32s(0)?, options.f32s(1)?);
            let usable = !mean.is_empty() && mean.len() == std.len() && !std.contains(&0.0);
            return Ok(usable.then_some(Normalization { mean, std }));
        }
    }
    Ok(None)
}
