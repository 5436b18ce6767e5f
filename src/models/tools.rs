//! Programs that Masque fetches for itself: so far ffmpeg.

use std::path::Path;

use thiserror::Error;

use super::Progress;
use super::cache::CacheLock;
use super::store::cache_dir;
use super::wheel::{Wheel, WheelError};

/// The wheel that carries a static ffmpeg.
const FFMPEG_WHEEL: &str = "imageio-ffmpeg==0.8.1";

/// Why there is no such program.
#[derive(Debug, Error)]
pub enum ToolError {
    /// It could not be fetched.
    #[error("ffmpeg cannot be fetched: {0}")]
    Fetch(#[from] WheelError),
    /// The cache folder.
    #[error("cannot lock the cache folder: {0}")]
    Lock(#[from] std::io::Error),
}

/// Fetches a static build of ffmpeg (173 MB unpacked) to `path`, unless it is there already.
pub fn fetch_ffmpeg(path: &Path, progress: &dyn Progress) -> Result<(), ToolError> {
    let cache = cache_dir();
    let lock = CacheLock::take(&cache, progress)?;
    if path.exists() {
        return Ok(());
    }
    let mut wheel = Wheel::fetch(FFMPEG_WHEEL, &cache, &lock, progress)?;
    let program = wheel
        .find(|member| member.contains("/binaries/ffmpeg-"))
        .ok_or_else(|| WheelError::NoMember { spec: FFMPEG_WHEEL.to_owned(), member: "ffmpeg".to_owned() })?;
    wheel.extract(&program, path, 0o755)?;
    Ok(())
}
