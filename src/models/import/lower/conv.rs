//! Convolutions. TFLite keeps filters as output, height, width, input; ONNX as output, input,
//! height, width (transposed convolutions: input, output, height, width).

use std::rc::Rc;

use super::super::constant::Constant;
use super::super::graph::{Graph, Layout};
use super::super::onnx::Attr;
use super::super::tflite::Operator;
use super::{Result, activation, positive, same_padding, unsupported};

const SAME: u8 = 0;

/// Geometry of a sliding window along height and width.
struct Window {
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
}

pub(super) fn conv_2d(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let weights = filter(graph, op, 1)?;
    let dilation = [op.options.int(5, 1)?, op.options.int(4, 1)?];
    let channels = image_shape(graph, op, op.input(0)?)?[3];
    let (filter_inputs, filters) = (weights.shape[3], weights.shape[0]);
    let groups = channels / filter_inputs.max(1);
    if groups == 0 || groups * filter_inputs != channels || !filters.is_multiple_of(groups) {
        let problem = format!("{channels} channels meet filters of {filter_inputs}");
        return Err(unsupported(graph, op, problem));
    }
    convolve(graph, op, weights.transposed(&[0, 3, 1, 2]), groups, dilation, 3)
}

pub(super) fn depthwise_conv_2d(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let weights = filter(graph, op, 1)?;
    let dilation = [op.options.int(6, 1)?, op.options.int(5, 1)?];
    let groups = image_shape(graph, op, op.input(0)?)?[3];
    if weights.shape[0] != 1 || groups == 0 || !weights.shape[3].is_multiple_of(groups) {
        let problem = format!("{groups} channels meet filters of shape {:?}", weights.shape);
        return Err(unsupported(graph, op, problem));
    }
    convolve(graph, op, weights.transposed(&[3, 0, 1, 2]), groups, dilation, 4)
}

/// `weights` in ONNX's order; `activation_field` is where the options keep the activation.
fn convolve(
    graph: &mut Graph<'_>,
    op: &Operator<'_>,
    weights: Constant,
    groups: usize,
    dilation: [i32; 2],
    activation_field: usize,
) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    let window = Window {
        kernel: [weights.shape[2], weights.shape[3]],
        stride: strides(graph, op)?,
        dilation: [
            positive(graph, op, "dilation", dilation[0])?,
            positive(graph, op, "dilation", dilation[1])?,
        ],
    };
    let pads = if op.options.byte(0)? == SAME {
        let from = image_shape(graph, op, input)?;
        let to = image_shape(graph, op, output)?;
        window.pads([from[1], from[2]], [to[1], to[2]])
    } else {
        vec![0; 4]
    };
    let mut attributes = window.attributes(pads);
    attributes.push(("dilations", ints(&window.dilation)));
    attributes.push(("group", Attr::Int(groups as i64)));

    let value = graph.value(input, Layout::Nchw)?;
    let weights = graph.initializer(&weights)?;
    let value = with_bias(graph, op, "Conv", &[&value, &weights], op.optional(2), &attributes)?;
    let value = activation::fused(graph, op, op.options.byte(activation_field)?, value)?;
    graph.define(output, Layout::Nchw, value)
}

/// Inputs: output shape (implied by the output tensor), filter, image, bias.
pub(super) fn transpose_conv(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let geometry = Transposed {
        input: op.input(2)?,
        filter: 1,
        bias: op.optional(3),
        same: op.options.byte(0)? == SAME,
        stride: strides(graph, op)?,
    };
    let value = deconvolve(graph, op, &geometry)?;
    let value = activation::fused(graph, op, op.options.byte(3)?, value)?;
    graph.define(op.output(0)?, Layout::Nchw, value)
}

/// What distinguishes TFLite's transposed convolution from MediaPipe's.
pub(super) struct Transposed {
    pub(super) input: usize,
    /// Which input of the operator holds the filter.
    pub(super) filter: usize,
    pub(super) bias: Option<usize>,
    pub(super) same: bool,
    pub(super) stride: [usize; 2],
}

