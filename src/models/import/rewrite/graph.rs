//! A graph as it is in the file, of which single nodes are replaced.

use std::collections::{HashMap, HashSet};

use prost::Message;

use crate::models::import::onnx::{INT64, NodeProto, TensorProto, ValueInfoProto};
use crate::models::import::wire::{Field, fields, put};

/// Numbers of fields in `onnx.proto`.
const GRAPH_NODE: usize = 1;
const GRAPH_TENSOR: usize = 5;
const GRAPH_INPUT: usize = 11;
const GRAPH_OUTPUT: usize = 12;
const NODE_ATTRIBUTE: usize = 5;
const NODE_DOMAIN: usize = 7;
const ATTRIBUTE_TENSOR: usize = 5;
const TENSOR_EXTERNAL: usize = 13;
/// `AttributeProto.AttributeType`: a graph, several graphs.
const GRAPHS: [i32; 2] = [5, 10];
/// What only moves numbers, and may go when nobody takes them any more.
const COPIES: [&str; 5] = ["Slice", "Concat", "Constant", "Reshape", "Transpose"];

/// Only the name of a `TensorProto`: its numbers are not copied.
#[derive(Clone, PartialEq, prost::Message)]
struct TensorName {
    #[prost(string, tag = "8")]
    name: String,
}

/// Only the name of a `ValueInfoProto`.
#[derive(Clone, PartialEq, prost::Message)]
struct ValueName {
    #[prost(string, tag = "1")]
    name: String,
}

pub(super) struct Graph<'a> {
    fields: Vec<Field<'a>>,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) tensors: HashMap<String, &'a [u8]>,
    pub(super) inputs: HashSet<String>,
    pub(super) outputs: HashSet<String>,
    /// Which node gives a value.
    pub(super) givers: HashMap<String, usize>,
}

pub(super) struct Node<'a> {
    pub(super) proto: NodeProto,
    message: &'a [u8],
}

/// What takes the place of what is there.
#[derive(Default)]
pub(super) struct Edits {
    pub(super) nodes: HashMap<usize, NodeProto>,
    /// Those that the nodes need.
    pub(super) tensors: Vec<TensorProto>,
    /// Values, float32, that are given instead of all that was.
    pub(super) outputs: Option<Vec<String>>,
}

impl Edits {
    pub(super) fn are_none(&self) -> bool {
        self.nodes.is_empty() && self.outputs.is_none()
    }
}

impl<'a> Graph<'a> {
    pub(super) fn read(message: &'a [u8]) -> Option<Self> {
        let fields = fields(message)?;
        let messages = |number| fields.iter().filter(move |field| field.number == number).map(|f| f.value);
        let names = |number| {
            messages(number)
                .map(|m| Some(ValueName::decode(m).ok()?.name))
                .collect::<Option<HashSet<String>>>()
        };
        let nodes: Option<Vec<Node<'a>>> = messages(GRAPH_NODE)
            .map(|message| Some(Node { proto: NodeProto::decode(message).ok()?, message }))
            .collect();
        let tensors: Option<HashMap<String, &'a [u8]>> = messages(GRAPH_TENSOR)
            .map(|message| Some((TensorName::decode(message).ok()?.name, message)))
            .collect();
        let (nodes, tensors) = (nodes?, tensors?);
        // What lies beside the file is not found from elsewhere.
        if tensors.values().any(|tensor| is_outside(tensor)) {
            return None;
        }
        // What a graph inside a node takes from this one is not seen.
        let nests = |node: &Node<'_>| node.proto.attribute.iter().any(|one| GRAPHS.contains(&one.r#type));
        if nodes.iter().any(nests) {
            return None;
        }
        let (inputs, outputs) = (names(GRAPH_INPUT)?, names(GRAPH_OUTPUT)?);
        let values = |(at, node): (usize, &Node<'_>)| {
            node.proto.output.iter().map(|name| (name.clone(), at)).collect::<Vec<_>>()
        };
        let givers = nodes.iter().enumerate().flat_map(values).collect();
        Some(Self { fields, nodes, tensors, inputs, outputs, givers })
    }

