//! What can go wrong between a `.tflite` file and its ONNX twin.

/// Why a model could not be imported. Each message says what was found and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The first bytes are not those of a TFLite flatbuffer.
    #[error("this is not a TFLite model ({found}); give a .tflite file, or a member of a .task bundle")]
    NotTflite {
        /// What the file starts with.
        found: String,
    },
    /// An offset, a length or an index points outside the file.
    #[error("the TFLite model is truncated or corrupt ({what}); fetch the file again")]
    Corrupt {
        /// What was being read and where.
        what: String,
    },
    /// The net contains an operator without an ONNX counterpart here.
    #[error(
        "operator {operator} (used by tensor {tensor}) cannot be converted; choose a model without it, or report it with the file's name"
    )]
    UnsupportedOperator {
        /// TFLite's name of the operator, or the custom code.
        operator: String,
        /// The tensor that the operator computes.
        tensor: String,
    },
    /// A known operator in a form that has no ONNX counterpart here.
    #[error(
        "operator {operator} (used by tensor {tensor}) cannot be converted; {problem}; choose another variant of the model"
    )]
    UnsupportedForm {
        /// TFLite's name of the operator, or the custom code.
        operator: String,
        /// The tensor that the operator computes.
        tensor: String,
        /// What is unusual about it.
        problem: String,
    },
    /// Weights are stored sparse (operator DENSIFY or a sparsity description).
    #[error(
        "operator DENSIFY (used by tensor {tensor}) cannot be converted; this net is stored sparse: use the dense file of the same model"
    )]
    Sparse {
        /// The sparse tensor.
        tensor: String,
    },
    /// A tensor computed by the net has an element type other than float32.
    #[error(
        "tensor {tensor} holds {found}, only float32 nets can be converted (weights may be float16 or int8); use the float file of the same model"
    )]
    UnsupportedType {
        /// The tensor's name.
        tensor: String,
        /// Its element type.
        found: String,
    },
    /// A `.task` bundle could not be opened as a zip archive.
    #[error("this is not a MediaPipe .task bundle ({reason}); fetch the file again")]
    NotABundle {
        /// What the zip reader said.
        reason: String,
    },
    /// A `.task` bundle has no such member.
    #[error("the bundle has no member {member}; it holds {present}")]
    NoSuchMember {
        /// The member asked for.
        member: String,
        /// The members that are there, comma-separated.
        present: String,
    },
}

impl ImportError {
    pub(super) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }
}