/// A transposed convolution; returns the NCHW value.
pub(super) fn deconvolve(graph: &mut Graph<'_>, op: &Operator<'_>, geometry: &Transposed) -> Result<String> {
    let weights = filter(graph, op, geometry.filter)?.transposed(&[3, 0, 1, 2]);
    let from = image_shape(graph, op, geometry.input)?;
    let to = image_shape(graph, op, op.output(0)?)?;
    let mut pads = [(0, 0); 2];
    let mut behind = [0; 2];
    for axis in 0..2 {
        let (kernel, stride) = (weights.shape[axis + 2], geometry.stride[axis]);
        let (size, wanted) = (from[axis + 1], to[axis + 1]);
        if geometry.same {
            pads[axis] = same_padding(wanted, size, kernel, stride);
        }
        let covered = size.saturating_sub(1).saturating_mul(stride).saturating_add(kernel) as i64;
        behind[axis] = wanted as i64 - (covered - pads[axis].0 - pads[axis].1);
        if !(0..stride as i64).contains(&behind[axis]) {
            return Err(unsupported(graph, op, format!("{from:?} cannot become {to:?}")));
        }
    }
    let window =
        Window { kernel: [weights.shape[2], weights.shape[3]], stride: geometry.stride, dilation: [1, 1] };
    let mut attributes = window.attributes(vec![pads[0].0, pads[1].0, pads[0].1, pads[1].1]);
    if behind != [0, 0] {
        attributes.push(("output_padding", Attr::Ints(behind.to_vec())));
    }
    let value = graph.value(geometry.input, Layout::Nchw)?;
    let weights = graph.initializer(&weights)?;
    with_bias(graph, op, "ConvTranspose", &[&value, &weights], geometry.bias, &attributes)
}

impl Window {
    fn pads(&self, from: [usize; 2], to: [usize; 2]) -> Vec<i64> {
        let [height, width] = [0, 1].map(|axis| {
            let reach = (self.kernel[axis].max(1) - 1).saturating_mul(self.dilation[axis]) + 1;
            same_padding(from[axis], to[axis], reach, self.stride[axis])
        });
        vec![height.0, width.0, height.1, width.1]
    }

    fn attributes(&self, pads: Vec<i64>) -> Vec<(&'static str, Attr)> {
        vec![
            ("kernel_shape", ints(&self.kernel)),
            ("strides", ints(&self.stride)),
            ("pads", Attr::Ints(pads)),
        ]
    }
}

fn with_bias(
    graph: &mut Graph<'_>,
    op: &Operator<'_>,
    op_type: &str,
    inputs: &[&str],
    bias: Option<usize>,
    attributes: &[(&str, Attr)],
) -> Result<String> {
    let Some(bias) = bias else {
        return Ok(graph.node(op_type, inputs, attributes));
    };
    let Some(constant) = graph.constant(bias)? else {
        return Err(unsupported(graph, op, "its bias is not a constant"));
    };
    let bias = graph.initializer(&constant.reshaped(&[constant.len()]))?;
    let inputs: Vec<_> = inputs.iter().copied().chain([bias.as_str()]).collect();
    Ok(graph.node(op_type, &inputs, attributes))
}

/// The filter of rank 4 that input `index` holds.
fn filter(graph: &mut Graph<'_>, op: &Operator<'_>, index: usize) -> Result<Rc<Constant>> {
    graph
        .constant(op.input(index)?)?
        .filter(|filter| filter.shape.len() == 4 && filter.float_values().is_some())
        .ok_or_else(|| unsupported(graph, op, "its filter is not a constant of rank 4"))
}

/// The shape of an image tensor: batch, height, width, channels.
pub(super) fn image_shape<'a>(graph: &Graph<'a>, op: &Operator<'_>, tensor: usize) -> Result<&'a [usize; 4]> {
    let shape = graph.shape(tensor);
    shape.try_into().map_err(|_| unsupported(graph, op, format!("shape {shape:?} is not that of an image")))
}

/// Strides as height, width; options keep the width first.
pub(super) fn strides(graph: &Graph<'_>, op: &Operator<'_>) -> Result<[usize; 2]> {
    Ok([
        positive(graph, op, "stride", op.options.int(2, 0)?)?,
        positive(graph, op, "stride", op.options.int(1, 0)?)?,
    ])
}

fn ints(values: &[usize; 2]) -> Attr {
    Attr::Ints(values.iter().map(|value| *value as i64).collect())
}
