//! The library out of its wheel on the Python package index.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::library::{RUNTIME_VERSION, RuntimeError, RuntimeLibrary, RuntimeOrigin};
use super::search::{Search, cached_library, find_in, library_name, sidecar};
use crate::folders::write_atomically;
use crate::models::Progress;
use crate::models::cache::{CacheLock, sha256_file};
use crate::models::wheel::{Wheel, WheelError};

/// The library, fetched if need be. One that would write telemetry is used only when the one without
/// cannot be had.
pub(super) fn ensure_in(search: &Search, progress: &dyn Progress) -> Result<RuntimeLibrary, RuntimeError> {
    let found = find_in(search)?;
    let last_resort = match found {
        Some(library) if library.origin != RuntimeOrigin::System => return Ok(library),
        Some(library) if search.telemetry_disabled || !library.has_telemetry() => {
            return Ok(library);
        }
        other => other,
    };
    match (fetch(search, progress), last_resort) {
        (Ok(path), _) => Ok(RuntimeLibrary::at(path, RuntimeOrigin::Cache)),
        (Err(error), Some(library)) => {
            tracing::warn!("{error}; using {}", library.path.display());
            Ok(library)
        }
        (Err(error), None) => Err(error),
    }
}

/// Fetches the library into the cache, unless it is there and whole.
pub(super) fn fetch(search: &Search, progress: &dyn Progress) -> Result<PathBuf, RuntimeError> {
    let path = search.cached();
    let disk = |path: &Path, source| RuntimeError::Disk { path: path.to_owned(), source };
    let lock = CacheLock::take(&search.cache, progress).map_err(|source| disk(&search.cache, source))?;
    if cached_library(search)?.is_some() {
        return Ok(path);
    }
    let wrap = |source| RuntimeError::Fetch { source };
    let spec = format!("onnxruntime=={RUNTIME_VERSION}");
    let mut wheel = Wheel::fetch(&spec, &search.cache, &lock, progress).map_err(wrap)?;
    let member = wheel.find(is_library).ok_or_else(|| RuntimeError::Fetch {
        source: WheelError::NoMember { spec, member: library_name().to_owned() },
    })?;
    wheel.extract(&member, &path, 0o755).map_err(wrap)?;
    let digest = sha256_file(&path).map_err(|source| disk(&path, source))?;
    write_atomically(&sidecar(&path), 0o644, |file| file.write_all(digest.as_bytes()))
        .map_err(|source| disk(&path, source))?;
    tracing::info!("ONNX Runtime {RUNTIME_VERSION} is now at {}", path.display());
    Ok(path)
}

/// `onnxruntime/capi/libonnxruntime.so.1.28.0`, not its provider plug-ins.
fn is_library(member: &str) -> bool {
    let Some(name) = member.strip_prefix("onnxruntime/capi/") else { return false };
    match std::env::consts::OS {
        "windows" => name == "onnxruntime.dll",
        "macos" => name.starts_with("libonnxruntime.1") && name.ends_with(".dylib"),
        _ => name.starts_with("libonnxruntime.so"),
    }
}
