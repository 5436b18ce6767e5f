//! ONNX Runtime's shared library: found, or fetched, then loaded once per process.

mod fetch;
mod library;
mod search;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;

pub use library::{RUNTIME_VERSION, RuntimeError, RuntimeLibrary, RuntimeOrigin};

use super::{Progress, Silent};
use fetch::{ensure_in, fetch};
use search::{Search, cached_library, find_in, sidecar};

/// The loaded ONNX Runtime; cloning is cheap.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// The library it is.
    pub library: RuntimeLibrary,
    pub(super) environment: Environment,
}

/// Looks for the library without fetching anything: `ORT_DYLIB_PATH`, system folders, the cache.
pub fn find_runtime() -> Result<Option<RuntimeLibrary>, RuntimeError> {
    find_in(&Search::from_environment())
}

/// Finds the library, or fetches it into the cache.
pub fn ensure_runtime(progress: &dyn Progress) -> Result<PathBuf, RuntimeError> {
    ensure_in(&Search::from_environment(), progress).map(|library| library.path)
}

/// Reads the cached library again and fetches it anew when it is damaged: its path and whether it had
/// to be repaired; `None` when there is no cached one.
pub fn repair_runtime(progress: &dyn Progress) -> Result<Option<(PathBuf, bool)>, RuntimeError> {
    let search = Search::from_environment();
    let path = search.cached();
    if !path.exists() && !sidecar(&path).exists() {
        return Ok(None);
    }
    match cached_library(&search)? {
        Some(library) => Ok(Some((library.path, false))),
        None => fetch(&search, progress).map(|path| Some((path, true))),
    }
}

/// Loads ONNX Runtime, fetching it when it is missing. The second call returns the first's result.
pub fn init_runtime() -> Result<Runtime, RuntimeError> {
    init_runtime_with(&Silent)
}

/// As [`init_runtime`], showing the download.
pub fn init_runtime_with(progress: &dyn Progress) -> Result<Runtime, RuntimeError> {
    static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = &*loaded {
        return Ok(runtime.clone());
    }
    let search = Search::from_environment();
    let mut library = ensure_in(&search, progress)?;
    let mut environment = load(&library);
    if let (RuntimeOrigin::System, Err(error)) = (library.origin, &environment) {
        tracing::warn!("{error}; fetching {RUNTIME_VERSION} instead");
        library = RuntimeLibrary::at(fetch(&search, progress)?, RuntimeOrigin::Cache);
        environment = load(&library);
    }
    let environment = environment?;
    if library.has_telemetry() && !search.telemetry_disabled {
        tracing::warn!(
            "{} may write telemetry files; to stop it, start Masque with ORT_DISABLE_TELEMETRY=1",
            library.path.display()
        );
    }
    tracing::info!("ONNX Runtime from {} ({})", library.path.display(), library.origin);
    let runtime = Runtime { library, environment };
    *loaded = Some(runtime.clone());
    Ok(runtime)
}

fn load(library: &RuntimeLibrary) -> Result<Environment, RuntimeError> {
    let failed = |reason: String| RuntimeError::Load {
        path: library.path.clone(),
        reason,
        hint: match library.origin {
            RuntimeOrigin::Variable => "Type: unset ORT_DYLIB_PATH".to_owned(),
            RuntimeOrigin::System => "Set ORT_DYLIB_PATH to a library that does".to_owned(),
            RuntimeOrigin::Cache => format!("Type: rm {}", library.path.display()),
        },
    };
    ort::init_from(&library.path)
        .map_err(|error| failed(error.to_string()))?
        .with_name("masque")
        .with_telemetry(false)
        .build()
        .map_err(|error| failed(error.to_string()))
}
