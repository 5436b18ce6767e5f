//! How tight memory is: pure decisions, told what is held and when.

use std::fmt;
use std::time::Duration;

use bevy::prelude::*;

/// How tight memory is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum PressureLevel {
    /// There is room.
    #[default]
    Normal,
    /// Caches are trimmed.
    Warning,
    /// What is not in use goes, textures become smaller.
    Critical,
    /// The work itself becomes smaller.
    Emergency,
}

impl PressureLevel {
    /// From room to none.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Warning, Self::Critical, Self::Emergency];

    /// The next better one.
    fn better(self) -> Self {
        Self::ALL[(self as usize).saturating_sub(1)]
    }
}

impl fmt::Display for PressureLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "normal",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Emergency => "emergency",
        })
    }
}

/// Memory has become tighter or less tight, or stays tight: whoever holds what can go lets go of it.
///
/// Written when the level changes, and again every [`PressureLimits::cooldown`] while it is not normal, because
/// caches fill again.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryPressure {
    /// How tight memory is.
    pub level: PressureLevel,
    /// How tight it was.
    pub was: PressureLevel,
}

impl MemoryPressure {
    /// Whether the level is `level` or worse now.
    pub fn reaches(&self, level: PressureLevel) -> bool {
        self.level >= level
    }
}

/// When memory counts as tight. Shares are of the budget, 0–1.
#[derive(Resource, Debug, Clone, Copy, PartialEq)]
pub struct PressureLimits {
    /// From here on [`PressureLevel::Warning`]. Default 0.7.
    pub warning: f64,
    /// From here on [`PressureLevel::Critical`]. Default 0.85.
    pub critical: f64,
    /// From here on [`PressureLevel::Emergency`]. Default 0.95.
    pub emergency: f64,
    /// A level is left when the share is this much below its threshold. Default 0.05.
    pub hysteresis: f64,
    /// … for so long, one level after the other; a level that stays is told again as often. Default 30 s.
    pub cooldown: Duration,
}

impl Default for PressureLimits {
    fn default() -> Self {
        Self {
            warning: 0.7,
            critical: 0.85,
            emergency: 0.95,
            hysteresis: 0.05,
            cooldown: Duration::from_secs(30),
        }
    }
}

impl PressureLimits {
    fn threshold(&self, level: PressureLevel) -> f64 {
        match level {
            PressureLevel::Normal => f64::NEG_INFINITY,
            PressureLevel::Warning => self.warning,
            PressureLevel::Critical => self.critical,
            PressureLevel::Emergency => self.emergency,
        }
    }

    /// The level of `share` alone.
    pub fn level(&self, share: f64) -> PressureLevel {
        let reached = PressureLevel::ALL.into_iter().rev().find(|level| share >= self.threshold(*level));
        reached.unwrap_or_default()
    }
}

/// Follows the share of the budget that is held.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PressureGauge {
    level: PressureLevel,
    /// When the level was told last.
    told: Duration,
    /// Since when there is room enough for the next better level.
    roomy: Option<Duration>,
    /// The level that was left last, and when.
    left: Option<(PressureLevel, Duration)>,
    /// How often the cooldown was doubled.
    patience: u32,
}

/// Most doublings of the cooldown: what was undone too early is undone later each time.
const MOST_PATIENCE: u32 = 5;

impl PressureGauge {
    pub(super) fn level(&self) -> PressureLevel {
        self.level
    }

    /// `share` of the budget is held at `now`. It becomes tighter at once, and less tight one level at a time.
    pub(super) fn observe(
        &mut self,
        share: f64,
        now: Duration,
        limits: &PressureLimits,
    ) -> Option<MemoryPressure> {
        let was = self.level;
        let level = limits.level(share);
        let cooldown = limits.cooldown * (1 << self.patience);
        if level > was {
            (self.level, self.roomy) = (level, None);
            let relapse = |(left, at)| level >= left && now.saturating_sub(at) <= cooldown * 2;
            // Further steps of one climb are the same relapse.
            self.patience = match self.left.take() {
                Some(left) if relapse(left) => (self.patience + 1).min(MOST_PATIENCE),
                Some(_) => 0,
                None => self.patience,
            };
        } else if was > PressureLevel::Normal && share < limits.threshold(was) - limits.hysteresis {
            let since = *self.roomy.get_or_insert(now);
            if now.saturating_sub(since) >= cooldown {
                (self.level, self.roomy, self.left) = (was.better(), None, Some((was, now)));
            }
        } else {
            self.roomy = None;
        }
        let again = self.level > PressureLevel::Normal && now.saturating_sub(self.told) >= limits.cooldown;
        if self.level == was && !again {
            return None;
        }
        self.told = now;
        Some(MemoryPressure { level: self.level, was })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PressureLevel::{Critical, Emergency, Normal, Warning};

    fn follow(shares: impl IntoIterator<Item = f64>) -> Vec<(u64, PressureLevel, PressureLevel)> {
        let (mut gauge, limits) = (PressureGauge::default(), PressureLimits::default());
        let told = |(second, share)| {
            let told = gauge.observe(share, Duration::from_secs(second), &limits)?;
            Some((second, told.was, told.level))
        };
        (0..).zip(shares).filter_map(told).collect()
    }

    #[test]
    fn it_becomes_tight_at_once_and_relaxes_step_by_step() {
        let shares = [0.5, 0.72, 0.96].into_iter().chain([0.5; 100]);
        let told = follow(shares);
        let changes: Vec<_> = told.iter().filter(|(_, was, level)| was != level).copied().collect();
        assert_eq!(changes[..2], [(1, Normal, Warning), (2, Warning, Emergency)]);
        assert_eq!(changes[2..], [(33, Emergency, Critical), (64, Critical, Warning), (95, Warning, Normal)]);
    }

    #[test]
    fn what_comes_back_at_once_is_undone_later_and_later() {
        // What an emergency gives up is enough, and taking it back is too much.
        let (mut gauge, limits) = (PressureGauge::default(), PressureLimits::default());
        let mut emergencies = Vec::new();
        for second in 0..3600 {
            let share = if gauge.level() == Emergency { 0.8 } else { 0.97 };
            let told = gauge.observe(share, Duration::from_secs(second), &limits);
            if told.is_some_and(|told| told.was < Emergency && told.level == Emergency) {
                emergencies.push(second);
            }
        }
        let gaps: Vec<_> = emergencies.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.windows(2).all(|pair| pair[1] >= pair[0]) && gaps[0] < 70, "{gaps:?}");
        assert!(gaps.last() > Some(&900), "{gaps:?}");
    }

    #[test]
    fn a_share_that_trembles_at_a_threshold_changes_the_level_once() {
        let shares = (0..300).map(|second| if second % 2 == 0 { 0.701 } else { 0.66 });
        let told = follow(shares);
        let changes: Vec<_> = told.iter().filter(|(_, was, level)| was != level).collect();
        assert_eq!(changes, [&(0, Normal, Warning)]);
        assert_eq!(told.len(), 10, "told again every 30 s: {told:?}");
    }

    #[test]
    fn levels_have_their_shares() {
        let limits = PressureLimits::default();
        let levels = [0.0, 0.7, 0.85, 0.95, 2.0].map(|share| limits.level(share));
        assert_eq!(levels, [Normal, Warning, Critical, Emergency, Emergency]);
    }
}
