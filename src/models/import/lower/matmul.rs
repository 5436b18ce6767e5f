//! Dense layers and matrix products.

use super::super::graph::{Graph, Layout};
use super::super::onnx::Attr;
use super::super::tflite::Operator;
use super::{Result, activation, unsupported};

/// Weights are output × input. Options: activation, weights format, keep-dimensions.
pub(super) fn fully_connected(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let weights = graph.constant(op.input(1)?)?;
    let Some(weights) = weights.filter(|weights| weights.shape.len() == 2) else {
        return Err(unsupported(graph, op, "its weights are not a constant matrix"));
    };
    if op.options.byte(1)? != 0 {
        return Err(unsupported(graph, op, "its weights are shuffled"));
    }
    let bias = match op.optional(2) {
        None => None,
        Some(bias) => {
            Some(graph.constant(bias)?.ok_or_else(|| unsupported(graph, op, "its bias is not a constant"))?)
        }
    };
    let (outputs, inputs) = (weights.shape[0], weights.shape[1]);
    let from = graph.shape(input);
    let rows = from.iter().product::<usize>() / inputs.max(1);

    let value = if from.len() <= 2 || from.last() != Some(&inputs) {
        let mut value = graph.native_memory(input)?;
        if from != [rows, inputs] || graph.is_nchw(input) {
            value = graph.reshape(value, &[rows, inputs]);
        }
        let weights = graph.initializer(&weights)?;
        let mut operands = vec![value, weights];
        if let Some(bias) = bias {
            operands.push(graph.initializer(&bias.reshaped(&[bias.len()]))?);
        }
        let operands: Vec<_> = operands.iter().map(String::as_str).collect();
        let value = graph.node("Gemm", &operands, &[("transB", Attr::Int(1))]);
        let to = graph.shape(output);
        if to == [rows, outputs] { value } else { graph.reshape(value, to) }
    } else {
        let value = graph.value(input, Layout::Native)?;
        let weights = graph.initializer(&weights.transposed(&[1, 0]))?;
        let mut value = graph.node("MatMul", &[&value, &weights], &[]);
        if let Some(bias) = bias {
            let bias = graph.initializer(&bias)?;
            value = graph.node("Add", &[&value, &bias], &[]);
        }
        let mut natural = from.to_vec();
        natural.pop();
        natural.push(outputs);
        let to = graph.shape(output);
        if to == natural { value } else { graph.reshape(value, to) }
    };
    let value = activation::fused(graph, op, op.options.byte(0)?, value)?;
    graph.define(output, Layout::Native, value)
}

/// Options: whether the left, the right matrices are transposed.
pub(super) fn batch_matmul(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let mut operands = Vec::new();
    for side in 0..2 {
        let tensor = op.input(side)?;
        let mut value = graph.value(tensor, Layout::Native)?;
        let rank = graph.rank(tensor);
        if op.options.flag(side)? {
            let mut perm: Vec<_> = (0..rank).collect();
            if rank < 2 {
                return Err(unsupported(graph, op, "an operand is not a matrix"));
            }
            perm.swap(rank - 2, rank - 1);
            value = graph.transpose(value, &perm);
        }
        operands.push(value);
    }
    let value = graph.node("MatMul", &[&operands[0], &operands[1]], &[]);
    graph.define(op.output(0)?, Layout::Native, value)
}
