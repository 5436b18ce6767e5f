//! A file while it is written, and those that were left when a program was cut off.
//!
//! `show.mp4` begins as `show.mp4.begun`, which no player takes for a video, is `show.partial.mp4` as soon as a picture
//! can be played from it, and gets its name at the end.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::finish::rename_new;
use super::job::{is_container, is_matroska};
use super::playable::has_picture;

/// What stands before the extension of an unfinished file.
const MARK: &str = ".partial";
/// What stands after the name of a file without a picture.
const BEGUN: &str = ".begun";
/// What stands after the name of a copy that is being made.
const WHOLE: &str = ".whole";
/// How long a file must have rested to count as left behind: a child that outlives us finishes its file.
const REST: Duration = Duration::from_secs(5);

/// The unfinished file; removed when dropped unless it is kept and has a picture. Locked while it lives, so that
/// others know.
#[derive(Debug)]
pub(super) struct PartialFile {
    pub(super) path: PathBuf,
    pub(super) keep: bool,
    /// What it is called as soon as it plays; none when it is.
    due: Option<PathBuf>,
    replace: bool,
    matroska: bool,
    file: File,
}

impl PartialFile {
    /// Makes the unfinished file of `path`; one that is there is an error unless `replace`.
    pub(super) fn create(path: &Path, replace: bool) -> io::Result<Self> {
        let partial = partial_path(path);
        // Windows renames no file that another program has open.
        let begun = if cfg!(unix) { begun_path(path) } else { partial.clone() };
        let file = match replace {
            true => File::create(&begun),
            false if partial.exists() => Err(io::ErrorKind::AlreadyExists.into()),
            false => OpenOptions::new().write(true).create_new(true).open(&begun),
        }?;
        // On Windows a lock would keep the child out. File systems without locks do without.
        #[cfg(unix)]
        let _ = file.try_lock();
        let due = (begun != partial).then_some(partial);
        Ok(Self { path: begun, keep: false, due, replace, matroska: is_matroska(path), file })
    }

    /// Whether a picture can be played from it.
    pub(super) fn has_picture(&self) -> bool {
        has_picture(&self.path, self.matroska)
    }

    /// Another handle of it.
    pub(super) fn handle(&self) -> Option<File> {
        self.file.try_clone().ok()
    }

    /// Gives it the name of a video once a picture can be played from it; whether it has just got it.
    pub(super) fn appear(&mut self) -> bool {
        let Some(due) = &self.due else { return false };
        if !self.has_picture() {
            return false;
        }
        let renamed =
            if self.replace { std::fs::rename(&self.path, due) } else { rename_new(&self.path, due) };
        if renamed.is_err() {
            return false;
        }
        self.path.clone_from(due);
        self.due = None;
        true
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if self.keep && self.has_picture() {
            self.appear();
        } else if self.path.exists()
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!("{} cannot be removed: {error}", self.path.display());
        }
    }
}

/// `clip.mp4` → `clip.partial.mp4`: the extension still tells the container.
pub(crate) fn partial_path(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(MARK);
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// `clip.mp4` → `clip.mp4.begun`.
fn begun_path(path: &Path) -> PathBuf {
    with_more(path, BEGUN)
}

/// `clip.partial.mp4` → `clip.partial.mp4.whole`.
pub(super) fn copy_path(path: &Path) -> PathBuf {
    with_more(path, WHOLE)
}

/// Bytes of the copies in `folder` that are to become ordinary files.
pub(crate) fn copied_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let copies = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(WHOLE));
    copies.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
}

