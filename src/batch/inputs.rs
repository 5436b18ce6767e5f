//! What a job goes through: files, patterns, folders, and lists of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::source::{SourceUri, is_image};

/// Extensions by which videos are found in folders; files that are named are taken whatever they are called.
const VIDEOS: [&str; 22] = [
    "3gp", "asf", "avi", "dv", "f4v", "flv", "h264", "h265", "hevc", "m2ts", "m4v", "mjpeg", "mkv", "mov",
    "mp4", "mpeg", "mpg", "mts", "mxf", "ts", "webm", "wmv",
];
/// Folders in folders, at most: links may lead in circles.
const DEPTH: u32 = 64;

/// One input: a picture or a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where it is, as it was given.
    pub path: PathBuf,
    /// Stem of its result files, unique in the job.
    pub name: String,
    /// Six hexadecimal digits made from [`identity`](Self::identity).
    pub key: String,
    /// What tells it from others wherever its folder lies: its path within the folder that was given, else its path.
    pub identity: String,
}

impl Input {
    /// How it is opened.
    pub fn uri(&self) -> SourceUri {
        let path = self.path.clone();
        if is_image(&path) { SourceUri::Image(path) } else { SourceUri::Video(path) }
    }

    /// Whether it is one picture.
    pub fn is_still(&self) -> bool {
        is_image(&self.path)
    }

    /// Bytes of the file and when it was last changed (nanoseconds since 1970); zeros where it cannot be asked.
    pub fn stamp(&self) -> (u64, u64) {
        let Ok(file) = fs::metadata(&self.path) else { return (0, 0) };
        let changed = file.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        (file.len(), changed.map_or(0, |time| time.as_nanos() as u64))
    }
}

/// What was given makes no job.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A pattern that fits nothing.
    #[error("no file fits {0}; put it in quotes and look with: ls {0}")]
    NoMatch(String),
    /// A pattern that is none.
    #[error("{pattern} is no pattern: {reason}; type for example 'archive/**/*.mp4'")]
    Pattern {
        /// As it was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder without pictures and videos.
    #[error("there is no picture and no video in the folder {}", .0.display())]
    EmptyFolder(PathBuf),
    /// A folder or list that cannot be read.
    #[error("{what} cannot be read: {error}")]
    Unreadable {
        /// Which.
        what: String,
        /// Why.
        error: io::Error,
    },
    /// Nothing at all.
    #[error("there are no inputs; type: masque detect FILE… --out DIR")]
    Nothing,
}

/// Makes inputs of what was typed: files, patterns (`*`, `?`, `[…]`, `**`), folders (all pictures and videos in them
/// and in the folders in them), and `-` for a list of these from `lines`, one on each line.
///
/// In the order given, folders and patterns sorted by name; what is given twice is taken once. A file that is not
/// there is an input all the same: it fails by itself. Keeps about two hundred bytes for each.
///
/// # Errors
/// [`InputError`].
pub fn gather(given: &[String], lines: &mut impl BufRead) -> Result<Vec<Input>, InputError> {
    let mut found = Found::default();
    for given in given {
        if given == "-" {
            for line in lines.by_ref().lines() {
                let line = line.map_err(|error| unreadable("the list on standard input", error))?;
                let line = line.trim_end_matches('\r');
                if !line.trim().is_empty() {
                    found.take(line)?;
                }
            }
        } else {
            found.take(given)?;
        }
    }
    if found.inputs.is_empty() {
        return Err(InputError::Nothing);
    }
    Ok(found.named())
}

fn unreadable(what: &str, error: io::Error) -> InputError {
    InputError::Unreadable { what: what.to_owned(), error }
}

#[derive(Default)]
struct Found {
    inputs: Vec<(PathBuf, String)>,
    seen: BTreeSet<PathBuf>,
}

impl Found {
    fn take(&mut self, given: &str) -> Result<(), InputError> {
        let path = Path::new(given);
        if path.is_dir() {
            let before = self.inputs.len();
            self.folder(path, path, 0)?;
            if self.inputs.len() == before && !self.seen.iter().any(|seen| seen.starts_with(path)) {
                return Err(InputError::EmptyFolder(path.to_owned()));
            }
            return Ok(());
        }
        if !path.exists() && given.contains(['*', '?', '[']) {
            return self.pattern(given);
        }
        self.add(path, given.to_owned());
        Ok(())
    }

