//! Masque: a magic mirror. See `ARCHITECTURE.md` for the way of a frame and the rooms, which stand
//! here from the top of the house to the bottom.

pub mod cli;
pub mod panel;
pub mod show;

pub mod batch;

pub mod record;

pub mod compositor;

pub mod perception;

pub mod look;

pub mod effect;

pub mod capture;

pub mod source;

pub mod models;

pub mod face_mesh;
pub mod ffmpeg;
pub mod folders;
pub mod frame;
pub mod glyphs;
pub mod memory;
pub mod parameters;
pub mod schedule;
pub mod stats;
pub mod watch;
