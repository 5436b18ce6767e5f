//! What there is to choose from: cameras and looks, found beside the schedule while the panel is shown.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::view::LookCard;
use crate::look::{LookEntry, LookLibrary, TextureLibrary};
use crate::schedule::Waker;
use crate::show::PanelShown;
use crate::source::{CameraInfo, CameraWatch};

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Cameras>()
        .init_resource::<LookCards>()
        .add_systems(Update, (take_cameras, list_looks).run_if(panel_is_shown));
}

/// Whether anybody looks.
pub(super) fn panel_is_shown(shown: Res<PanelShown>) -> bool {
    shown.0
}

/// Cameras that are plugged in.
#[derive(Resource, Default)]
pub(super) struct Cameras {
    pub(super) found: Arc<[CameraInfo]>,
    /// Changes of the list that were taken.
    taken: u64,
}

/// Takes the list when it has changed.
fn take_cameras(mut known: ResMut<Cameras>, watch: Option<Res<CameraWatch>>) {
    let Some(watch) = watch else { return };
    let changes = watch.changes();
    if known.taken != changes {
        known.taken = changes;
        known.found = watch.cameras();
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
