//! Which detection is the thing that was there before: ByteTrack.
//!
//! Source: Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022,
//! <https://arxiv.org/abs/2110.06864>. Sure detections are matched with all tracks first; unsure ones then may only
//! continue a track that was just there, so that a half-hidden person stays the same one and noise starts nothing.
//!
//! What is different here: time is elapsed time instead of frames, so any rate will do; pairs come from a grid
//! of places and are assigned exactly within each group of boxes that touch, so ten thousand boxes need no table
//! of all pairs; and what was lost is forgotten by time and by number, so that nothing grows.

mod assign;
mod bytetrack;
mod candidates;
mod kalman;
mod options;
mod track;

pub(super) use bytetrack::TRACKS;
pub use bytetrack::Tracker;
pub use options::TrackerOptions;
