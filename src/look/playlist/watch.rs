//! Plays a playlist's file anew whenever it is edited.

use std::path::PathBuf;

use super::file::{List, read_list};
use crate::schedule::Waker;
use crate::watch::{Resting, Stamp, Watcher};

/// Watches `path`; `is_known` where what it holds now is played already.
pub(super) fn watch(
    path: PathBuf,
    is_known: bool,
    waker: &Waker,
) -> std::io::Result<Watcher<Result<List, String>>> {
    let mut resting = if is_known { Resting::taken(Stamp::of(&path)) } else { Resting::default() };
    Watcher::start("playlist", waker, move || {
        let is_new = resting.has_come_to_rest(Stamp::of(&path));
        is_new.then(|| read_list(&path).map_err(|error| error.to_string()))
    })
}
