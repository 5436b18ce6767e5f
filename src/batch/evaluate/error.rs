//! Why an evaluation did not come about.

use std::io;
use std::path::PathBuf;

/// Why detections could not be compared with the truth.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// A file or folder could not be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file is not what its name says.
    #[error("{path} is no {expected}: {reason}")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
        /// Where it is not, with the line.
        reason: String,
    },
    /// A file says how it ends neither by its name nor by what is in it.
    #[error(
        "{0} has no form that is read here; give a folder written by `masque detect`, or .json, .parquet, .jsonl or .csv files"
    )]
    UnknownForm(PathBuf),
    /// A folder has nothing to read in it.
    #[error(
        "{folder} has no results that are read here ({found}); type: \
         masque detect --format coco --out {folder} INPUT…"
    )]
    NoResults {
        /// Which.
        folder: PathBuf,
        /// What there is instead.
        found: String,
    },
    /// The truth has no images, or no categories.
    #[error(
        "{path} has no {missing}: a file of COCO ground truth has \"images\", \"annotations\" and \"categories\""
    )]
    NoTruth {
        /// Which.
        path: PathBuf,
        /// What it lacks.
        missing: &'static str,
    },
    /// More than is held.
    #[error("{path} has more than {most} {what}; evaluate it in parts")]
    TooMany {
        /// Which.
        path: PathBuf,
        /// The limit.
        most: usize,
        /// Of what.
        what: &'static str,
    },
    /// Not one detection is of an image and a class of the truth.
    #[error("none of {detections} detections can be compared: {reason}")]
    NothingMatches {
        /// How many there are.
        detections: u64,
        /// Examples of both sides.
        reason: String,
    },
}
