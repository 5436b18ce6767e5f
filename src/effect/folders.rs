//! Folders of effects: read at the start, and looked at for edits from then on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::Fault;
use super::source::LONGEST;
use super::{Effect, EffectError, EffectLibrary, names};
use crate::watch::{Resting, Stamp};

/// Most files of all folders together.
const MOST_FILES: usize = 512;

/// A folder that cannot be looked through.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the effects in {path}: {source}; name a folder with .wgsl files")]
pub struct EffectFolderError {
    /// The folder.
    pub path: PathBuf,
    /// The system's reason.
    pub source: std::io::Error,
}

/// A file of an effect as it is now.
#[derive(Debug)]
pub(super) enum Change {
    /// It was read.
    Good(Arc<Effect>),
    /// It is no effect.
    Bad { name: String, error: EffectError },
    /// It is not there any more.
    Gone { name: String, path: PathBuf },
}

/// What was seen of a file: where it is, and its stamp.
type Seen = Option<(PathBuf, Option<Stamp>)>;

/// Folders whose `.wgsl` files are effects, by the name of the file; of one name the last folder's is taken.
#[derive(Debug, Default)]
pub struct EffectFolders {
    folders: Vec<PathBuf>,
    files: BTreeMap<String, (PathBuf, Resting<Seen>)>,
}

impl EffectFolders {
    /// Looks whether all of `folders` can be read.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn open(folders: &[PathBuf]) -> Result<Self, EffectFolderError> {
        for path in folders {
            std::fs::read_dir(path).map_err(|source| EffectFolderError { path: path.clone(), source })?;
        }
        Ok(Self { folders: folders.to_vec(), files: BTreeMap::new() })
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// Reads all files as they are now into `library`; gives how many there is no room for.
    pub fn read_into(&mut self, library: &mut EffectLibrary) -> usize {
        let (files, left_out) = self.list().unwrap_or_default();
        for (name, path) in files {
            let seen = Some((path.clone(), Stamp::of(&path)));
            library.take(read(&name, &path));
            self.files.insert(name, (path, Resting::taken(seen)));
        }
        left_out
    }

    /// The first file that is another than it was and rests.
    pub(super) fn change(&mut self) -> Option<Change> {
        let (mut listed, _) = self.list()?;
        for (name, path) in &listed {
            if !self.files.contains_key(name) {
                self.files.insert(name.clone(), (path.clone(), Resting::default()));
            }
        }
        let mut found = None;
        for (name, (path, resting)) in &mut self.files {
            let now = listed.remove(name).map(|path| (path.clone(), Stamp::of(&path)));
            // One at a time: what else rests is taken at the next look.
            if found.is_some() || !resting.has_come_to_rest(now.clone()) {
                continue;
            }
            found = Some(match now {
                Some((now, _)) => {
                    *path = now;
                    read(name, path)
                }
                None => Change::Gone { name: name.clone(), path: path.clone() },
            });
        }
        if let Some(Change::Gone { name, .. }) = &found {
            self.files.remove(name);
        }
        found
    }

    /// Name and path of each file, and how many there is no room for; none while a folder cannot be read.
    fn list(&self) -> Option<(BTreeMap<String, PathBuf>, usize)> {
        let mut left_out = 0;
        let mut files = BTreeMap::new();
        for folder in &self.folders {
            let paths = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
            for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "wgsl")) {
                let Some(name) = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else {
                    continue;
                };
                if files.len() < MOST_FILES || files.contains_key(&name) {
                    files.insert(name, path);
                } else {
                    left_out += 1;
                }
            }
        }
        Some((files, left_out))
    }
}

/// What the file `path` holds.
fn read(name: &str, path: &Path) -> Change {
    let file = path.display().to_string();
    let parsed = match text(name, path) {
        Ok(source) => Effect::parse_file(name, &file, &source),
        Err(fault) => Err(fault.within(&file, "")),
    };
    match parsed {
        Ok(effect) => Change::Good(Arc::new(effect)),
        Err(error) => Change::Bad { name: name.to_owned(), error },
    }
}

