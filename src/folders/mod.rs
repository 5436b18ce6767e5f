//! Where Masque and its users keep their files, and how a file lands whole or not at all.

mod write;

use std::path::{Path, PathBuf};

pub(crate) use write::{AtomicFile, write_alone, write_atomically, write_new};

/// Where models, the runtime and tools are kept: `$MASQUE_CACHE_DIR`, else `$XDG_CACHE_HOME/masque`,
/// else `$HOME/.cache/masque`, else a folder for temporary files.
pub fn cache_dir() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(own) = set("MASQUE_CACHE_DIR") {
        return own.into();
    }
    if let Some(cache) = set("XDG_CACHE_HOME") {
        return Path::new(&cache).join("masque");
    }
    match set("HOME").or_else(|| set("USERPROFILE")) {
        Some(home) => Path::new(&home).join(".cache").join("masque"),
        None => std::env::temp_dir().join("masque"),
    }
}

/// Where the user's own looks are kept: `$MASQUE_CONFIG_DIR`, else `$XDG_CONFIG_HOME/masque`, else the platform's
/// folder for settings (`~/.config/masque`, `~/Library/Application Support/masque`, `%APPDATA%\masque`); none
/// where the user has no home.
pub fn config_dir() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(own) = set("MASQUE_CONFIG_DIR") {
        return Some(own);
    }
    let settings = if cfg!(windows) {
        set("APPDATA")
    } else if cfg!(target_os = "macos") {
        set("HOME").map(|home| home.join("Library").join("Application Support"))
    } else {
        set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))
    };
    settings.map(|settings| settings.join("masque"))
}

/// Bytes that a user may still write on the disk of `path`, which may be a file or a folder; none where the system
/// does not tell.
#[cfg(unix)]
pub(crate) fn free_space(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Not asked for on this system.
#[cfg(not(unix))]
pub(crate) fn free_space(_: &Path) -> Option<u64> {
    None
}
