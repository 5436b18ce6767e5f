//! Reductions along axes, and softmax.

use super::super::graph::{Graph, Layout};
use super::super::onnx::Attr;
use super::super::tflite::Operator;
use super::{Result, axis_index, int_input};

/// Option 0 says whether the reduced axes stay with size one.
pub(super) fn reduce(graph: &mut Graph<'_>, op: &Operator<'_>, op_type: &str) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let rank = graph.rank(input);
    let mut axes = Vec::new();
    for axis in int_input(graph, op, 1)? {
        axes.push(axis_index(graph, op, axis, rank)?);
    }
    axes.sort_unstable();
    axes.dedup();

    let layout = if graph.is_nchw(input) { Layout::Nchw } else { Layout::Native };
    let value = graph.value(input, layout)?;
    let moved: Vec<_> = axes.iter().map(|axis| layout.axis(*axis) as i64).collect();
    let value = match (op_type, layout) {
        // Much faster than the general reduction, and keeps blocked layouts.
        ("ReduceMean", Layout::Nchw) if axes == [1, 2] => graph.node("GlobalAveragePool", &[&value], &[]),
        // The one reduction that takes its axes as an input in opset 17.
        ("ReduceSum", _) => {
            let moved = graph.ints(&moved);
            graph.node(op_type, &[&value, &moved], &[])
        }
        _ => graph.node(op_type, &[&value], &[("axes", Attr::Ints(moved))]),
    };
    if graph.rank(output) == rank {
        return graph.define(output, layout, value);
    }
    let mut kept = graph.shape(input).to_vec();
    for &axis in &axes {
        kept[axis] = 1;
    }
    let value = match layout {
        Layout::Native => value,
        Layout::Nchw => graph.change_layout(value, &kept, Layout::Native),
    };
    let value = graph.reshape(value, graph.shape(output));
    graph.define(output, Layout::Native, value)
}

/// Along the last axis; option 0 is the factor before the exponential.
pub(super) fn softmax(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let layout = graph.common_layout(&[input], output)?;
    let mut value = graph.value(input, layout)?;
    let beta = op.options.float(0)?;
    if (beta - 1.0).abs() > f32::EPSILON {
        let beta = graph.floats(&[], vec![beta])?;
        value = graph.node("Mul", &[&value, &beta], &[]);
    }
    let last = axis_index(graph, op, -1, graph.rank(input))?;
    let axis = Attr::Int(layout.axis(last) as i64);
    let value = graph.node("Softmax", &[&value], &[("axis", axis)]);
    graph.define(output, layout, value)
}