    /// Node `at`, when it is the operator `kind` of ONNX itself.
    pub(super) fn standard(&self, at: usize, kind: &str) -> Option<&NodeProto> {
        let node = self.nodes.get(at).filter(|node| node.proto.op_type == kind)?;
        let foreign = |field: &Field<'_>| field.number == NODE_DOMAIN && !field.value.is_empty();
        (!fields(node.message)?.iter().any(foreign)).then_some(&node.proto)
    }

    /// The node that gives `value`, when it is the operator `kind` of ONNX itself.
    pub(super) fn giver(&self, value: &str, kind: &str) -> Option<&NodeProto> {
        self.standard(*self.givers.get(value)?, kind)
    }

    /// A constant whose numbers are in the file.
    pub(super) fn tensor(&self, name: &str) -> Option<TensorProto> {
        let message = match self.tensors.get(name) {
            Some(message) => message,
            None => {
                let giver = *self.givers.get(name)?;
                self.standard(giver, "Constant")?;
                let attributes = fields(self.nodes[giver].message)?;
                let attribute = attributes.iter().find(|field| field.number == NODE_ATTRIBUTE)?.value;
                fields(attribute)?.iter().find(|field| field.number == ATTRIBUTE_TENSOR)?.value
            }
        };
        TensorProto::decode(message).ok().filter(|_| !is_outside(message))
    }

    pub(super) fn integers(&self, name: &str) -> Option<Vec<i64>> {
        let tensor =
            self.tensor(name).filter(|tensor| tensor.data_type == INT64 && !self.inputs.contains(name))?;
        let (numbers, []) = tensor.raw_data.as_chunks::<8>() else { return None };
        Some(numbers.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect())
    }

    /// The message of the graph with `edits` in their places, without what nobody takes any more.
    pub(super) fn with(&self, edits: &Edits) -> Vec<u8> {
        let mut taken: HashSet<&str> = match &edits.outputs {
            Some(outputs) => outputs.iter().map(String::as_str).collect(),
            None => self.outputs.iter().map(String::as_str).collect(),
        };
        let mut kept = vec![true; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate().rev() {
            let node = edits.nodes.get(&at).unwrap_or(&node.proto);
            let may_go = COPIES.contains(&node.op_type.as_str());
            kept[at] = !may_go || node.output.iter().any(|value| taken.contains(value.as_str()));
            if kept[at] {
                taken.extend(node.input.iter().map(String::as_str));
            }
        }
        let mut out = Vec::new();
        let mut nodes = 0;
        let mut outputs = edits.outputs.iter().flatten();
        for field in &self.fields {
            let keeps = match field.number {
                GRAPH_NODE => {
                    let at = nodes;
                    nodes += 1;
                    if let Some(node) = edits.nodes.get(&at) {
                        put(&mut out, GRAPH_NODE, &node.encode_to_vec());
                    }
                    kept[at] && !edits.nodes.contains_key(&at)
                }
                GRAPH_OUTPUT if edits.outputs.is_some() => {
                    for name in outputs.by_ref() {
                        let output = ValueInfoProto::float_of_any_shape(name);
                        put(&mut out, GRAPH_OUTPUT, &output.encode_to_vec());
                    }
                    false
                }
                GRAPH_TENSOR => TensorName::decode(field.value)
                    .is_ok_and(|tensor| taken.contains(&*tensor.name) || self.inputs.contains(&tensor.name)),
                _ => true,
            };
            if keeps {
                out.extend_from_slice(field.whole);
            }
        }
        for tensor in &edits.tensors {
            put(&mut out, GRAPH_TENSOR, &tensor.encode_to_vec());
        }
        out
    }
}

/// Whether the numbers of a tensor are in a file of their own.
fn is_outside(tensor: &[u8]) -> bool {
    fields(tensor).is_none_or(|fields| fields.iter().any(|field| field.number == TENSOR_EXTERNAL))
}
