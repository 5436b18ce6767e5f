//! The shader of a look, written for it and compiled beside the running one.
//!
//! A [`Program`] is one WGSL module and its pipelines. What it depends on is the look's [`Structure`]: what is
//! in the look, never how much of it. What a look does not have is not in its shader: a software renderer
//! runs both sides of every branch. Programs live outside Bevy's `PipelineCache`, which never lets one go.

mod compile;
mod interface;
mod layouts;
mod plan;
mod reading;
mod source;
mod stacks;
mod store;
mod structure;
#[cfg(test)]
mod tests;

pub(super) use compile::Program;
pub(super) use layouts::{Layouts, init_layouts};
pub(super) use plan::{COUNTS, FACES, FIRST_VALUE, PEOPLE, Plan, STACKS, TargetPlan, WHOLE_STACK};
pub(super) use stacks::FIRST_SLOT;
pub(super) use store::{ASKED, COMPILED, Found, PROGRAMS, Programs};
pub(super) use structure::{Key, Structure};
