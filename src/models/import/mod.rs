//! Imports TensorFlow Lite models (MediaPipe's `.tflite` files and `.task` bundles) as ONNX, without
//! TensorFlow or Python on the machine.
//!
//! float32 nets whose weights are stored as float32, float16 or int8 are converted to opset 17.
//! Images become NCHW: inside the net nothing is transposed, so the result runs at the speed of a
//! net made for ONNX Runtime. Shapes are fixed to those in the file, batch 1.
//!
//! [`rewrite()`] makes ONNX files of detectors faster.

mod bundle;
mod constant;
mod error;
mod flatbuffer;
mod graph;
mod lower;
mod metadata;
mod onnx;
mod operators;
mod rewrite;
#[cfg(test)]
mod test_model;
#[cfg(test)]
mod tests;
mod tflite;
mod wire;

use prost::Message;

pub use bundle::bundle_member;
pub use error::ImportError;
pub use metadata::Normalization;
pub use rewrite::rewrite;

use flatbuffer::Budget;
use graph::{Graph, edge_layout};
use tflite::Net;

/// A converted model.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The ONNX file (opset 17, IR version 8).
    pub onnx: Vec<u8>,
    /// Inputs in TFLite's order.
    pub inputs: Vec<TensorInfo>,
    /// Outputs in TFLite's order.
    pub outputs: Vec<TensorInfo>,
    /// How the model's metadata wants its first input normalized; `None` when it does not say.
    pub normalization: Option<Normalization>,
}

/// An input or output of a converted model; its elements are float32.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// TFLite's name, kept.
    pub name: String,
    /// Rank 4: batch 1, channels, height, width. Any other rank: as in TFLite.
    pub shape: Vec<usize>,
}

/// Converts the bytes of a `.tflite` file.
///
/// # Errors
/// [`ImportError`] says what the file is instead, where it is corrupt, or which operator of it cannot
/// be converted. No input makes it panic or allocate more than a small multiple of its size.
pub fn import_tflite(bytes: &[u8]) -> Result<Imported, ImportError> {
    let budget = Budget::for_file(bytes);
    let net = Net::parse(bytes, &budget)?;
    let normalization = match net.metadata {
        Some(metadata) => metadata::read_normalization(metadata)?,
        None => None,
    };
    let mut graph = Graph::new(&net)?;
    lower::lower_net(&mut graph, &net)?;
    let model = graph.finish(env!("CARGO_PKG_VERSION"))?;
    Ok(Imported {
        onnx: model.encode_to_vec(),
        inputs: describe(&net, &net.inputs),
        outputs: describe(&net, &net.outputs),
        normalization,
    })
}

fn describe(net: &Net<'_>, tensors: &[usize]) -> Vec<TensorInfo> {
    let info = |tensor: &usize| {
        let tensor = net.tensor(*tensor);
        TensorInfo {
            name: tensor.name.clone(),
            shape: edge_layout(tensor.shape.len()).arrange(&tensor.shape),
        }
    };
    tensors.iter().map(info).collect()
}
