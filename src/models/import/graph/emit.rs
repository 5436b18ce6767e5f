//! Adding nodes and initializers to the graph.

use super::super::constant::{Constant, Elements};
use super::super::error::ImportError;
use super::super::onnx::{Attr, AttributeProto, FLOAT, INT64, NodeProto, TensorProto};
use super::{Graph, Result};

impl Graph<'_> {
    pub(in crate::models::import) fn reshape(&mut self, value: String, shape: &[usize]) -> String {
        let target = self.ints(&shape.iter().map(|dim| *dim as i64).collect::<Vec<_>>());
        self.node("Reshape", &[&value, &target], &[])
    }

    pub(in crate::models::import) fn transpose(&mut self, value: String, perm: &[usize]) -> String {
        if perm.iter().enumerate().all(|(to, from)| to == *from) {
            return value;
        }
        let perm = perm.iter().map(|axis| *axis as i64).collect();
        self.node("Transpose", &[&value], &[("perm", Attr::Ints(perm))])
    }

    /// Adds a node with one output and returns the output's name.
    pub(in crate::models::import) fn node(
        &mut self,
        op_type: &str,
        inputs: &[&str],
        attributes: &[(&str, Attr)],
    ) -> String {
        let output = self.fresh(op_type);
        self.push(op_type, inputs, vec![output.clone()], attributes);
        output
    }

    pub(super) fn push(
        &mut self,
        op_type: &str,
        inputs: &[&str],
        output: Vec<String>,
        attributes: &[(&str, Attr)],
    ) {
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
        loop {
            let uses = self.names.entry(base.clone()).or_insert(0);
            *uses += 1;
            let name = if *uses == 1 { base.clone() } else { format!("{base}_{uses}") };
            if name == base || self.names.insert(name.clone(), 1).is_none() {
                return name;
            }
        }
    }

    /// Stores float weights as they are.
    pub(in crate::models::import) fn floats(&mut self, shape: &[usize], values: Vec<f32>) -> Result<String> {
        self.initializer(&Constant::floats(shape, values))
    }

    /// A one-dimensional integer input (axes, shape, pads).
    pub(in crate::models::import) fn ints(&mut self, values: &[i64]) -> String {
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

    pub(in crate::models::import) fn initializer(&mut self, constant: &Constant) -> Result<String> {
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

    pub(super) fn spend(&mut self, bytes: usize) -> Result<()> {
        self.weight_budget = self
            .weight_budget
            .checked_sub(bytes)
            .ok_or_else(|| ImportError::corrupt("the weights are larger than the file"))?;
        Ok(())
    }
}
