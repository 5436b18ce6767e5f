//! What there is to choose from: cameras and looks, found beside the schedule while the panel is shown.

use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::view::LookCard;
use crate::look::{LookEntry, LookLibrary, TextureLibrary};
use crate::schedule::Waker;
use crate::show::PanelShown;
use crate::source::{CameraInfo, cameras};

/// How often cameras are looked for.
const RESCAN: Duration = Duration::from_secs(5);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Cameras>()
        .init_resource::<LookCards>()
        .add_systems(Update, (find_cameras, list_looks).run_if(panel_is_shown));
}

/// Whether anybody looks.
pub(super) fn panel_is_shown(shown: Res<PanelShown>) -> bool {
    shown.0
}

/// Cameras that were found.
#[derive(Resource, Default)]
pub(super) struct Cameras {
    pub(super) found: Vec<CameraInfo>,
    scan: Option<Task<Vec<CameraInfo>>>,
    scanned: Option<Instant>,
}

/// Asks the system for cameras beside the main loop: drivers take their time.
fn find_cameras(mut known: ResMut<Cameras>) {
    if let Some(scan) = &mut known.scan {
        if let Some(found) = block_on(poll_once(scan)) {
            known.found = found;
            known.scan = None;
        }
    } else if known.scanned.is_none_or(|at| at.elapsed() >= RESCAN) {
        known.scanned = Some(Instant::now());
        known.scan = Some(IoTaskPool::get().spawn(async { cameras() }));
    }
}

/// Looks that can be chosen.
#[derive(Resource, Default)]
pub(super) struct LookCards {
    pub(super) cards: Vec<LookCard>,
    reading: Option<Task<Vec<LookCard>>>,
    /// Whether they are not any more as they were read.
    stale: bool,
}

/// Reads all looks, for their names and colours.
fn list_looks(
    mut known: ResMut<LookCards>,
    (looks, textures): (Res<LookLibrary>, Res<TextureLibrary>),
    waker: Res<Waker>,
) {
    if looks.is_changed() || textures.is_changed() {
        known.stale = true;
    }
    if let Some(cards) = known.reading.as_mut().and_then(|reading| block_on(poll_once(reading))) {
        known.cards = cards;
        known.reading = None;
    }
    if known.stale && known.reading.is_none() {
        let (looks, textures, waker) = (looks.clone(), textures.clone(), waker.clone());
        known.stale = false;
        known.reading = Some(IoTaskPool::get().spawn(async move {
            let card = |entry: LookEntry| {
                let look = looks.load(Some(entry.name), &textures).ok().map(|loaded| loaded.look);
                LookCard { name: entry.name.to_owned(), own: entry.path.is_some(), look }
            };
            let cards = looks.entries().map(card).collect();
            waker.wake();
            cards
        }));
    }
}
