//! The ONNX graph under construction.
//!
//! Images are NHWC in TFLite and NCHW in ONNX. The graph keeps, for each TFLite tensor, the value in
//! the layout in which an operator produced it, and adds a transpose only when a consumer asks for
//! the other one: inside a convolutional net never, before a reshape once.

mod emit;
mod finish;
mod layout;

use std::collections::HashMap;
use std::rc::Rc;

use super::constant::Constant;
use super::error::ImportError;
use super::onnx::{NodeProto, TensorProto};
use super::tflite::{ElementType, Net, Operator};

pub(super) use layout::{Layout, edge_layout};

use layout::{TO_NATIVE, TO_NCHW, same_memory};

type Result<T> = std::result::Result<T, ImportError>;

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
    /// How often each name was asked for.
    names: HashMap<String, usize>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(net: &'a Net<'a>) -> Result<Self> {
        let mut graph = Self {
            net,
            nodes: Vec::new(),
            initializers: Vec::new(),
            int_values: HashMap::new(),
            slots: vec![Slot::default(); net.tensors.len()],
            weight_budget: net.file_len.saturating_mul(16).saturating_add(1 << 20),
            scope: String::new(),
            names: HashMap::new(),
        };
        for &tensor in net.inputs.iter().chain(&net.outputs) {
            graph.names.insert(net.tensor(tensor).name.clone(), 1);
        }
        let mut edges: Vec<_> = net.inputs.iter().chain(&net.outputs).collect();
        edges.sort_unstable();
        edges.dedup();
        if graph.names.len() != edges.len() || graph.names.contains_key("") {
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
    pub(super) fn fold(&mut self, tensor: usize, constant: Rc<Constant>) -> Result<()> {
        self.spend(constant.len() * 4)?;
        self.slots[tensor].constant = Some(constant);
        Ok(())
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
}
