//! Imported models compute what TensorFlow Lite and MediaPipe compute, on the pictures in the
//! reference files (`../shared/models/reference`).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use masque::models::import::{Imported, Normalization, bundle_member, import_tflite};
use masque::models::{Session, SessionOptions};
use masque::stats::Stats;

use crate::npz::{self, Array};

/// Largest difference, in the output's own unit (probability, pixel, logit).
const TOLERANCE: f32 = 1e-3;

#[test]
fn the_person_matte_is_mediapipes() {
    for model in ["selfie_segmenter", "selfie_segmenter_landscape"] {
        let Some(net) = Net::load(model) else { continue };
        assert_eq!(net.imported.normalization, normalization(0.0, 255.0));
        for picture in ["astronaut", "portrait", "three_people"] {
            let Some(reference) = reference(&format!("{model}_{picture}")) else { continue };
            let outputs = net.run(&pixels(&reference["input_rgb_u8"], false));
            let matte = outputs.values().next().unwrap();
            let expected = &reference["confidence_0"];
            let case = format!("{model} on {picture}");
            assert_close(&case, &matte.values, &expected.values, TOLERANCE);
            let flipped = differing_decisions(&matte.values, &expected.values);
            assert_eq!(flipped, 0, "{case}: {flipped} pixels change sides");
        }
    }
}

#[test]
fn the_hair_matte_is_mediapipes() {
    let Some(net) = Net::load("hair_segmentation") else { return };
    for picture in ["astronaut", "grace_hopper", "portrait", "pose", "three_people"] {
        let Some(reference) = reference(&format!("hair_segmentation_{picture}")) else { continue };
        let outputs = net.run(&pixels(&reference["input_rgb_u8"], true));
        let logits = &outputs["conv2d_transpose_4"];
        assert_eq!(logits.shape, [1, 2, 512, 512]);
        let (background, hair) = logits.values.split_at(512 * 512);
        let matte: Vec<f32> = background.iter().zip(hair).map(|(b, h)| 1.0 / (1.0 + (b - h).exp())).collect();
        let expected = &reference["confidence_1"];
        assert_close(&format!("hair on {picture}"), &matte, &expected.values, TOLERANCE);
        assert_eq!(differing_decisions(&matte, &expected.values), 0, "{picture}");
    }
}

#[test]
fn faces_are_where_tflite_finds_them() {
    agree("face_detector", "face_detector", TOLERANCE);
    agree("face_detection_full_range", "face_detection_full_range", TOLERANCE);
}

#[test]
fn face_landmarks_agree_to_a_thousandth_of_a_pixel() {
    agree("face_landmarks_detector", "face_landmarks_detector", TOLERANCE);
    agree("face_landmarks_detector_v2", "face_landmarks_detector_v2", TOLERANCE);
}

#[test]
fn blendshapes_agree() {
    agree("face_blendshapes", "face_blendshapes", 1e-5);
}

#[test]
fn a_net_with_attention_blocks_agrees() {
    let model = "PROXY_random_weights_multiclass_256";
    agree(model, model, 1e-4);
    if let Some(net) = Net::load(model) {
        assert_eq!(net.imported.normalization, normalization(127.5, 127.5));
        assert_eq!(net.imported.outputs[0].shape, [1, 6, 256, 256]);
    }
}

/// Its mask holds logits up to ±861, so it is measured relative to the largest one.
#[test]
fn pose_landmarks_agree() {
    agree("pose_landmark_lite", "pose_landmark_lite", 0.1);
}

/// The models that the PyPI wheel `mediapipe` carries, where `MASQUE_MODELS_DIR` has them.
#[test]
fn models_of_the_wheel_agree() {
    for model in [
        "face_detection_short_range",
        "face_landmark",
        "hand_landmark_lite",
        "iris_landmark",
        "palm_detection_lite",
    ] {
        agree(model, &format!("wheel_{model}"), TOLERANCE);
    }
}

#[test]
fn a_damaged_model_is_an_error_wherever_the_damage_is() {
    let Some(whole) = model_bytes("selfie_segmenter") else { return };
    for part in 0..40 {
        let cut = whole.len() * part / 40;
        let error = import_tflite(&whole[..cut]).unwrap_err().to_string();
        assert!(error.contains("not a TFLite model") || error.contains("corrupt"), "{error}");
    }
    let mut state = 1_u64;
    for _ in 0..500 {
        let mut bytes = whole.clone();
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Mostly in the tables, which lie in the last fifth of this file.
            let range = if state >> 62 == 0 { 0..whole.len() } else { whole.len() * 4 / 5..whole.len() };
            let at = range.start + (state >> 20) as usize % range.len();
            bytes[at] = (state >> 8) as u8;
        }
        // Weights may change without notice; what matters is that damaged tables never panic.
        let _ = import_tflite(&bytes);
    }
}