fn with_more(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Whether a recording has this name, or is going to get it.
pub(crate) fn is_taken(path: &Path) -> bool {
    [path, &partial_path(path), &begun_path(path)].into_iter().any(Path::exists)
}

/// `clip.partial.mp4` → `clip.mp4`; none for other names.
fn whole_path(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?.to_str()?.strip_suffix(MARK).filter(|stem| !stem.is_empty())?;
    let name = format!("{stem}.{}", path.extension()?.to_str()?);
    is_container(path).then(|| path.with_file_name(name))
}

/// What was left in a folder by programs that were cut off.
#[derive(Debug, Default)]
pub(super) struct LeftBehind {
    /// Unfinished files, each with the name that it was to get, and locked.
    pub(super) files: Vec<(PathBuf, PathBuf, File)>,
    /// How many there were without a picture; they are gone.
    pub(super) empty: u64,
}

/// What nobody writes any more in `folder`. What has no picture is removed, what has one is called `.partial`.
#[cfg(unix)]
pub(super) fn left_behind(folder: &Path) -> LeftBehind {
    let mut left = LeftBehind::default();
    let Ok(entries) = std::fs::read_dir(folder) else { return left };
    let paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    for path in paths {
        let stripped = |ending: &str| {
            let name = path.to_str()?.strip_suffix(ending)?;
            Some(PathBuf::from(name)).filter(|name| is_container(name))
        };
        if let Some(original) = stripped(WHOLE) {
            if at_rest(&path).is_some() && (!original.exists() || at_rest(&original).is_some()) {
                // The original is there, or its copy was useless.
                let _ = std::fs::remove_file(&path);
            }
        } else if let Some(whole) = stripped(BEGUN) {
            let Some(file) = at_rest(&path) else { continue };
            let partial = partial_path(&whole);
            if !has_picture(&path, is_matroska(&whole)) {
                left.empty += u64::from(std::fs::remove_file(&path).is_ok());
            } else if rename_new(&path, &partial).is_ok() {
                left.files.push((partial, whole, file));
            }
        } else if let Some(whole) = whole_path(&path)
            && let Some(file) = at_rest(&path)
        {
            left.files.push((path, whole, file));
        }
    }
    left
}

/// Locks a file that nobody writes any more.
#[cfg(unix)]
fn at_rest(path: &Path) -> Option<File> {
    let file = OpenOptions::new().write(true).open(path).ok()?;
    let age = SystemTime::now().duration_since(file.metadata().ok()?.modified().ok()?).ok()?;
    (age > REST && file.try_lock().is_ok()).then_some(file)
}

/// Without locks nobody knows who still writes.
#[cfg(not(unix))]
pub(super) fn left_behind(_: &Path) -> LeftBehind {
    LeftBehind::default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffmpeg::playable::tests::PLAYABLE;

    #[test]
    fn names_go_both_ways() {
        let path = Path::new("/shows/a.b.mp4");
        assert_eq!(partial_path(path), Path::new("/shows/a.b.partial.mp4"));
        assert_eq!(whole_path(&partial_path(path)).as_deref(), Some(path));
        for other in ["/shows/a.mp4", "/shows/.partial.mp4", "/shows/a.partial.txt", "/shows/a.mp4.begun"] {
            assert_eq!(whole_path(Path::new(other)), None, "{other}");
        }
    }

    /// Names of files that were left, and how many were without a picture.
    #[cfg(unix)]
    fn found(folder: &Path) -> (Vec<PathBuf>, u64) {
        let left = left_behind(folder);
        (left.files.into_iter().map(|(path, ..)| path).collect(), left.empty)
    }

    #[cfg(unix)]
    fn age(path: &Path) {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_file_has_the_name_of_a_video_only_when_it_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut partial = PartialFile::create(&folder.path().join("a.mp4"), false).unwrap();
        partial.keep = true;
        std::fs::write(&partial.path, &PLAYABLE[..30]).unwrap();
        assert!(!partial.appear());
        assert_eq!(partial.path, folder.path().join("a.mp4.begun"));
        std::fs::write(&partial.path, PLAYABLE).unwrap();
        assert!(partial.appear() && !partial.appear());
        assert_eq!(partial.path, folder.path().join("a.partial.mp4"));
        drop(partial);
        assert!(folder.path().join("a.partial.mp4").exists());
        let mut nothing = PartialFile::create(&folder.path().join("b.mp4"), false).unwrap();
        nothing.keep = true;
        drop(nothing);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "what has no picture is not kept");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_written_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut partial = PartialFile::create(&folder.path().join("a.mp4"), false).unwrap();
        std::fs::write(&partial.path, PLAYABLE).unwrap();
        age(&partial.path);
        assert_eq!(found(folder.path()), (vec![], 0));
        partial.keep = true;
        drop(partial);
        let path = folder.path().join("a.partial.mp4");
        age(&path);
        assert_eq!(found(folder.path()), (vec![path], 0));
    }

    #[cfg(unix)]
    #[test]
    fn what_was_cut_off_before_its_first_picture_is_removed_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, bytes) in
            [("a.mp4.begun", &PLAYABLE[..30]), ("b.mp4.begun", PLAYABLE), ("c.mp4.begun", &[])]
        {
            std::fs::write(at(name), bytes).unwrap();
            age(&at(name));
        }
        std::fs::write(at("d.partial.mp4.whole"), "half a copy").unwrap();
        age(&at("d.partial.mp4.whole"));
        std::fs::write(at("notes.begun"), "somebody's").unwrap();
        age(&at("notes.begun"));
        assert_eq!(found(folder.path()), (vec![at("b.partial.mp4")], 2));
        let mut names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["b.partial.mp4", "notes.begun"]);
    }
}
