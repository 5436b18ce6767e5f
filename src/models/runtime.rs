//! ONNX Runtime's shared library: found, or fetched, then loaded once per process.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use thiserror::Error;

use super::cache::{CacheLock, cache_dir, sha256_file, write_atomically};
use super::wheel::{Wheel, WheelError};
use super::{Progress, Silent};

/// The version that is fetched: newer official builds write telemetry files (a device id, an upload
/// cache) into the user's cache folder unless `ORT_DISABLE_TELEMETRY=1` is set; this one has none.
pub const RUNTIME_VERSION: &str = "1.28.0";

/// The oldest minor version (1.x) the binding works with.
const OLDEST_MINOR: u32 = ort::MINOR_VERSION;
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
    let library = ensure_in(&Search::from_environment(), progress)?;
    let failed = |reason: String| RuntimeError::Load {
        path: library.path.clone(),
        reason,
        hint: match library.origin {
            RuntimeOrigin::Variable => "Type: unset ORT_DYLIB_PATH".to_owned(),
            RuntimeOrigin::System => "Set ORT_DYLIB_PATH to a library that does".to_owned(),
            RuntimeOrigin::Cache => format!("Type: rm {}", library.path.display()),
        },
    };
    let environment = ort::init_from(&library.path)
        .map_err(|error| failed(error.to_string()))?
        .with_name("masque")
        .with_telemetry(false)
        .build()
        .map_err(|error| failed(error.to_string()))?;
    if writes_telemetry(&library) {
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

/// Where to look, gathered from the environment once so that tests can choose.
#[derive(Debug)]
struct Search {
    variable: Option<PathBuf>,
    folders: Vec<PathBuf>,
    cache: PathBuf,
    telemetry_disabled: bool,
}

impl Search {
    fn from_environment() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let mut folders: Vec<PathBuf> = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"]
            .iter()
            .filter_map(|name| set(name))
            .flat_map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>())
            .collect();
        let arch = std::env::consts::ARCH;
        folders.extend(
            [
                "/usr/local/lib".to_owned(),
                format!("/usr/lib/{arch}-linux-gnu"),
                "/usr/lib64".to_owned(),
                "/usr/lib".to_owned(),
                "/opt/homebrew/lib".to_owned(),
            ]
            .map(PathBuf::from),
        );
        Self {
            variable: set("ORT_DYLIB_PATH").map(PathBuf::from),
            folders,
            cache: cache_dir(),
            telemetry_disabled: set("ORT_DISABLE_TELEMETRY").is_some_and(|value| value == "1"),
        }
    }

    fn cached(&self) -> PathBuf {
        let folder = self.cache.join("runtime").join(format!("onnxruntime-{RUNTIME_VERSION}"));
        folder.join(library_name())
    }
}

fn library_name() -> &'static str {
    match std::env::consts::OS {
        "windows" => "onnxruntime.dll",
        "macos" => "libonnxruntime.dylib",
        _ => "libonnxruntime.so",
    }
}

/// A system library that would write telemetry comes last, so that it is used only where the one
/// without cannot be had.
fn find_in(search: &Search) -> Result<Option<RuntimeLibrary>, RuntimeError> {
    if let Some(path) = &search.variable {
        if !path.is_file() {
            return Err(RuntimeError::NotThere { path: path.clone() });
        }
        return Ok(Some(RuntimeLibrary {
            path: path.clone(),
            origin: RuntimeOrigin::Variable,
            minor: minor_version(path),
        }));
    }
    let system = search.folders.iter().find_map(|folder| in_folder(folder));
    if system.as_ref().is_some_and(|library| search.telemetry_disabled || !with_telemetry(library)) {
        return Ok(system);
    }
    Ok(cached_library(search)?.or(system))
}

fn ensure_in(search: &Search, progress: &dyn Progress) -> Result<RuntimeLibrary, RuntimeError> {
    let found = find_in(search)?;
    let last_resort = match found {
        Some(library) if library.origin != RuntimeOrigin::System => return Ok(library),
        Some(library) if search.telemetry_disabled || !with_telemetry(&library) => {
            return Ok(library);
        }
        other => other,
    };
    match (fetch(search, progress), last_resort) {
        (Ok(path), _) => {
            Ok(RuntimeLibrary { path, origin: RuntimeOrigin::Cache, minor: pinned_minor() })
        }
        (Err(error), Some(library)) => {
            tracing::warn!("{error}; using {}", library.path.display());
            Ok(library)
        }
        (Err(error), None) => Err(error),
    }
}

fn pinned_minor() -> Option<u32> {
    RUNTIME_VERSION.split('.').nth(1).and_then(|minor| minor.parse().ok())
}

