//! Detection over archives: many inputs in, results on disk, bounded memory.

pub mod results;

use crate::memory::Bound;

/// What this room may hold.
pub const BOUNDS: &[Bound] = results::BOUNDS;
