//! Loaded networks.
//!
//! [`SessionManager`] keeps one ONNX Runtime session per model; who asks for a model that is loaded gets a
//! handle, a [`Session`], to the same one. It answers for the bytes that they hold:
//!
//! - **Room.** Before a network is loaded its size is estimated (`estimate.rs`); what the budget or the machine
//!   cannot hold is refused. Networks that nobody uses go first, the longest unused first.
//! - **On demand.** Networks that perception can do without ([`SessionOptions::on_demand`]) may be unloaded
//!   while they rest, and are loaded again by their next run.
//! - **Recycling.** After so many runs, or when memory grows in its runs, a session is made anew beside the
//!   old one, on a thread of its own, warmed, and put in its place between two runs.
//! - **Out of memory.** A run that fails for want of memory is tried once more when everything that is not
//!   needed has been unloaded.

mod books;
mod error;
mod estimate;
mod growth;
mod handle;
mod input;
mod keeper;
mod machine;
mod manager;
mod native;
mod options;
mod outputs;
mod shared;

pub use error::SessionError;
pub use estimate::estimated_bytes;
pub use handle::Session;
pub use input::Tensor;
pub(super) use keeper::JOBS;
pub use manager::{SessionManager, SessionReport};
pub use native::TensorInfo;
pub(super) use options::MODELS;
pub use options::{SessionLimits, SessionOptions};
pub use outputs::Outputs;
pub use shared::MODEL_STAGE;
