//! Effects: WGSL files that declare their own controls.
//!
//! A file begins with a comment that holds a JSON object (after ISF 2) and defines one function, `effect`. Here it is
//! read, checked and made ready to stand in one shader with others; who draws it writes the functions that it
//! calls (`below`, `camera`, masks, targets) around it. Source of the header's form: Interactive Shader Format 2,
//! <https://docs.isf.video>.

mod check;
mod code;
mod error;
mod folders;
mod header;
mod lexer;
mod library;
mod locate;
mod loops;
mod names;
mod plugin;
mod scan;
mod source;

pub use error::EffectError;
pub use folders::{EffectFolderError, EffectFolders};
pub use header::{Input, Pass};
pub use library::EffectLibrary;
pub use plugin::{EffectPlugin, EffectSystems, WatchedEffects};
pub use source::{Effect, Uses};

/// WGSL that stands once before all effects: the struct `Face`, ids of regions, values that are set at each entry
/// point (`TIME`, `TIMEDELTA`, `FRAMEINDEX`, `RENDERSIZE`, `FACES`) and helper functions.
pub const PRELUDE: &str = include_str!("../../shaders/prelude.wgsl");

#[cfg(test)]
mod tests;
