//! How a file lands whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that is written beside its place and takes it when it is whole; dropped before, it leaves no
/// trace.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    temporary: tempfile::NamedTempFile,
    path: PathBuf,
}

impl AtomicFile {
    /// A file that will be `path`; the folder is made when it is missing.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let folder = folder_of(path);
        fs::create_dir_all(folder)?;
        Ok(Self { temporary: tempfile::NamedTempFile::new_in(folder)?, path: path.to_owned() })
    }

    /// Where to write.
    pub(crate) fn file(&mut self) -> &mut File {
        self.temporary.as_file_mut()
    }

    /// Puts it in its place, on disk to its last byte.
    pub(crate) fn commit(mut self, mode: u32) -> io::Result<()> {
        self.finish(mode)?;
        self.temporary.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }

    /// The same, but a file that is in its place already stays: [`io::ErrorKind::AlreadyExists`].
    pub(crate) fn commit_new(mut self, mode: u32) -> io::Result<()> {
        self.finish(mode)?;
        self.temporary.persist_noclobber(&self.path).map_err(|error| error.error)?;
        Ok(())
    }

    fn finish(&mut self, mode: u32) -> io::Result<()> {
        self.temporary.as_file_mut().flush()?;
        set_mode(self.temporary.as_file(), mode)?;
        self.temporary.as_file().sync_all()
    }
}

/// Writes a file through `fill` so that `path` holds all of it or is left as it was.
pub(crate) fn write_atomically(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    filled(path, fill)?.commit(mode)
}

/// The same for a `path` that must not be there yet.
pub(crate) fn write_new(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    filled(path, fill)?.commit_new(mode)
}

/// As [`write_atomically`] for a `path` that nobody else writes: until it is whole it is called `path.partial`, so that what a kill
/// leaves is written over the next time.
pub(crate) fn write_alone(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let mut partial = path.to_owned().into_os_string();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    fs::create_dir_all(folder_of(path))?;
    let written = (|| {
        let mut file = File::create(&partial)?;
        fill(&mut file)?;
        set_mode(&file, mode)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    })();
    if written.is_err() {
        // What counts is why it could not be written.
        let _ = fs::remove_file(&partial);
    }
    written
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

fn filled(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<AtomicFile> {
    let mut file = AtomicFile::create(path)?;
    fill(file.file())?;
    Ok(file)
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kill_left_is_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new").join("file.json");
        fs::create_dir(folder.path().join("new")).expect("a folder");
        let partial = folder.path().join("new").join("file.json.partial");
        fs::write(&partial, "half, and longer than the whole").expect("writes");
        write_alone(&path, 0o644, |file| file.write_all(b"whole")).expect("writes");
        assert_eq!(fs::read(&path).expect("is there"), b"whole");
        let failed = write_alone(&path, 0o644, |file| {
            file.write_all(b"not whole")?;
            Err(io::Error::other("no more"))
        });
        assert_eq!(failed.expect_err("fails").to_string(), "no more");
        assert_eq!(fs::read(&path).expect("is there"), b"whole");
        assert!(!partial.exists());
    }
}
