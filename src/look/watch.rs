//! Wears a look's file anew whenever it is edited; a file that is no look leaves the last one on.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bevy::prelude::*;

use super::file::{LONGEST, parse_look};
use super::save::save_look;
use super::{CurrentLook, Look, LookError, TextureLibrary, WornLook, set};
use crate::parameters::Value;
use crate::schedule::Waker;
use crate::stats::Stats;
use crate::watch::{Resting, Stamp, Watcher};

/// A look's file, and the parameters that were set on the command line: they hold over what the file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LookFile {
    /// The file.
    pub path: PathBuf,
    /// Path and value of each.
    pub settings: Vec<(String, Value)>,
}

/// The file of the look that is worn, if it came from one.
#[derive(Resource, Debug, Default)]
pub struct WatchedLook {
    watch: Option<Watch>,
    trouble: Option<String>,
}

#[derive(Debug)]
struct Watch {
    path: PathBuf,
    edits: Watcher<Edit>,
    shared: Arc<Mutex<Shared>>,
}

/// What the thread is told.
#[derive(Debug)]
struct Shared {
    library: TextureLibrary,
    /// Hold over what the file says, until they are saved into it.
    settings: Vec<(String, Value)>,
    /// What was saved last: it is worn already.
    saved: Option<String>,
    /// What was refused may be good now, with another library.
    again: bool,
}

/// What an edited file holds: a look, or the reason why it is none.
type Edit = Result<Box<Look>, String>;

impl WatchedLook {
    /// Watches `file` instead of what was watched before.
    pub fn watch(&mut self, file: LookFile, library: &TextureLibrary, waker: &Waker, stats: &Stats) {
        self.start(file, None, library, waker, stats);
    }

    /// The same; `worn` is what the file holds if that is worn already.
    fn start(
        &mut self,
        file: LookFile,
        worn: Option<String>,
        library: &TextureLibrary,
        waker: &Waker,
        stats: &Stats,
    ) {
        let LookFile { path, settings } = file;
        let shared = Shared { library: library.clone(), settings, saved: worn, again: false };
        let shared = Arc::new(Mutex::new(shared));
        let mut poll =
            Poll { path: path.clone(), shared: shared.clone(), resting: Resting::default(), refused: None };
        self.trouble = None;
        self.watch = match Watcher::start("look file", waker, move || poll.look()) {
            Ok(edits) => Some(Watch { path, edits, shared }),
            Err(error) => {
                stats.count("look_reload_failed");
                stats.event(format!("{} is not watched: {error}", path.display()));
                None
            }
        };
    }

    /// Watches `path`; if it holds `text`, that is worn already. Where it is watched, nothing changes.
    pub(super) fn go_on(
        &mut self,
        path: PathBuf,
        text: Option<String>,
        library: &TextureLibrary,
        waker: &Waker,
        stats: &Stats,
    ) {
        if self.path() != Some(&path) {
            self.start(LookFile { path, settings: Vec::new() }, text, library, waker, stats);
        }
    }

    /// Writes into the file that is watched without it being taken for an edit of somebody else.
    pub(super) fn writer(&self) -> Option<LookWriter> {
        let watch = self.watch.as_ref()?;
        Some(LookWriter { path: watch.path.clone(), shared: watch.shared.clone() })
    }

    /// Stops watching: another look is worn.
    pub fn forget(&mut self) {
        self.watch = None;
        self.trouble = None;
    }

    /// The file that is watched.
    pub fn path(&self) -> Option<&Path> {
        self.watch.as_ref().map(|watch| watch.path.as_path())
    }

