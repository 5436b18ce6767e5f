//! Where a library may be: the variable, system folders, the cache.

use std::path::{Path, PathBuf};

use super::library::{OLDEST_MINOR, RUNTIME_VERSION, RuntimeError, RuntimeLibrary, RuntimeOrigin};
use crate::folders::cache_dir;
use crate::models::cache::sha256_file;

/// Where to look, gathered from the environment once so that tests can choose.
#[derive(Debug)]
pub(super) struct Search {
    pub(super) variable: Option<PathBuf>,
    pub(super) folders: Vec<PathBuf>,
    pub(super) cache: PathBuf,
    pub(super) telemetry_disabled: bool,
}

impl Search {
    pub(super) fn from_environment() -> Self {
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

    /// Where the fetched library is kept.
    pub(super) fn cached(&self) -> PathBuf {
        let folder = self.cache.join("runtime").join(format!("onnxruntime-{RUNTIME_VERSION}"));
        folder.join(library_name())
    }
}

pub(super) fn library_name() -> &'static str {
    match std::env::consts::OS {
        "windows" => "onnxruntime.dll",
        "macos" => "libonnxruntime.dylib",
        _ => "libonnxruntime.so",
    }
}

/// A system library that would write telemetry comes last, so that it is used only where the one
/// without cannot be had.
pub(super) fn find_in(search: &Search) -> Result<Option<RuntimeLibrary>, RuntimeError> {
    if let Some(path) = &search.variable {
        if !path.is_file() {
            return Err(RuntimeError::NotThere { path: path.clone() });
        }
        return Ok(Some(RuntimeLibrary::at(path.clone(), RuntimeOrigin::Variable)));
    }
    let system = search.folders.iter().find_map(|folder| in_folder(folder));
    if system.as_ref().is_some_and(|library| search.telemetry_disabled || !library.has_telemetry()) {
        return Ok(system);
    }
    Ok(cached_library(search)?.or(system))
}

/// The newest usable library of a folder.
fn in_folder(folder: &Path) -> Option<RuntimeLibrary> {
    let wanted = library_name();
    let usable = |path: PathBuf| {
        let library = RuntimeLibrary::at(path, RuntimeOrigin::System);
        if library.minor.is_some_and(|minor| minor < OLDEST_MINOR) {
            tracing::info!("{} is older than 1.{OLDEST_MINOR}, skipped", library.path.display());
            return None;
        }
        Some(library)
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

/// The cached library when it still is what was extracted; a damaged one would crash the process.
pub(super) fn cached_library(search: &Search) -> Result<Option<RuntimeLibrary>, RuntimeError> {
    let path = search.cached();
    let Ok(expected) = std::fs::read_to_string(sidecar(&path)) else { return Ok(None) };
    let found = match sha256_file(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RuntimeError::Disk { path, source }),
    };
    if found == expected.trim() {
        return Ok(Some(RuntimeLibrary::at(path, RuntimeOrigin::Cache)));
    }
    tracing::warn!("{} is damaged, fetching it again", path.display());
    Ok(None)
}

pub(super) fn sidecar(library: &Path) -> PathBuf {
    library.with_added_extension("sha256")
}

#[cfg(test)]
#[cfg(target_os = "linux")]
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
        let search = Search { variable: None, folders: vec![folder], cache, telemetry_disabled: false };
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
