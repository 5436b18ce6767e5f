//! Why parts of a job could not be put together.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What keeps results of several machines apart. Nothing was written but links to whole files.
#[derive(Debug, Error)]
pub enum MergeError {
    /// A folder without a manifest.
    #[error("{} has no manifest: it is no folder that masque detect wrote, or its job has not ended yet", .0.display())]
    NoManifest(PathBuf),
    /// A manifest or a folder.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Something that is to be made.
    #[error("{} cannot be written: {error}; make room, or type another --out", path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Parts of different jobs.
    #[error(
        "{} and {} are of different jobs ({differ}); merge results of the same model and settings only",
        one.display(),
        other.display()
    )]
    Differ {
        /// The first manifest.
        one: PathBuf,
        /// One that does not agree.
        other: PathBuf,
        /// What is not the same, with both values.
        differ: String,
    },
    /// Not the whole job.
    #[error("{missing}; run what is missing again (it goes on where it was), or type --allow-missing")]
    Missing {
        /// Which shards are not there, or not complete.
        missing: String,
    },
    /// Two results of the same name.
    #[error(
        "{} and {} are different, and both would be {name}; merge them into folders of their own",
        one.display(),
        other.display()
    )]
    Clash {
        /// Name in the folder of all results.
        name: String,
        /// The first.
        one: PathBuf,
        /// The second.
        other: PathBuf,
    },
    /// A result is not what its manifest says.
    #[error("{} {what}; run its shard again: masque detect does again what changed", path.display())]
    Changed {
        /// Which.
        path: PathBuf,
        /// In which way.
        what: String,
    },
    /// A name in a manifest that leads out of its folder.
    #[error("{} names the file \"{name}\", which is not in its folder", manifest.display())]
    Outside {
        /// The manifest.
        manifest: PathBuf,
        /// What it names.
        name: String,
    },
    /// More than is held.
    #[error("there are more than {0} inputs; merge them into several folders")]
    TooMany(usize),
}