    fn folder(&mut self, top: &Path, folder: &Path, depth: u32) -> Result<(), InputError> {
        let list = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
        let mut entries = list().map_err(|error| unreadable(&folder.display().to_string(), error))?;
        entries.sort();
        for path in entries {
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if hidden {
                continue;
            }
            if path.is_dir() {
                if depth < DEPTH {
                    self.folder(top, &path, depth + 1)?;
                }
            } else if is_image(&path) || is_video(&path) {
                let within = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().into_owned();
                self.add(&path, within);
            }
        }
        Ok(())
    }

    fn pattern(&mut self, pattern: &str) -> Result<(), InputError> {
        let wrong = |reason: String| InputError::Pattern { pattern: pattern.to_owned(), reason };
        // As a shell does it, and as folders are gone through: what is hidden has to be named.
        let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
        let paths = glob::glob_with(pattern, options).map_err(|error| wrong(error.msg.to_owned()))?;
        let mut any = false;
        for path in paths {
            let path = path.map_err(|error| wrong(error.to_string()))?;
            if path.is_file() {
                any = true;
                let identity = path.to_string_lossy().into_owned();
                self.add(&path, identity);
            }
        }
        if any { Ok(()) } else { Err(InputError::NoMatch(pattern.to_owned())) }
    }

    fn add(&mut self, path: &Path, identity: String) {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(real) {
            self.inputs.push((path.to_owned(), identity));
        }
    }

    /// Gives each the stem of its file, and its key besides where others have the same stem.
    fn named(self) -> Vec<Input> {
        let stem = |path: &Path| path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        // Upper and lower case are one on some disks.
        let mut owners: BTreeMap<String, u32> = BTreeMap::new();
        for (path, _) in &self.inputs {
            *owners.entry(stem(path).to_lowercase()).or_default() += 1;
        }
        let input = |(path, identity): (PathBuf, String)| {
            let digest = Sha256::digest(identity.as_bytes());
            let key: String = digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
            let stem = stem(&path);
            let alone = owners.get(&stem.to_lowercase()).is_none_or(|owners| *owners == 1);
            let name = if alone { stem } else { format!("{stem}-{}", long_key(&digest)) };
            Input { path, name, key, identity }
        };
        self.inputs.into_iter().map(input).collect()
    }
}

/// Twelve digits: no two files of one stem share them.
fn long_key(digest: &[u8]) -> String {
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn is_video(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| VIDEOS.contains(&extension.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, b"x").expect("written");
        }
        folder
    }

    fn take(given: &[String], lines: &str) -> Result<Vec<Input>, InputError> {
        gather(given, &mut lines.as_bytes())
    }

    #[test]
    fn folders_patterns_and_lists_give_each_file_once() {
        let folder =
            folder(&["a/x.mp4", "a/b/y.MKV", "a/z.jpg", "a/notes.txt", "a/.hidden.mp4", "a/.git/q.mp4"]);
        let at = |path: &str| folder.path().join(path).to_string_lossy().into_owned();
        let inputs = take(
            &[at("a"), at("a/*.mp4"), "-".into()],
            &format!("{}\n\n{}\r\n", at("a/z.jpg"), at("gone.mp4")),
        );
        let inputs = inputs.expect("gathered");
        let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
        assert_eq!(names, ["y", "x", "z", "gone"]);
        assert_eq!(inputs[0].identity, "b/y.MKV", "where the folder lies does not matter");
        assert!(inputs[2].is_still() && !inputs[1].is_still());
    }

    #[test]
    fn inputs_of_one_stem_get_names_that_differ() {
        let folder = folder(&["one/clip.mp4", "two/CLIP.mp4", "other.mp4"]);
        let inputs = take(&[folder.path().to_string_lossy().into_owned()], "").expect("gathered");
        let names: BTreeSet<String> = inputs.iter().map(|input| input.name.to_lowercase()).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(names.contains("other"));
        assert!(inputs.iter().all(|input| input.key.len() == 6));
    }

    #[test]
    fn what_fits_nothing_is_told() {
        let folder = folder(&["notes.txt"]);
        let at = |path: &str| folder.path().join(path).to_string_lossy().into_owned();
        assert!(matches!(take(&[at("*.mp4")], ""), Err(InputError::NoMatch(_))));
        assert!(matches!(take(&[at("")], ""), Err(InputError::EmptyFolder(_))));
        assert!(matches!(take(&["-".into()], "\n"), Err(InputError::Nothing)));
        assert!(matches!(take(&[at("***")], ""), Err(InputError::Pattern { .. })));
    }
}
