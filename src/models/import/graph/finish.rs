//! Naming the outputs and wrapping the graph up.

use super::super::onnx::{GraphProto, IR_VERSION, ModelProto, OPSET, OperatorSetIdProto, ValueInfoProto};
use super::layout::edge_layout;
use super::{Graph, Result};

impl Graph<'_> {
    /// Names the outputs and wraps everything up.
    pub(in crate::models::import) fn finish(mut self, producer_version: &str) -> Result<ModelProto> {
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
