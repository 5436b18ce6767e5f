//! Why an order was not obeyed.

use std::path::PathBuf;

use super::super::LookError;

/// Why looks are as they were.
#[derive(Debug, thiserror::Error)]
pub enum LookOrderError {
    /// Nobody said where the user's looks are kept.
    #[error("there is no folder for your looks; start with --looks FOLDER")]
    NoFolder,
    /// What is worn was made here and has no name yet.
    #[error("this look has no file yet; save it as a name")]
    NoName,
    /// The name makes no file.
    #[error("\"{name}\" is no name for a look: {reason}")]
    Name {
        /// What was asked for.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Something has this name already, and nobody said that it may be replaced.
    #[error("there is a look \"{name}\" already: {path}")]
    Exists {
        /// The name.
        name: String,
        /// Its file.
        path: PathBuf,
    },
    /// Only looks of the user's folder can be renamed and deleted.
    #[error("{name} comes with Masque and stays as it is; duplicate it to make it yours")]
    Shipped {
        /// The look.
        name: String,
    },
    /// The user's folder has no such look.
    #[error("there is no look \"{name}\" in {folder}")]
    Missing {
        /// The look.
        name: String,
        /// The user's folder.
        folder: PathBuf,
    },
    /// A file cannot be read or changed.
    #[error(transparent)]
    File(#[from] LookError),
    /// A file cannot be moved.
    #[error("cannot move {path} to {to}: {source}")]
    Move {
        /// The file.
        path: PathBuf,
        /// Where to.
        to: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The renamed look stands under both names.
    #[error("{to} is written, but {path} is still there: {reason}")]
    Both {
        /// The old file.
        path: PathBuf,
        /// The new file.
        to: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// Too many orders wait.
    #[error("{waiting} orders wait already; try again")]
    Busy {
        /// How many.
        waiting: usize,
    },
}

impl LookOrderError {
    /// The message without the lines of a file that it quotes.
    pub fn in_one_line(&self) -> String {
        match self {
            Self::File(error) => error.in_one_line(),
            other => other.to_string(),
        }
    }
}
