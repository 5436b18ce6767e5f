//! Operators that move or cut elements without computing with them.

use std::rc::Rc;

use super::super::graph::{Graph, Layout};
use super::super::onnx::Attr;
use super::super::tflite::Operator;
use super::{Result, axis_index, int_input, positive, unsupported};

/// The target shape is the output tensor's own. Elements keep TFLite's order.
pub(super) fn reshape(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    if let Some(constant) = graph.constant(input)? {
        let shape = graph.shape(output);
        if shape.iter().product::<usize>() == constant.len() {
            return graph.fold(output, Rc::new(constant.reshaped(shape)));
        }
    }
    let value = graph.native_memory(input)?;
    let shape = graph.shape(output);
    // A one-pixel image is the same in both layouts: staying in NCHW spares later operators a turn.
    if shape.len() == 4 && shape[1] * shape[2] == 1 {
        let value = graph.reshape(value, &Layout::Nchw.arrange(shape));
        return graph.define(output, Layout::Nchw, value);
    }
    let value = graph.reshape(value, shape);
    graph.define(output, Layout::Native, value)
}

pub(super) fn transpose(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let rank = graph.rank(input);
    let mut perm = Vec::new();
    for axis in int_input(graph, op, 1)? {
        perm.push(axis_index(graph, op, axis, rank)?);
    }
    let mut sorted = perm.clone();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..rank) {
        return Err(unsupported(graph, op, format!("{perm:?} is not a permutation")));
    }
    let layout = graph.common_layout(&[input], output)?;
    let value = graph.value(input, layout)?;
    // Of each output axis, in the layout's order, where its input axis lies in that layout.
    let perm: Vec<_> = perm.iter().map(|axis| layout.axis(*axis)).collect();
    let value = graph.transpose(value, &layout.arrange(&perm));
    graph.define(output, layout, value)
}

/// Input 1: before and after per axis. PADV2 has the value as input 2.
pub(super) fn pad(graph: &mut Graph<'_>, op: &Operator<'_>, mode: &'static str) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let pads = int_input(graph, op, 1)?;
    let (pairs, _) = pads.as_chunks::<2>();
    if pairs.len() != graph.rank(input) {
        return Err(unsupported(graph, op, format!("{} pads", pads.len())));
    }
    let layout = graph.common_layout(&[input], output)?;
    let value = graph.value(input, layout)?;
    let pairs = layout.arrange(pairs);
    let sides: Vec<_> = [0, 1].iter().flat_map(|side| pairs.iter().map(|pad| pad[*side])).collect();
    let sides = graph.ints(&sides);
    let mut operands = vec![value, sides];
    if let Some(fill) = op.optional(2) {
        operands.push(graph.value(fill, Layout::Native)?);
    }
    let operands: Vec<_> = operands.iter().map(String::as_str).collect();
    let value = graph.node("Pad", &operands, &[("mode", Attr::Text(mode))]);
    graph.define(output, layout, value)
}

/// Option 0: reflect (without the edge) or symmetric (with it), which ONNX has not.
pub(super) fn mirror_pad(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    match op.options.byte(0)? {
        0 => pad(graph, op, "reflect"),
        _ => Err(unsupported(graph, op, "it repeats the edge")),
    }
}

/// Inputs 1, 2: begin and size per axis; size −1 means to the end.
pub(super) fn slice(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (begin, size) = (int_input(graph, op, 1)?, int_input(graph, op, 2)?);
    let ends = begin.iter().zip(&size).map(|(begin, size)| match size {
        -1 => i64::MAX,
        size => begin.saturating_add(*size),
    });
    let cut = Cut { ends: ends.collect(), steps: vec![1; begin.len()], begins: begin };
    cut.apply(graph, op)
}

/// Options: bit masks of axes whose begin, whose end is left open, ellipsis, new axis, and axes to
/// drop.
pub(super) fn strided_slice(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let mut cut = Cut {
        begins: int_input(graph, op, 1)?,
        ends: int_input(graph, op, 2)?,
        steps: int_input(graph, op, 3)?,
    };
    let mask = |field| op.options.int(field, 0);
    if mask(2)? != 0 || mask(3)? != 0 || cut.steps.iter().any(|step| *step < 1) {
        return Err(unsupported(graph, op, "it uses an ellipsis, a new axis or a backward step"));
    }
    let (open_begin, open_end, dropped) = (mask(0)?, mask(1)?, mask(4)?);
    let set = |mask: i32, axis: usize| axis < 32 && mask >> axis & 1 == 1;
    for axis in 0..cut.begins.len().min(cut.ends.len()) {
        if set(open_begin, axis) {
            cut.begins[axis] = 0;
        }
        if set(dropped, axis) {
            let begin = cut.begins[axis];
            cut.ends[axis] = if begin == -1 { i64::MAX } else { begin.saturating_add(1) };
        } else if set(open_end, axis) {
            cut.ends[axis] = i64::MAX;
        }
    }
    cut.apply(graph, op)
}

/// Begin, end and step per leading axis.
struct Cut {
    begins: Vec<i64>,
    ends: Vec<i64>,
    steps: Vec<i64>,
}

impl Cut {
    fn apply(self, graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
        let (input, output) = (op.input(0)?, op.output(0)?);
        let (from, to) = (graph.shape(input), graph.shape(output));
        let count = self.begins.len();
        if count > from.len() || self.ends.len() != count || self.steps.len() != count {
            return Err(unsupported(graph, op, "begins, ends and steps differ in number"));
        }
        let layout = graph.common_layout(&[input], output)?;
        let value = graph.value(input, layout)?;
        let real: Vec<_> = (0..count)
            .filter(|axis| {
                let whole = self.begins[*axis] == 0 && self.ends[*axis] >= from[*axis] as i64;
                !whole || self.steps[*axis] != 1
            })
            .collect();
        let pick = |values: &[i64]| real.iter().map(|axis| values[*axis]).collect::<Vec<_>>();
        let value = if real.is_empty() {
            value
        } else {
            let axes: Vec<_> = real.iter().map(|axis| layout.axis(*axis) as i64).collect();
            let operands = [
                value,
                graph.ints(&pick(&self.begins)),
                graph.ints(&pick(&self.ends)),
                graph.ints(&axes),
                graph.ints(&pick(&self.steps)),
            ];
            graph.node("Slice", &operands.each_ref().map(String::as_str), &[])
        };
        if from.len() == to.len() {
            return graph.define(output, layout, value);
        }
        let value = graph.reshape(value, to);
        graph.define(output, layout, value)
    }
}

/// Option 0: block size. TFLite's channel order is ONNX's default.
pub(super) fn depth_to_space(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    blocks(graph, op, "DepthToSpace")
}

pub(super) fn space_to_depth(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    blocks(graph, op, "SpaceToDepth")
}

fn blocks(graph: &mut Graph<'_>, op: &Operator<'_>, op_type: &str) -> Result<()> {
    let block = positive(graph, op, "block size", op.options.int(0, 0)?)?;
    let value = graph.value(op.input(0)?, Layout::Nchw)?;
    let value = graph.node(op_type, &[&value], &[("blocksize", Attr::Int(block as i64))]);
    graph.define(op.output(0)?, Layout::Nchw, value)
}

/// Of stored weights, done now; of computed values, not a float32 net.
pub(super) fn dequantize(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    match graph.constant(input)? {
        Some(constant) if constant.float_values().is_some() => graph.fold(output, constant),
        _ => Err(unsupported(graph, op, "its input is computed in integers")),
    }
}
