//! Operators that work element by element, with broadcasting.

use super::super::graph::{Graph, Layout};
use super::super::tflite::Operator;
use super::{Result, activation, resize};

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
    let operands = [stretched(graph, left, output, layout)?, stretched(graph, right, output, layout)?];
    let value = graph.node(op_type, &[&operands[0], &operands[1]], &[]);
    let value = activation::fused(graph, op, op.options.byte(0)?, value)?;
    graph.define(output, layout, value)
}

/// An operand, enlarged to the result's size when it is one pixel of an image (the gate of a
/// squeeze-and-excitation block). ONNX Runtime leaves its blocked layout to broadcast, but not to
/// resize or to multiply equal shapes: a quarter of a segmenter's time.
fn stretched(graph: &mut Graph<'_>, operand: usize, output: usize, layout: Layout) -> Result<String> {
    let value = graph.value(operand, layout)?;
    let computed = graph.constant(operand)?.is_none();
    match (graph.shape(operand), graph.shape(output)) {
        (&[1, 1, 1, pixel], &[1, height, width, channels])
            if computed && layout == Layout::Nchw && pixel == channels && height * width > 1 =>
        {
            Ok(resize::enlarge(graph, &value, [1, channels, height, width]))
        }
        _ => Ok(value),
    }
}

pub(super) fn squared_difference(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (left, right, output) = (op.input(0)?, op.input(1)?, op.output(0)?);
    let layout = graph.common_layout(&[left, right], output)?;
    let operands = [graph.value(left, layout)?, graph.value(right, layout)?];
    let value = graph.node("Sub", &[&operands[0], &operands[1]], &[]);
    let value = graph.node("Mul", &[&value, &value], &[]);
    graph.define(output, layout, value)
}
