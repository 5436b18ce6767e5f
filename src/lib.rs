//! Masque: a magic mirror. See `ARCHITECTURE.md` for the way of a frame and the rooms.

pub mod frame;
pub mod stats;
