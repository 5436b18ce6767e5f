//! Files of results on their way into the folder of all.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::MergeError;
use super::shards::Part;
use crate::batch::InputRecord;
use crate::folders::write_new;

/// Folder of the pictures of single detections, in the folder of results; in it one for each input.
const CROPS: &str = "crops";

/// What became of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Placed {
    /// Linked: they take no room of their own.
    pub linked: u64,
    /// Copied, because they lie on another disk.
    pub copied: u64,
    /// There already, with the same bytes.
    pub there: u64,
}

/// Whether the results of an input are as its manifest says, and have room in `out`.
pub(super) fn check(part: &Part, record: &InputRecord, out: &Path) -> Result<(), MergeError> {
    for (name, &bytes) in &record.files {
        let from = source(part, name)?;
        let changed = |what| MergeError::Changed { path: from.clone(), what };
        let found = fs::metadata(&from).map_err(|error| changed(format!("cannot be read ({error})")))?;
        if found.len() != bytes {
            return Err(changed(format!("has {} bytes where its manifest says {bytes}", found.len())));
        }
    }
    each_file(part, record, |name, from| {
        let to = out.join(name);
        match are_the_same(from, &to) {
            Ok(false) => Err(MergeError::Clash { name: name.to_owned(), one: from.to_owned(), other: to }),
            Ok(true) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(MergeError::Unreadable { path: to, error }),
        }
    })
}

/// Whether two parts have the same results of an input.
pub(super) fn same(
    one: &Part,
    known: &InputRecord,
    other: &Part,
    record: &InputRecord,
) -> Result<(), MergeError> {
    let clash = |name: &str| MergeError::Clash {
        name: name.to_owned(),
        one: one.folder.join(name),
        other: other.folder.join(name),
    };
    if known.key != record.key || known.files != record.files {
        return Err(clash(&record.name));
    }
    for name in record.files.keys() {
        let (here, there) = (source(one, name)?, source(other, name)?);
        match are_the_same(&here, &there) {
            Ok(true) => {}
            Ok(false) => return Err(clash(name)),
            Err(error) => return Err(MergeError::Unreadable { path: there, error }),
        }
    }
    Ok(())
}

/// Links or copies the results of an input.
pub(super) fn place(
    part: &Part,
    record: &InputRecord,
    out: &Path,
    placed: &mut Placed,
) -> Result<(), MergeError> {
    each_file(part, record, |name, from| {
        let to = out.join(name);
        let unwritable = |error| MergeError::Unwritable { path: to.clone(), error };
        fs::create_dir_all(to.parent().unwrap_or(out)).map_err(unwritable)?;
        match fs::hard_link(from, &to) {
            Ok(()) => placed.linked += 1,
            // It was looked at: its bytes are the same.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => placed.there += 1,
            Err(_) => {
                let copy = |file: &mut File| io::copy(&mut File::open(from)?, file).map(drop);
                write_new(&to, 0o644, copy).map_err(unwritable)?;
                placed.copied += 1;
            }
        }
        Ok(())
    })
}

/// Calls `each` with the name, relative to its folder, and the path of each file of an input.
fn each_file(
    part: &Part,
    record: &InputRecord,
    mut each: impl FnMut(&str, &Path) -> Result<(), MergeError>,
) -> Result<(), MergeError> {
    for name in record.files.keys() {
        each(name, &source(part, name)?)?;
    }
    let folder = format!("{CROPS}/{}", record.name);
    let crops = source(part, &folder)?;
    let unreadable = |error| MergeError::Unreadable { path: crops.clone(), error };
    let entries = match fs::read_dir(&crops) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(error)),
    };
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        if entry.file_type().map_err(unreadable)?.is_file() {
            each(&format!("{folder}/{}", entry.file_name().to_string_lossy()), &entry.path())?;
        }
    }
    Ok(())
}

/// Where a file of a manifest is; refuses names that lead out of its folder.
fn source(part: &Part, name: &str) -> Result<PathBuf, MergeError> {
    let is_inside = Path::new(name).components().all(|component| matches!(component, Component::Normal(_)));
    if is_inside && !name.is_empty() {
        return Ok(part.folder.join(name));
    }
    Err(MergeError::Outside { manifest: part.path.clone(), name: name.to_owned() })
}

/// Whether two files have the same bytes.
fn are_the_same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut here, mut there) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let read = one.read(&mut here)?;
        if read == 0 {
            return Ok(true);
        }
        match other.read_exact(&mut there[..read]) {
            Ok(()) if here[..read] == there[..read] => {}
            Ok(()) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}
