//! Writes small TFLite files for tests, front to back, without sharing any code with the reader.

/// A tensor of a test net; float32.
pub(super) struct Tensor {
    name: String,
    shape: Vec<i32>,
    data: Vec<u8>,
}

impl Tensor {
    pub(super) fn float(name: &str, shape: &[i32]) -> Self {
        Self { name: name.to_owned(), shape: shape.to_vec(), data: Vec::new() }
    }

    pub(super) fn constant(name: &str, shape: &[i32], values: &[f32]) -> Self {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { data, ..Self::float(name, shape) }
    }
}

/// An operator of a test net.
pub(super) struct Op {
    code: i32,
    custom: Option<String>,
    inputs: Vec<i32>,
    outputs: Vec<i32>,
    options: Vec<(usize, usize, i32)>,
}

impl Op {
    pub(super) fn builtin(code: i32, inputs: &[i32], outputs: &[i32]) -> Self {
        let (inputs, outputs) = (inputs.to_vec(), outputs.to_vec());
        Self { code, custom: None, inputs, outputs, options: Vec::new() }
    }

    pub(super) fn custom(name: &str, inputs: &[i32], outputs: &[i32]) -> Self {
        Self { custom: Some(name.to_owned()), ..Self::builtin(32, inputs, outputs) }
    }

    /// Option fields as (field number, size in bytes, value).
    pub(super) fn with_options(mut self, fields: &[(usize, usize, i32)]) -> Self {
        self.options = fields.to_vec();
        self
    }
}

/// A field of a table: a scalar of some bytes, or something the table points to.
enum Field {
    Absent,
    Scalar(Vec<u8>),
    Child(Node),
}

enum Node {
    Table(Vec<Field>),
    /// Element count and bytes.
    Vector(usize, Vec<u8>),
    Tables(Vec<Node>),
}

fn word(value: i32) -> Field {
    Field::Scalar(value.to_le_bytes().to_vec())
}

fn words(values: &[i32]) -> Field {
    let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Field::Child(Node::Vector(values.len(), raw))
}

fn raw(bytes: &[u8]) -> Field {
    Field::Child(Node::Vector(bytes.len(), bytes.to_vec()))
}

fn tables(nodes: Vec<Node>) -> Field {
    Field::Child(Node::Tables(nodes))
}

/// A complete `.tflite` file.
pub(super) fn model(tensors: &[Tensor], operators: &[Op], inputs: &[i32], outputs: &[i32]) -> Vec<u8> {
    let codes = operators.iter().map(|op| {
        let name = op.custom.as_ref().map_or(Field::Absent, |name| raw(name.as_bytes()));
        let byte = Field::Scalar(vec![op.code.min(127) as u8]);
        Node::Table(vec![byte, name, Field::Absent, word(op.code)])
    });
    let written_tensors = tensors.iter().enumerate().map(|(index, tensor)| {
        let buffer = if tensor.data.is_empty() { 0 } else { index as i32 + 1 };
        Node::Table(vec![words(&tensor.shape), Field::Absent, word(buffer), raw(tensor.name.as_bytes())])
    });
    let written_operators = operators.iter().enumerate().map(|(index, op)| {
        let count = op.options.iter().map(|(field, ..)| field + 1).max().unwrap_or(0);
        let mut options: Vec<_> = (0..count).map(|_| Field::Absent).collect();
        for (field, size, value) in &op.options {
            options[*field] = Field::Scalar(value.to_le_bytes()[..*size].to_vec());
        }
        let options = Field::Child(Node::Table(options));
        Node::Table(vec![word(index as i32), words(&op.inputs), words(&op.outputs), Field::Absent, options])
    });
    let graph = Node::Table(vec![
        tables(written_tensors.collect()),
        words(inputs),
        words(outputs),
        tables(written_operators.collect()),
    ]);
    let buffers = std::iter::once(Node::Table(Vec::new()))
        .chain(tensors.iter().map(|tensor| Node::Table(vec![raw(&tensor.data)])));
    let root = Node::Table(vec![
        word(3),
        tables(codes.collect()),
        tables(vec![graph]),
        Field::Absent,
        tables(buffers.collect()),
    ]);
    let mut file = vec![0, 0, 0, 0];
    file.extend(b"TFL3");
    let at = write(&mut file, &root);
    file[..4].copy_from_slice(&(at as u32).to_le_bytes());
    file
}

/// Appends a node and what it points to; returns where the node itself starts.
fn write(file: &mut Vec<u8>, node: &Node) -> usize {
    match node {
        Node::Vector(count, bytes) => {
            let at = file.len();
            file.extend((*count as u32).to_le_bytes());
            file.extend(bytes);
            at
        }
        Node::Tables(nodes) => {
            let at = file.len();
            file.extend((nodes.len() as u32).to_le_bytes());
            file.resize(file.len() + 4 * nodes.len(), 0);
            for (index, node) in nodes.iter().enumerate() {
                point(file, at + 4 + 4 * index, node);
            }
            at
        }
        Node::Table(fields) => {
            let vtable = file.len();
            let size = |field: &Field| match field {
                Field::Absent => 0,
                Field::Scalar(bytes) => bytes.len(),
                Field::Child(_) => 4,
            };
            let body = 4 + fields.iter().map(size).sum::<usize>();
            file.extend((4 + 2 * fields.len() as u16).to_le_bytes());
            file.extend((body as u16).to_le_bytes());
            let mut offset = 4;
            for field in fields {
                let here = if size(field) == 0 { 0 } else { offset };
                file.extend((here as u16).to_le_bytes());
                offset += size(field);
            }
            let at = file.len();
            file.extend(((at - vtable) as i32).to_le_bytes());
            file.resize(at + body, 0);
            let mut offset = at + 4;
            for field in fields {
                match field {
                    Field::Absent => {}
                    Field::Scalar(bytes) => file[offset..offset + bytes.len()].copy_from_slice(bytes),
                    Field::Child(node) => point(file, offset, node),
                }
                offset += size(field);
            }
            at
        }
    }
}

fn point(file: &mut Vec<u8>, from: usize, node: &Node) {
    let to = write(file, node);
    file[from..from + 4].copy_from_slice(&((to - from) as u32).to_le_bytes());
}
