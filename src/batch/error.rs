//! Why a job cannot go on. What is wrong with single inputs is in the manifest.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What ends a job.
#[derive(Debug, Error)]
pub enum BatchError {
    /// There are results of something else.
    #[error(
        "{} holds results of other settings ({differ}); type another --out, or --overwrite to begin anew",
        out.display()
    )]
    OtherSettings {
        /// The folder of results.
        out: PathBuf,
        /// What is not the same, with both values.
        differ: String,
    },
    /// Another process writes there.
    #[error("{} is being written by another masque detect; wait for it, or type another --out", .0.display())]
    InUse(PathBuf),
    /// A file that the job would write, and did not.
    #[error("{} is there already and is not of this job; type another --out, or --overwrite to write over it", .0.display())]
    IsThere(PathBuf),
    /// A file of the job itself.
    #[error("{} cannot be written: {error}; make room, or type another --out", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No thread could be started.
    #[error("a thread could not be started: {0}")]
    Thread(io::Error),
}

impl BatchError {
    pub(super) fn folder(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Folder { path, error }
    }
}
