//! The demo performer: an animated half figure in a softly lit room, drawn by this room alone, for
//! machines without a camera.
//!
//! Modelled as solids (`head`, `body`, `hand`) that are meshed once, moved by `motion`, lit per vertex (`light`) and
//! drawn by a small rasteriser (`raster`). Since the renderer knows what it draws, it also knows the true region of every pixel.

mod arm;
mod backdrop;
mod body;
mod cast;
mod face;
mod hair;
mod hand;
mod head;
mod light;
mod math;
mod mesh;
mod motion;
mod performer;
mod raster;
mod sdf;
mod smoothing;
mod source;
mod stage;
#[cfg(test)]
mod tests;
mod trinkets;
mod wisps;

pub use motion::LOOP;
pub use performer::Performer;
pub use source::DemoSource;
