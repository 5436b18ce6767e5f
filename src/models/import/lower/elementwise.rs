//! Operators that work element by element, with broadcasting.

use super::super::graph::Graph;
use super::super::tflite::Operator;
use super::{Result, activation};

/// One or more ONNX operators applied in turn.
pub(super) fn unary(graph: &mut Graph<'_>, op: &Operator<'_>, chain: &[&str]) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let layout = graph.common_layout(&[input], output)?;
    let mut value = graph.value(input, layout)?;
    for op_type in chain {
        value = graph.node(op_type, &[&value], &[]);
    }
    graph.define(output, layout, value)
}

pub(super) fn square(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let layout = graph.common_layout(&[input], output)?;
    let value = graph.value(input, layout)?;
    let value = graph.node("Mul", &[&value, &value], &[]);
    graph.define(output, layout, value)
}

/// `op_type(a, b)` and the fused activation, which all TFLite operators of two operands keep in
/// their first option (those without one leave it out).
pub(super) fn binary(graph: &mut Graph<'_>, op: &Operator<'_>, op_type: &str) -> Result<()> {
    let (left, right, output) = (op.input(0)?, op.input(1)?, op.output(0)?);
    let layout = graph.common_layout(&[left, right], output)?;
    let operands = [graph.value(left, layout)?, graph.value(right, layout)?];
    let value = graph.node(op_type, &[&operands[0], &operands[1]], &[]);
    let value = activation::fused(graph, op, op.options.byte(0)?, value)?;
    graph.define(output, layout, value)
}

pub(super) fn squared_difference(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (left, right, output) = (op.input(0)?, op.input(1)?, op.output(0)?);
    let layout = graph.common_layout(&[left, right], output)?;
    let operands = [graph.value(left, layout)?, graph.value(right, layout)?];
    let value = graph.node("Sub", &[&operands[0], &operands[1]], &[]);
    let value = graph.node("Mul", &[&value, &value], &[]);
    graph.define(output, layout, value)
}
