//! Saving, copying, renaming and deleting looks: one order after the other, beside the schedule.

use std::collections::VecDeque;

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::work::{Job, Outcome, Worn};
use super::{LookLibrary, LookOrderError, LookOrigin, WornLook};
use crate::look::{CurrentLook, TextureLibrary, WatchedLook};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Most orders that wait.
const WAITING: usize = 16;

/// What is to be done with looks. No file is overwritten unless `replace` says so, and what is replaced or deleted
/// is kept in the folder `.trash` among the user's looks.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub enum LookOrder {
    /// Writes the look that is worn where it came from; one that comes with Masque into the user's folder.
    Save,
    /// Writes the look that is worn into the user's folder under another name, and goes on with that one.
    SaveAs {
        /// Name of the file without `.toml`, and of the look.
        name: String,
        /// Whether a look that has the name already may be replaced.
        replace: bool,
    },
    /// Copies a look, worn or not, into the user's folder.
    Duplicate {
        /// Its name.
        name: String,
        /// Name of the copy; none is "NAME copy", with a number where that is taken.
        copy: Option<String>,
    },
    /// Gives a look of the user's folder another name.
    Rename {
        /// Its name.
        name: String,
        /// The new one.
        to: String,
    },
    /// Moves a look of the user's folder into the folder `.trash`.
    Delete {
        /// Its name.
        name: String,
    },
}

/// What became of an order. It is counted and in the event log, too.
#[derive(Message, Debug)]
pub struct LookOrderDone {
    /// The order.
    pub order: LookOrder,
    /// What was done, in one sentence, or why it was not.
    pub outcome: Result<String, LookOrderError>,
}

/// Orders that wait, and the one that is worked on.
#[derive(Resource, Debug, Default)]
pub(in super::super) struct Desk {
    waiting: VecDeque<LookOrder>,
    running: Option<(LookOrder, Task<Result<Outcome, LookOrderError>>)>,
}

/// Takes orders and what became of them.
pub(in super::super) fn obey_orders(
    mut orders: MessageReader<LookOrder>,
    mut done: MessageWriter<LookOrderDone>,
    (mut desk, mut library): (ResMut<Desk>, ResMut<LookLibrary>),
    (mut look, mut worn, mut watched): (ResMut<CurrentLook>, ResMut<WornLook>, ResMut<WatchedLook>),
    textures: Res<TextureLibrary>,
    (stats, waker): (Res<Stats>, Res<Waker>),
) {
    if orders.is_empty() && desk.running.is_none() && desk.waiting.is_empty() {
        return;
    }
    for order in orders.read() {
        if desk.waiting.len() < WAITING {
            desk.waiting.push_back(order.clone());
        } else {
            let outcome = Err(LookOrderError::Busy { waiting: WAITING });
            tell(LookOrderDone { order: order.clone(), outcome }, &mut done, &stats);
        }
    }
    if let Some((order, task)) = &mut desk.running {
        let Some(result) = block_on(poll_once(task)) else { return };
        let outcome = result.map(|outcome| {
            library.take(outcome.own, &stats).into_iter().for_each(|line| stats.event(line));
            match outcome.worn {
                Worn::Stays => {}
                Worn::Kept { path, text, kept } => {
                    if look.name != kept.name {
                        look.name.clone_from(&kept.name);
                    }
                    watched.go_on(path.clone(), Some(text), &textures, &waker, &stats);
                    *worn = WornLook { origin: LookOrigin::File(path), kept: Some(*kept) };
                }
                Worn::Deleted => {
                    watched.forget();
                    *worn = WornLook::default();
                }
            }
            outcome.said
        });
        let order = order.clone();
        desk.running = None;
        tell(LookOrderDone { order, outcome }, &mut done, &stats);
    }
    let Some(order) = desk.waiting.pop_front() else { return };
    let job = Job {
        order: order.clone(),
        library: library.clone(),
        look: look.0.clone(),
        worn: worn.clone(),
        writer: watched.writer(),
        textures: textures.clone(),
    };
    let waker = waker.clone();
    let task = IoTaskPool::get().spawn(async move {
        let outcome = job.run();
        waker.wake();
        outcome
    });
    desk.running = Some((order, task));
}

fn tell(answer: LookOrderDone, done: &mut MessageWriter<LookOrderDone>, stats: &Stats) {
    let saves = matches!(answer.order, LookOrder::Save | LookOrder::SaveAs { .. });
    match &answer.outcome {
        Ok(said) => {
            stats.count(if saves { "looks_saved" } else { "looks_filed" });
            stats.event(said.clone());
        }
        // Asked back, not failed.
        Err(LookOrderError::Exists { .. }) => stats.count("look_order_asked"),
        Err(error) => {
            stats.count(if saves { "look_save_failed" } else { "look_order_failed" });
            stats.event(format!("the looks stay as they are: {}", error.in_one_line()));
        }
    }
    done.write(answer);
}
