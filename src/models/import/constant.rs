//! Constant tensors: decoding weights of every storage type to float32, and rearranging them.

use half::f16;

use super::error::ImportError;
use super::tflite::{ElementType, Quantization, Tensor, element_count};

type Result<T> = std::result::Result<T, ImportError>;

/// The elements of a constant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Elements {
    Float(Vec<f32>),
    Int(Vec<i64>),
}

/// A constant tensor, in the axis order its `shape` says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Constant {
    pub(super) shape: Vec<usize>,
    pub(super) elements: Elements,
}

impl Constant {
    pub(super) fn floats(shape: &[usize], values: Vec<f32>) -> Self {
        Self { shape: shape.to_vec(), elements: Elements::Float(values) }
    }

    /// Decodes a tensor's bytes. float16 becomes float32; int8 and uint8 with a scale become
    /// float32 by it; int32 and int64 stay integers.
    pub(super) fn decode(tensor: &Tensor<'_>, bytes: &[u8]) -> Result<Self> {
        if tensor.sparse {
            return Err(ImportError::Sparse { tensor: tensor.name.clone() });
        }
        let elements = match tensor.element {
            ElementType::Float32 => Elements::Float(cast(bytes, f32::from_le_bytes)),
            ElementType::Float16 => Elements::Float(cast(bytes, |raw| f16::from_le_bytes(raw).to_f32())),
            ElementType::Int32 => Elements::Int(cast(bytes, |raw| i64::from(i32::from_le_bytes(raw)))),
            ElementType::Int64 => Elements::Int(cast(bytes, i64::from_le_bytes)),
            ElementType::Int8 => {
                let stored = cast(bytes, |[byte]: [u8; 1]| byte.cast_signed().into());
                dequantize(stored, &tensor.shape, &tensor.quantization)
            }
            ElementType::Uint8 => {
                let stored = cast(bytes, |[byte]: [u8; 1]| byte.into());
                dequantize(stored, &tensor.shape, &tensor.quantization)
            }
            ElementType::Other(code) => {
                return Err(ImportError::UnsupportedType {
                    tensor: tensor.name.clone(),
                    found: format!("elements of type {code}"),
                });
            }
        };
        let constant = Self { shape: tensor.shape.clone(), elements };
        let expected = element_count(&tensor.shape);
        if expected != Some(constant.len()) || !bytes.len().is_multiple_of(constant.len().max(1)) {
            return Err(ImportError::corrupt(format!(
                "tensor {} of shape {:?} has {} bytes",
                tensor.name,
                tensor.shape,
                bytes.len()
            )));
        }
        Ok(constant)
    }

    pub(super) fn len(&self) -> usize {
        match &self.elements {
            Elements::Float(values) => values.len(),
            Elements::Int(values) => values.len(),
        }
    }

    /// The integers of a shape, axis or padding constant.
    pub(super) fn ints(&self) -> Option<&[i64]> {
        match &self.elements {
            Elements::Int(values) => Some(values),
            Elements::Float(_) => None,
        }
    }

    pub(super) fn float_values(&self) -> Option<&[f32]> {
        match &self.elements {
            Elements::Float(values) => Some(values),
            Elements::Int(_) => None,
        }
    }

    /// The same elements under another shape of the same size.
    pub(super) fn reshaped(&self, shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), elements: self.elements.clone() }
    }

    /// Axis `i` of the result is axis `perm[i]` of `self`.
    pub(super) fn transposed(&self, perm: &[usize]) -> Self {
        let elements = match &self.elements {
            Elements::Float(values) => Elements::Float(permute(values, &self.shape, perm)),
            Elements::Int(values) => Elements::Int(permute(values, &self.shape, perm)),
        };
        Self { shape: perm.iter().map(|axis| self.shape[*axis]).collect(), elements }
    }

    /// Shape with leading ones up to `rank`, as numpy broadcasting reads it.
    pub(super) fn broadcast_to_rank(&self, rank: usize) -> Self {
        let mut shape = vec![1; rank.saturating_sub(self.shape.len())];
        shape.extend(&self.shape);
        self.reshaped(&shape)
    }
}

fn cast<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|chunk| read(*chunk)).collect()
}

/// `scale * (stored - zero_point)` per tensor or along one axis; without a scale, the integers.
fn dequantize(stored: Vec<i64>, shape: &[usize], quantization: &Quantization) -> Elements {
    let scales = &quantization.scale;
    if scales.is_empty() {
        return Elements::Int(stored);
    }
    // Elements per step along the quantized axis.
    let inner: usize = shape.iter().skip(quantization.axis.saturating_add(1)).product();
    let real = |(index, value): (usize, &i64)| {
        let channel = (index / inner.max(1)) % scales.len();
        let zero = quantization.zero_point.get(channel).copied().unwrap_or(0);
        scales[channel] * value.saturating_sub(zero) as f32
    };
    Elements::Float(stored.iter().enumerate().map(real).collect())
}

fn permute<T: Copy>(values: &[T], shape: &[usize], perm: &[usize]) -> Vec<T> {
    let mut strides = vec![1; shape.len()];
    for axis in (0..shape.len().saturating_sub(1)).rev() {
        strides[axis] = strides[axis + 1] * shape[axis + 1];
    }
    let dims: Vec<_> = perm.iter().map(|axis| (shape[*axis], strides[*axis])).collect();
    let mut index = vec![0; dims.len()];
    let mut offset = 0;
    let mut out = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        out.push(values[offset]);
        for (axis, (size, stride)) in dims.iter().enumerate().rev() {
            index[axis] += 1;
            offset += stride;
            if index[axis] < *size {
                break;
            }
            offset -= size * stride;
            index[axis] = 0;
        }
    }
    out
}
