//! Pooling.

use super::super::graph::{Graph, Layout};
use super::super::onnx::Attr;
use super::super::tflite::Operator;
use super::conv::{image_shape, strides};
use super::{Result, activation, positive, same_padding};

pub(super) fn max(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    pool(graph, op, "MaxPool")
}

pub(super) fn average(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    pool(graph, op, "AveragePool")
}

fn pool(graph: &mut Graph<'_>, op: &Operator<'_>, op_type: &str) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let (from, to) = (image_shape(graph, op, input)?, image_shape(graph, op, output)?);
    let stride = strides(graph, op)?;
    let kernel = [
        positive(graph, op, "filter height", op.options.int(4, 0)?)?,
        positive(graph, op, "filter width", op.options.int(3, 0)?)?,
    ];
    let pads = if op.options.byte(0)? == 0 {
        let height = same_padding(from[1], to[1], kernel[0], stride[0]);
        let width = same_padding(from[2], to[2], kernel[1], stride[1]);
        vec![height.0, width.0, height.1, width.1]
    } else {
        vec![0; 4]
    };
    let value = graph.value(input, Layout::Nchw)?;
    let everything = kernel == [from[1], from[2]] && pads == [0; 4] && to[1] * to[2] == 1;
    let value = if everything && op_type == "AveragePool" {
        graph.node("GlobalAveragePool", &[&value], &[])
    } else {
        graph.node(op_type, &[&value], &window(&kernel, &stride, pads))
    };
    let value = activation::fused(graph, op, op.options.byte(5)?, value)?;
    graph.define(output, Layout::Nchw, value)
}

/// Attributes of a pooling node; sizes are height, width.
pub(super) fn window(kernel: &[usize; 2], stride: &[usize; 2], pads: Vec<i64>) -> Vec<(&'static str, Attr)> {
    let ints = |pair: &[usize; 2]| Attr::Ints(pair.iter().map(|value| *value as i64).collect());
    vec![("kernel_shape", ints(kernel)), ("strides", ints(stride)), ("pads", Attr::Ints(pads))]
}
