//! Plays: which entry is worn, which comes next, and when.

use std::time::Duration;

use bevy::ecs::message::{MessageCursor, Messages};
use bevy::prelude::*;

use super::file::{List, Order};
use super::watch::watch;
use super::{Playing, Playlist, PlaylistEntry, PlaylistHeld, PlaylistOrder};
use crate::look::{LookLibrary, LookSwitched, ShowClock, SwitchLook, SwitchTo};
use crate::schedule::{FrameTime, Waker};
use crate::stats::Stats;

/// How long a list waits of which no entry can be worn.
const RETRY: Duration = Duration::from_secs(10);

/// Where a list is.
#[derive(Debug)]
pub(super) struct Player {
    /// Places of the entries, in the order in which they are played in this round.
    sequence: Vec<usize>,
    /// Where in `sequence` the entry stands that is worn; none before the first.
    at: Option<usize>,
    /// The first entry of the next round.
    first_of_next: Option<Vec<usize>>,
    /// Whether the entry that is worn is in the list.
    is_listed: bool,
    remaining: Duration,
    paused: bool,
    /// Entries that could not be worn since one was.
    failed: usize,
    chance: fastrand::Rng,
    order: Order,
    repeat: bool,
}

impl Player {
    pub(super) fn new(list: &List) -> Self {
        let mut player = Self {
            sequence: Vec::new(),
            at: None,
            first_of_next: None,
            is_listed: false,
            remaining: Duration::ZERO,
            paused: false,
            failed: 0,
            chance: list.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed),
            order: list.order,
            repeat: list.repeat,
        };
        player.sequence = player.round(list.entries.len(), None);
        player
    }

    pub(super) fn current(&self) -> Option<usize> {
        self.at.filter(|_| self.is_listed).map(|at| self.sequence[at])
    }

    pub(super) fn next(&self) -> Option<usize> {
        let at = self.at.map_or(0, |at| at + 1);
        let next = self.first_of_next.as_ref().and_then(|next| next.first());
        self.sequence.get(at).or(next).copied()
    }

    pub(super) fn remaining(&self) -> Duration {
        self.remaining
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    /// One round; a shuffled one does not begin with `last`.
    fn round(&mut self, entries: usize, last: Option<usize>) -> Vec<usize> {
        let mut round: Vec<usize> = (0..entries).collect();
        if self.order == Order::Shuffle {
            self.chance.shuffle(&mut round);
            if entries > 1 && round.first().copied() == last {
                let other = self.chance.usize(1..entries);
                round.swap(0, other);
            }
        }
        round
    }

    /// Time goes on; gives the entry that is due.
    pub(super) fn advance(&mut self, delta: Duration, entries: &[PlaylistEntry]) -> Option<usize> {
        if self.paused {
            return None;
        }
        if let Some(rest) = self.remaining.checked_sub(delta)
            && (!rest.is_zero() || delta.is_zero() && self.at.is_some())
        {
            self.remaining = rest;
            return None;
        }
        // What is over counts for the next entry, so that a long show keeps its time.
        let over = delta.saturating_sub(self.remaining);
        let due = self.step(entries)?;
        self.remaining = self.remaining.saturating_sub(over).max(Duration::from_millis(1));
        Some(due)
    }

    /// The next entry now; none where the list has ended.
    pub(super) fn step(&mut self, entries: &[PlaylistEntry]) -> Option<usize> {
        let at = self.at.map_or(0, |at| at + 1);
        if at < self.sequence.len() {
            return Some(self.go(at, entries));
        }
        let round = self.first_of_next.take()?;
        self.sequence = round;
        Some(self.go(0, entries))
    }

    /// The entry before now, or the first one.
    pub(super) fn back(&mut self, entries: &[PlaylistEntry]) -> usize {
        self.go(self.at.unwrap_or(0).saturating_sub(1), entries)
    }

    /// The entry of the place `entry` now; none where there is none.
    pub(super) fn jump(&mut self, entry: usize, entries: &[PlaylistEntry]) -> Option<usize> {
        let at = self.sequence.iter().position(|known| *known == entry)?;
        Some(self.go(at, entries))
    }

    fn go(&mut self, at: usize, entries: &[PlaylistEntry]) -> usize {
        let entry = self.sequence[at];
        (self.at, self.is_listed) = (Some(at), true);
        self.stay(entries);
        let is_last = at + 1 == self.sequence.len();
        self.first_of_next = (is_last && self.repeat).then(|| self.round(entries.len(), Some(entry)));
        entry
    }

    /// The entry that is worn stays as long as it is to, from now on.
    fn stay(&mut self, entries: &[PlaylistEntry]) {
        if let Some(entry) = self.current() {
            self.remaining = entries[entry].fade + entries[entry].hold;
        }
    }

    /// The entry that is worn cannot be; gives the one that is worn instead, now.
    fn fail(&mut self, entries: &[PlaylistEntry]) -> Option<usize> {
        self.failed += 1;
        if self.failed >= self.sequence.len() {
            (self.failed, self.remaining) = (0, RETRY);
            return None;
        }
        self.step(entries)
    }

    /// Goes on with `new` instead of `old`; what is worn stays as long as it was to.
    fn replace(&mut self, old: &List, new: &List) {
        let worn = self.current();
        let look = |list: &List, entry: usize| list.entries.get(entry).map(|entry| entry.look.clone());
        let name = worn.and_then(|entry| look(old, entry));
        // The same place, if the look is still there, else wherever it is now.
        let found = worn
            .filter(|entry| look(new, *entry) == name)
            .or_else(|| new.entries.iter().position(|entry| name.as_ref() == Some(&entry.look)));
        let (remaining, paused) = (self.remaining, self.paused);
        let before = found.or(worn);
        *self = Self { paused, ..Self::new(new) };
        if let Some(entry) = before {
            let last = self.sequence.len() - 1;
            let at = match (found, self.order) {
                (Some(entry), _) => self.sequence.iter().position(|known| *known == entry).unwrap_or(0),
                // What follows the look that is gone is played next.
                (None, Order::AsWritten) => entry.saturating_sub(1).min(last),
                (None, Order::Shuffle) => 0,
            };
            self.go(at, &new.entries);
            self.is_listed = found.is_some();
            let longest = new.entries[self.sequence[at]].fade + new.entries[self.sequence[at]].hold;
            self.remaining = remaining.min(longest);
        }
    }
}

