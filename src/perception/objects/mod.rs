//! Things in the live picture: detected, followed, and counted in zones.

mod detections;
mod finder;
mod things;
mod zone;

pub use detections::Detections;
pub(super) use finder::ObjectFinder;
pub use finder::ObjectOptions;
pub use things::{Thing, Things};
pub use zone::{MOST_ZONES, Zone, ZoneError};
