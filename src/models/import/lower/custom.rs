//! MediaPipe's custom operators. Their options are the bytes of a C struct of 32-bit integers.
//!
//! Source: `mediapipe/util/tflite/operations/{transpose_conv_bias,max_pool_argmax,max_unpooling}.cc`,
//! Apache-2.0.

use super::super::graph::{Graph, Layout};
use super::super::onnx::{Attr, FLOAT};
use super::super::tflite::Operator;
use super::conv::{Transposed, deconvolve, image_shape};
use super::{Result, pool, positive, resize, unsupported, unsupported_operator};

/// `kTfLitePaddingSame` of the C structs (the schema's enum starts at 0, this one at 1).
const SAME: i32 = 1;

/// Largest image for which a mask of window positions is made.
const MAX_PIXELS: usize = 1 << 22;

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

/// Where each window's largest element lies, as TFLite's indices say, is kept as a mask of the size of
/// the pooled image: 1 there, 0 elsewhere. Only [`max_unpool`] reads it.
///
/// Of equal elements (flat, dark areas have many) MediaPipe takes the first one down the columns;
/// ONNX's own indices take the first one along the rows, which visibly shifts the matte, and cost
/// five times as much.
fn max_pool_argmax(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, output, indices) = (op.input(0)?, op.output(0)?, op.output(1)?);
    let (from, window) = (image_shape(graph, op, input)?, pool_window(graph, op, input, output)?);
    let [batch, height, width, channels] = *from;
    let [rows, columns] = window;
    let attributes = pool::window(&window, &window, vec![0; 4]);
    let to_float = [("to", Attr::Int(FLOAT.into()))];

    let value = graph.value(input, Layout::Nchw)?;
    let largest = graph.node("MaxPool", &[&value], &attributes);
    let spread = resize::enlarge(graph, &largest, [batch, channels, height, width]);
    let candidates = graph.node("Equal", &[&value, &spread], &[]);
    let candidates = graph.node("Cast", &[&candidates], &to_float);

    // Of several candidates the one with the highest rank wins.
    let rank = |row: usize, column: usize| rows * columns - (column % columns * rows + row % rows);
    let ranks = (0..height * width).map(|pixel| rank(pixel / width, pixel % width) as f32);
    let ranks = graph.floats(&[1, 1, height, width], ranks.collect())?;
    let ranked = graph.node("Mul", &[&candidates, &ranks], &[]);
    let best = graph.node("MaxPool", &[&ranked], &attributes);
    let best = resize::enlarge(graph, &best, [batch, channels, height, width]);
    let mask = graph.node("Equal", &[&ranked, &best], &[]);
    let mask = graph.node("Cast", &[&mask], &to_float);

    graph.define(output, Layout::Nchw, largest)?;
    graph.define(indices, Layout::Nchw, mask)
}

fn max_unpool(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let (input, indices, output) = (op.input(0)?, op.input(1)?, op.output(0)?);
    pool_window(graph, op, output, input)?;
    let [batch, height, width, channels] = *image_shape(graph, op, output)?;
    let value = graph.value(input, Layout::Nchw)?;
    let mask = graph.value(indices, Layout::Nchw)?;
    let spread = resize::enlarge(graph, &value, [batch, channels, height, width]);
    let value = graph.node("Mul", &[&spread, &mask], &[]);
    graph.define(output, Layout::Nchw, value)
}

/// The window (height, width) of a pooling between an image and a smaller one, from
/// `TfLitePoolParams`: padding, stride width, stride height, filter width, filter height, activation.
/// Windows must tile the image.
fn pool_window(graph: &Graph<'_>, op: &Operator<'_>, large: usize, small: usize) -> Result<[usize; 2]> {
    let size = |index| positive(graph, op, "window", op.custom_int(index)?);
    let (stride, kernel) = ([size(2)?, size(1)?], [size(4)?, size(3)?]);
    let (large, small) = (image_shape(graph, op, large)?, image_shape(graph, op, small)?);
    let tiles = (1..=2).all(|axis| small[axis].checked_mul(kernel[axis - 1]) == Some(large[axis]));
    let alike = large[0] == small[0] && large[3] == small[3] && large[1] * large[2] <= MAX_PIXELS;
    if op.custom_int(5)? != 0 || stride != kernel || !tiles || !alike {
        return Err(unsupported(graph, op, "its windows overlap, leave a rest or have an activation"));
    }
    Ok(kernel)
}
