//! A TFLite model as the importer needs it: tensors, operators and constant data, checked once so
//! that every later index is in range.
//!
//! Field numbers: `tensorflow/compiler/mlir/lite/schema/schema.fbs` (schema version 3), Apache-2.0.

use super::error::ImportError;
use super::flatbuffer::{Budget, Table};
use super::operators::{CUSTOM, builtin_name};

type Result<T> = std::result::Result<T, ImportError>;

const MAX_RANK: usize = 8;
/// Far above any published net; bounds what a corrupt file can ask for.
const MAX_ELEMENTS: usize = 1 << 28;
const MAX_EDGES: usize = 1 << 20;
const MAX_ENDS: usize = 1024;

/// Element type of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElementType {
    Float32,
    Float16,
    Int32,
    Uint8,
    Int64,
    Int8,
    /// Any other type, by its number in the schema.
    Other(u8),
}

impl ElementType {
    fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Float32,
            1 => Self::Float16,
            2 => Self::Int32,
            3 => Self::Uint8,
            4 => Self::Int64,
            9 => Self::Int8,
            other => Self::Other(other),
        }
    }
}

/// Affine quantization: `real = scale * (stored - zero_point)`.
#[derive(Clone, Debug, Default)]
pub(super) struct Quantization {
    pub(super) scale: Vec<f32>,
    pub(super) zero_point: Vec<i64>,
    /// The axis along which `scale` varies when it has more than one entry.
    pub(super) axis: usize,
}

#[derive(Debug)]
pub(super) struct Tensor<'a> {
    pub(super) name: String,
    /// In TFLite's order (NHWC for images). Empty for a scalar.
    pub(super) shape: Vec<usize>,
    pub(super) element: ElementType,
    /// The bytes of a constant tensor.
    pub(super) data: Option<&'a [u8]>,
    pub(super) quantization: Quantization,
    pub(super) sparse: bool,
}

#[derive(Debug)]
pub(super) struct Operator<'a> {
    /// TFLite's name, or the custom code.
    pub(super) name: String,
    pub(super) custom: bool,
    /// Tensor numbers; `None` where an optional input is left out.
    pub(super) inputs: Vec<Option<usize>>,
    pub(super) outputs: Vec<usize>,
    pub(super) options: Options<'a>,
    /// The byte block that a custom operator carries instead of options.
    pub(super) custom_options: &'a [u8],
}

impl Operator<'_> {
    pub(super) fn input(&self, index: usize) -> Result<usize> {
        self.optional(index)
            .ok_or_else(|| ImportError::corrupt(format!("operator {} has no input {index}", self.name)))
    }

    pub(super) fn optional(&self, index: usize) -> Option<usize> {
        self.inputs.get(index).copied().flatten()
    }

    pub(super) fn output(&self, index: usize) -> Result<usize> {
        self.outputs
            .get(index)
            .copied()
            .ok_or_else(|| ImportError::corrupt(format!("operator {} has no output {index}", self.name)))
    }

    /// All inputs that are there.
    pub(super) fn present(&self) -> Vec<usize> {
        self.inputs.iter().flatten().copied().collect()
    }

    /// Entry `index` of the 32-bit integers that a custom operator carries.
    pub(super) fn custom_int(&self, index: usize) -> Result<i32> {
        let (words, _) = self.custom_options.as_chunks::<4>();
        words
            .get(index)
            .map(|word| i32::from_le_bytes(*word))
            .ok_or_else(|| ImportError::corrupt(format!("operator {} lacks its options", self.name)))
    }
}

/// The option table of an operator; absent means that all fields have their defaults.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'a>(Option<Table<'a>>);

impl Options<'_> {
    pub(super) fn byte(&self, field: usize) -> Result<u8> {
        self.0.map_or(Ok(0), |table| table.u8(field, 0))
    }

    pub(super) fn flag(&self, field: usize) -> Result<bool> {
        self.0.map_or(Ok(false), |table| table.bool(field))
    }

    pub(super) fn int(&self, field: usize, default: i32) -> Result<i32> {
        self.0.map_or(Ok(default), |table| table.i32(field, default))
    }

    pub(super) fn float(&self, field: usize) -> Result<f32> {
        self.0.map_or(Ok(0.0), |table| table.f32(field, 0.0))
    }
}

/// The first subgraph of a model.
#[derive(Debug)]
pub(super) struct Net<'a> {
    pub(super) tensors: Vec<Tensor<'a>>,
    pub(super) operators: Vec<Operator<'a>>,
    pub(super) inputs: Vec<usize>,
    pub(super) outputs: Vec<usize>,
    /// The `TFLITE_METADATA` flatbuffer.
    pub(super) metadata: Option<&'a [u8]>,
    /// Size of the file in bytes.
    pub(super) file_len: usize,
}

