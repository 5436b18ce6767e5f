//! How often perception runs, and at which cost: pure decisions, told what happens and asked what to do.

use std::ops::RangeInclusive;
use std::time::Duration;

use bevy::prelude::Resource;

use super::SmallLuma;

/// How often perception runs. Only live runs heed it: lossless ones perceive every frame at full cost.
#[derive(Resource, Debug, Clone, Copy, PartialEq)]
pub struct Cadence {
    /// Perceive every so many frames, [`Self::EVERY`]. Default: 1. Frames between are shown by pairing `latest`
    /// only.
    pub every: u32,
    /// Reuse the last mask while the picture is still. Default: yes.
    pub skip_still: bool,
    /// Mean change of brightness since the last perceived frame, in grey levels of 255, up to which the
    /// picture is still; 0–255. Default: 1.0, twice the noise of a webcam averaged to a small picture.
    pub still_mean: f32,
    /// The same for the most changed block of 8 × 8 pixels of the small picture (1/16 of the frame's width),
    /// so that a hand that moves in a still room counts; 0–255. Default: 4.0.
    pub still_block: f32,
    /// A still picture is perceived again after so many frames, 1 or more. Default: 15.
    pub still_frames: u32,
    /// Lower the cost when the budget is missed, and raise it again. Default: yes.
    pub adapt: bool,
    /// Time that perception may take per frame on average. Default: none, the time between two frames of
    /// the source, or 1/30 s where the source does not say.
    pub budget: Option<Duration>,
}

impl Default for Cadence {
    fn default() -> Self {
        Self {
            every: 1,
            skip_still: true,
            still_mean: 1.0,
            still_block: 4.0,
            still_frames: 15,
            adapt: true,
            budget: None,
        }
    }
}

impl Cadence {
    /// Range of [`Cadence::every`].
    pub const EVERY: RangeInclusive<u32> = 1..=60;

    /// Whether `now` shows what `before` did; not when either is empty or their sizes differ.
    pub fn is_still(&self, now: &SmallLuma, before: &SmallLuma) -> bool {
        let change = now.change(before);
        self.skip_still
            && change.is_some_and(|(mean, most)| mean <= self.still_mean && most <= self.still_block)
    }
}

/// What perception saves, from nothing to most. Each level saves what those before it do, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum CostLevel {
    /// Nothing.
    #[default]
    Full,
    /// The hair network runs a third as often.
    LessHair,
    /// New faces and things are looked for a third as often.
    LessDetection,
    /// Every second frame is perceived.
    EverySecondFrame,
    /// The hair network does not run at all: hair is known by its colour and place. Only for want of memory.
    WithoutHair,
}

impl CostLevel {
    /// Those that save time, in their order.
    const TIMELY: [Self; 4] = [Self::Full, Self::LessHair, Self::LessDetection, Self::EverySecondFrame];

    /// 0 (full) to 4.
    pub fn index(self) -> usize {
        self as usize
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Full => "Full",
            Self::LessHair => "Hair less often",
            Self::LessDetection => "Hair and detectors less often",
            Self::EverySecondFrame => "Every second frame",
            Self::WithoutHair => "Every second frame, no hair network",
        }
    }

    /// Times as rarely as asked for that the hair network runs.
    pub fn hair_factor(self) -> u32 {
        if self >= Self::LessHair { 3 } else { 1 }
    }

    /// Whether the hair network runs.
    pub fn has_hair_network(self) -> bool {
        self < Self::WithoutHair
    }

    /// Times as rarely as asked for that new faces, and things, are looked for.
    pub fn detector_factor(self) -> u32 {
        if self >= Self::LessDetection { 3 } else { 1 }
    }

    /// Times as rarely as asked for that a frame is perceived.
    pub fn frame_factor(self) -> u32 {
        if self >= Self::EverySecondFrame { 2 } else { 1 }
    }
}

/// A change of the cost level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostChange {
    /// The budget was missed.
    Lowered(CostLevel),
    /// There was room for a while.
    Raised(CostLevel),
}

