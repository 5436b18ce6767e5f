//! What is done to a file after its last picture: made an ordinary one, and given its name.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Ffmpeg;
use super::child::FfmpegChild;
use super::error::ChildError;
use super::job::{file_argument, is_matroska, muxer};
use super::partial::{copy_path, left_behind};
use super::playable::{cut_off_rest, has_picture};
use super::sound::AudioWay;
use crate::folders::free_space;

/// How long writing a file anew may take, beside a second for every [`SLOWEST`] bytes.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes per second of the slowest disk that is waited for.
const SLOWEST: u64 = 4_000_000;

/// What was found of recordings that were cut off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Files that have their names now.
    pub files: Vec<Recovered>,
    /// Files without a picture, which were removed.
    pub empty: u64,
}

/// A file that was cut off, found later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// What it is called now.
    pub path: PathBuf,
    /// Pictures in it.
    pub frames: u64,
}

/// Sound that a file gets when it is complete.
#[derive(Debug, Clone)]
pub(super) struct Dubbing {
    /// Where it is.
    pub(super) input: PathBuf,
    pub(super) way: AudioWay,
    /// Where in it the pictures begin.
    pub(super) start: Duration,
    /// Where the pictures end, and so does the sound.
    pub(super) length: Duration,
}

/// Writes what is in `from` anew as an ordinary file with one index, through `<name>.<ext>.whole` beside it, in the
/// place of `from`, if `spare` bytes stay free. Gives the number of pictures.
pub(super) fn make_ordinary(
    ffmpeg: &Path,
    from: &Path,
    dubbing: Option<&Dubbing>,
    spare: u64,
) -> Result<u64, ChildError> {
    let bytes = std::fs::metadata(from).map_err(|error| file_error(from, error))?.len();
    if free_space(from).is_some_and(|free| free < bytes.saturating_add(spare)) {
        return Err(ChildError::Disk("the disk has no room for a second copy".to_owned()));
    }
    // No name of a video until it is one.
    let to = copy_path(from);
    // Sound is encoded many times as fast as it is heard.
    let patience = PATIENCE
        + Duration::from_secs(bytes / SLOWEST)
        + dubbing.map_or(Duration::ZERO, |dubbing| dubbing.length);
    let outcome = copy_streams(ffmpeg, from, &to, dubbing, patience).and_then(|frames| match frames {
        0 => Err(ChildError::NoFrames),
        _ => std::fs::rename(&to, from).map(|()| frames).map_err(|error| file_error(from, error)),
    });
    if outcome.is_err() {
        // What is left of a copy that failed is of no use to anybody.
        let _ = std::fs::remove_file(&to);
    }
    outcome
}

fn copy_streams(
    ffmpeg: &Path,
    from: &Path,
    to: &Path,
    dubbing: Option<&Dubbing>,
    patience: Duration,
) -> Result<u64, ChildError> {
    let mut args: Vec<OsString> =
        ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-progress", "pipe:2", "-y", "-i"]
            .map(OsString::from)
            .into();
    args.push(file_argument(from));
    if let Some(Dubbing { input, start, length, .. }) = dubbing {
        if !start.is_zero() {
            args.extend(["-ss".into(), format!("{:.4}", start.as_secs_f64()).into()]);
        }
        args.extend([
            "-t".into(),
            format!("{:.4}", length.as_secs_f64()).into(),
            "-i".into(),
            file_argument(input),
        ]);
    }
    args.extend(["-map", "0", "-c", "copy"].map(OsString::from));
    match dubbing.map(|dubbing| dubbing.way) {
        Some(AudioWay::Encode) => {
            args.extend(["-map", "1:a:0", "-c:a", "aac", "-b:a", "192k"].map(OsString::from))
        }
        Some(AudioWay::Copy) => args.extend(["-map", "1:a:0"].map(OsString::from)),
        None => {}
    }
    if is_matroska(from) {
        // Players look for the index at the beginning.
        args.extend(["-cues_to_front", "1"].map(OsString::from));
    }
    args.extend(["-f", muxer(from)].map(OsString::from));
    args.push(file_argument(to));
    run_counting(ffmpeg, &args, patience)
}

/// What is done to a file that stays fragmented: what is left of its last fragment is cut off, and its pictures are counted.
pub(super) fn keep_fragments(ffmpeg: &Path, file: &Path) -> Option<u64> {
    if !is_matroska(file)
        && let Err(error) = cut_off_rest(file)
    {
        tracing::warn!("{} may end in the middle of a picture: {error}", file.display());
    }
    count_pictures(ffmpeg, file)
}

