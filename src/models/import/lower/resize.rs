//! Image resizing. The target size is the output tensor's own.

use super::super::graph::{Graph, Layout};
use super::super::onnx::Attr;
use super::super::tflite::Operator;
use super::Result;
use super::conv::image_shape;

/// Options 2, 3: aligned corners, half-pixel centres.
pub(super) fn bilinear(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let centres = coordinates(op.options.flag(2)?, op.options.flag(3)?);
    let attributes =
        [("mode", Attr::Text("linear")), ("coordinate_transformation_mode", Attr::Text(centres))];
    resize(graph, op, &attributes)
}

/// Options 0, 1: aligned corners, half-pixel centres.
pub(super) fn nearest(graph: &mut Graph<'_>, op: &Operator<'_>) -> Result<()> {
    let centres = coordinates(op.options.flag(0)?, op.options.flag(1)?);
    let rounding = if centres == "asymmetric" { "floor" } else { "round_prefer_ceil" };
    let attributes = [
        ("mode", Attr::Text("nearest")),
        ("coordinate_transformation_mode", Attr::Text(centres)),
        ("nearest_mode", Attr::Text(rounding)),
    ];
    resize(graph, op, &attributes)
}

/// Repeats the pixels of an NCHW value up to a multiple of its size.
pub(super) fn enlarge(graph: &mut Graph<'_>, value: &str, nchw: [usize; 4]) -> String {
    let sizes = graph.ints(&nchw.map(|dim| dim as i64));
    let attributes = [
        ("mode", Attr::Text("nearest")),
        ("coordinate_transformation_mode", Attr::Text("asymmetric")),
        ("nearest_mode", Attr::Text("floor")),
    ];
    graph.node("Resize", &[value, "", "", &sizes], &attributes)
}

fn coordinates(align_corners: bool, half_pixel: bool) -> &'static str {
    match (align_corners, half_pixel) {
        (true, _) => "align_corners",
        (_, true) => "half_pixel",
        _ => "asymmetric",
    }
}

fn resize(graph: &mut Graph<'_>, op: &Operator<'_>, attributes: &[(&str, Attr)]) -> Result<()> {
    let (input, output) = (op.input(0)?, op.output(0)?);
    image_shape(graph, op, input)?;
    let to = image_shape(graph, op, output)?;
    let sizes = graph.ints(&[to[0], to[3], to[1], to[2]].map(|dim| dim as i64));
    let value = graph.value(input, Layout::Nchw)?;
    // Region of interest and scales are left out: the sizes say it all.
    let value = graph.node("Resize", &[&value, "", "", &sizes], attributes);
    graph.define(output, Layout::Nchw, value)
}
