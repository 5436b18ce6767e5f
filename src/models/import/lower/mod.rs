//! Lowering: what each TFLite operator becomes in ONNX, one file per family.
//!
//! Option field numbers are those of TFLite's `schema.fbs`; semantics those of TFLite's reference
//! kernels (`tensorflow/lite/kernels/internal/reference`) and of MediaPipe's custom operators
//! (`mediapipe/util/tflite/operations`), all Apache-2.0.

mod activation;
mod conv;
mod custom;
mod elementwise;
mod join;
mod matmul;
mod pool;
mod reduce;
mod resize;
mod shape;

use super::error::ImportError;
use super::graph::Graph;
use super::tflite::{Net, Operator};

type Result<T> = std::result::Result<T, ImportError>;

/// Lowers every operator that the graph's outputs depend on.
pub(super) fn lower_net(graph: &mut Graph<'_>, net: &Net<'_>) -> Result<()> {
    let live = live_operators(net)?;
    for (index, operator) in net.operators.iter().enumerate() {
        if live[index] {
            graph.enter(index, operator);
            lower(graph, operator)?;
        }
    }
    Ok(())
}

/// Shapes are fixed in the file, so what only computes shapes is dead, and is left out.
fn live_operators(net: &Net<'_>) -> Result<Vec<bool>> {
    let mut needed = vec![false; net.tensors.len()];
    for &tensor in &net.outputs {
        needed[tensor] = true;
    }
    let mut live = vec![false; net.operators.len()];
    for (index, operator) in net.operators.iter().enumerate().rev() {
        live[index] = operator.outputs.iter().any(|tensor| needed[*tensor]);
        if live[index] {
            let data = match operator.name.as_str() {
                "RESHAPE" | "RESIZE_BILINEAR" | "RESIZE_NEAREST_NEIGHBOR" | "SQUEEZE" | "EXPAND_DIMS" => {
                    vec![operator.input(0)?]
                }
                "TRANSPOSE_CONV" => operator.inputs.iter().skip(1).flatten().copied().collect(),
                _ => operator.present(),
            };
            for tensor in data {
                needed[tensor] = true;
            }
        }
    }
    Ok(live)
}

fn lower(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    if op.custom {
        return custom::lower(graph, op);
    }
    match op.name.as_str() {
        "CONV_2D" => conv::conv_2d(graph, op),
        "DEPTHWISE_CONV_2D" => conv::depthwise_conv_2d(graph, op),
        "TRANSPOSE_CONV" => conv::transpose_conv(graph, op),
        "FULLY_CONNECTED" => matmul::fully_connected(graph, op),
        "BATCH_MATMUL" => matmul::batch_matmul(graph, op),
        "AVERAGE_POOL_2D" => pool::average(graph, op),
        "MAX_POOL_2D" => pool::max(graph, op),
        "MEAN" => reduce::reduce(graph, op, "ReduceMean"),
        "SUM" => reduce::reduce(graph, op, "ReduceSum"),
        "REDUCE_MAX" => reduce::reduce(graph, op, "ReduceMax"),
        "REDUCE_MIN" => reduce::reduce(graph, op, "ReduceMin"),
        "SOFTMAX" => reduce::softmax(graph, op),
        "ADD" => elementwise::binary(graph, op, "Add"),
        "SUB" => elementwise::binary(graph, op, "Sub"),
        "MUL" => elementwise::binary(graph, op, "Mul"),
        "DIV" => elementwise::binary(graph, op, "Div"),
        "MAXIMUM" => elementwise::binary(graph, op, "Max"),
        "MINIMUM" => elementwise::binary(graph, op, "Min"),
        "POW" => elementwise::binary(graph, op, "Pow"),
        "SQUARED_DIFFERENCE" => elementwise::squared_difference(graph, op),
        "ABS" => elementwise::unary(graph, op, &["Abs"]),
        "NEG" => elementwise::unary(graph, op, &["Neg"]),
        "SQRT" => elementwise::unary(graph, op, &["Sqrt"]),
        "RSQRT" => elementwise::unary(graph, op, &["Sqrt", "Reciprocal"]),
        "EXP" => elementwise::unary(graph, op, &["Exp"]),
        "LOG" => elementwise::unary(graph, op, &["Log"]),
        "SIN" => elementwise::unary(graph, op, &["Sin"]),
        "COS" => elementwise::unary(graph, op, &["Cos"]),
        "FLOOR" => elementwise::unary(graph, op, &["Floor"]),
        "CEIL" => elementwise::unary(graph, op, &["Ceil"]),
        "ROUND" => elementwise::unary(graph, op, &["Round"]),
        "SQUARE" => elementwise::square(graph, op),
        "RELU" => elementwise::unary(graph, op, &["Relu"]),
        "TANH" => elementwise::unary(graph, op, &["Tanh"]),
        "LOGISTIC" => elementwise::unary(graph, op, &["Sigmoid"]),
        "ELU" => elementwise::unary(graph, op, &["Elu"]),
        "RELU6" => activation::clip(graph, op, 0.0, 6.0),
        "RELU_N1_TO_1" => activation::clip(graph, op, -1.0, 1.0),
        "RELU_0_TO_1" => activation::clip(graph, op, 0.0, 1.0),
        "HARD_SWISH" => activation::hard_swish(graph, op),
        "LEAKY_RELU" => activation::leaky_relu(graph, op),
        "PRELU" => activation::prelu(graph, op),
        "RESHAPE" | "SQUEEZE" | "EXPAND_DIMS" => shape::reshape(graph, op),
        "TRANSPOSE" => shape::transpose(graph, op),
        "PAD" | "PADV2" => shape::pad(graph, op, "constant"),
        "MIRROR_PAD" => shape::mirror_pad(graph, op),
        "SLICE" => shape::slice(graph, op),
        "STRIDED_SLICE" => shape::strided_slice(graph, op),
        "DEPTH_TO_SPACE" => shape::depth_to_space(graph, op),
        "SPACE_TO_DEPTH" => shape::space_to_depth(graph, op),
        "CONCATENATION" => join::concatenation(graph, op),
        "PACK" => join::pack(graph, op),
        "SPLIT" => join::split(graph, op),
        "RESIZE_BILINEAR" => resize::bilinear(graph, op),
        "RESIZE_NEAREST_NEIGHBOR" => resize::nearest(graph, op),
        "DEQUANTIZE" => shape::dequantize(graph, op),
        "DENSIFY" => {
            let tensor = graph.tensor_name(op.output(0)?).to_owned();
            Err(ImportError::Sparse { tensor })
        }
        _ => Err(unsupported_operator(graph, op)),
    }
}

