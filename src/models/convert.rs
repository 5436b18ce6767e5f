//! From a verified source file to ONNX in the cache, with a record of what it was made from.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ModelError;
use super::cache::{sha256_bytes, sha256_file};
use super::import::{self, Normalization};
use super::manifest::{Model, ModelFile};
use crate::folders::write_atomically;

/// Raised whenever the importer makes something else of the same file: what is in the caches out
/// there is then made again.
const IMPORTER_VERSION: u32 = 1;

/// What a converted file was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Version of the importer that made it.
    importer: u32,
    /// SHA-256 of the file in the manifest.
    source: String,
    /// SHA-256 of the ONNX file.
    onnx: String,
    /// What 0 and 255 are mapped to, when the model's own metadata say it.
    pub(super) range: Option<[f32; 2]>,
}

impl Record {
    /// The record beside `onnx`, when the file still has the content it tells of.
    pub(super) fn read(onnx: &Path) -> Option<Self> {
        let record = Self::read_unchecked(onnx)?;
        (sha256_file(onnx).ok()? == record.onnx).then_some(record)
    }

    fn read_unchecked(onnx: &Path) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(record_path(onnx)).ok()?).ok()
    }

    /// Whether today's importer would make the same from `file`.
    pub(super) fn is_current(&self, file: &ModelFile) -> bool {
        self.importer == IMPORTER_VERSION && self.source == file.sha256
    }
}

/// Where the record of `onnx` is.
pub(super) fn record_path(onnx: &Path) -> PathBuf {
    onnx.with_added_extension("json")
}

/// Whether `onnx` is not what its record says, or has none.
pub(super) fn is_damaged(onnx: &Path) -> bool {
    Record::read(onnx).is_none()
}

/// Converts the verified file `source` to `onnx`.
pub(super) fn to_onnx(
    model: &Model,
    file: &ModelFile,
    source: &Path,
    onnx: &Path,
) -> Result<Record, ModelError> {
    let refused = |source| ModelError::Import { name: model.name.clone(), source };
    let mut bytes = fs::read(source).map_err(ModelError::disk("read", source))?;
    if let Some(member) = &model.member {
        bytes = import::bundle_member(&bytes, member).map_err(refused)?;
    }
    let is_onnx = Path::new(&file.name).extension().is_some_and(|extension| extension == "onnx");
    let (bytes, range) = if is_onnx {
        (bytes, None)
    } else {
        let imported = import::import_tflite(&bytes).map_err(refused)?;
        (imported.onnx, imported.normalization.as_ref().and_then(range))
    };
    let record =
        Record { importer: IMPORTER_VERSION, source: file.sha256.clone(), onnx: sha256_bytes(&bytes), range };
    write_atomically(onnx, 0o644, |out| out.write_all(&bytes)).map_err(ModelError::disk("write", onnx))?;
    let path = record_path(onnx);
    let write_record =
        |out: &mut fs::File| serde_json::to_writer_pretty(out, &record).map_err(std::io::Error::other);
    write_atomically(&path, 0o644, write_record).map_err(ModelError::disk("write", &path))?;
    tracing::info!("model {} converted to {}", model.name, onnx.display());
    Ok(record)
}

/// What 0 and 255 become under the normalization that the model's metadata ask for, which is
/// `(x - mean) / std` on 0–255; `None` when the channels differ.
fn range(normalization: &Normalization) -> Option<[f32; 2]> {
    let same = |values: &[f32]| {
        let first = *values.first()?;
        values.iter().all(|value| *value == first).then_some(first)
    };
    let (mean, std) = (same(&normalization.mean)?, same(&normalization.std)?);
    (std > 0.0).then(|| [(0.0 - mean) / std, (255.0 - mean) / std])
}
