//! The system asks the program to end: files are finished first, as after Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bevy::prelude::*;
use signal_hook::consts::SIGTERM;
use signal_hook::flag::{register, register_conditional_shutdown};

use crate::schedule::MasqueSystems;
use crate::stats::Stats;

/// Bevy's code of a run that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Whether the system has asked.
#[derive(Resource, Clone, Default)]
struct Asked(Arc<AtomicBool>);

pub(super) fn plugin(app: &mut App) {
    let asked = Asked::default();
    // In this order: the second one ends the program at once.
    let listens = register_conditional_shutdown(SIGTERM, 1, asked.0.clone())
        .and_then(|_| register(SIGTERM, asked.0.clone()));
    if let Err(error) = listens {
        tracing::warn!("SIGTERM will end the program at once: {error}");
    }
    app.insert_resource(asked).add_systems(Update, end.in_set(MasqueSystems::Report));
}

fn end(asked: Res<Asked>, stats: Res<Stats>, mut told: Local<bool>, mut exit: MessageWriter<AppExit>) {
    if asked.0.load(Ordering::Relaxed) && !std::mem::replace(&mut *told, true) {
        stats.event("the system asked the program to end: files are finished");
        exit.write(AppExit::from_code(INTERRUPTED));
    }
}
