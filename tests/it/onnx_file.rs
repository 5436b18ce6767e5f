//! Writes small ONNX files whose outputs are constants.

/// float32, float16, int64 in `TensorProto.DataType`.
pub const F32: u64 = 1;
pub const F16: u64 = 10;
pub const I64: u64 = 7;

/// A network: inputs as (name, type, sides, -1 for an open one), constant outputs, and remarks.
#[derive(Default)]
pub struct OnnxFile {
    inputs: Vec<Vec<u8>>,
    outputs: Vec<Vec<u8>>,
    nodes: Vec<Vec<u8>>,
    constants: Vec<Vec<u8>>,
    remarks: Vec<Vec<u8>>,
}

impl OnnxFile {
    pub fn input(mut self, name: &str, kind: u64, shape: &[i64]) -> Self {
        self.inputs.push(value_info(name, kind, shape));
        self
    }

    /// An output that is always `values`, whatever the inputs.
    pub fn constant(mut self, name: &str, shape: &[i64], values: &[f32]) -> Self {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.add(name, F32, shape, &raw);
        self
    }

    pub fn integers(mut self, name: &str, shape: &[i64], values: &[i64]) -> Self {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.add(name, I64, shape, &raw);
        self
    }

    /// An output [N, 1, 4] that is 0, 0 and what input `sizes`, [N, 2] int64, says.
    pub fn box_of_sizes(mut self, name: &str, sizes: &str) -> Self {
        let ints = |values: &[i64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        self.constants.push(tensor("as", I64, &[3], &ints(&[-1, 1, 2])));
        self.constants.push(tensor("none", F32, &[1], &0.0_f32.to_le_bytes()));
        self.nodes.push(node("Cast", &[sizes], "number", &[attribute("to", F32)]));
        self.nodes.push(node("Mul", &["number", "none"], "zero", &[]));
        self.nodes.push(node("Concat", &["zero", "number"], "flat", &[attribute("axis", 1)]));
        self.constants.push(tensor("four", I64, &[3], &ints(&[-1, 1, 4])));
        self.nodes.push(node("Reshape", &["flat", "four"], name, &[]));
        self.outputs.push(value_info(name, F32, &[-1, 1, 4]));
        self
    }

    pub fn remark(mut self, key: &str, value: &str) -> Self {
        self.remarks.push([text(1, key), text(2, value)].concat());
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let many = |number, all: &[Vec<u8>]| -> Vec<u8> {
            all.iter().flat_map(|one| message(number, one)).collect()
        };
        let graph = [
            many(1, &self.nodes),
            text(2, "test"),
            many(5, &self.constants),
            many(11, &self.inputs),
            many(12, &self.outputs),
        ]
        .concat();
        let opset = [text(1, ""), number(2, 17)].concat();
        [number(1, 8), message(7, &graph), message(8, &opset), many(14, &self.remarks)].concat()
    }

    fn add(&mut self, name: &str, kind: u64, shape: &[i64], raw: &[u8]) {
        let constant = format!("{name}.value");
        self.constants.push(tensor(&constant, kind, shape, raw));
        self.nodes.push(node("Identity", &[&constant], name, &[]));
        self.outputs.push(value_info(name, kind, shape));
    }
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn message(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn text(field: u64, value: &str) -> Vec<u8> {
    message(field, value.as_bytes())
}

fn tensor(name: &str, kind: u64, shape: &[i64], raw: &[u8]) -> Vec<u8> {
    let dims: Vec<u8> = shape.iter().flat_map(|side| number(1, *side as u64)).collect();
    [dims, number(2, kind), text(8, name), message(9, raw)].concat()
}

fn attribute(name: &str, value: u64) -> Vec<u8> {
    [text(1, name), number(3, value), number(20, 2)].concat()
}

fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let inputs: Vec<u8> = inputs.iter().flat_map(|input| text(1, input)).collect();
    let attributes: Vec<u8> = attributes.iter().flat_map(|one| message(5, one)).collect();
    [inputs, text(2, output), text(4, operator), attributes].concat()
}

fn value_info(name: &str, kind: u64, shape: &[i64]) -> Vec<u8> {
    let side = |side: &i64| match u64::try_from(*side) {
        Ok(side) => message(1, &number(1, side)),
        Err(_) => message(1, &text(2, "open")),
    };
    let shape: Vec<u8> = shape.iter().flat_map(side).collect();
    let tensor = [number(1, kind), message(2, &shape)].concat();
    [text(1, name), message(2, &message(1, &tensor))].concat()
}