fn text(name: &str, path: &Path) -> Result<String, Fault> {
    if !names::is_snake_case(name) {
        let message = "an effect is called as its file: small letters, digits and _, as in pixel_mosaic.wgsl";
        return Err(Fault::new(0, message));
    }
    let failed = |error: std::io::Error| Fault::new(0, error.to_string());
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > LONGEST as u64 {
        return Err(Fault::new(0, format!("{length} bytes are no effect; it has at most {LONGEST}")));
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| Fault::new(0, "the file is no text in UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::super::library::News;
    use super::*;

    const GOOD: &str =
        "/*{\"DESCRIPTION\": \"One\"}*/\nfn effect(uv: vec2<f32>) -> vec4<f32> { return below(uv); }";

    /// Two looks at the folders: the second sees that what is new rests.
    fn news(folders: &mut EffectFolders, library: &mut EffectLibrary) -> Option<News> {
        assert!(folders.change().is_none(), "a file that may still be written was taken");
        folders.change().map(|change| library.take(change))
    }

    #[test]
    fn edits_are_taken_and_the_last_good_effect_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mine.wgsl");
        std::fs::write(&path, GOOD).expect("written");
        std::fs::write(folder.path().join("notes.txt"), "no effect").expect("written");
        let mut folders = EffectFolders::open(&[folder.path().to_owned()]).expect("a folder");
        let mut library = EffectLibrary::default();
        let shipped = library.names().count();
        assert_eq!(folders.read_into(&mut library), 0);
        assert_eq!(library.names().count(), shipped + 1);
        assert!(folders.change().is_none() && folders.change().is_none(), "nothing is new");

        let edited = GOOD.replace("One", "Two more");
        std::fs::write(&path, &edited).expect("written");
        assert!(matches!(news(&mut folders, &mut library), Some(News::Changed(_))));
        let long = format!("{GOOD}\n{}fn x( {{", "// a line\n".repeat(10_000));
        let large = format!("{GOOD}{}", " ".repeat(LONGEST));
        let cases: [(&[u8], &[&str]); 6] = [
            (b"", &["line 1", "empty"]),
            (b"\xff\xfe\x00\x01", &["UTF-8"]),
            (b"/*{\n \"INPUTZ\": []}*/", &["line 2, column 2", "INPUTZ"]),
            (b"/*{}*/\n// nothing\n", &["line 3", "effect is missing"]),
            (long.as_bytes(), &["line 10003"]),
            (large.as_bytes(), &["at most"]),
        ];
        for (bytes, words) in cases {
            std::fs::write(&path, bytes).expect("written");
            let Some(News::Failed(line)) = news(&mut folders, &mut library) else {
                panic!("taken: {words:?}")
            };
            for word in words.iter().chain(&["mine.wgsl", "last good effect mine stays"]) {
                assert!(line.contains(word), "\"{word}\" is missing in: {line}");
            }
            assert_eq!(library.get("mine").expect("the last good one").description(), "Two more");
            assert_eq!(library.troubles().count(), 1);
        }
        std::fs::write(&path, &edited).expect("written");
        assert_eq!(news(&mut folders, &mut library), Some(News::Same), "it is worn already");
        assert_eq!(library.troubles().count(), 0);
        std::fs::remove_file(&path).expect("removed");
        assert!(
            matches!(news(&mut folders, &mut library), Some(News::Failed(line)) if line.contains("gone"))
        );
        assert!(library.get("mine").is_some());
    }

    #[test]
    fn a_file_takes_the_place_of_a_shipped_effect_until_it_goes() {
        let (first, second) =
            (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let folders = [first.path().to_owned(), second.path().to_owned()];
        let write = |folder: &Path, what: &str| {
            std::fs::write(folder.join("invert.wgsl"), GOOD.replace("One", what)).expect("written");
        };
        let mut folders = EffectFolders::open(&folders).expect("folders");
        let mut library = EffectLibrary::default();
        let before = library.get("invert").expect("shipped");
        write(first.path(), "first");
        write(second.path(), "second");
        assert_eq!(folders.read_into(&mut library), 0);
        assert_eq!(library.get("invert").expect("there").description(), "second");
        std::fs::remove_file(second.path().join("invert.wgsl")).expect("removed");
        assert!(matches!(news(&mut folders, &mut library), Some(News::Changed(_))));
        assert_eq!(library.get("invert").expect("there").description(), "first");
        std::fs::remove_file(first.path().join("invert.wgsl")).expect("removed");
        assert!(matches!(news(&mut folders, &mut library), Some(News::Changed(_))));
        assert_eq!(library.get("invert").as_ref(), Some(&before));
    }

    #[test]
    fn names_that_no_look_could_say_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("My Effect.wgsl"), GOOD).expect("written");
        let mut folders = EffectFolders::open(&[folder.path().to_owned()]).expect("a folder");
        let mut library = EffectLibrary::default();
        assert_eq!(folders.read_into(&mut library), 0);
        let trouble = library.troubles().next().expect("a trouble").to_string();
        assert!(trouble.contains("My Effect.wgsl") && trouble.contains("pixel_mosaic"), "{trouble}");
        let none = EffectFolders::open(&[folder.path().join("none")]).expect_err("no folder").to_string();
        assert!(none.contains("none") && none.contains(".wgsl"), "{none}");
    }

    #[test]
    fn a_folder_of_very_many_files_is_read_in_part() {
        let folder = tempfile::tempdir().expect("a folder");
        for n in 0..MOST_FILES + 3 {
            std::fs::write(folder.path().join(format!("e{n}.wgsl")), "").expect("written");
        }
        let mut folders = EffectFolders::open(&[folder.path().to_owned()]).expect("a folder");
        let mut library = EffectLibrary::default();
        assert_eq!(folders.read_into(&mut library), 3);
        assert_eq!(library.troubles().count(), MOST_FILES);
    }
}
