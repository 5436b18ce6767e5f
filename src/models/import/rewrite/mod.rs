//! ONNX files of detectors as the same in less time. Everything that is not understood is kept byte for byte.

mod focus;
mod graph;
mod heads;
mod pools;
#[cfg(test)]
mod tests;

use self::graph::{Edits, Graph};
use super::wire::{Field, fields, put};

/// `ModelProto.graph` in `onnx.proto`.
const MODEL_GRAPH: usize = 7;

/// The ONNX file `bytes` in less time: with its Focus layer folded into the convolution behind it, wide maximum poolings
/// made of narrower ones, and the heads of YOLOX as outputs of their own; `None` when it has none of these, or is no
/// ONNX file.
pub fn rewrite(bytes: &[u8]) -> Option<Vec<u8>> {
    let model = fields(bytes)?;
    let graphs: Vec<&Field<'_>> = model.iter().filter(|field| field.number == MODEL_GRAPH).collect();
    let [graph] = graphs[..] else { return None };
    let graph = Graph::read(graph.value)?;
    let mut edits = Edits::default();
    focus::fold(&graph, &mut edits);
    pools::chain(&graph, &mut edits);
    heads::open(&graph, &mut edits);
    if edits.are_none() {
        return None;
    }
    let graph = graph.with(&edits);
    let mut out = Vec::with_capacity(bytes.len() + graph.len() / 8);
    for field in &model {
        match field.number {
            MODEL_GRAPH => put(&mut out, MODEL_GRAPH, &graph),
            _ => out.extend_from_slice(field.whole),
        }
    }
    Some(out)
}
