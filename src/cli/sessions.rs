//! `--model-budget` and `--recycle-after`: what networks may hold, and when their sessions are made anew.

use std::num::NonZeroU64;

use clap::Args;

use super::bytes::ByteSize;
use crate::models::SessionLimits;

/// Options of every command that runs networks for long.
#[derive(Args, Debug)]
pub(super) struct SessionArgs {
    /// Bytes that networks may hold, for example 512MiB; none is 1GiB, or a quarter of a smaller machine, or half of
    /// --memory-limit
    #[arg(long, value_name = "SIZE")]
    model_budget: Option<ByteSize>,
    /// Make each network's session anew after so many runs, beside the old one and without a pause; none
    /// does so only where memory grows
    #[arg(long, value_name = "RUNS")]
    recycle_after: Option<NonZeroU64>,
}

impl SessionArgs {
    /// What they say in a program that may hold `limit` bytes, if anything.
    pub(super) fn limits(&self, limit: Option<ByteSize>) -> SessionLimits {
        let defaults = SessionLimits::default();
        // Frames, textures and the renderer need the other half.
        let share = limit.map_or(u64::MAX, |limit| limit.0 / 2);
        SessionLimits {
            budget_bytes: self.model_budget.map_or(defaults.budget_bytes.min(share), |budget| budget.0),
            recycle_after: self.recycle_after.map(NonZeroU64::get).or(defaults.recycle_after),
            ..defaults
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_get_half_of_what_the_program_may_hold_unless_they_have_a_budget() {
        let budget = |model_budget, limit| {
            let args = SessionArgs { model_budget, recycle_after: None };
            args.limits(limit).budget_bytes
        };
        let usual = SessionLimits::default().budget_bytes;
        assert_eq!(budget(None, None), usual);
        assert_eq!(budget(None, Some(ByteSize(350))), 175);
        assert_eq!(budget(None, Some(ByteSize(u64::MAX))), usual, "a high limit raises nothing");
        assert_eq!(budget(Some(ByteSize(300)), Some(ByteSize(350))), 300, "what the user says");
    }
}
