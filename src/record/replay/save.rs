//! What was kept, as a file.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::ring::Kept;
use super::{ClipFormat, ReplayKind};
use crate::ffmpeg::{Ffmpeg, write_fragments};
use crate::folders::write_new;
use crate::stats::{Stats, describe};

/// How much of the end a clip shows.
pub(super) const CLIP: Duration = Duration::from_secs(5);
/// Twelve pictures a second, at most 480 columns, colours chosen for the clip: what messengers take.
const GIF: [&str; 4] = [
    "-vf",
    "fps=12,scale=min(480\\,iw):-2:flags=lanczos,split[a][b];[a]palettegen=stats_mode=diff[p];\
     [b][p]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle",
    "-loop",
    "0",
];
const WEBP: [&str; 8] = [
    "-vf",
    "fps=15,scale=min(480\\,iw):-2:flags=lanczos",
    "-c:v",
    "libwebp_anim",
    "-quality",
    "70",
    "-loop",
    "0",
];
const VIDEO: [&str; 4] = ["-c", "copy", "-movflags", "+faststart"];

/// Writes `kept` into a new file of `folder` and gives its path. Blocks until it is there.
///
/// # Errors
/// One sentence that says what could not be written and why.
pub(super) fn save(
    ffmpeg: &Ffmpeg,
    folder: &Path,
    kind: ReplayKind,
    kept: &Kept,
    stats: &Stats,
) -> Result<PathBuf, String> {
    let (extension, options): (_, &[&str]) = match kind {
        ReplayKind::Video => ("mp4", &VIDEO),
        ReplayKind::Clip(ClipFormat::Gif) => ("gif", &GIF),
        ReplayKind::Clip(ClipFormat::WebP) => ("webp", &WEBP),
    };
    let explain = |what: &dyn std::fmt::Display| format!("cannot save the last seconds: {what}");
    let path = free_name(folder, extension);
    // ffmpeg knows the container by the extension, so the folder is what is temporary.
    let beside = tempfile::Builder::new().prefix(".masque-").tempdir_in(folder);
    let beside = beside.map_err(|error| explain(&format!("{}: {error}", folder.display())))?;
    let partial = beside.path().join(format!("replay.{extension}"));
    match write_fragments(ffmpeg, &kept.head, &kept.fragments, options, &partial) {
        Ok(()) => rename_new(&partial, &path).map_err(|error| explain(&error)),
        // What was kept is a file already, if not the most convenient one.
        Err(error) if kind == ReplayKind::Video => {
            stats.count("replay_fallbacks");
            tracing::warn!("the replay stays in fragments: {}", describe(&error));
            let written = write_new(&path, 0o644, |file| {
                io::Write::write_all(file, &kept.head)?;
                kept.fragments.iter().try_for_each(|fragment| io::Write::write_all(file, &fragment.bytes))
            });
            written.map_err(|error| explain(&format!("{}: {error}", path.display())))
        }
        Err(error) => Err(explain(&describe(&error))),
    }?;
    Ok(path)
}

/// Gives the file its name unless something has it by now.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is there", to.display())));
    }
    std::fs::rename(from, to)
}

/// `masque-1763728931002.mp4` in `folder`, or the next that is free.
fn free_name(folder: &Path, extension: &str) -> PathBuf {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let name = |at: u128| folder.join(format!("masque-{at}.{extension}"));
    let taken = (now..).map(name).find(|path| !path.exists());
    taken.unwrap_or_else(|| name(now))
}
