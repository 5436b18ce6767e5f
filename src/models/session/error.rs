//! Why a network could not be loaded or run.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::models::runtime::RuntimeError;

/// What stands between a model and its results.
#[derive(Debug, Error)]
pub enum SessionError {
    /// ONNX Runtime itself is missing.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// ONNX Runtime refused the file.
    #[error(
        "model {model}: ONNX Runtime cannot load {}: {reason}. Type: masque models verify",
        path.display()
    )]
    Load {
        /// Name of the model.
        model: String,
        /// The ONNX file.
        path: PathBuf,
        /// ONNX Runtime's own words.
        reason: String,
    },
    /// The budget of all networks has no room for it.
    #[error(
        "model {model} needs about {} MiB, and networks that are in use hold {} of the {} MiB that networks may have. \
         Type: --model-budget {}MiB",
        mib(*wanted), mib(*used), mib(*budget), mib(wanted + used)
    )]
    OverBudget {
        /// Name of the model.
        model: String,
        /// Bytes it is estimated to need.
        wanted: u64,
        /// Bytes that networks in use hold.
        used: u64,
        /// The limit.
        budget: u64,
    },
    /// The machine has no memory for it.
    #[error(
        "model {model} needs about {} MiB of memory, and {} MiB are free. Close other programs, or give the program \
         more memory",
        mib(*wanted), mib(*available)
    )]
    NoMemory {
        /// Name of the model.
        model: String,
        /// Bytes it is estimated to need.
        wanted: u64,
        /// Bytes that are free.
        available: u64,
    },
    /// A run failed.
    #[error("model {model}: inference failed: {reason}")]
    Run {
        /// Name of the model.
        model: String,
        /// ONNX Runtime's own words.
        reason: String,
    },
    /// A run failed for want of memory, with all that could be unloaded unloaded.
    #[error(
        "model {model}: there is not enough memory to run it, even with every network unloaded that is not needed: \
         {reason}. Close other programs, or give the program more memory"
    )]
    OutOfMemory {
        /// Name of the model.
        model: String,
        /// ONNX Runtime's own words.
        reason: String,
    },
    /// The caller asked for an output that the network does not have as float32.
    #[error("model {model} has no float32 output {output}; it has {known}")]
    NoOutput {
        /// Name of the model.
        model: String,
        /// What was asked for.
        output: String,
        /// The outputs there are.
        known: String,
    },
}

impl SessionError {
    pub(super) fn load(model: &str, path: &Path, reason: &str) -> Self {
        Self::Load { model: model.to_owned(), path: path.to_owned(), reason: reason.to_owned() }
    }
}

/// Whether ONNX Runtime's words mean that memory ran out. It has no error code for it.
pub(super) fn tells_of_memory(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["failed to allocate", "bad_alloc", "bad allocation", "out of memory", "not enough memory"]
        .iter()
        .any(|words| reason.contains(words))
}

/// Bytes as whole MiB, rounded up.
pub(super) fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_from_other_failures() {
        for reason in [
            "Failed to allocate memory for requested buffer of size 4398046511104",
            "Non-zero status code returned while running Conv node. Status Message: std::bad_alloc",
            "CUDA failure 2: out of memory",
        ] {
            assert!(tells_of_memory(reason), "{reason}");
        }
        assert!(!tells_of_memory("Got invalid dimensions for input: x"));
    }

    #[test]
    fn a_refusal_says_what_to_type() {
        let budget = SessionError::OverBudget {
            model: "hair".into(),
            wanted: 30 << 20,
            used: 50 << 20,
            budget: 64 << 20,
        };
        let text = budget.to_string();
        assert!(text.contains("hair") && text.ends_with("--model-budget 80MiB"), "{text}");
    }
}
