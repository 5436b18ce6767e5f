//! What can go wrong between a model's name and its ONNX file.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::import::ImportError;

/// Why a model is not there.
#[derive(Debug, Error)]
pub enum ModelError {
    /// No such entry.
    #[error("there is no model named {name}; there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A file is not what the manifest says.
    #[error("{} is not the file it should be: expected sha256 {expected}, found {found}. {hint}", file.display())]
    WrongHash {
        /// The file, or the address it came from.
        file: PathBuf,
        /// From the manifest.
        expected: String,
        /// Of the file.
        found: String,
        /// What to type.
        hint: String,
    },
    /// Every source failed.
    #[error(
        "model {name} cannot be had: {tried}. Put {file} into a folder and set MASQUE_MODELS_DIR to it, or type: masque models pull {name}"
    )]
    Unavailable {
        /// The model.
        name: String,
        /// The file it is in.
        file: String,
        /// What each source said.
        tried: String,
    },
    /// No model of a role is to be had.
    #[error(
        "no model for the role {role} can be had: {tried}. Put {files} into a folder and set \
         MASQUE_MODELS_DIR to it, or type: masque models pull"
    )]
    NoneForRole {
        /// The role.
        role: &'static str,
        /// The files that would do, best first.
        files: String,
        /// What each model said.
        tried: String,
    },
    /// The importer refused the file.
    #[error("model {name}: {source}")]
    Import {
        /// The model or file.
        name: String,
        /// The importer's reason.
        source: ImportError,
    },
    /// The manifest itself is wrong (or a changed one).
    #[error("models/manifest.toml is not valid: {reason}")]
    Manifest {
        /// What is wrong with it.
        reason: String,
    },
    /// The disk.
    #[error("cannot {action} {}: {source}", path.display())]
    Disk {
        /// The verb.
        action: &'static str,
        /// File or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl ModelError {
    /// The message without its advice, for a list of several.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Unavailable { name, tried, .. } => format!("{name}: {tried}"),
            other => other.to_string(),
        }
    }

    pub(super) fn disk(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { action, path, source }
    }
}