/// The newest usable library of a folder.
fn in_folder(folder: &Path) -> Option<RuntimeLibrary> {
    let wanted = library_name();
    let usable = |path: PathBuf| {
        let minor = minor_version(&path);
        if minor.is_some_and(|minor| minor < OLDEST_MINOR) {
            tracing::info!("{} is older than 1.{OLDEST_MINOR}, skipped", path.display());
            return None;
        }
        Some(RuntimeLibrary { path, origin: RuntimeOrigin::System, minor })
    };
    std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter(|entry| {
            entry.file_name().to_str().is_some_and(|name| {
                name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        })
        .filter_map(|entry| usable(entry.path()))
        .max_by_key(|library| library.minor)
}

/// Minor version from the name that the file has after all links (`libonnxruntime.so.1.28.0`).
fn minor_version(path: &Path) -> Option<u32> {
    let real = path.canonicalize().ok()?;
    let name = real.file_name()?.to_str()?;
    let mut numbers = name.split('.').skip_while(|part| *part != "1").skip(1);
    numbers.next()?.parse().ok()
}

/// An unknown version counts as a new one.
fn with_telemetry(library: &RuntimeLibrary) -> bool {
    library.minor.is_none_or(|minor| minor >= TELEMETRY_MINOR)
}

fn writes_telemetry(library: &RuntimeLibrary) -> bool {
    library.minor.is_some_and(|minor| minor >= TELEMETRY_MINOR)
        && std::env::var_os("ORT_DISABLE_TELEMETRY").is_none_or(|value| value != "1")
}

/// The cached library when it still is what was extracted; a damaged one would crash the process.
fn cached_library(search: &Search) -> Result<Option<RuntimeLibrary>, RuntimeError> {
    let path = search.cached();
    let Ok(expected) = std::fs::read_to_string(sidecar(&path)) else { return Ok(None) };
    let found = match sha256_file(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RuntimeError::Disk { path, source }),
    };
    if found == expected.trim() {
        return Ok(Some(RuntimeLibrary {
            path,
            origin: RuntimeOrigin::Cache,
            minor: pinned_minor(),
        }));
    }
    tracing::warn!("{} is damaged, fetching it again", path.display());
    Ok(None)
}

fn sidecar(library: &Path) -> PathBuf {
    library.with_added_extension("sha256")
}

fn fetch(search: &Search, progress: &dyn Progress) -> Result<PathBuf, RuntimeError> {
    let path = search.cached();
    let disk = |path: &Path, source| RuntimeError::Disk { path: path.to_owned(), source };
    let lock = CacheLock::take(&search.cache, progress)
        .map_err(|source| disk(&search.cache, source))?;
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
    write_atomically(&sidecar(&path), 0o644, |file| {
        std::io::Write::write_all(file, digest.as_bytes())
    })
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn search(system: &[&str]) -> (tempfile::TempDir, Search) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("lib");
        std::fs::create_dir_all(&folder).unwrap();
        for name in system {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let cache = root.path().join("cache");
        let search =
            Search { variable: None, folders: vec![folder], cache, telemetry_disabled: false };
        (root, search)
    }

    fn put_into_cache(search: &Search) {
        let path = search.cached();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "library").unwrap();
        std::fs::write(sidecar(&path), sha256_file(&path).unwrap()).unwrap();
    }

    #[test]
    fn the_variable_wins_and_a_wrong_one_is_an_error() {
        let (root, mut search) = search(&["libonnxruntime.so.1.28.0"]);
        let own = root.path().join("own.so");
        search.variable = Some(own.clone());
        let error = find_in(&search).unwrap_err().to_string();
        assert!(error.contains("own.so") && error.contains("unset ORT_DYLIB_PATH"), "{error}");
        std::fs::write(&own, "").unwrap();
        let found = find_in(&search).unwrap().unwrap();
        assert_eq!((found.path, found.origin), (own, RuntimeOrigin::Variable));
    }

    #[test]
    fn a_system_library_is_used_unless_it_is_too_old_or_writes_telemetry() {
        let (_old, too_old) = search(&["libonnxruntime.so.1.14.1"]);
        assert_eq!(find_in(&too_old).unwrap(), None);

        let (_root, fit) = search(&["libonnxruntime.so.1.28.3", "libonnxruntime_providers_shared.so"]);
        put_into_cache(&fit);
        let found = find_in(&fit).unwrap().unwrap();
        assert_eq!((found.origin, found.minor), (RuntimeOrigin::System, Some(28)));

        let (_new, mut new) = search(&["libonnxruntime.so.1.31.0"]);
        put_into_cache(&new);
        assert_eq!(find_in(&new).unwrap().unwrap().origin, RuntimeOrigin::Cache);
        new.telemetry_disabled = true;
        assert_eq!(find_in(&new).unwrap().unwrap().origin, RuntimeOrigin::System);
    }

    #[test]
    fn a_damaged_cached_library_is_not_loaded() {
        let (_root, search) = search(&[]);
        put_into_cache(&search);
        assert_eq!(find_in(&search).unwrap().unwrap().origin, RuntimeOrigin::Cache);
        std::fs::write(search.cached(), "librarz").unwrap();
        assert_eq!(find_in(&search).unwrap(), None);
    }
}
