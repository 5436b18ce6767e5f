//! What networks are fed.

use ort::session::SessionInputValue;
use ort::value::TensorRef;

/// Row-major numbers of an input that need not be float32.
#[derive(Debug, Clone, Copy)]
pub enum Tensor<'a> {
    /// float32.
    F32(&'a [f32]),
    /// Signed integers of 64 bits: sizes and indices.
    I64(&'a [i64]),
}

/// Numbers that ONNX Runtime reads in place.
pub(super) trait InputData {
    /// A view of them as a tensor of `shape`.
    fn value<'a>(&'a self, shape: &'a [usize]) -> ort::Result<SessionInputValue<'a>>;
}

impl InputData for &[f32] {
    fn value<'a>(&'a self, shape: &'a [usize]) -> ort::Result<SessionInputValue<'a>> {
        Ok(TensorRef::from_array_view((shape, *self))?.into())
    }
}

impl InputData for Tensor<'_> {
    fn value<'a>(&'a self, shape: &'a [usize]) -> ort::Result<SessionInputValue<'a>> {
        match self {
            Tensor::F32(data) => Ok(TensorRef::from_array_view((shape, *data))?.into()),
            Tensor::I64(data) => Ok(TensorRef::from_array_view((shape, *data))?.into()),
        }
    }
}
