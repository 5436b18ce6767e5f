//! Detection over archives: many inputs in, results on disk, bounded memory.

pub mod evaluate;
pub mod results;
