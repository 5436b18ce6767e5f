//! The cache folder: hashes of what is in it, and the lock that keeps two processes apart.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::Progress;

/// Temporary folders older than this were left by a process that was killed.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// SHA-256 of a file, lower-case hex.
pub fn sha256_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hasher.finalize())),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// SHA-256 of bytes, lower-case hex.
pub fn sha256_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Held while the cache is written; another process waits for it.
#[derive(Debug)]
pub(super) struct CacheLock {
    _file: File,
}

impl CacheLock {
    /// Takes the lock of `cache`, telling `progress` when it has to wait.
    pub(super) fn take(cache: &Path, progress: &dyn Progress) -> io::Result<Self> {
        fs::create_dir_all(cache)?;
        let path = cache.join("lock");
        let file = File::options().create(true).write(true).truncate(false).open(path)?;
        if file.try_lock().is_err() {
            progress.note("Another Masque is filling the cache, waiting for it…");
            file.lock()?;
        }
        Ok(Self { _file: file })
    }
}

/// A fresh folder inside the cache that goes when it is dropped. Call with the lock held: folders
/// that a killed process left are removed first.
pub(super) fn scratch_dir(cache: &Path) -> io::Result<tempfile::TempDir> {
    let folder = cache.join("tmp");
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(&folder)?.flatten() {
        let age = entry
            .metadata()
            .and_then(|data| data.modified())
            .map(|time| SystemTime::now().duration_since(time).unwrap_or_default());
        if age.is_ok_and(|age| age > STALE) {
            tracing::info!("removing {}, left by a process that was killed", entry.path().display());
            fs::remove_dir_all(entry.path())?;
        }
    }
    tempfile::TempDir::new_in(folder)
}
