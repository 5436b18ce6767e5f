//! Wears a look's file anew whenever it is edited; a file that is no look leaves the last one on.
//!
//! The file is looked at four times a second by a thread of its own: that works on network drives, too, and
//! whether an editor writes in place or renames.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bevy::prelude::*;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, bounded};

use super::file::{LONGEST, parse_look};
use super::{CurrentLook, Look, TextureLibrary, set};
use crate::parameters::Value;
use crate::schedule::Waker;
use crate::stats::Stats;

/// How often the file is looked at.
const INTERVAL: Duration = Duration::from_millis(250);

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
    edits: Receiver<Edit>,
    library: Arc<Mutex<TextureLibrary>>,
    /// Dropped with the rest; that ends the thread.
    _stop: Sender<()>,
}

/// What an edited file holds: a look, or the reason why it is none.
type Edit = Result<Box<Look>, String>;

impl WatchedLook {
    /// Watches `file` instead of what was watched before.
    pub fn watch(&mut self, file: LookFile, library: &TextureLibrary, waker: &Waker, stats: &Stats) {
        let (stop, stopped) = bounded(0);
        let (sender, edits) = bounded(1);
        let shared = Arc::new(Mutex::new(library.clone()));
        let path = file.path.clone();
        let (library, waker) = (shared.clone(), waker.clone());
        let mut poll = Poll { file, seen: None, taken: None };
        let work = move || {
            // Dropping the other end is what ends the wait for good.
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let Some(edit) = poll.look(&library) else { continue };
                if sender.send(edit).is_err() {
                    return;
                }
                waker.wake();
            }
        };
        self.trouble = None;
        self.watch = match std::thread::Builder::new().name("look file".into()).spawn(work) {
            Ok(_) => Some(Watch { path, edits, library: shared, _stop: stop }),
            Err(error) => {
                stats.count("look_reload_failed");
                stats.event(format!("{} is not watched: {error}", path.display()));
                None
            }
        };
    }

    /// Stops watching: another look is worn.
    pub fn forget(&mut self) {
        *self = Self::default();
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
) {
    let Some(watch) = &watched.watch else { return };
    if library.is_changed() {
        *lock(&watch.library) = library.clone();
    }
    match watch.edits.try_recv() {
        Ok(Ok(edited)) => {
            if watched.trouble.is_some() {
                watched.trouble = None;
            }
            if look.0 != *edited {
                stats.count("looks_reloaded");
                stats.event(format!("look {} worn anew", edited.name));
                look.0 = *edited;
            }
        }
        Ok(Err(reason)) => {
            stats.count("look_reload_failed");
            stats.event(format!("the last look stays on: {reason}"));
            watched.trouble = Some(reason);
        }
        Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
    }
}

fn lock(library: &Mutex<TextureLibrary>) -> MutexGuard<'_, TextureLibrary> {
    library.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When the file was written, and its size; none where there is none.
type Stamp = Option<(SystemTime, u64)>;

/// What the thread remembers.
struct Poll {
    file: LookFile,
    seen: Option<Stamp>,
    taken: Option<Stamp>,
}

impl Poll {
    /// What the file holds, if that is new and nobody has written to it since the last call.
    fn look(&mut self, library: &Mutex<TextureLibrary>) -> Option<Edit> {
        let path = &self.file.path;
        let stamp = std::fs::metadata(path).ok().and_then(|data| Some((data.modified().ok()?, data.len())));
        let before = self.seen.replace(stamp);
        // A file that is being written is left alone until it is whole.
        if before != Some(stamp) || self.taken == Some(stamp) {
            return None;
        }
        self.taken = Some(stamp);
        Some(self.read(library))
    }

    fn read(&self, library: &Mutex<TextureLibrary>) -> Edit {
        let path = &self.file.path;
        let refused = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let length = std::fs::metadata(path).map_err(|error| refused(&error))?.len();
        if length > LONGEST {
            return Err(refused(&format!("{length} bytes are no look; it has at most {LONGEST}")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| refused(&error))?;
        if text.trim().is_empty() {
            return Err(refused(&"the file is empty"));
        }
        let library = lock(library).clone();
        let origin = path.to_string_lossy();
        let mut look = parse_look(&origin, &text, &library).map_err(|error| error.in_one_line())?;
        for (path, value) in &self.file.settings {
            set(&mut look, path, value.clone()).map_err(|error| error.to_string())?;
        }
        Ok(Box::new(look))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two looks at the file: the second sees that it rests.
    fn edit(poll: &mut Poll, library: &Mutex<TextureLibrary>) -> Option<Edit> {
        assert!(poll.look(library).is_none(), "a file that may still be written was taken");
        poll.look(library)
    }

    #[test]
    fn an_edit_is_taken_once_it_rests_and_rubbish_says_where_it_is_wrong() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mine.toml");
        let library = Mutex::new(TextureLibrary::default());
        let settings = vec![("region/hair/opacity".to_owned(), Value::Float(0.25))];
        let mut poll = Poll { file: LookFile { path: path.clone(), settings }, seen: None, taken: None };

        std::fs::write(&path, "name = \"One\"\n[hair]\nscale = 2\n").expect("written");
        let look = edit(&mut poll, &library).expect("new").expect("a look");
        assert_eq!((look.name.as_str(), look.hair.scale, look.hair.opacity), ("One", 2.0, 0.25));
        assert!(poll.look(&library).is_none(), "nothing is new");

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
            let reason = edit(&mut poll, &library).expect("new").expect_err("no look");
            for word in words.iter().chain(&["mine.toml"]) {
                assert!(reason.contains(word), "\"{word}\" is missing in: {reason}");
            }
            assert!(!reason.contains('\n'), "{reason}");
        }

        std::fs::remove_file(&path).expect("removed");
        assert!(edit(&mut poll, &library).expect("new").is_err());
        assert!(poll.look(&library).is_none(), "told once");
        std::fs::write(&path, "name = \"Two\"\n").expect("written");
        assert!(edit(&mut poll, &library).expect("new").is_ok_and(|look| look.name == "Two"));
    }
}
