//! What a parameter is: its kind, range, default, unit and doc, written once.
//!
//! A struct whose fields are parameters is declared with `parameters!`; its default, its clamping, the panel's
//! widgets, `--set` and `docs/parameters.md` are derived from that declaration. Which path leads to which
//! struct is known by the room that owns the struct.

mod blend;
mod error;
mod fields;
mod kind;
mod slot;
mod unit;
mod value;

pub use blend::BlendMode;
pub use error::{ParameterError, nearest};
pub(crate) use fields::parameters;
pub use fields::{Field, Fields};
pub use kind::{Blend, Choice, Color, Declaration, Event, Float, Kind, Point, Selection, Switch, Texture};
pub use slot::{Slot, SlotMut};
pub use unit::Unit;
pub use value::Value;
