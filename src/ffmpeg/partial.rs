//! A file while it is written, and those that were left when a program was cut off.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::job::is_container;

/// What stands before the extension of an unfinished file.
const MARK: &str = ".partial";
/// How long a file must have rested to count as left behind: a child that outlives us finishes its file.
const REST: Duration = Duration::from_secs(5);

/// The unfinished file; removed when dropped unless it is kept. Locked while it lives, so that others know.
#[derive(Debug)]
pub(super) struct PartialFile {
    pub(super) path: PathBuf,
    pub(super) keep: bool,
    file: File,
}

impl PartialFile {
    /// Makes the unfinished file of `path`; one that is there is an error unless `replace`.
    pub(super) fn create(path: &Path, replace: bool) -> io::Result<Self> {
        let partial = partial_path(path);
        let file = match replace {
            true => File::create(&partial),
            false => OpenOptions::new().write(true).create_new(true).open(&partial),
        }?;
        // On Windows a lock would keep the child out. File systems without locks do without.
        #[cfg(unix)]
        let _ = file.try_lock();
        Ok(Self { path: partial, keep: false, file })
    }

    /// Another handle of it.
    pub(super) fn handle(&self) -> Option<File> {
        self.file.try_clone().ok()
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.keep
            && self.path.exists()
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

/// `clip.partial.mp4` → `clip.mp4`; none for other names.
fn whole_path(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?.to_str()?.strip_suffix(MARK).filter(|stem| !stem.is_empty())?;
    let name = format!("{stem}.{}", path.extension()?.to_str()?);
    is_container(path).then(|| path.with_file_name(name))
}

/// The unfinished files of `folder` that nobody writes any more, each with the name that it was to get.
#[cfg(unix)]
pub(super) fn left_behind(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let rests = |path: &Path| {
        let Ok(file) = OpenOptions::new().write(true).open(path) else { return false };
        let changed = file.metadata().and_then(|metadata| metadata.modified());
        let rested = changed.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > REST));
        rested && file.try_lock().is_ok()
    };
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| whole_path(&path).map(|whole| (path, whole)))
        .filter(|(path, _)| rests(path))
        .collect()
}

/// Without locks nobody knows who still writes.
#[cfg(not(unix))]
pub(super) fn left_behind(_: &Path) -> Vec<(PathBuf, PathBuf)> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        let path = Path::new("/shows/a.b.mp4");
        assert_eq!(partial_path(path), Path::new("/shows/a.b.partial.mp4"));
        assert_eq!(whole_path(&partial_path(path)).as_deref(), Some(path));
        for other in ["/shows/a.mp4", "/shows/.partial.mp4", "/shows/a.partial.txt"] {
            assert_eq!(whole_path(Path::new(other)), None, "{other}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_written_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let partial = PartialFile::create(&folder.path().join("a.mp4"), false).unwrap();
        let old = SystemTime::now() - Duration::from_secs(60);
        partial.file.set_modified(old).unwrap();
        assert_eq!(left_behind(folder.path()), []);
        let mut partial = partial;
        partial.keep = true;
        let path = partial.path.clone();
        drop(partial);
        assert_eq!(left_behind(folder.path()), [(path, folder.path().join("a.mp4"))]);
    }
}