/// What a list needs of the world.
#[derive(bevy::ecs::system::SystemParam)]
pub(in super::super) struct Surroundings<'w> {
    library: Res<'w, LookLibrary>,
    clock: Res<'w, ShowClock>,
    frame: Res<'w, FrameTime>,
    held: Res<'w, PlaylistHeld>,
    stats: Res<'w, Stats>,
    waker: Res<'w, Waker>,
}

pub(in super::super) fn play(
    mut playlist: ResMut<Playlist>,
    mut orders: MessageReader<PlaylistOrder>,
    mut answers: MessageReader<LookSwitched>,
    mut switches: ResMut<Messages<SwitchLook>>,
    mut seen: Local<MessageCursor<SwitchLook>>,
    world: Surroundings,
    mut asked: Local<Option<SwitchLook>>,
) {
    for order in orders.read() {
        playlist.obey(order, &mut asked, &mut switches, &world);
    }
    // Somebody chose a look by hand: it stays as long as that of the list would have.
    let by_hand = seen.read(&switches).filter(|switch| asked.as_ref() != Some(*switch)).count() > 0;
    let answer = answers.read().filter(|answer| asked.as_ref() == Some(&answer.request)).last();
    if playlist.playing.is_none() {
        return;
    }
    playlist.take_edit(&world);
    let Some(Playing { list, player, .. }) = &mut playlist.bypass_change_detection().playing else { return };
    if by_hand {
        player.stay(&list.entries);
    }
    let due = if answer.is_some_and(|answer| answer.outcome.is_err()) {
        if let Some(entry) = player.current() {
            let PlaylistEntry { look, line, .. } = &list.entries[entry];
            world.stats.count("playlist_skipped");
            let path = list.path.display();
            world.stats.event(format!("the entry \"{look}\" of {path}, line {line}, is passed over"));
        }
        player.fail(&list.entries)
    } else {
        player.failed = if answer.is_some() { 0 } else { player.failed };
        let started = world.frame.0.is_some() || player.at.is_none();
        (started && !world.held.0).then(|| player.advance(world.clock.delta, &list.entries)).flatten()
    };
    if let Some(due) = due {
        playlist.wear(due, &mut asked, &mut switches, &world);
    }
}

