//! Where Masque keeps its files, and how a file lands whole or not at all.

mod write;

use std::path::{Path, PathBuf};

pub(crate) use write::{AtomicFile, write_atomically};

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
