//! Networks as the same in less time, in the cache.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::import::rewrite;
use super::store::ModelStore;
use crate::folders::write_atomically;

/// Larger files are run as they are: they would be held in memory twice, and what is gained is a small part of their time.
const LARGEST: u64 = 256 << 20;

impl ModelStore {
    /// A file in the cache that does what the ONNX file `onnx` (whose SHA-256 is `sha256`) does, in less time
    /// ([`rewrite()`]); `None` when there is nothing to gain, or it cannot be written (logged, and counted as
    /// `model_folds_failed`).
    pub fn faster(&self, onnx: &Path, sha256: &str) -> Option<PathBuf> {
        if fs::metadata(onnx).ok()?.len() > LARGEST {
            return None;
        }
        let faster = rewrite(&fs::read(onnx).ok()?)?;
        let path = self.config.cache.join("models").join("faster").join(format!("{sha256}.onnx"));
        match keep(&path, &faster) {
            Ok(()) => Some(path),
            Err(error) => {
                self.stats.count("model_folds_failed");
                tracing::warn!(
                    "{} runs as it is, slower: cannot write {}: {error}",
                    onnx.display(),
                    path.display()
                );
                None
            }
        }
    }
}

/// Made anew each time, which takes milliseconds, so that a damaged file does not stay.
fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    write_atomically(path, 0o644, |out| out.write_all(bytes))
}
