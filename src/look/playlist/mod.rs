//! A list of looks that are worn one after the other.

mod file;
mod play;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bevy::prelude::*;

pub(super) use file::ENTRIES;
pub use file::PlaylistError;
use file::{List, read_list};
use play::Player;
pub(super) use play::play;

use super::Easing;
use crate::watch::Watcher;

/// One look of a playlist.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaylistEntry {
    /// The look: a name of the library, or a file beside the playlist.
    pub look: String,
    /// How long it stays once it has faded in.
    pub hold: Duration,
    /// How long it takes to fade in.
    pub fade: Duration,
    /// How it fades in.
    pub easing: Easing,
    /// The line of the file where it begins, from 1.
    pub line: usize,
    /// The file that is meant if the library has no look of the name.
    beside: PathBuf,
}

/// The playlist that is played, if any: what the panel shows of it. Orders are [`PlaylistOrder`]s.
#[derive(Resource, Debug, Default)]
pub struct Playlist {
    playing: Option<Playing>,
    trouble: Option<String>,
}

/// Whether the playlist waits where it is, because nobody would see its looks. Default no.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlaylistHeld(pub bool);

#[derive(Debug)]
struct Playing {
    list: List,
    player: Player,
    /// None where nothing is watched.
    watch: Option<Watcher<Result<List, String>>>,
}

/// What the playlist is to do.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub enum PlaylistOrder {
    /// Plays another file, from its beginning.
    Open(PathBuf),
    /// Plays nothing any more; the look stays.
    Close,
    /// Stays with the look that is worn.
    Pause,
    /// Goes on after a pause.
    Resume,
    /// The next look now.
    Next,
    /// The look before now.
    Previous,
    /// The entry of this place, from 0, now.
    Go(usize),
}

impl Playlist {
    /// Reads a playlist; gives the lines that a person should read: entries that are left out. Waits for the disk.
    ///
    /// # Errors
    /// [`PlaylistError`] says which file and where it is wrong.
    pub fn open(path: &Path) -> Result<(Self, Vec<String>), PlaylistError> {
        let list = read_list(path)?;
        let told =
            list.skipped.iter().map(|why| format!("an entry of {} is left out: {why}", path.display()));
        let told = told.collect();
        let player = Player::new(&list);
        Ok((Self { playing: Some(Playing { list, player, watch: None }), trouble: None }, told))
    }

    /// The file that is played.
    pub fn path(&self) -> Option<&Path> {
        self.playing.as_ref().map(|playing| playing.list.path.as_path())
    }

    /// All entries, as they are written.
    pub fn entries(&self) -> &[PlaylistEntry] {
        self.playing.as_ref().map(|playing| playing.list.entries.as_slice()).unwrap_or_default()
    }

    /// The entry that is worn; none before the first and where it is not in the list any more.
    pub fn current(&self) -> Option<usize> {
        self.playing.as_ref()?.player.current()
    }

    /// The entry that comes next; none where the list ends.
    pub fn next(&self) -> Option<usize> {
        self.playing.as_ref()?.player.next()
    }

    /// How long until the next one comes, fading in included; none where none comes.
    pub fn remaining(&self) -> Option<Duration> {
        let player = &self.playing.as_ref()?.player;
        player.next().map(|_| player.remaining())
    }

    /// Whether it waits for [`PlaylistOrder::Resume`].
    pub fn is_paused(&self) -> bool {
        self.playing.as_ref().is_some_and(|playing| playing.player.is_paused())
    }

    /// Why the file is not played as it is now; none when it is.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}