/// Frames over which cost is averaged: the networks do not run equally often.
const WINDOW: u32 = 30;
/// Share of the budget below which the cost may rise.
const ROOM: f64 = 0.7;
/// Windows with room, one after the other, before the cost rises.
const PATIENCE: u32 = 3;
/// Longest patience: each rise that had to be taken back doubles it.
const MOST_PATIENCE: u32 = 48;

/// Decides which frames are perceived and at which cost.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct CadenceState {
    level: CostLevel,
    /// Saved whatever the budget of time says.
    least: CostLevel,
    skipped: u32,
    still: u32,
    spent: Duration,
    frames: u32,
    roomy: u32,
    patience: u32,
    /// Windows since the cost rose.
    risen: Option<u32>,
}

impl Default for CadenceState {
    fn default() -> Self {
        Self {
            level: CostLevel::Full,
            least: CostLevel::Full,
            // The first frame is due.
            skipped: u32::MAX,
            still: 0,
            spent: Duration::ZERO,
            frames: 0,
            roomy: 0,
            patience: PATIENCE,
            risen: None,
        }
    }
}

impl CadenceState {
    /// What is saved now.
    pub fn level(&self) -> CostLevel {
        self.level.max(self.least)
    }

    /// Saves at least what `least` does from now on; gives whether that is new.
    pub fn save_at_least(&mut self, least: CostLevel) -> bool {
        std::mem::replace(&mut self.least, least) != least
    }

    /// Whether the frame that came now is to be perceived. Call once per frame.
    pub fn is_due(&mut self, cadence: &Cadence) -> bool {
        let every = cadence.every.max(1).saturating_mul(self.level().frame_factor());
        self.skipped = self.skipped.saturating_add(1);
        let due = self.skipped >= every;
        if due {
            self.skipped = 0;
        }
        due
    }

    /// Whether the mask may be reused once more if the picture is still.
    pub fn may_rest(&self, cadence: &Cadence) -> bool {
        cadence.skip_still && self.still < cadence.still_frames
    }

    /// Says that the picture was still and the mask was reused.
    pub fn rested(&mut self) {
        self.still = self.still.saturating_add(1);
    }

    /// Says that a frame was perceived in `spent`; returns what changes with it.
    pub fn perceived(&mut self, spent: Duration, budget: Duration, cadence: &Cadence) -> Option<CostChange> {
        self.still = 0;
        if !cadence.adapt {
            let lowered = self.level != CostLevel::Full;
            *self = Self { skipped: self.skipped, least: self.least, ..Self::default() };
            return lowered.then_some(CostChange::Raised(CostLevel::Full));
        }
        self.spent += spent;
        self.frames += 1;
        if self.frames < WINDOW {
            return None;
        }
        let mean = self.spent.as_secs_f64() / f64::from(self.frames);
        (self.spent, self.frames) = (Duration::ZERO, 0);
        self.risen = self.risen.map(|windows| windows.saturating_add(1));
        let budget = budget.as_secs_f64();
        self.roomy = if mean < budget * ROOM { self.roomy + 1 } else { 0 };
        if mean > budget {
            return self.lower();
        }
        // While more is saved than time asks for, how long it takes tells nothing.
        (self.roomy >= self.patience && self.level >= self.least).then(|| self.raise()).flatten()
    }

    fn lower(&mut self) -> Option<CostChange> {
        let next = *CostLevel::TIMELY.get(self.level.index() + 1)?;
        // A rise that does not last is tried again later and later.
        let taken_back = self.risen.take().is_some_and(|windows| windows <= PATIENCE);
        self.patience = if taken_back { (self.patience * 2).min(MOST_PATIENCE) } else { PATIENCE };
        (self.level, self.roomy) = (next, 0);
        Some(CostChange::Lowered(next))
    }

    fn raise(&mut self) -> Option<CostChange> {
        let next = *CostLevel::TIMELY.get(self.level.index().checked_sub(1)?)?;
        (self.level, self.roomy, self.risen) = (next, 0, Some(0));
        Some(CostChange::Raised(next))
    }
}

#[cfg(test)]
mod tests;