impl Playlist {
    fn obey(
        &mut self,
        order: &PlaylistOrder,
        asked: &mut Option<SwitchLook>,
        switches: &mut Messages<SwitchLook>,
        world: &Surroundings,
    ) {
        match order {
            PlaylistOrder::Close => *self = Self::default(),
            PlaylistOrder::Open(path) => {
                let list = List::empty(path.clone());
                let player = Player::new(&list);
                let watched = watch(path.clone(), false, &world.waker);
                *self = Self { playing: Some(Playing { list, player, watch: watched.ok() }), trouble: None };
            }
            _ => {
                let Some(Playing { list, player, .. }) = &mut self.playing else { return };
                let due = match order {
                    PlaylistOrder::Next => player.step(&list.entries),
                    PlaylistOrder::Previous if !list.entries.is_empty() => Some(player.back(&list.entries)),
                    PlaylistOrder::Go(entry) => player.jump(*entry, &list.entries),
                    PlaylistOrder::Pause | PlaylistOrder::Resume => {
                        player.paused = *order == PlaylistOrder::Pause;
                        None
                    }
                    _ => None,
                };
                if let Some(due) = due {
                    self.wear(due, asked, switches, world);
                }
            }
        }
    }

    fn take_edit(&mut self, world: &Surroundings) {
        let Some(Playing { list, player, watch: watched }) = &mut self.playing else { return };
        let Some(watched) = watched else {
            match watch(list.path.clone(), true, &world.waker) {
                Ok(started) => *watched = Some(started),
                Err(error) if self.trouble.is_none() => {
                    world.stats.count("playlist_reload_failed");
                    self.trouble = Some(format!("{} is not watched: {error}", list.path.display()));
                }
                Err(_) => {}
            }
            return;
        };
        match watched.take() {
            Some(Ok(new)) => {
                self.trouble = None;
                if new != *list {
                    world.stats.count("playlist_reloaded");
                    let path = new.path.display();
                    world.stats.event(format!("{path} is played, entries: {}", new.entries.len()));
                    for why in &new.skipped {
                        world.stats.count("playlist_skipped");
                        world.stats.event(format!("an entry of {path} is left out: {why}"));
                    }
                    player.replace(list, &new);
                    *list = new;
                }
            }
            Some(Err(reason)) => {
                world.stats.count("playlist_reload_failed");
                world.stats.event(format!("the last playlist is played on: {reason}"));
                self.trouble = Some(reason);
            }
            None => {}
        }
    }

    fn wear(
        &mut self,
        entry: usize,
        asked: &mut Option<SwitchLook>,
        switches: &mut Messages<SwitchLook>,
        world: &Surroundings,
    ) {
        let Some(Playing { list, .. }) = &self.playing else { return };
        let PlaylistEntry { look, beside, fade, easing, .. } = &list.entries[entry];
        // Before the first picture there is nothing to fade from.
        let fade = if world.frame.0.is_some() { *fade } else { Duration::ZERO };
        world.stats.count("playlist_played");
        let is_named = world.library.entries().any(|known| known.name == look);
        let name = if is_named { look.clone() } else { beside.to_string_lossy().into_owned() };
        let switch = SwitchLook { to: SwitchTo::Named(name), fade: Some(fade), easing: Some(*easing) };
        *asked = Some(switch.clone());
        switches.write(switch);
    }
}

#[cfg(test)]
mod tests;
