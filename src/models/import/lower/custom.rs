//! MediaPipe's custom operators. Their options are the bytes of a C struct of 32-bit integers.
//!
//! Source: `mediapipe/util/tflite/operations/{transpose_conv_bias,max_pool_argmax,max_unpooling}.cc`,
//! Apache-2.0.

use super::super::graph::{Graph, Layout};
use super::super::onnx::Attr;
use super::super::tflite::Operator;
use super::conv::{Transposed, deconvolve, image_shape};
use super::{Result, positive, same_padding, unsupported, unsupported_operator};

/// `kTfLitePaddingSame` of the C structs (the schema's enum starts at 0, this one at 1).
const SAME: i32 = 1;

pub(super) fn lower(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    match op.name.as_str() {
        "Convolution2DTransposeBias" => transpose_conv_bias(graph, op),
        "MaxPoolingWithArgmax2D" => max_pool_argmax(graph, op),
        "MaxUnpooling2D" => max_unpool(graph, op),
        _ => Err(unsupported_operator(graph, op)),
    }
}

/// `TfLiteTransposeConvParams`: padding, stride width, stride height.
fn transpose_conv_bias(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let geometry = Transposed {
        input: op.input(0)?,
        filter: 1,
        bias: op.optional(2),
        same: op.custom_int(0)? == SAME,
        stride: [
            positive(graph, op, "stride", op.custom_int(2)?)?,
            positive(graph, op, "stride", op.custom_int(1)?)?,
        ],
    };
    let value = deconvolve(graph, op, &geometry)?;
    graph.define(op.output(0)?, Layout::Nchw, value)
}

/// The indices stay ONNX's (flat, over NCHW): only [`max_unpool`] reads them.
fn max_pool_argmax(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, output, indices) = (op.input(0)?, op.output(0)?, op.output(1)?);
    let attributes = pool_window(graph, op, input, output)?;
    let value = graph.value(input, Layout::Nchw)?;
    let (value, index_value) = graph.node_pair("MaxPool", &[&value], &attributes);
    graph.define(output, Layout::Nchw, value)?;
    graph.define(indices, Layout::Nchw, index_value)
}

fn max_unpool(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, indices, output) = (op.input(0)?, op.input(1)?, op.output(0)?);
    // The window that was pooled: unpooled size over, pooled size under it.
    let attributes = pool_window(graph, op, output, input)?;
    let to = image_shape(graph, op, output)?;
    let shape = [to[0], to[3], to[1], to[2]].map(|dim| dim as i64);
    let value = graph.value(input, Layout::Nchw)?;
    let indices = graph.value(indices, Layout::Nchw)?;
    let shape = graph.ints(&shape);
    let value = graph.node("MaxUnpool", &[&value, &indices, &shape], &attributes);
    graph.define(output, Layout::Nchw, value)
}

/// `TfLitePoolParams`: padding, stride width, stride height, filter width, filter height,
/// activation.
fn pool_window(
    graph: &Graph<'_>,
    op: &Operator<'_>,
    large: usize,
    small: usize,
) -> Result<Vec<(&'static str, Attr)>> {
    let size = |index| positive(graph, op, "window", op.custom_int(index)?);
    let (stride, kernel) = ([size(2)?, size(1)?], [size(4)?, size(3)?]);
    if op.custom_int(5)? != 0 {
        return Err(unsupported(graph, op, "it has a fused activation"));
    }
    let (large, small) = (image_shape(graph, op, large)?, image_shape(graph, op, small)?);
    let mut pads = vec![0; 4];
    if op.custom_int(0)? == SAME {
        let height = same_padding(large[1], small[1], kernel[0], stride[0]);
        let width = same_padding(large[2], small[2], kernel[1], stride[1]);
        pads = vec![height.0, width.0, height.1, width.1];
    }
    Ok(super::pool::window(&kernel, &stride, pads))
}