    /// Why the file is not worn as it is now; none when it is.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

/// See [`WatchedLook::writer`].
#[derive(Debug, Clone)]
pub(super) struct LookWriter {
    path: PathBuf,
    shared: Arc<Mutex<Shared>>,
}

impl LookWriter {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `look`; order and comments of the file stay. Gives what it holds then.
    pub(super) fn save(&self, look: &Look, library: &TextureLibrary) -> Result<String, LookError> {
        // The thread must not read before it knows what was written.
        let mut shared = lock(&self.shared);
        let text = save_look(look, &self.path, library)?;
        shared.saved = Some(text.clone());
        shared.settings.clear();
        Ok(text)
    }
}

/// Wears what the thread found.
pub(super) fn wear_edited_look(
    mut watched: ResMut<WatchedLook>,
    (mut look, mut worn): (ResMut<CurrentLook>, ResMut<WornLook>),
    library: Res<TextureLibrary>,
    stats: Res<Stats>,
    mut stale: Local<bool>,
) {
    let Some(watch) = &watched.watch else { return };
    // While the thread reads or a look is written, the library is handed over in a later frame.
    if *stale || library.is_changed() {
        let shared = watch.shared.try_lock();
        *stale = shared.is_err();
        if let Ok(mut shared) = shared {
            shared.library = library.clone();
            shared.again = watched.trouble.is_some();
        }
    }
    match watch.edits.take() {
        Some(Ok(edited)) => {
            if watched.trouble.is_some() {
                watched.trouble = None;
            }
            worn.kept = Some((*edited).clone());
            if look.0 != *edited {
                stats.count("looks_reloaded");
                stats.event(format!("look {} worn anew", edited.name));
                look.0 = *edited;
            }
        }
        Some(Err(reason)) => {
            stats.count("look_reload_failed");
            stats.event(format!("the last look stays on: {reason}"));
            watched.trouble = Some(reason);
        }
        None => {}
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the thread remembers.
struct Poll {
    path: PathBuf,
    shared: Arc<Mutex<Shared>>,
    resting: Resting,
    /// Why the file was refused last.
    refused: Option<String>,
}

impl Poll {
    /// What the file holds, if that is new and nobody has written to it since the last call.
    fn look(&mut self) -> Option<Edit> {
        let again = std::mem::take(&mut lock(&self.shared).again);
        if !self.resting.has_come_to_rest(Stamp::of(&self.path)) && !again {
            return None;
        }
        let (library, settings, saved) = {
            let shared = lock(&self.shared);
            (shared.library.clone(), shared.settings.clone(), shared.saved.clone())
        };
        match self.read() {
            Ok(text) if saved.as_ref() == Some(&text) => None,
            read => {
                // What was saved is worn no more: should it stand there again, it is new.
                let mut shared = lock(&self.shared);
                if shared.saved == saved {
                    shared.saved = None;
                }
                drop(shared);
                let edit = read.and_then(|text| self.dress(&text, &library, &settings));
                let refused = std::mem::replace(&mut self.refused, edit.as_ref().err().cloned());
                // Nobody edited it: what was told is not told again.
                (!again || self.refused.is_none() || self.refused != refused).then_some(edit)
            }
        }
    }

    fn read(&self) -> Result<String, String> {
        let refused = |why: &dyn std::fmt::Display| format!("{}: {why}", self.path.display());
        let length = std::fs::metadata(&self.path).map_err(|error| refused(&error))?.len();
        if length > LONGEST {
            return Err(refused(&format!("{length} bytes are no look; it has at most {LONGEST}")));
        }
        let text = std::fs::read_to_string(&self.path).map_err(|error| refused(&error))?;
        if text.trim().is_empty() {
            return Err(refused(&"the file is empty"));
        }
        Ok(text)
    }

    fn dress(&self, text: &str, library: &TextureLibrary, settings: &[(String, Value)]) -> Edit {
        let origin = self.path.to_string_lossy();
        let mut look = parse_look(&origin, text, library).map_err(|error| error.in_one_line())?;
        for (path, value) in settings {
            set(&mut look, path, value.clone()).map_err(|error| error.to_string())?;
        }
        Ok(Box::new(look))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two looks at the file: the second sees that it rests.
    fn edit(poll: &mut Poll) -> Option<Edit> {
        assert!(poll.look().is_none(), "a file that may still be written was taken");
        poll.look()
    }

    #[test]
    fn an_edit_is_taken_once_it_rests_and_rubbish_says_where_it_is_wrong() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mine.toml");
        let settings = vec![("region/hair/opacity".to_owned(), Value::Float(0.25))];
        let shared = Shared { library: TextureLibrary::default(), settings, saved: None, again: false };
        let shared = Arc::new(Mutex::new(shared));
        let mut poll =
            Poll { path: path.clone(), shared: shared.clone(), resting: Resting::default(), refused: None };

        std::fs::write(&path, "name = \"One\"\n[hair]\nscale = 2\n").expect("written");
        let look = edit(&mut poll).expect("new").expect("a look");
        assert_eq!((look.name.as_str(), look.hair.scale, look.hair.opacity), ("One", 2.0, 0.25));
        assert!(poll.look().is_none(), "nothing is new");

        let long = format!("{}[hair]\ntextur = 1\n", "# a line\n".repeat(10_000));
        let large = "#".repeat(LONGEST as usize + 1);
        let cases: [(&[u8], &[&str]); 9] = [
            (b"[hair]\nscale = = 2\n", &["line 2", "column 9"]),
            (b"[hair]\nscale = \"large\"\n", &["line 2", "column 9", "large"]),
            (b"[hair]\n\n  textur = \"moss\"\n", &["line 3", "column 3", "textur"]),
            (b"[hair]\ntexture = \"no-such\"\n", &["hair", "no-such"]),
            (b"", &["empty"]),
            (b"\n \n", &["empty"]),
            (b"\xff\xfe\x00\x01", &["UTF-8"]),
            (long.as_bytes(), &["line 10002", "column 1", "textur"]),
            (large.as_bytes(), &["no look"]),
        ];
        for (bytes, words) in cases {
            std::fs::write(&path, bytes).expect("written");
            let reason = edit(&mut poll).expect("new").expect_err("no look");
            for word in words.iter().chain(&["mine.toml"]) {
                assert!(reason.contains(word), "\"{word}\" is missing in: {reason}");
            }
            assert!(!reason.contains('\n'), "{reason}");
        }

        std::fs::remove_file(&path).expect("removed");
        assert!(edit(&mut poll).expect("new").is_err());
        assert!(poll.look().is_none(), "told once");
        std::fs::write(&path, "name = \"Two\"\n").expect("written");
        assert!(edit(&mut poll).expect("new").is_ok_and(|look| look.name == "Two"));

        let look = Look { name: "Saved".into(), ..Look::default() };
        let writer = LookWriter { path: path.clone(), shared: shared.clone() };
        let text = writer.save(&look, &TextureLibrary::default()).expect("saved");
        assert!(edit(&mut poll).is_none(), "what was saved from here is worn already");
        std::fs::write(&path, "name = \"Three\"\n").expect("written");
        assert!(edit(&mut poll).expect("new").is_ok_and(|look| look.name == "Three"));
        std::fs::write(&path, text).expect("written");
        assert!(edit(&mut poll).expect("undone").is_ok_and(|look| look.name == "Saved"));
    }

    #[test]
    fn a_look_is_worn_once_the_effect_that_it_names_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mine.toml");
        let library = TextureLibrary::default();
        let shared = Shared { library, settings: Vec::new(), saved: None, again: false };
        let shared = Arc::new(Mutex::new(shared));
        let mut poll =
            Poll { path: path.clone(), shared: shared.clone(), resting: Resting::default(), refused: None };
        std::fs::write(&path, "[[effects]]\neffect = \"all\"\n").expect("written");
        let reason = edit(&mut poll).expect("new").expect_err("no such effect");
        assert!(reason.contains("line 2, column 10") && reason.contains("mine.toml"), "{reason}");
        lock(&shared).again = true;
        assert!(poll.look().is_none(), "told already");
        lock(&shared).library = crate::look::registry::tests::library();
        lock(&shared).again = true;
        let look = poll.look().expect("good now").expect("a look");
        assert_eq!(look.effects.len(), 1);
        assert!(poll.look().is_none());
    }
}
