//! Detection over archives: many inputs in, results on disk, bounded memory.

mod classes;
pub mod evaluate;
pub mod results;
