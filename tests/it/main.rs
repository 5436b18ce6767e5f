//! Masque driven from outside: rooms through their doors, and the real program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod apart;
mod bad_sources;
mod bounds;
mod capture;
mod compositor;
mod demo;
mod detect;
mod detector;
mod driver;
mod effect_drawing;
mod effect_files;
mod endurance;
mod evaluate;
mod face_effects;
mod face_landmarks;
mod faces;
mod files;
mod frame_pool;
mod import;
mod looks;
mod matte;
mod matte_quality;
mod media;
mod merge;
mod models;
mod motion;
mod npz;
mod onnx_file;
mod overlays;
mod parameters;
mod perception;
mod program;
mod recording;
mod recording_kills;
mod recycling;
mod results;
mod shipped_effects;
mod soak;
mod sources;
mod streams;
mod textures;
mod things;
