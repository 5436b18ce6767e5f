//! Letters for labels in pictures.

mod atlas;

pub use atlas::Atlas;
