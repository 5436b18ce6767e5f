//! Activations, alone and fused into other operators.

use super::super::constant::Constant;
use super::super::graph::{Graph, Layout};
use super::super::onnx::Attr;
use super::super::tflite::Operator;
use super::{Result, unsupported};

/// Applies the activation that TFLite fuses into an operator; `code` is the schema's
/// `ActivationFunctionType`.
pub(super) fn fused(graph: &mut Graph<'_>, op: &Operator<'_>, code: u8, value: String) -> Result<String> {
    Ok(match code {
        0 => value,
        1 => graph.node("Relu", &[&value], &[]),
        2 => clip_value(graph, &value, -1.0, 1.0)?,
        3 => clip_value(graph, &value, 0.0, 6.0)?,
        4 => graph.node("Tanh", &[&value], &[]),
        other => return Err(unsupported(graph, op, format!("its fused activation is {other}"))),
    })
}

fn clip_value(graph: &mut Graph<'_>, value: &str, low: f32, high: f32) -> Result<String> {
    let low = graph.floats(&[], vec![low])?;
    let high = graph.floats(&[], vec![high])?;
    Ok(graph.node("Clip", &[value, &low, &high], &[]))
}

pub(super) fn clip(graph: &mut Graph<'_>, op: &Operator<'_>, low: f32, high: f32) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let layout = graph.common_layout(&[input], output)?;
    let value = graph.value(input, layout)?;
    let clipped = clip_value(graph, &value, low, high)?;
    graph.define(output, layout, clipped)
}

/// `x * hard_sigmoid(x)`: two nodes where a literal translation has four.
pub(super) fn hard_swish(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let layout = graph.common_layout(&[input], output)?;
    let value = graph.value(input, layout)?;
    let slope = [("alpha", Attr::Float(1.0 / 6.0)), ("beta", Attr::Float(0.5))];
    let gate = graph.node("HardSigmoid", &[&value], &slope);
    let product = graph.node("Mul", &[&value, &gate], &[]);
    graph.define(output, layout, product)
}

pub(super) fn leaky_relu(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let layout = graph.common_layout(&[input], output)?;
    let value = graph.value(input, layout)?;
    let alpha = Attr::Float(op.options.float(0)?);
    let value = graph.node("LeakyRelu", &[&value], &[("alpha", alpha)]);
    graph.define(output, layout, value)
}

/// Channels per block of the layout that ONNX Runtime's CPU convolutions use, and the largest image
/// of other channel counts for which depthwise convolutions still win (both measured).
const BLOCK: usize = 16;
const SMALL_IMAGE: usize = 1 << 18;

/// `a·x + (1 − a)·relu(x)`: ONNX Runtime's own PRelu is two to three times as slow on the CPU.
///
/// On images the products are depthwise 1×1 convolutions: they keep ONNX Runtime's blocked layout
/// and absorb the addition and the relu. That is a quarter faster again for a whole face net.
pub(super) fn prelu(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, slope, output) = (op.input(0)?, op.input(1)?, op.output(0)?);
    let layout = graph.common_layout(&[input], output)?;
    let value = graph.value(input, layout)?;
    let slope = graph.constant(slope)?;
    let Some((shape, slope)) = slope.as_ref().and_then(|slope| Some((&slope.shape, slope.float_values()?)))
    else {
        return Err(unsupported(graph, op, "its slope is not a constant"));
    };
    let rest: Vec<_> = slope.iter().map(|slope| 1.0 - slope).collect();

    let from = graph.shape(input);
    let channels = from.last().copied().unwrap_or(0);
    let blocked = channels.is_multiple_of(BLOCK) || from.iter().product::<usize>() <= SMALL_IMAGE;
    let sum = if layout == Layout::Nchw && slope.len() == channels && blocked {
        // `(1 − a)·relu(x)` is `relu((1 − a)·x)` where the factor is not negative, and a relu behind
        // a convolution costs nothing.
        let positive = if rest.iter().all(|rest| *rest >= 0.0) {
            let scaled = per_channel(graph, &value, rest)?;
            graph.node("Relu", &[&scaled], &[])
        } else {
            let positive = graph.node("Relu", &[&value], &[]);
            per_channel(graph, &positive, rest)?
        };
        let scaled = per_channel(graph, &value, slope.to_vec())?;
        graph.node("Add", &[&scaled, &positive], &[])
    } else {
        let slope = graph.broadcast_operand(&Constant::floats(shape, slope.to_vec()), layout)?;
        let rest = graph.broadcast_operand(&Constant::floats(shape, rest), layout)?;
        let positive = graph.node("Relu", &[&value], &[]);
        let positive = graph.node("Mul", &[&positive, &rest], &[]);
        let scaled = graph.node("Mul", &[&value, &slope], &[]);
        graph.node("Add", &[&scaled, &positive], &[])
    };
    graph.define(output, layout, sum)
}

/// Multiplies each channel of an NCHW value by its factor, as a depthwise convolution.
fn per_channel(graph: &mut Graph<'_>, value: &str, factors: Vec<f32>) -> Result<String> {
    let channels = factors.len();
    let weights = graph.floats(&[channels, 1, 1, 1], factors)?;
    let attributes = [("group", Attr::Int(channels as i64)), ("kernel_shape", Attr::Ints(vec![1, 1]))];
    Ok(graph.node("Conv", &[value, &weights], &attributes))
}
