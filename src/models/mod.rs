//! Models and what runs them: the manifest, the store that finds, fetches, verifies and converts,
//! ONNX Runtime itself, and loaded sessions.

mod cache;
mod convert;
mod error;
mod failures;
mod faster;
mod fetch;
pub mod import;
pub mod manifest;
mod obtain;
mod progress;
pub mod runtime;
pub mod session;
pub mod store;
pub mod tools;
mod wheel;

pub use error::ModelError;
pub use manifest::{InputContract, Manifest, Model, Role};
pub use progress::{Progress, Silent};
pub use runtime::{RuntimeError, init_runtime, init_runtime_with};
pub use session::{
    MODEL_STAGE, Outputs, Session, SessionError, SessionLimits, SessionManager, SessionOptions,
    SessionReport, Tensor, TensorInfo, estimated_bytes,
};
pub use store::{ModelState, ModelStore, ReadyModel, StoreConfig};

/// What this room may hold.
pub const BOUNDS: &[crate::memory::Bound] = &[session::MODELS, session::JOBS];