impl<'a> Net<'a> {
    pub(super) fn parse(file: &'a [u8], budget: &'a Budget) -> Result<Self> {
        if file.get(4..8) != Some(b"TFL3") {
            let found = match file.get(..8) {
                None => format!("{} bytes", file.len()),
                Some(head) => format!("it starts with {:?}", String::from_utf8_lossy(head)),
            };
            return Err(ImportError::NotTflite { found });
        }
        let model = Table::root(file, budget)?;
        let buffers = model.tables(4)?;
        let data = |index: usize| buffer(file, &buffers, index);
        let subgraph =
            *model.tables(2)?.first().ok_or_else(|| ImportError::corrupt("the model has no graph"))?;

        let tensors = subgraph
            .tables(0)?
            .into_iter()
            .map(|table| read_tensor(table, &data))
            .collect::<Result<Vec<_>>>()?;
        let operators = read_operators(&model, &subgraph, tensors.len())?;
        let inputs = indices(&subgraph.i32s(1)?, tensors.len())?;
        let outputs = indices(&subgraph.i32s(2)?, tensors.len())?;
        if outputs.is_empty() || inputs.len() + outputs.len() > MAX_ENDS {
            let problem = format!("{} inputs, {} outputs", inputs.len(), outputs.len());
            return Err(ImportError::corrupt(problem));
        }

        let mut metadata = None;
        for entry in model.tables(6)? {
            if entry.bytes(0)? == b"TFLITE_METADATA" {
                metadata = Some(data(entry.u32(1)? as usize)?);
            }
        }
        Ok(Self { tensors, operators, inputs, outputs, metadata, file_len: file.len() })
    }

    pub(super) fn tensor(&self, index: usize) -> &Tensor<'a> {
        &self.tensors[index]
    }
}

/// The bytes of buffer `index`, which lie in the flatbuffer or, in large files, behind it.
fn buffer<'a>(file: &'a [u8], buffers: &[Table<'a>], index: usize) -> Result<&'a [u8]> {
    let missing = || ImportError::corrupt(format!("buffer {index} does not exist"));
    let table = buffers.get(index).ok_or_else(missing)?;
    let (offset, size) = (table.u64(1)?, table.u64(2)?);
    if offset > 1 {
        let start = usize::try_from(offset).map_err(|_| missing())?;
        let size = usize::try_from(size).map_err(|_| missing())?;
        let end = start.checked_add(size).ok_or_else(missing)?;
        return file.get(start..end).ok_or_else(missing);
    }
    table.bytes(0)
}

fn read_tensor<'a>(table: Table<'a>, data: &impl Fn(usize) -> Result<&'a [u8]>) -> Result<Tensor<'a>> {
    let name = table.string(3)?;
    let dims = table.i32s(0)?;
    let shape = dims.iter().map(|dim| usize::try_from(*dim).ok()).collect::<Option<Vec<_>>>();
    let shape = shape
        .filter(|shape| shape.len() <= MAX_RANK && element_count(shape).is_some())
        .ok_or_else(|| ImportError::corrupt(format!("tensor {name} has shape {dims:?}")))?;
    let bytes = match table.u32(2)? as usize {
        0 => &[],
        index => data(index)?,
    };
    let quantization = match table.table(4)? {
        None => Quantization::default(),
        Some(table) => Quantization {
            scale: table.f32s(2)?,
            zero_point: table.i64s(3)?,
            axis: usize::try_from(table.i32(6, 0)?).unwrap_or(usize::MAX),
        },
    };
    Ok(Tensor {
        name,
        shape,
        element: ElementType::from_code(table.u8(1, 0)?),
        data: (!bytes.is_empty()).then_some(bytes),
        quantization,
        sparse: table.table(6)?.is_some(),
    })
}

/// The number of elements, or `None` when it is beyond any sensible tensor. An empty tensor is
/// measured as if its zero dimensions were one, so that no partial product overflows later.
pub(super) fn element_count(shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1usize, |count, dim| count.checked_mul((*dim).max(1)))
        .filter(|count| *count <= MAX_ELEMENTS)
        .map(|count| if shape.contains(&0) { 0 } else { count })
}

fn read_operators<'a>(
    model: &Table<'a>,
    subgraph: &Table<'a>,
    tensor_count: usize,
) -> Result<Vec<Operator<'a>>> {
    let codes = model.tables(1)?;
    let mut edges = 0;
    let mut operators = Vec::new();
    for table in subgraph.tables(3)? {
        let code = codes
            .get(table.u32(0)? as usize)
            .ok_or_else(|| ImportError::corrupt("an operator has an unknown code index"))?;
        // Old files use the byte field only; files with newer operators set both.
        let builtin = i32::from(code.u8(0, 0)?).max(code.i32(3, 0)?) as usize;
        let custom = builtin == CUSTOM;
        let name = match builtin_name(builtin) {
            _ if custom => code.string(1)?,
            Some(name) => name.to_owned(),
            None => format!("number {builtin}"),
        };
        let (inputs, outputs) = (table.i32s(1)?, table.i32s(2)?);
        edges += inputs.len() + outputs.len();
        if edges > MAX_EDGES {
            return Err(ImportError::corrupt("the graph has more than a million edges"));
        }
        let inputs = inputs
            .into_iter()
            .map(|index| match index {
                -1 => Ok(None),
                index => tensor_index(index, tensor_count).map(Some),
            })
            .collect::<Result<_>>()?;
        operators.push(Operator {
            name,
            custom,
            inputs,
            outputs: indices(&outputs, tensor_count)?,
            options: Options(table.table(4)?),
            custom_options: table.bytes(5)?,
        });
    }
    Ok(operators)
}

fn indices(raw: &[i32], count: usize) -> Result<Vec<usize>> {
    raw.iter().map(|index| tensor_index(*index, count)).collect()
}

fn tensor_index(index: i32, count: usize) -> Result<usize> {
    usize::try_from(index)
        .ok()
        .filter(|index| *index < count)
        .ok_or_else(|| ImportError::corrupt(format!("tensor {index} does not exist")))
}
