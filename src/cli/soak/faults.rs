//! Which faults there are, and in which order they come.

use std::fmt;
use std::time::Duration;

use clap::ValueEnum;

/// Something that goes wrong, or that somebody does.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Fault {
    /// The source gives nothing.
    StallSource,
    /// Perception does not get to run.
    StallPerception,
    /// The main loop, which takes the frames, stands still.
    StallLoop,
    /// The render world stands still.
    StallRender,
    /// The encoder of a recording is frozen.
    StallEncoder,
    /// Files are neither read nor written.
    StallFiles,
    /// The source goes away and comes back.
    LoseSource,
    /// The same source is chosen anew.
    SwitchSource,
    /// Frames of another size come, until the next time.
    Resolution,
    /// Another look that comes with the program.
    SwitchLook,
    /// A look by chance.
    Randomise,
    /// A recording begins, or ends.
    Record,
    /// A picture is written.
    Snapshot,
    /// Every network's session is made anew.
    Recycle,
}

impl Fault {
    /// All of them.
    pub(super) fn all() -> Vec<Self> {
        Self::value_variants().to_vec()
    }

    /// Whether it lasts.
    pub(super) fn is_stall(self) -> bool {
        use Fault::{StallEncoder, StallFiles, StallLoop, StallPerception, StallRender, StallSource};
        matches!(self, StallSource | StallPerception | StallLoop | StallRender | StallEncoder | StallFiles)
    }

    /// Its name on the command line and in the report.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// Longest stall in seconds; the shortest is 1.
const LONGEST: f64 = 30.0;

/// Faults in an order that follows from the seed: first each of them once, then by chance.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    faults: Vec<Fault>,
    chance: fastrand::Rng,
    scale: f64,
    given: usize,
    looks: usize,
}

impl Plan {
    /// A plan of `faults`, stalls of 1 to 30 s times `scale`.
    pub(super) fn new(faults: Vec<Fault>, seed: u64, scale: f64) -> Self {
        Self { faults, chance: fastrand::Rng::with_seed(seed), scale: scale.max(0.0), given: 0, looks: 0 }
    }

    /// Another look, or one by chance, in turns, where they are among the faults.
    pub(super) fn next_look(&mut self) -> Option<(Fault, Duration, u64)> {
        let fault = [Fault::SwitchLook, Fault::Randomise][self.looks % 2];
        self.looks += 1;
        self.faults.contains(&fault).then(|| (fault, Duration::ZERO, self.chance.u64(..)))
    }

    /// The next fault and how long it lasts (nothing but stalls last), and a seed for what it needs by chance.
    pub(super) fn next(&mut self) -> Option<(Fault, Duration, u64)> {
        let fault = match self.faults.get(self.given) {
            Some(fault) => *fault,
            None => *self.faults.get(self.chance.usize(..self.faults.len().max(1)))?,
        };
        self.given += 1;
        let seconds = (1.0 + (LONGEST - 1.0) * self.chance.f64()) * self.scale;
        let lasts = if fault.is_stall() { Duration::from_secs_f64(seconds) } else { Duration::ZERO };
        Some((fault, lasts, self.chance.u64(..)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_of(faults: Vec<Fault>) -> Plan {
        Plan::new(faults, 1, 1.0)
    }

    #[test]
    fn a_seed_is_a_plan_and_every_fault_comes() {
        let plan = |seed| {
            let mut plan = Plan::new(Fault::all(), seed, 0.5);
            std::iter::from_fn(move || plan.next()).take(60).collect::<Vec<_>>()
        };
        assert_eq!(plan(3), plan(3));
        assert_ne!(plan(3), plan(4));
        for fault in Fault::all() {
            assert!(plan(3)[..Fault::all().len()].iter().any(|(planned, ..)| *planned == fault), "{fault}");
        }
        for (fault, lasts, _) in plan(3) {
            let range = Duration::from_millis(500)..=Duration::from_secs(15);
            assert_eq!(range.contains(&lasts), fault.is_stall(), "{fault} {lasts:?}");
        }
        assert_eq!(Plan::new(Vec::new(), 1, 1.0).next(), None);
        let mut looks = plan_of(vec![Fault::SwitchLook, Fault::Record]);
        let kinds: Vec<_> = (0..4).map(|_| looks.next_look().map(|(fault, ..)| fault)).collect();
        assert_eq!(kinds, [Some(Fault::SwitchLook), None, Some(Fault::SwitchLook), None]);
    }
}
