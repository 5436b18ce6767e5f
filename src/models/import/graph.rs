//! The ONNX graph under construction.
//!
//! Images are NHWC in TFLite and NCHW in ONNX. The graph keeps, for each TFLite tensor, the value in
//! the layout in which an operator produced it, and adds a transpose only when a consumer asks for
//! the other one: inside a convolutional net never, before a reshape once.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::constant::{Constant, Elements};
use super::error::ImportError;
use super::onnx::{
    Attr, AttributeProto, FLOAT, GraphProto, INT64, IR_VERSION, ModelProto, NodeProto, OPSET,
    OperatorSetIdProto, TensorProto, ValueInfoProto,
};
use super::tflite::{ElementType, Net, Operator};

type Result<T> = std::result::Result<T, ImportError>;

/// Axis order of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// TFLite's own order; for images NHWC.
    Native,
    /// Rank 4 with channels second.
    Nchw,
}

/// NCHW axis `i` is native axis `TO_NCHW[i]`.
const TO_NCHW: [usize; 4] = [0, 3, 1, 2];
/// Native axis `i` is NCHW axis `TO_NATIVE[i]`.
const TO_NATIVE: [usize; 4] = [0, 2, 3, 1];

impl Layout {
    /// Where native axis `axis` lies in this layout.
    pub(super) fn axis(self, axis: usize) -> usize {
        match self {
            Self::Native => axis,
            Self::Nchw => TO_NATIVE[axis],
        }
    }

    /// `per_axis`, given in native order, in the order of this layout.
    pub(super) fn arrange<T: Clone>(self, per_axis: &[T]) -> Vec<T> {
        match self {
            Self::Native => per_axis.to_vec(),
            Self::Nchw => TO_NCHW.iter().map(|axis| per_axis[*axis].clone()).collect(),
        }
    }
}

/// What the graph knows of one TFLite tensor.
#[derive(Clone, Debug, Default)]
struct Slot {
    /// The layout in which it was produced.
    home: Option<Layout>,
    native: Option<String>,
    nchw: Option<String>,
    constant: Option<Rc<Constant>>,
}

