//! Joining and splitting tensors along an axis.

use super::super::graph::{Graph, Layout};
use super::super::onnx::Attr;
use super::super::tflite::Operator;
use super::{Result, activation, axis_index, int_input};

/// Options: axis, activation.
pub(super) fn concatenation(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (inputs, output) = (op.present(), op.output(0)?);
    let layout = graph.common_layout(&inputs, output)?;
    let axis = axis_index(graph, op, op.options.int(0, 0)?.into(), graph.rank(output))?;
    let mut values = Vec::new();
    for tensor in inputs {
        values.push(graph.value(tensor, layout)?);
    }
    let values: Vec<_> = values.iter().map(String::as_str).collect();
    let axis = Attr::Int(layout.axis(axis) as i64);
    let value = graph.node("Concat", &values, &[("axis", axis)]);
    let value = activation::fused(graph, op, op.options.byte(1)?, value)?;
    graph.define(output, layout, value)
}

/// Stacks along a new axis (option 1).
pub(super) fn pack(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let output = op.output(0)?;
    let axis = axis_index(graph, op, op.options.int(1, 0)?.into(), graph.rank(output))?;
    let mut slice = graph.shape(output).to_vec();
    slice[axis] = 1;
    let mut values = Vec::new();
    for tensor in op.present() {
        let value = graph.native_memory(tensor)?;
        values.push(graph.reshape(value, &slice));
    }
    let values: Vec<_> = values.iter().map(String::as_str).collect();
    let value = graph.node("Concat", &values, &[("axis", Attr::Int(axis as i64))]);
    graph.define(output, Layout::Native, value)
}

/// Inputs: axis, tensor. Equal parts, one slice each.
pub(super) fn split(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let input = op.input(1)?;
    let axis = int_input(graph, op, 0)?.first().copied().unwrap_or(0);
    let axis = axis_index(graph, op, axis, graph.rank(input))?;
    let layout = graph.common_layout(&[input], op.output(0)?)?;
    let value = graph.value(input, layout)?;
    let axes = graph.ints(&[layout.axis(axis) as i64]);
    let mut start = 0;
    for &output in &op.outputs {
        let size = graph.shape(output).get(axis).copied().unwrap_or(0) as i64;
        let (from, to) = (graph.ints(&[start]), graph.ints(&[start + size]));
        let part = graph.node("Slice", &[&value, &from, &to, &axes], &[]);
        graph.define(output, layout, part)?;
        start += size;
    }
    Ok(())
}
