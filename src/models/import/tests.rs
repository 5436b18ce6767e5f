//! Files that are not what they claim to be, and operators that are not known.

use prost::Message;

use super::onnx::ModelProto;
use super::test_model::{Op, Tensor, model};
use super::{ImportError, bundle_member, import_tflite};

/// A net of one convolution, one activation: large enough to truncate in many places.
fn small_net() -> Vec<u8> {
    let tensors = [
        Tensor::float("image", &[1, 4, 4, 2]),
        Tensor::constant("filter", &[3, 1, 1, 2], &[1.0, 0.0, 0.0, 1.0, 0.5, 0.5]),
        Tensor::constant("bias", &[3], &[0.0, 1.0, 2.0]),
        Tensor::float("features", &[1, 4, 4, 3]),
        Tensor::float("mask", &[1, 4, 4, 3]),
    ];
    let operators = [
        Op::builtin(3, &[0, 1, 2], &[3]).with_options(&[(0, 1, 1), (1, 4, 1), (2, 4, 1)]),
        Op::builtin(14, &[3], &[4]),
    ];
    model(&tensors, &operators, &[0], &[4])
}

fn decoded(onnx: &[u8]) -> Vec<String> {
    let graph = ModelProto::decode(onnx).unwrap().graph.unwrap();
    graph.node.into_iter().map(|node| node.op_type).collect()
}

#[test]
fn an_image_net_has_no_transposes_and_keeps_its_names() {
    let imported = import_tflite(&small_net()).unwrap();
    assert_eq!(decoded(&imported.onnx), ["Conv", "Sigmoid"]);
    assert_eq!(
        (imported.inputs[0].name.as_str(), &imported.inputs[0].shape[..]),
        ("image", &[1, 2, 4, 4][..])
    );
    assert_eq!(
        (imported.outputs[0].name.as_str(), &imported.outputs[0].shape[..]),
        ("mask", &[1, 3, 4, 4][..])
    );
    assert_eq!(imported.normalization, None);
}

#[test]
fn a_reshape_of_an_image_turns_it_once_to_tflites_order() {
    let tensors = [Tensor::float("image", &[1, 4, 4, 2]), Tensor::float("rows", &[1, 16, 2])];
    let net = model(&tensors, &[Op::builtin(22, &[0], &[1])], &[0], &[1]);
    let imported = import_tflite(&net).unwrap();
    assert_eq!(decoded(&imported.onnx), ["Transpose", "Reshape"]);
    assert_eq!(imported.outputs[0].shape, [1, 16, 2]);
}

#[test]
fn every_truncation_is_an_error_that_says_so() {
    let whole = small_net();
    for length in 0..whole.len() - 1 {
        match import_tflite(&whole[..length]) {
            Err(ImportError::NotTflite { .. } | ImportError::Corrupt { .. }) => {}
            // Cutting the trailing bytes of alignment, or of an unused default, may go unnoticed.
            Ok(_) if length + 64 > whole.len() => {}
            other => panic!("cut at {length}: {other:?}"),
        }
    }
}

#[test]
fn rubbish_never_panics() {
    let whole = small_net();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..20_000 {
        let mut bytes = whole.clone();
        for _ in 0..1 + random() % 6 {
            let at = random() as usize % bytes.len();
            bytes[at] = match random() % 3 {
                0 => 0xff,
                1 => 0x7f,
                _ => random() as u8,
            };
        }
        bytes[4..8].copy_from_slice(b"TFL3");
        // Whether it converts does not matter, only that it returns.
        let _ = import_tflite(&bytes);
    }
    let noise: Vec<u8> = (0..4096).map(|_| random() as u8).collect();
    let error = import_tflite(&noise).unwrap_err().to_string();
    assert!(error.contains("not a TFLite model"), "{error}");
}

#[test]
fn an_unknown_operator_is_named_with_its_tensor() {
    let tensors = [Tensor::float("image", &[1, 4, 4, 2]), Tensor::float("warped", &[1, 4, 4, 2])];
    let custom = model(&tensors, &[Op::custom("TransformTensorBilinear", &[0], &[1])], &[0], &[1]);
    let error = import_tflite(&custom).unwrap_err().to_string();
    assert!(error.contains("operator TransformTensorBilinear (used by tensor warped)"), "{error}");

    let builtin = model(&tensors, &[Op::builtin(16, &[0], &[1])], &[0], &[1]);
    let error = import_tflite(&builtin).unwrap_err().to_string();
    assert!(error.contains("operator LSTM (used by tensor warped)"), "{error}");
}

#[test]
fn a_sparse_net_points_to_the_dense_file() {
    let tensors = [Tensor::float("stored", &[4]), Tensor::float("weights", &[4])];
    let net = model(&tensors, &[Op::builtin(124, &[0], &[1])], &[0], &[1]);
    let error = import_tflite(&net).unwrap_err().to_string();
    assert!(error.contains("DENSIFY") && error.contains("dense file"), "{error}");
}

#[test]
fn a_tensor_of_absurd_size_is_refused() {
    let tensors = [Tensor::float("image", &[1, i32::MAX, i32::MAX, 4]), Tensor::float("mask", &[1])];
    let net = model(&tensors, &[Op::builtin(14, &[0], &[1])], &[0], &[1]);
    let error = import_tflite(&net).unwrap_err().to_string();
    assert!(error.contains("tensor image has shape"), "{error}");
}

#[test]
fn a_missing_member_lists_what_is_there() {
    use std::io::{Cursor, Write};
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("face_detector.tflite", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"net").unwrap();
    let bundle = zip.finish().unwrap().into_inner();

    assert_eq!(bundle_member(&bundle, "face_detector.tflite").unwrap(), b"net");
    let error = bundle_member(&bundle, "hair.tflite").unwrap_err().to_string();
    assert!(error.contains("hair.tflite") && error.contains("face_detector.tflite"), "{error}");
    let error = bundle_member(&bundle[..bundle.len() / 2], "hair.tflite").unwrap_err().to_string();
    assert!(error.contains("not a MediaPipe .task bundle"), "{error}");
}
