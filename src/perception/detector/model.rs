//! Which network detects.

use std::path::{Path, PathBuf};

use super::DetectorError;
use super::error::did_you_mean;
use crate::models::store::sha256_file;
use crate::models::{ModelStore, Role, Silent};

/// A detector's ONNX file: one of the store, or the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectorModel {
    name: String,
    path: PathBuf,
    faster: Option<PathBuf>,
    sha256: String,
}

impl DetectorModel {
    /// The detector that `name_or_file` means: a name of the manifest (fetched and verified if need be), or the
    /// path of an ONNX file; without one, the best of the manifest.
    ///
    /// # Errors
    /// [`DetectorError::Unknown`] when it is neither; [`DetectorError::Model`] when the model cannot be had;
    /// [`DetectorError::File`] when the file cannot be read.
    pub fn find(store: &ModelStore, name_or_file: Option<&str>) -> Result<Self, DetectorError> {
        let Some(asked) = name_or_file else {
            let ready = store.best(Role::Detector, &Silent)?;
            return Self::of(store, ready.name, ready.onnx);
        };
        let detectors = || store.manifest().models.iter().filter(|model| model.role == Role::Detector);
        if detectors().any(|model| model.name == asked) {
            let ready = store.ready(asked, &Silent)?;
            return Self::of(store, ready.name, ready.onnx);
        }
        let path = Path::new(asked);
        let looks_like_a_file = path.extension().is_some() || path.components().count() > 1;
        if !path.exists() && !looks_like_a_file {
            let names: Vec<&str> = detectors().map(|model| model.name.as_str()).collect();
            let (name, hint) = (asked.to_owned(), did_you_mean(asked, names.iter().copied()));
            return Err(DetectorError::Unknown { name, known: names.join(", "), hint });
        }
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self::of(store, name, path.to_owned())
    }

    fn of(store: &ModelStore, name: String, path: PathBuf) -> Result<Self, DetectorError> {
        let sha256 =
            sha256_file(&path).map_err(|source| DetectorError::File { path: path.clone(), source })?;
        let faster = store.faster(&path, &sha256);
        Ok(Self { name, path, faster, sha256 })
    }

    /// Its name in the manifest, or the file's name without its ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ONNX file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is run in its stead: the file itself, or one in the cache that does the same in less time.
    pub fn runs(&self) -> &Path {
        self.faster.as_deref().unwrap_or(&self.path)
    }

    /// SHA-256 of the ONNX file, lower-case hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}