/// Runs a converted net on a reference's input and compares every output.
fn agree(model: &str, reference_name: &str, tolerance: f32) {
    let (Some(net), Some(reference)) = (Net::load(model), reference(reference_name)) else { return };
    let input = reference.iter().find_map(|(name, array)| Some((name.strip_prefix("input:")?, array)));
    let (name, array) = input.unwrap();
    assert_eq!(net.imported.inputs[0].name, name);
    let outputs = net.run(&array.channels_second());
    let expected = reference.iter().filter_map(|(name, array)| Some((name.strip_prefix("output:")?, array)));
    let mut compared = 0;
    for (name, array) in expected {
        let expected = array.channels_second();
        let actual = &outputs[name];
        assert_eq!(actual.shape, expected.shape, "{model}: {name}");
        assert_close(&format!("{model}: {name}"), &actual.values, &expected.values, tolerance);
        compared += 1;
    }
    assert_eq!(compared, net.imported.outputs.len(), "{model}");
}

fn assert_close(case: &str, actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "{case}");
    let worst = actual.iter().zip(expected).map(|(a, e)| (a - e).abs()).fold(0.0, f32::max);
    let finite = actual.iter().all(|value| value.is_finite());
    println!("{case}: largest difference {worst:e}");
    assert!(finite && worst <= tolerance, "{case}: largest difference {worst}");
}

/// Pixels on one side of one half here and on the other there.
fn differing_decisions(actual: &[f32], expected: &[f32]) -> usize {
    actual.iter().zip(expected).filter(|(a, e)| (**a > 0.5) != (**e > 0.5)).count()
}

fn normalization(mean: f32, std: f32) -> Option<Normalization> {
    Some(Normalization { mean: vec![mean], std: vec![std] })
}

/// An 8-bit picture as the net's input in 0..=1, with an empty previous mask behind if wanted.
fn pixels(rgb: &Array, with_mask: bool) -> Array {
    let &[height, width, 3] = &rgb.shape[..] else { panic!("{:?}", rgb.shape) };
    let values = rgb.values.iter().map(|value| value / 255.0).collect();
    let mut image = Array { shape: vec![1, height, width, 3], values }.channels_second();
    if with_mask {
        image.shape[1] += 1;
        image.values.resize(4 * height * width, 0.0);
    }
    image
}

/// A converted model, loaded.
struct Net {
    imported: Imported,
    session: RefCell<Session>,
}

impl Net {
    /// `None`, with a line that says so, where the model is not there.
    fn load(model: &str) -> Option<Self> {
        let imported = import_tflite(&model_bytes(model)?).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.onnx");
        std::fs::write(&path, &imported.onnx).unwrap();
        let options = SessionOptions { intra_threads: 1, ..SessionOptions::default() };
        let session = Session::load(&path, model, &options, &Stats::default()).unwrap();
        Some(Self { imported, session: session.into() })
    }

    fn run(&self, input: &Array) -> BTreeMap<String, Array> {
        let wanted = &self.imported.inputs[0];
        assert_eq!(wanted.shape, input.shape);
        let mut session = self.session.borrow_mut();
        let outputs = session.run(&[(&wanted.name, &input.shape, &input.values)]).unwrap();
        let mut arrays = BTreeMap::new();
        for output in &self.imported.outputs {
            let (shape, values) = outputs.get(&output.name).unwrap();
            let shape: Vec<_> = shape.iter().map(|dim| *dim as usize).collect();
            assert_eq!(shape, output.shape);
            arrays.insert(output.name.clone(), Array { shape, values: values.to_vec() });
        }
        arrays
    }
}

fn shared_models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models")
}

/// A `.tflite` file, or the member of that name of a face landmarker bundle.
fn model_bytes(model: &str) -> Option<Vec<u8>> {
    let folders = [Some(shared_models()), std::env::var_os("MASQUE_MODELS_DIR").map(PathBuf::from)];
    for folder in folders.into_iter().flatten() {
        if let Ok(bytes) = std::fs::read(folder.join(format!("{model}.tflite"))) {
            return Some(bytes);
        }
        let (bundle, member) = match model.strip_suffix("_v2") {
            Some(member) => ("face_landmarker_v2_with_blendshapes.task", member),
            None => ("face_landmarker.task", model),
        };
        if let Ok(bundle) = std::fs::read(folder.join(bundle))
            && let Ok(bytes) = bundle_member(&bundle, &format!("{member}.tflite"))
        {
            return Some(bytes);
        }
    }
    println!("skipped: no model {model} in ../shared/models or MASQUE_MODELS_DIR");
    None
}

fn reference(name: &str) -> Option<BTreeMap<String, Array>> {
    let path = shared_models().join("reference").join(format!("{name}.npz"));
    if !path.exists() {
        println!("skipped: no {}", path.display());
        return None;
    }
    Some(npz::read(&path))
}
