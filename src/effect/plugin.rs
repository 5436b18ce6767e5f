//! Takes edited effects into the library while the show runs.

use bevy::prelude::*;

use super::EffectLibrary;
use super::folders::{Change, EffectFolders};
use super::library::News;
use crate::schedule::{MasqueSystems, Waker};
use crate::stats::Stats;
use crate::watch::Watcher;

/// Keeps the effects that looks can wear. An [`EffectLibrary`] that is there already stays.
pub struct EffectPlugin;

impl Plugin for EffectPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<EffectLibrary>()
            .init_resource::<WatchedEffects>()
            .add_systems(Update, take_in_effects.in_set(EffectSystems).in_set(MasqueSystems::Direct));
    }
}

/// What happens to the library of effects in a frame.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EffectSystems;

/// The folders of effects that are looked at for edits, if any.
#[derive(Resource, Debug, Default)]
pub struct WatchedEffects {
    watcher: Option<Watcher<Change>>,
}

impl WatchedEffects {
    /// Looks at `folders` instead of those before. Effects are read and checked on a thread of their own.
    pub fn watch(&mut self, mut folders: EffectFolders, waker: &Waker, stats: &Stats) {
        self.watcher = None;
        if folders.is_empty() {
            return;
        }
        match Watcher::start("effects", waker, move || folders.change()) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => {
                stats.count("effect_reload_failed");
                stats.event(format!("the folders of effects are not watched: {error}"));
            }
        }
    }
}

fn take_in_effects(watched: Res<WatchedEffects>, mut library: ResMut<EffectLibrary>, stats: Res<Stats>) {
    let Some(change) = watched.watcher.as_ref().and_then(Watcher::take) else { return };
    match library.take(change) {
        News::Changed(line) => {
            stats.count("effects_reloaded");
            stats.event(line);
        }
        News::Same => {}
        News::Failed(line) => {
            stats.count("effect_reload_failed");
            stats.event(line);
        }
    }
}
