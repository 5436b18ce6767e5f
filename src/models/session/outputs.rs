//! What one run gave.

use ort::value::DynValue;

use super::{SessionError, TensorInfo};

/// What one run gave. Its tensors live in ONNX Runtime's arena until this is dropped.
#[derive(Debug)]
pub struct Outputs<'s> {
    pub(super) model: &'s str,
    pub(super) infos: &'s [TensorInfo],
    /// In the graph's order. Borrowed, so that a run does not allocate the list.
    pub(super) values: &'s mut Vec<DynValue>,
}

impl Outputs<'_> {
    /// Shape and row-major data of output `name`.
    pub fn get(&self, name: &str) -> Result<(&[i64], &[f32]), SessionError> {
        let index = self.infos.iter().position(|info| info.name == name);
        index.map_or_else(|| Err(self.no_output(name)), |index| self.at(index))
    }

    /// Shape and row-major data of the output number `index` in the graph's order.
    pub fn at(&self, index: usize) -> Result<(&[i64], &[f32]), SessionError> {
        self.values
            .get(index)
            .and_then(|value| value.try_extract_tensor::<f32>().ok())
            .map(|(shape, data)| (&**shape, data))
            .ok_or_else(|| self.no_output(&index.to_string()))
    }

    /// Shape and row-major data of the output number `index` whose elements are signed integers of 64 bits.
    ///
    /// # Errors
    /// [`SessionError::NoOutput`] when there is none.
    pub fn integers_at(&self, index: usize) -> Result<(&[i64], &[i64]), SessionError> {
        self.values
            .get(index)
            .and_then(|value| value.try_extract_tensor::<i64>().ok())
            .map(|(shape, data)| (&**shape, data))
            .ok_or_else(|| self.no_output(&index.to_string()))
    }

    fn no_output(&self, output: &str) -> SessionError {
        SessionError::NoOutput {
            model: self.model.to_owned(),
            output: output.to_owned(),
            known: self.infos.iter().map(|info| &*info.name).collect::<Vec<_>>().join(", "),
        }
    }
}

impl Drop for Outputs<'_> {
    fn drop(&mut self) {
        self.values.clear();
    }
}
