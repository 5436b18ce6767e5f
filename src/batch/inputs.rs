//! What a job goes through: files, patterns, folders, and lists of them.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use super::annotate::ANNOTATED;
use super::naming::name_all;
use crate::source::{SourceUri, is_image};

/// Extensions by which videos are found in folders; files that are named are taken whatever they are called.
const VIDEOS: [&str; 22] = [
    "3gp", "asf", "avi", "dv", "f4v", "flv", "h264", "h265", "hevc", "m2ts", "m4v", "mjpeg", "mkv", "mov",
    "mp4", "mpeg", "mpg", "mts", "mxf", "ts", "webm", "wmv",
];

/// One input: a picture or a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where it is, as it was given.
    pub path: PathBuf,
    /// Stem of its result files, unique in the job.
    pub name: String,
    /// Six hexadecimal digits made from [`identity`](Self::identity).
    pub key: String,
    /// What tells it from others wherever its folder lies: its path within the folder that was given, else its path. Where
    /// two have the same one, their paths as they were given.
    pub identity: OsString,
}

/// What a file was like: its bytes, and when it was last changed (nanoseconds since 1970).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Bytes of the file.
    pub bytes: u64,
    /// When it was last changed.
    pub modified: u64,
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

    /// What the file is like now; zeros where it cannot be asked.
    pub fn stamp(&self) -> Stamp {
        let Ok(file) = fs::metadata(&self.path) else { return Stamp::default() };
        let changed = file.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        Stamp { bytes: file.len(), modified: changed.map_or(0, |time| time.as_nanos() as u64) }
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
    /// A list that cannot be read.
    #[error("the list on standard input cannot be read: {0}")]
    List(io::Error),
    /// Nothing at all.
    #[error("there are no inputs; type: masque detect FILE… --out DIR")]
    Nothing,
}

/// Makes inputs of what was typed: files, patterns (`*`, `?`, `[…]`, `**`), folders (all pictures and videos in them
/// and in the folders in them), and `-` for a list of these from `lines`, one on each line. Results that are in `out` are none.
///
/// In the order given, folders and patterns sorted by name; what is given twice is taken once. A file that is not
/// there, a line of the list that fits nothing, and a folder in a folder that cannot be read are inputs all the same: they fail by
/// themselves. Keeps some hundred bytes and the path for each.
///
/// # Errors
/// [`InputError`].
pub fn gather(given: &[OsString], lines: &mut impl BufRead, out: &Path) -> Result<Vec<Input>, InputError> {
    let mut found = Found { out: out.canonicalize().ok(), ..Found::default() };
    for given in given {
        if given == "-" {
            for line in lines.by_ref().split(b'\n') {
                let mut line = line.map_err(InputError::List)?;
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                if !line.trim_ascii().is_empty() {
                    let line = from_bytes(line);
                    // One line that makes no sense must not end a job of thousands.
                    if found.take(&line).is_err() {
                        found.add(Path::new(&line), &line);
                    }
                }
            }
        } else {
            found.take(given)?;
        }
    }
    if found.inputs.is_empty() {
        return Err(InputError::Nothing);
    }
    Ok(name_all(found.inputs))
}

