//! Why nothing could be detected.

use std::path::PathBuf;

use crate::frame::ResampleError;
use crate::models::{ModelError, SessionError};

/// What stops a detector.
#[derive(Debug, thiserror::Error)]
pub enum DetectorError {
    /// The model cannot be had.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The network could not be loaded or run; see [`is_out_of_memory`](Self::is_out_of_memory).
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A frame could not be scaled.
    #[error(transparent)]
    Resample(#[from] ResampleError),
    /// Neither a detector's name nor a file.
    #[error("there is no detector \"{name}\": name one of {known}, or the path of an .onnx file{hint}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Detectors of the manifest.
        known: String,
        /// ` (did you mean …?)` or nothing.
        hint: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// ONNX Runtime does not take the file for a network.
    #[error("{} is not an ONNX file that can be loaded: {reason}", path.display())]
    NotOnnx {
        /// The file.
        path: PathBuf,
        /// ONNX Runtime's own words.
        reason: String,
    },
    /// A network that is not a detector of a kind that is known.
    #[error(
        "{model} is not a detector that Masque understands: {reason}. Its inputs are {inputs}, its outputs {outputs}. \
         Understood are float32 exports of {}",
        super::family::UNDERSTOOD
    )]
    Contract {
        /// The model's name.
        model: String,
        /// What stands in the way.
        reason: String,
        /// Names and shapes.
        inputs: String,
        /// Names and shapes.
        outputs: String,
    },
    /// A size was asked for that the network cannot take.
    #[error("{model} takes pictures of {width}×{height} only, not {asked}×{asked}: leave out --size")]
    Size {
        /// The model's name.
        model: String,
        /// Columns that it takes.
        width: u32,
        /// Rows that it takes.
        height: u32,
        /// The side asked for.
        asked: u32,
    },
    /// A class that the model does not have.
    #[error("{model} knows no class \"{class}\"{hint}; it knows {count} classes, 0 is \"{first}\"")]
    Class {
        /// The model's name.
        model: String,
        /// What was asked for.
        class: String,
        /// ` (did you mean …?)` or nothing.
        hint: String,
        /// Number of classes.
        count: usize,
        /// The first one.
        first: String,
    },
    /// A classes file with another number of lines than the model has classes.
    #[error("{} names {found} classes, and {model} has {expected}: write one name per line", path.display())]
    Classes {
        /// The file.
        path: PathBuf,
        /// The model's name.
        model: String,
        /// Lines of the file.
        found: usize,
        /// Classes of the model.
        expected: usize,
    },
    /// A threshold that is none.
    #[error("{what} is {value}, and must be a number from 0 to 1")]
    Threshold {
        /// Which one.
        what: &'static str,
        /// What it is.
        value: f32,
    },
}

impl DetectorError {
    /// Whether memory did not suffice for a run: fewer frames at once may do.
    pub fn is_out_of_memory(&self) -> bool {
        matches!(self, Self::Session(SessionError::OutOfMemory { .. }))
    }
}

/// ` (did you mean a, b?)` for the names of `known` that are like `asked`, at most three; else nothing.
pub(super) fn did_you_mean<'n>(asked: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let asked = asked.to_lowercase();
    let likeness = |name: &str| strsim::jaro_winkler(&asked, &name.to_lowercase());
    let mut near: Vec<(f64, &str)> =
        known.into_iter().map(|name| (likeness(name), name)).filter(|(like, _)| *like > 0.75).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.truncate(3);
    if near.is_empty() {
        return String::new();
    }
    let names: Vec<String> = near.iter().map(|(_, name)| format!("\"{name}\"")).collect();
    format!(" (did you mean {}?)", names.join(" or "))
}