fn unsupported_operator(graph: &Graph<'_>, op: &Operator<'_>) -> ImportError {
    ImportError::UnsupportedOperator { operator: op.name.clone(), tensor: computed(graph, op) }
}

/// The error for a known operator in a form that is not handled.
fn unsupported(graph: &Graph<'_>, op: &Operator<'_>, problem: impl Into<String>) -> ImportError {
    ImportError::UnsupportedForm {
        operator: op.name.clone(),
        tensor: computed(graph, op),
        problem: problem.into(),
    }
}

fn computed(graph: &Graph<'_>, op: &Operator<'_>) -> String {
    op.outputs.first().map_or_else(|| "?".to_owned(), |tensor| graph.tensor_name(*tensor).to_owned())
}

/// Input `index` as integers known at import time (axes, pads, begins).
fn int_input(graph: &mut Graph<'_>, op: &Operator<'_>, index: usize) -> Result<Vec<i64>> {
    let tensor = op.input(index)?;
    let constant = graph.constant(tensor)?;
    constant
        .as_ref()
        .and_then(|constant| constant.ints())
        .map(<[i64]>::to_vec)
        .ok_or_else(|| unsupported(graph, op, format!("its input {index} is not a constant")))
}

/// A possibly negative axis as an index below `rank`.
fn axis_index(graph: &Graph<'_>, op: &Operator<'_>, axis: i64, rank: usize) -> Result<usize> {
    let wrapped = if axis < 0 { axis.saturating_add(rank as i64) } else { axis };
    usize::try_from(wrapped)
        .ok()
        .filter(|axis| *axis < rank)
        .ok_or_else(|| unsupported(graph, op, format!("axis {axis} of {rank}")))
}

/// Padding before and after along one axis of a window that slides over `input` elements with SAME
/// padding: the odd element goes behind.
fn same_padding(input: usize, output: usize, window: usize, stride: usize) -> (i64, i64) {
    let covered = output.saturating_sub(1).saturating_mul(stride).saturating_add(window);
    let total = covered.saturating_sub(input) as i64;
    (total / 2, total - total / 2)
}

/// A positive option (stride, filter size, dilation, block size).
fn positive(graph: &Graph<'_>, op: &Operator<'_>, what: &str, value: i32) -> Result<usize> {
    usize::try_from(value)
        .ok()
        .filter(|value| (1..=4096).contains(value))
        .ok_or_else(|| unsupported(graph, op, format!("its {what} is {value}")))
}
