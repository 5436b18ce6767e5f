//! Wears a look's file anew whenever it is edited; a file that is no look leaves the last one on.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::file::{LONGEST, parse_look};
use super::save::save_look;
use super::{CurrentLook, Look, LookError, TextureLibrary, set};
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
    saving: Option<Task<Result<PathBuf, LookError>>>,
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
}

/// What an edited file holds: a look, or the reason why it is none.
type Edit = Result<Box<Look>, String>;

impl WatchedLook {
    /// Watches `file` instead of what was watched before.
    pub fn watch(&mut self, file: LookFile, library: &TextureLibrary, waker: &Waker, stats: &Stats) {
        let LookFile { path, settings } = file;
        let shared = Arc::new(Mutex::new(Shared { library: library.clone(), settings, saved: None }));
        let mut poll = Poll { path: path.clone(), shared: shared.clone(), resting: Resting::default() };
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

    /// Writes `look` into the file that is watched, beside the schedule; order and comments of the file stay.
    pub fn save(&mut self, look: &Look, library: &TextureLibrary) {
        let Some(watch) = &self.watch else { return };
        let (look, library, path) = (look.clone(), library.clone(), watch.path.clone());
        let shared = watch.shared.clone();
        self.saving = Some(IoTaskPool::get().spawn(async move {
            // The thread must not take the file for an edit of somebody else.
            let mut shared = lock(&shared);
            let text = save_look(&look, &path, &library)?;
            shared.saved = Some(text);
            shared.settings.clear();
            Ok(path)
        }));
    }

    /// Whether a look is being written.
    pub fn is_saving(&self) -> bool {
        self.saving.is_some()
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

/// Wears what the thread found.
pub(super) fn wear_edited_look(
    mut watched: ResMut<WatchedLook>,
    mut look: ResMut<CurrentLook>,
    library: Res<TextureLibrary>,
    stats: Res<Stats>,
    mut stale: Local<bool>,
) {
    if let Some(saved) = watched.saving.as_mut().and_then(|task| block_on(poll_once(task))) {
        watched.saving = None;
        match saved {
            Ok(path) => {
                stats.count("looks_saved");
                stats.event(format!("look saved as {}", path.display()));
            }
            Err(error) => {
                stats.count("look_save_failed");
                stats.event(format!("the look was not saved: {}", error.in_one_line()));
            }
        }
    }
    let Some(watch) = &watched.watch else { return };
    // While the thread reads or a look is written, the library is handed over in a later frame.
    if *stale || library.is_changed() {
        let shared = watch.shared.try_lock();
        *stale = shared.is_err();
        if let Ok(mut shared) = shared {
            shared.library = library.clone();
        }
    }
    match watch.edits.take() {
        Some(Ok(edited)) => {
            if watched.trouble.is_some() {
                watched.trouble = None;
            }
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
}

impl Poll {
    /// What the file holds, if that is new and nobody has written to it since the last call.
    fn look(&mut self) -> Option<Edit> {
        if !self.resting.has_come_to_rest(Stamp::of(&self.path)) {
            return None;
        }
        let (library, settings, saved) = {
            let shared = lock(&self.shared);
            (shared.library.clone(), shared.settings.clone(), shared.saved.clone())
        };
        match self.read() {
            Ok(text) if saved.as_ref() == Some(&text) => None,
            Ok(text) => Some(self.dress(&text, &library, &settings)),
            Err(reason) => Some(Err(reason)),
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
        let shared = Shared { library: TextureLibrary::default(), settings, saved: None };
        let shared = Arc::new(Mutex::new(shared));
        let mut poll = Poll { path: path.clone(), shared: shared.clone(), resting: Resting::default() };

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
        let text = save_look(&look, &path, &TextureLibrary::default()).expect("saved");
        lock(&shared).saved = Some(text);
        assert!(edit(&mut poll).is_none(), "what was saved from here is worn already");
    }
}
