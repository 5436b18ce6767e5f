//! Folders and files of textures that come while the program runs: looked through beside the main loop.

use std::collections::VecDeque;
use std::path::PathBuf;

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::TextureLibrary;
use super::folder::{FoundTextures, find_textures};
use super::texture::TextureError;
use crate::memory::{Bound, Each, bound};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Most folders and files that wait.
const WAITING: usize = 1024;

pub(super) const DROPPED: Bound = bound!(
    "look.dropped",
    "names of folders and files that came with the mouse, one of them looked through",
    WAITING,
    Each::Bytes(4096),
    "`textures_skipped`"
);

/// Adds a folder of image files, or one image file, to the library.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub struct AddTextures(pub PathBuf);

#[derive(Resource, Debug, Default)]
pub(super) struct Intake {
    waiting: VecDeque<PathBuf>,
    search: Option<Task<Result<FoundTextures, TextureError>>>,
}

pub(super) fn take_in_textures(
    mut added: MessageReader<AddTextures>,
    mut intake: ResMut<Intake>,
    mut library: ResMut<TextureLibrary>,
    (stats, waker): (Res<Stats>, Res<Waker>),
) {
    for AddTextures(path) in added.read() {
        if intake.waiting.len() < WAITING {
            intake.waiting.push_back(path.clone());
        } else {
            stats.count("textures_skipped");
        }
    }
    if intake.search.is_none() {
        let Some(path) = intake.waiting.pop_front() else { return };
        let waker = waker.clone();
        intake.search = Some(IoTaskPool::get().spawn(async move {
            let found = find_textures(&path);
            waker.wake();
            found
        }));
    }
    let Some(found) = intake.search.as_mut().and_then(|search| block_on(poll_once(search))) else { return };
    intake.search = None;
    match found {
        Ok(found) => library.add(found, &stats).into_iter().for_each(|line| stats.event(line)),
        Err(error) => {
            stats.count("textures_skipped");
            stats.event(error.to_string());
        }
    }
}
