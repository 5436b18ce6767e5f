//! What is known of an ONNX Runtime library, and what can go wrong with it.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::models::wheel::WheelError;

/// The version that is fetched: newer official builds write telemetry files (a device id, an upload
/// cache) into the user's cache folder unless `ORT_DISABLE_TELEMETRY=1` is set; this one has none.
pub const RUNTIME_VERSION: &str = "1.28.0";

/// The oldest minor version (1.x) the binding works with.
pub(super) const OLDEST_MINOR: u32 = ort::MINOR_VERSION;
/// From this minor version on the official builds write telemetry files.
const TELEMETRY_MINOR: u32 = 29;

/// Why there is no ONNX Runtime.
#[derive(Debug, Error)]
pub enum RuntimeError {
    /// `ORT_DYLIB_PATH` points nowhere.
    #[error("ORT_DYLIB_PATH names {}, which is not a file. Correct it, or type: unset ORT_DYLIB_PATH", path.display())]
    NotThere {
        /// What the variable says.
        path: PathBuf,
    },
    /// It could not be fetched.
    #[error("ONNX Runtime {RUNTIME_VERSION} is not installed and cannot be fetched: {source}")]
    Fetch {
        /// The cause.
        source: WheelError,
    },
    /// It is not there, and fetching was not asked for.
    #[error("ONNX Runtime is not installed. Type: masque models pull")]
    Missing,
    /// The library does not load.
    #[error("{} does not work as ONNX Runtime: {reason}. {hint}", path.display())]
    Load {
        /// The library.
        path: PathBuf,
        /// The loader's own words.
        reason: String,
        /// What to type.
        hint: String,
    },
    /// The disk.
    #[error("cannot use {}: {source}", path.display())]
    Disk {
        /// File or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

/// Where the library came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuntimeOrigin {
    /// The variable `ORT_DYLIB_PATH`.
    Variable,
    /// A folder of system libraries.
    System,
    /// Masque's cache.
    Cache,
}

impl std::fmt::Display for RuntimeOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Variable => "ORT_DYLIB_PATH",
            Self::System => "system library",
            Self::Cache => "Masque's cache",
        })
    }
}

/// A library that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeLibrary {
    /// The shared library.
    pub path: PathBuf,
    /// Where from.
    pub origin: RuntimeOrigin,
    /// Minor version N of 1.N when the file name tells it.
    pub minor: Option<u32>,
}

impl RuntimeLibrary {
    pub(super) fn at(path: PathBuf, origin: RuntimeOrigin) -> Self {
        let minor = match origin {
            RuntimeOrigin::Cache => RUNTIME_VERSION.split('.').nth(1).and_then(|minor| minor.parse().ok()),
            RuntimeOrigin::Variable | RuntimeOrigin::System => minor_version(&path),
        };
        Self { path, origin, minor }
    }

    /// Whether it may write telemetry files; an unknown version counts as a new one.
    pub(super) fn has_telemetry(&self) -> bool {
        self.minor.is_none_or(|minor| minor >= TELEMETRY_MINOR)
    }
}

/// Minor version from the name that the file has after all links (`libonnxruntime.so.1.28.0`).
fn minor_version(path: &Path) -> Option<u32> {
    let real = path.canonicalize().ok()?;
    let name = real.file_name()?.to_str()?;
    let mut numbers = name.split('.').skip_while(|part| *part != "1").skip(1);
    numbers.next()?.parse().ok()
}