/// Pictures in `file`, which may end in the middle of one; none when ffmpeg cannot read it.
pub fn count_pictures(ffmpeg: &Path, file: &Path) -> Option<u64> {
    let mut args: Vec<OsString> =
        ["-hide_banner", "-nostdin", "-nostats", "-progress", "pipe:2", "-i"].map(OsString::from).into();
    args.push(file_argument(file));
    args.extend(["-map", "0:v", "-c", "copy", "-f", "null", "-"].map(OsString::from));
    run_counting(ffmpeg, &args, PATIENCE).ok()
}

/// Runs ffmpeg, which tells its progress on its standard error, and gives the number of pictures.
fn run_counting(ffmpeg: &Path, args: &[OsString], patience: Duration) -> Result<u64, ChildError> {
    let frames = Arc::new(AtomicU64::new(0));
    let seen = frames.clone();
    let (child, pipes) = FfmpegChild::start(ffmpeg, args, true, move |line| {
        let Some((key, value)) = line.split_once('=') else { return false };
        if let ("frame", Ok(count)) = (key, value.trim().parse()) {
            seen.store(count, Ordering::Relaxed);
        }
        // Progress is told in words without blanks; what has some is a complaint.
        !key.contains(' ')
    })?;
    drop(pipes);
    match child.wait(patience) {
        Some(status) if status.success() => Ok(frames.load(Ordering::Relaxed)),
        status => Err(child.failure(status)),
    }
}

/// Gives `from` the name `to`; where that is taken and not to be replaced, `to-2`, `to-3`, ….
pub(super) fn place(from: &Path, to: &Path, replace: bool) -> Result<PathBuf, ChildError> {
    if replace {
        return std::fs::rename(from, to).map(|()| to.to_owned()).map_err(|error| file_error(to, error));
    }
    for n in 1..10_000 {
        let name = numbered(to, n);
        match rename_new(from, &name) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(file_error(&name, error)),
        }
    }
    Err(file_error(to, io::ErrorKind::AlreadyExists.into()))
}

/// `clip.mp4` for 1, `clip-2.mp4` for 2.
pub fn numbered(path: &Path, n: u64) -> PathBuf {
    if n <= 1 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{n}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Renames and never replaces. Where the system cannot do that, a second name is made and the first one removed;
/// file systems that know only one name per file (FAT) are asked first.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            outcome => return outcome.map_err(io::Error::from),
        }
    }
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if to.exists() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(from, to),
    }
}

/// Gives the unfinished recordings of `folder` that nobody writes any more their names, as ordinary files where
/// that can be done. Files without a picture are removed. Not on Windows, where nobody knows who still writes.
///
/// A copy is made only where `spare` bytes stay free beside it.
pub fn recover(ffmpeg: &Ffmpeg, folder: &Path, spare: u64) -> Recovery {
    let left = left_behind(folder);
    let mut recovery = Recovery { files: Vec::new(), empty: left.empty };
    for (partial, whole, _locked) in left.files {
        match make_ordinary(&ffmpeg.path, &partial, None, spare) {
            Ok(frames) => {
                if let Ok(path) = place(&partial, &whole, false) {
                    recovery.files.push(Recovered { path, frames });
                }
            }
            Err(error) => {
                let empty = std::fs::metadata(&partial).is_ok_and(|metadata| metadata.len() == 0);
                if has_picture(&partial, is_matroska(&partial)) {
                    // It plays as it is.
                    tracing::warn!("{} stays fragmented: {error}", whole.display());
                    let frames = keep_fragments(&ffmpeg.path, &partial).unwrap_or(0);
                    if let Ok(path) = place(&partial, &whole, false) {
                        recovery.files.push(Recovered { path, frames });
                    }
                } else if empty {
                    // It holds nothing; if it cannot be removed it is tried again the next time.
                    recovery.empty += u64::from(std::fs::remove_file(&partial).is_ok());
                } else {
                    tracing::warn!("{} stays as it is: {error}", partial.display());
                }
            }
        }
    }
    recovery
}

pub(super) fn file_error(path: &Path, error: io::Error) -> ChildError {
    ChildError::File { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_is_counted_on_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [("a.mp4", "one"), ("a-2.mp4", "two"), ("new", "three")] {
            std::fs::write(at(name), text).unwrap();
        }
        assert_eq!(place(&at("new"), &at("a.mp4"), false).unwrap(), at("a-3.mp4"));
        let text = |name: &str| std::fs::read_to_string(at(name)).unwrap();
        assert_eq!([text("a.mp4"), text("a-2.mp4"), text("a-3.mp4")], ["one", "two", "three"]);
        assert!(!at("new").exists());
    }
}