/// Builds the ONNX graph of one net.
pub(super) struct Graph<'a> {
    net: &'a Net<'a>,
    nodes: Vec<NodeProto>,
    initializers: Vec<TensorProto>,
    /// Small integer initializers (axes, shapes, pads) by content.
    int_values: HashMap<(Vec<usize>, Vec<i64>), String>,
    slots: Vec<Slot>,
    /// Bytes of initializers still allowed; stops a corrupt file from asking for more than it holds.
    weight_budget: usize,
    /// Prefix of the names of nodes and values, one per TFLite operator.
    scope: String,
    names: HashSet<String>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(net: &'a Net<'a>) -> Result<Self> {
        let mut graph = Self {
            net,
            nodes: Vec::new(),
            initializers: Vec::new(),
            int_values: HashMap::new(),
            slots: vec![Slot::default(); net.tensors.len()],
            weight_budget: net.file_len.saturating_mul(8).saturating_add(1 << 20),
            scope: String::new(),
            names: HashSet::new(),
        };
        for &tensor in net.inputs.iter().chain(&net.outputs) {
            graph.names.insert(net.tensor(tensor).name.clone());
        }
        let mut edges: Vec<_> = net.inputs.iter().chain(&net.outputs).collect();
        edges.sort_unstable();
        edges.dedup();
        if graph.names.len() != edges.len() || graph.names.contains("") {
            return Err(ImportError::corrupt("two inputs or outputs have the same name, or none"));
        }
        for &tensor in &net.inputs {
            graph.require_float(tensor)?;
            let layout = edge_layout(net.tensor(tensor).shape.len());
            graph.define(tensor, layout, net.tensor(tensor).name.clone())?;
        }
        Ok(graph)
    }

    /// Names the nodes that follow after TFLite operator number `index`.
    pub(super) fn enter(&mut self, index: usize, operator: &Operator<'_>) {
        self.scope = format!("{}_{index}", operator.name);
    }

    /// The native shape of a tensor.
    pub(super) fn shape(&self, tensor: usize) -> &'a [usize] {
        &self.net.tensor(tensor).shape
    }

    pub(super) fn rank(&self, tensor: usize) -> usize {
        self.shape(tensor).len()
    }

    pub(super) fn tensor_name(&self, tensor: usize) -> &'a str {
        &self.net.tensor(tensor).name
    }

    /// Fails unless the tensor's elements are float32.
    pub(super) fn require_float(&self, tensor: usize) -> Result<()> {
        let tensor = self.net.tensor(tensor);
        if tensor.element == ElementType::Float32 {
            return Ok(());
        }
        Err(ImportError::UnsupportedType {
            tensor: tensor.name.clone(),
            found: format!("{:?}", tensor.element).to_lowercase(),
        })
    }

    /// The value of a tensor known at import time: stored in the file, or folded.
    pub(super) fn constant(&mut self, tensor: usize) -> Result<Option<Rc<Constant>>> {
        if self.slots[tensor].constant.is_none()
            && self.slots[tensor].home.is_none()
            && let Some(bytes) = self.net.tensor(tensor).data
        {
            self.spend(bytes.len())?;
            let constant = Constant::decode(self.net.tensor(tensor), bytes)?;
            self.slots[tensor].constant = Some(Rc::new(constant));
        }
        Ok(self.slots[tensor].constant.clone())
    }

    /// Records that a tensor is known at import time.
    pub(super) fn fold(&mut self, tensor: usize, constant: Rc<Constant>) {
        self.slots[tensor].constant = Some(constant);
    }

    /// Records that value `name` holds a tensor.
    pub(super) fn define(&mut self, tensor: usize, layout: Layout, name: String) -> Result<()> {
        let misfit = layout == Layout::Nchw && self.rank(tensor) != 4;
        let slot = &mut self.slots[tensor];
        if misfit || slot.home.is_some() || slot.constant.is_some() {
            let problem = if misfit { "is not an image" } else { "is computed twice" };
            return Err(ImportError::corrupt(format!("tensor {} {problem}", self.net.tensor(tensor).name)));
        }
        slot.home = Some(layout);
        match layout {
            Layout::Native => slot.native = Some(name),
            Layout::Nchw => slot.nchw = Some(name),
        }
        Ok(())
    }

    /// Whether a tensor was produced with channels second.
    pub(super) fn is_nchw(&self, tensor: usize) -> bool {
        self.slots[tensor].home == Some(Layout::Nchw)
    }

    /// The layout in which an operator that works in either should run: NCHW as soon as one operand
    /// is there already, if all of them can be.
    pub(super) fn common_layout(&mut self, operands: &[usize], result: usize) -> Result<Layout> {
        let mut any_nchw = false;
        let mut all_can = self.rank(result) == 4;
        for &tensor in operands {
            if self.constant(tensor)?.is_none() {
                any_nchw |= self.is_nchw(tensor);
                all_can &= self.rank(tensor) == 4;
            }
        }
        Ok(if any_nchw && all_can { Layout::Nchw } else { Layout::Native })
    }

    /// The ONNX value of a tensor in a layout, transposing or storing a constant when needed.
    pub(super) fn value(&mut self, tensor: usize, layout: Layout) -> Result<String> {
        if layout == Layout::Nchw && self.rank(tensor) != 4 && self.slots[tensor].home.is_some() {
            return Err(ImportError::corrupt(format!(
                "tensor {} of shape {:?} is used as an image",
                self.tensor_name(tensor),
                self.shape(tensor)
            )));
        }
        let slot = &self.slots[tensor];
        let (there, other) = match layout {
            Layout::Native => (&slot.native, &slot.nchw),
            Layout::Nchw => (&slot.nchw, &slot.native),
        };
        if let Some(name) = there {
            return Ok(name.clone());
        }
        let other = other.clone();
        let name = if let Some(constant) = self.constant(tensor)? {
            self.broadcast_operand(&constant, layout)?
        } else if let Some(other) = other {
            let shape = self.shape(tensor);
            self.change_layout(other, shape, layout)
        } else {
            return Err(ImportError::corrupt(format!(
                "tensor {} is used before it is computed",
                self.tensor_name(tensor)
            )));
        };
        let slot = &mut self.slots[tensor];
        match layout {
            Layout::Native => slot.native = Some(name.clone()),
            Layout::Nchw => slot.nchw = Some(name.clone()),
        }
        Ok(name)
    }

    /// Stores a constant so that it broadcasts against values of a layout.
    pub(super) fn broadcast_operand(&mut self, constant: &Constant, layout: Layout) -> Result<String> {
        if layout == Layout::Native || constant.len() == 1 && constant.shape.len() < 4 {
            return self.initializer(constant);
        }
        let image = constant.broadcast_to_rank(4);
        if image.shape.len() != 4 {
            return Err(ImportError::corrupt("a constant of more than four axes meets an image"));
        }
        self.initializer(&image.transposed(&TO_NCHW))
    }

    /// Moves a rank-4 value of native shape `shape` to `layout`. Where only axes of size one move,
    /// the memory stays as it is and a reshape (free in ONNX Runtime) does.
    pub(super) fn change_layout(&mut self, value: String, shape: &[usize], layout: Layout) -> String {
        let perm = match layout {
            Layout::Native => TO_NATIVE,
            Layout::Nchw => TO_NCHW,
        };
        if same_memory(shape) {
            return self.reshape(value, &layout.arrange(shape));
        }
        self.transpose(value, &perm)
    }

    /// A value whose elements lie in the native order of `tensor`, whatever its shape says.
    pub(super) fn native_memory(&mut self, tensor: usize) -> Result<String> {
        let slot = &self.slots[tensor];
        if let (None, Some(nchw)) = (&slot.native, &slot.nchw)
            && same_memory(self.shape(tensor))
        {
            return Ok(nchw.clone());
        }
        self.value(tensor, Layout::Native)
    }

    pub(super) fn reshape(&mut self, value: String, shape: &[usize]) -> String {
        let target = self.ints(&shape.iter().map(|dim| *dim as i64).collect::<Vec<_>>());
        self.node("Reshape", &[&value, &target], &[])
    }

    pub(super) fn transpose(&mut self, value: String, perm: &[usize]) -> String {
        if perm.iter().enumerate().all(|(to, from)| to == *from) {
            return value;
        }
        let perm = perm.iter().map(|axis| *axis as i64).collect();
        self.node("Transpose", &[&value], &[("perm", Attr::Ints(perm))])
    }

    /// Adds a node with one output and returns the output's name.
    pub(super) fn node(&mut self, op_type: &str, inputs: &[&str], attributes: &[(&str, Attr)]) -> String {
        let output = self.fresh(op_type);
        self.push(op_type, inputs, vec![output.clone()], attributes);
        output
    }

    /// Adds a node with two outputs.
    pub(super) fn node_pair(
        &mut self,
        op_type: &str,
        inputs: &[&str],
        attributes: &[(&str, Attr)],
    ) -> (String, String) {
        let pair = (self.fresh(op_type), self.fresh(op_type));
        self.push(op_type, inputs, vec![pair.0.clone(), pair.1.clone()], attributes);
        pair
    }

    fn push(&mut self, op_type: &str, inputs: &[&str], output: Vec<String>, attributes: &[(&str, Attr)]) {
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            name: output.first().cloned().unwrap_or_default(),
            output,
            op_type: op_type.to_owned(),
            attribute: attributes
                .iter()
                .map(|(name, value)| AttributeProto::new(name, value.clone()))
                .collect(),
        });
    }

    fn fresh(&mut self, what: &str) -> String {
        let base = format!("{}/{what}", self.scope);
        let mut name = base.clone();
        let mut number = 1;
        while !self.names.insert(name.clone()) {
            number += 1;
            name = format!("{base}_{number}");
        }
        name
    }

    /// Stores float weights as they are.
    pub(super) fn floats(&mut self, shape: &[usize], values: Vec<f32>) -> Result<String> {
        self.initializer(&Constant::floats(shape, values))
    }

    /// A one-dimensional integer input (axes, shape, pads).
    pub(super) fn ints(&mut self, values: &[i64]) -> String {
        self.shared_ints(&[values.len()], values)
    }

    fn shared_ints(&mut self, shape: &[usize], values: &[i64]) -> String {
        let key = (shape.to_vec(), values.to_vec());
        if let Some(name) = self.int_values.get(&key) {
            return name.clone();
        }
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let name = self.store(shape, INT64, raw);
        self.int_values.insert(key, name.clone());
        name
    }

    pub(super) fn initializer(&mut self, constant: &Constant) -> Result<String> {
        match &constant.elements {
            Elements::Int(values) => Ok(self.shared_ints(&constant.shape, values)),
            Elements::Float(values) => {
                self.spend(values.len() * 4)?;
                let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                Ok(self.store(&constant.shape, FLOAT, raw))
            }
        }
    }

    fn store(&mut self, shape: &[usize], data_type: i32, raw_data: Vec<u8>) -> String {
        let name = self.fresh("const");
        self.initializers.push(TensorProto {
            dims: shape.iter().map(|dim| *dim as i64).collect(),
            data_type,
            name: name.clone(),
            raw_data,
        });
        name
    }

    fn spend(&mut self, bytes: usize) -> Result<()> {
        self.weight_budget = self
            .weight_budget
            .checked_sub(bytes)
            .ok_or_else(|| ImportError::corrupt("the weights are larger than the file"))?;
        Ok(())
    }

    /// Names the outputs and wraps everything up.
    pub(super) fn finish(mut self, producer_version: &str) -> Result<ModelProto> {
        let net = self.net;
        let mut outputs = Vec::new();
        self.scope = "output".to_owned();
        for &tensor in &net.outputs {
            self.require_float(tensor)?;
            let wanted = net.tensor(tensor).name.clone();
            if outputs.iter().any(|output: &ValueInfoProto| output.name == wanted) {
                continue;
            }
            let layout = edge_layout(self.rank(tensor));
            let value = self.value(tensor, layout)?;
            self.rename_or_copy(&value, &wanted);
            outputs.push(ValueInfoProto::float(&wanted, &layout.arrange(self.shape(tensor))));
        }
        let input = net.inputs.iter().map(|tensor| {
            let shape = edge_layout(self.rank(*tensor)).arrange(self.shape(*tensor));
            ValueInfoProto::float(self.tensor_name(*tensor), &shape)
        });
        Ok(ModelProto {
            ir_version: IR_VERSION,
            producer_name: "masque".to_owned(),
            producer_version: producer_version.to_owned(),
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
            graph: Some(GraphProto {
                name: "imported".to_owned(),
                input: input.collect(),
                output: outputs,
                node: self.nodes,
                initializer: self.initializers,
            }),
        })
    }

    /// Gives the value that a graph output needs the output's name; inputs, constants and values
    /// that are outputs already get a copy.
    fn rename_or_copy(&mut self, value: &str, wanted: &str) {
        if value == wanted {
            return;
        }
        let computed = self.nodes.iter().any(|node| node.output.iter().any(|name| name == value));
        let taken = self.net.inputs.iter().chain(&self.net.outputs);
        if !computed || taken.into_iter().any(|tensor| self.tensor_name(*tensor) == value) {
            self.push("Identity", &[value], vec![wanted.to_owned()], &[]);
            return;
        }
        for node in &mut self.nodes {
            for name in node.input.iter_mut().chain(&mut node.output) {
                if name == value {
                    wanted.clone_into(name);
                }
            }
        }
        for slot in &mut self.slots {
            for name in [&mut slot.native, &mut slot.nchw].into_iter().flatten() {
                if name == value {
                    wanted.clone_into(name);
                }
            }
        }
    }
}

/// The layout of graph inputs and outputs of a rank.
pub(super) fn edge_layout(rank: usize) -> Layout {
    if rank == 4 { Layout::Nchw } else { Layout::Native }
}

/// Whether NHWC and NCHW of this native shape are the same bytes.
fn same_memory(shape: &[usize]) -> bool {
    shape[3] == 1 || shape[1] * shape[2] == 1
}
