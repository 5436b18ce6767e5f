//! The user's folder of looks, looked through once a second by a thread of its own: a file that is put there or
//! taken away is noticed without asking.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bevy::prelude::*;

use super::LookLibrary;
use crate::schedule::Waker;
use crate::stats::Stats;
use crate::watch::Watcher;

/// The folder is looked through every so many calls of the thread: once a second.
const CALLS: u32 = 4;
/// Most looks of a folder, so that a wrong folder does no harm.
const MOST_LOOKS: usize = 1024;

/// Name and file of each look right inside `folder`. Hidden files are passed over.
pub(super) fn find_looks(folder: &Path) -> std::io::Result<Found> {
    let mut looks = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_toml = path.extension().is_some_and(|extension| extension == "toml");
        if let Some(name) = path.file_stem().and_then(|stem| stem.to_str())
            && is_toml
            && !name.starts_with('.')
            && looks.len() < MOST_LOOKS
            && path.is_file()
        {
            looks.insert(name.to_owned(), path);
        }
    }
    Ok(looks)
}

/// The thread that looks; dropped, it ends.
#[derive(Resource, Debug, Default)]
pub(in super::super) struct WatchedFolder {
    watch: Option<Watcher<Found>>,
}

/// Name and file of each look.
type Found = BTreeMap<String, PathBuf>;

/// Takes what the thread found; starts it where it does not run yet.
pub(in super::super) fn take_in_looks(
    mut watched: ResMut<WatchedFolder>,
    mut library: ResMut<LookLibrary>,
    (stats, waker): (Res<Stats>, Res<Waker>),
    mut failed: Local<bool>,
) {
    let Some(folder) = library.folder() else { return };
    let Some(watch) = &watched.watch else {
        if !*failed {
            let started = start(folder.to_owned(), library.own.clone(), &waker);
            watched.watch = started
                .inspect_err(|error| {
                    *failed = true;
                    stats.count("looks_folder_failed");
                    stats.event(format!("{} is not watched: {error}", folder.display()));
                })
                .ok();
        }
        return;
    };
    if let Some(found) = watch.take()
        && found != library.own
    {
        library.take(found, &stats).into_iter().for_each(|line| stats.event(line));
    }
}

fn start(
    folder: PathBuf,
    known: BTreeMap<String, PathBuf>,
    waker: &Waker,
) -> std::io::Result<Watcher<Found>> {
    let (mut known, mut calls) = (known, 0_u32);
    Watcher::start("looks folder", waker, move || {
        calls = calls.wrapping_add(1);
        if !calls.is_multiple_of(CALLS) {
            return None;
        }
        // A folder that is away for a moment, as on a network, keeps its looks.
        let now = find_looks(&folder).ok().filter(|now| *now != known)?;
        known.clone_from(&now);
        Some(now)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_offers_its_looks_and_one_replaces_a_shipped_one() {
        let folder = tempfile::tempdir().expect("a folder");
        for file in ["mine.toml", "cabaret.toml", "notes.txt", ".hidden.toml"] {
            std::fs::write(folder.path().join(file), "name = \"Mine\"\n").expect("written");
        }
        std::fs::create_dir(folder.path().join("folder.toml")).expect("made");
        let stats = Stats::default();
        let (mut library, lines) = LookLibrary::open(folder.path().to_owned(), &stats).expect("readable");
        assert!(lines.len() == 1 && lines[0].contains("cabaret"), "{lines:?}");
        assert_eq!(stats.counter("looks_shadowed"), 1);
        let own: Vec<_> =
            library.entries().filter(|look| look.path.is_some()).map(|look| look.name).collect();
        assert_eq!(own, ["cabaret", "mine"]);
        let again = library.take(library.own.clone(), &stats);
        assert!(again.is_empty() && stats.counter("looks_shadowed") == 1, "told once");
        let textures = crate::look::TextureLibrary::default();
        let look = library.load(Some("cabaret"), &textures).expect("a look").look;
        assert_eq!(look.name, "Mine");
        let unknown = library.load(Some("no-such"), &textures).expect_err("unknown").to_string();
        assert!(unknown.contains("gallery") && unknown.contains("mine"), "{unknown}");
    }
}