#[cfg(unix)]
fn from_bytes(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[derive(Default)]
struct Found {
    /// Paths, and what tells them from others.
    inputs: Vec<(PathBuf, OsString)>,
    /// Files and folders, where they really are: links may lead in circles.
    seen: BTreeSet<PathBuf>,
    /// Where results go.
    out: Option<PathBuf>,
}

impl Found {
    fn take(&mut self, given: &OsStr) -> Result<(), InputError> {
        let path = Path::new(given);
        if path.is_dir() {
            return match self.folder(path, path) {
                true => Ok(()),
                false => Err(InputError::EmptyFolder(path.to_owned())),
            };
        }
        if let Some(pattern) = given.to_str().filter(|given| given.contains(['*', '?', '[']))
            && !path.exists()
        {
            return self.pattern(pattern);
        }
        self.add(path, given);
        Ok(())
    }

    /// Whether there is anything in `folder`, which is in `top`, or was there before.
    fn folder(&mut self, top: &Path, folder: &Path) -> bool {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let is_out = self.out.as_ref() == Some(&real);
        if (is_out && top != folder) || !self.seen.insert(real) {
            return true;
        }
        let list = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
        let Ok(mut entries) = list() else {
            self.add(folder, folder.strip_prefix(top).unwrap_or(folder).as_os_str());
            return true;
        };
        entries.sort();
        let mut any = false;
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_result = is_out && (name == "crops" || name.ends_with(ANNOTATED));
            if name.starts_with('.') || is_result {
                continue;
            }
            if path.is_dir() {
                any |= self.folder(top, &path);
            } else if is_image(&path) || is_video(&path) {
                any = true;
                self.add(&path, path.strip_prefix(top).unwrap_or(&path).as_os_str());
            }
        }
        any
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
                self.add(&path, path.as_os_str());
            }
        }
        if any { Ok(()) } else { Err(InputError::NoMatch(pattern.to_owned())) }
    }

    fn add(&mut self, path: &Path, identity: &OsStr) {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(real) {
            self.inputs.push((path.to_owned(), identity.to_owned()));
        }
    }
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
        let given: Vec<OsString> = given.iter().map(OsString::from).collect();
        gather(&given, &mut lines.as_bytes(), Path::new("no such folder"))
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

    #[cfg(unix)]
    #[test]
    fn links_that_lead_in_circles_are_gone_through_once() {
        let folder = folder(&["a/x.mp4", "a/b/y.mp4"]);
        for link in ["a/l1", "a/l2", "a/b/l3"] {
            std::os::unix::fs::symlink(folder.path(), folder.path().join(link)).expect("linked");
        }
        let inputs = take(&[folder.path().to_string_lossy().into_owned()], "").expect("gathered");
        assert_eq!(inputs.len(), 2, "{inputs:?}");
    }

    #[test]
    fn files_of_one_name_in_folders_that_are_given_are_told_apart() {
        let folder = folder(&["cam1/clip.mp4", "cam2/clip.mp4", "cam2/clip-a.jpg", "cam1/CLIP-A.jpg"]);
        let at = |path: &str| folder.path().join(path).to_string_lossy().into_owned();
        let inputs = take(&[at("cam1"), at("cam2")], "").expect("gathered");
        let names: BTreeSet<String> = inputs.iter().map(|input| input.name.to_lowercase()).collect();
        let keys: BTreeSet<&String> = inputs.iter().map(|input| &input.key).collect();
        assert_eq!((names.len(), keys.len()), (4, 4), "{inputs:?}");
        // Given alone, where it lies does not matter.
        assert_eq!(take(&[at("cam1")], "").expect("gathered")[1].identity, "clip.mp4");
        // What is there already is no empty folder.
        assert_eq!(
            take(&[at("cam1/clip.mp4"), at("cam1/CLIP-A.jpg"), at("cam1")], "").expect("gathered").len(),
            2
        );
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_and_lines_that_fit_nothing_do_not_end_a_job() {
        use std::os::unix::ffi::OsStrExt;
        let folder = folder(&[]);
        let mut list = Vec::new();
        for name in [&b"caf\xe8.jpg"[..], b"caf\xe9.jpg"] {
            let path = folder.path().join(OsStr::from_bytes(name));
            fs::write(&path, b"x").expect("written");
            list.extend_from_slice(path.as_os_str().as_bytes());
            list.push(b'\n');
        }
        list.extend_from_slice(b"gone[1].jpg\n");
        let inputs = gather(&["-".into()], &mut list.as_slice(), folder.path()).expect("gathered");
        let names: BTreeSet<&String> = inputs.iter().map(|input| &input.name).collect();
        assert_eq!(names.len(), 3, "{inputs:?}");
    }

    #[test]
    fn results_are_no_inputs() {
        let folder = folder(&[
            "v.mp4",
            "out/crops/v/1.jpg",
            "out/v.annotated.mp4",
            "v.annotated.mp4",
            "crops/v/2.jpg",
        ]);
        let given = [folder.path().as_os_str().to_owned()];
        let count = |out: &Path| gather(&given, &mut io::empty(), out).expect("gathered").len();
        assert_eq!(count(&folder.path().join("out")), 3);
        assert_eq!(count(folder.path()), 3);
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
