//! Memory: what may hold how much ([`Bound`]), how much is held ([`MemoryGauge`], [`MemoryHistory`]), and what
//! happens when it becomes too much ([`MemoryPressure`]).
//!
//! Rooms say what they hold as gauges: every gauge `NAME_resident_bytes` is a part of the process.

mod bound;
mod budget;
mod heaps;
mod history;
mod monitor;
mod pressure;
mod process;
mod queue;
mod slope;
mod trim;

pub(crate) use bound::bound;
pub use bound::{Bound, Each, Size, bounds_table};
pub use budget::{BudgetOrigin, Container, MemoryBudget, MemoryLimit};
pub use heaps::{HEAP_VARIABLES, keep_heaps_from};
pub use history::{History, RSS, Ring, Span};
pub use monitor::{Alert, MemoryGauge, MemoryHistory, MemoryPlugin, MemoryStatus, PressureFloor, parts};
pub use pressure::{MemoryPressure, PressureLevel, PressureLimits};
pub use process::{Handles, handles, peak_resident_bytes, proportional_bytes, resident_bytes};
pub use queue::{Receiver, Sender, newest_wins, queue, signal};
pub use slope::{median, slope, slope_range};
pub use trim::trim_heap;

use crate::stats::{EVENT_BYTES, EVENTS_KEPT, STAGE_BYTES, STAGES};

/// What this room and the rooms below it may hold.
pub const BOUNDS: &[Bound] = &[
    bound!(
        "stats.events",
        "the last lines of the event log",
        EVENTS_KEPT,
        Each::Bytes(EVENT_BYTES as u64),
        "the oldest goes"
    ),
    bound!(
        "stats.stages",
        "timings: a histogram of fixed size per stage",
        STAGES,
        Each::Bytes(STAGE_BYTES),
        "never full: their names are in the program"
    ),
    bound!(
        "schedule.wake",
        "words that wake the main loop, or end a thread",
        16,
        Each::Bytes(1),
        "one word is enough"
    ),
    history::SAMPLES,
    monitor::ALERTS,
];
