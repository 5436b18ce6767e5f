//! How sessions run, and what they may cost.

use std::time::Duration;

use super::machine;
use crate::memory::{Bound, Each, bound};

/// More threads than this make small nets slower, and the renderer wants cores too.
const MOST_INTRA_THREADS: usize = 4;

/// What runs a network.
pub(super) const CPU: &str = "CPU";

/// Runs after which a session of a provider that grows is made anew: about ten minutes at 30 frames per second.
const RECYCLE_AFTER: u64 = 20_000;
/// Growth in a session's own runs after which it is made anew.
const RECYCLE_GROWTH: u64 = 64 << 20;
const REST: Duration = Duration::from_secs(5);
/// Budget of all networks where the machine is large; smaller ones give a quarter of their memory.
const BUDGET: u64 = 1 << 30;

pub(in crate::models) const MODELS: Bound = bound!(
    "models",
    "networks, one session each (`--model-budget`; one more while a session is made anew)",
    BUDGET,
    Each::Bytes(1),
    "unused ones go, `models_unloaded`; else the next is refused, `models_refused`"
);

/// How one session runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionOptions {
    /// Threads inside one operator, 1 or more. Default: the physical cores, at most 4.
    pub intra_threads: usize,
    /// Its user can do without it for a while: it may be unloaded while it rests, and its next run loads it
    /// again, which takes 50 to 150 ms. Default: no.
    pub on_demand: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        let cores = sysinfo::System::physical_core_count()
            .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
            .unwrap_or(1);
        Self { intra_threads: cores.clamp(1, MOST_INTRA_THREADS), on_demand: false }
    }
}

/// What all sessions together may cost, and when one is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Bytes that networks may hold. Default: 1 GiB, or a quarter of a smaller machine's memory.
    pub budget_bytes: u64,
    /// A network that can be done without rests when it did not run for so long. Default: 5 s.
    pub rest: Duration,
    /// Runs after which a session is made anew; `None` never. Default: never, since ONNX Runtime's CPU
    /// provider measured flat over 10,000 runs; other providers 20,000.
    pub recycle_after: Option<u64>,
    /// Growth of resident memory in a session's own runs, once it has settled, after which it is made anew;
    /// `None` never. Default: 64 MiB. Known on Linux only.
    pub recycle_growth: Option<u64>,
    /// Every so many runs ONNX Runtime gives memory of its arena back that the run did not need; `None`
    /// only when memory is short. Costs the next run its allocations. Default: `None`.
    pub shrink_every: Option<u64>,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self::of_provider(CPU)
    }
}

impl SessionLimits {
    /// The defaults for what runs the networks, by ONNX Runtime's name for it.
    pub fn of_provider(provider: &str) -> Self {
        Self {
            budget_bytes: machine::total_bytes().map_or(BUDGET, |total| BUDGET.min(total / 4)),
            rest: REST,
            recycle_after: (provider != CPU).then_some(RECYCLE_AFTER),
            recycle_growth: Some(RECYCLE_GROWTH),
            shrink_every: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_providers_that_grow_are_recycled_by_default() {
        assert_eq!(SessionLimits::default().recycle_after, None);
        assert!(SessionLimits::of_provider("OpenVINO").recycle_after.is_some());
        assert!(SessionLimits::default().recycle_growth.is_some());
    }
}
