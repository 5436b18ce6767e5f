//! Files of earlier runs that do not count any more.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Component, Path};

use super::{InputRecord, Manifest};

/// Removes a file that may be gone already.
pub(super) fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!("{} could not be removed: {error}", path.display());
    }
}

/// Removes what was written of an input.
pub(super) fn remove_results(out: &Path, record: &InputRecord) {
    for name in record.files.keys() {
        // A name is a path below the folder, and nothing else.
        if Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
            remove(&out.join(name));
        }
    }
    let crops = out.join("crops").join(&record.name);
    if crops.is_dir()
        && let Err(error) = fs::remove_dir_all(&crops)
    {
        tracing::warn!("{} could not be removed: {error}", crops.display());
    }
}

/// Removes all that jobs of any settings wrote as this part, and their lists; with an empty `part`, which is a whole job,
/// that of all parts.
pub(super) fn forget_all(folder: &Path, part: &str, out: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    for path in entries.map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let of = name.strip_prefix("done-").and_then(|rest| rest.strip_suffix(".jsonl"));
        if of.is_some_and(|of| part.is_empty() || of.get(8..) == Some(part)) {
            let file = File::open(&path).map(BufReader::new);
            for line in file.into_iter().flat_map(|file| file.lines().map_while(Result::ok)) {
                if let Ok(record) = serde_json::from_str::<InputRecord>(&line) {
                    remove_results(out, &record);
                }
            }
            remove(&path);
        }
    }
    if part.is_empty() {
        for path in Manifest::find(out).into_iter().flatten() {
            remove(&path);
        }
    }
}
