//! Letters for labels in pictures, what labels say, and their colours.

mod atlas;
mod label;

pub use atlas::Atlas;
pub use label::{color_of, write_label};
