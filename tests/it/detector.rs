//! The detector against a reference in Python, frame by frame; against numbers from it; and on files that are no
//! detectors.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use masque::frame::{Frame, FramePool};
use masque::models::{Manifest, ModelStore, SessionOptions};
use masque::perception::{Detection, Detector, DetectorError, DetectorModel, DetectorOptions, PixelBox};
use masque::source::{self, SourceOptions, SourceUri};
use masque::stats::Stats;

use crate::media::media;
use crate::onnx_file::{F16, F32, I64, OnnxFile};
use crate::perception::{open, shared, store};

/// Thresholds of the reference.
const CONFIDENCE: f32 = 0.3;
const IOU: f32 = 0.45;
/// How far numbers may be off: pixels of a box's edges, and of a confidence.
const PIXELS: f32 = 1.0;
const CONFIDENCES: f32 = 0.005;

pub fn test_store(shared: &Path, stats: &Stats) -> ModelStore {
    store(Manifest::builtin().expect("a manifest").clone(), shared, stats)
}

pub fn load(
    store: &ModelStore,
    name: Option<&str>,
    options: &DetectorOptions,
) -> Result<Detector, DetectorError> {
    let model = DetectorModel::find(store, name)?;
    let session = SessionOptions { intra_threads: 1, ..SessionOptions::default() };
    Detector::load(&model, options, store.sessions(), &session, &Stats::default())
}

fn reference_options() -> DetectorOptions {
    DetectorOptions { confidence: CONFIDENCE, iou: IOU, ..DetectorOptions::default() }
}

/// Every frame of a clip, or the first `most`.
pub fn each_frame(path: &Path, most: usize, mut look: impl FnMut(usize, &Frame)) -> usize {
    let (stats, pool) = (Stats::default(), FramePool::new(1 << 28));
    let uri = SourceUri::Video(path.to_owned());
    let mut source = source::open(&uri, &SourceOptions::default(), &stats).expect("a clip");
    let mut count = 0;
    while count < most {
        let Some(frame) = source.next_frame(&pool).expect("a frame") else { break };
        look(count, &frame);
        count += 1;
    }
    count
}

fn detect(detector: &mut Detector, frame: &Frame) -> Vec<Detection> {
    let mut found = [Vec::new()];
    detector.detect(&[frame], &mut found).expect("a run");
    let [found] = found;
    found
}

/// The largest distance of two edges.
fn apart(a: &PixelBox, b: &PixelBox) -> f32 {
    let edges = |one: &PixelBox| [one.x, one.y, one.x + one.width, one.y + one.height];
    edges(a).iter().zip(edges(b)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// How well two lists agree.
#[derive(Debug, Default)]
struct Agreement {
    pairs: usize,
    pixels: f32,
    confidences: f32,
    /// Without a partner, and so near the threshold that it may be on one side only.
    at_threshold: usize,
    /// Without a partner for no such reason.
    alone: Vec<String>,
}

impl Agreement {
    fn compare(&mut self, frame: usize, ours: &[Detection], theirs: &[Detection]) {
        let mut left: Vec<&Detection> = theirs.iter().collect();
        for one in ours {
            let near =
                |other: &&Detection| other.class == one.class && other.bounds.overlap(&one.bounds) > 0.7;
            let best = (0..left.len()).filter(|i| near(&left[*i])).min_by(|a, b| {
                apart(&left[*a].bounds, &one.bounds).total_cmp(&apart(&left[*b].bounds, &one.bounds))
            });
            let Some(best) = best else {
                self.lonely(frame, "only here", one);
                continue;
            };
            let other = left.swap_remove(best);
            self.pairs += 1;
            self.pixels = self.pixels.max(apart(&one.bounds, &other.bounds));
            self.confidences = self.confidences.max((one.confidence - other.confidence).abs());
        }
        left.iter().for_each(|one| self.lonely(frame, "only there", one));
    }

    fn lonely(&mut self, frame: usize, side: &str, one: &Detection) {
        if one.confidence - CONFIDENCE < CONFIDENCES {
            self.at_threshold += 1;
        } else {
            self.alone.push(format!("frame {frame}, {side}: {one:?}"));
        }
    }

    fn holds(&self) -> bool {
        self.alone.is_empty() && self.pixels <= PIXELS && self.confidences <= CONFIDENCES
    }
}

/// What the reference finds in the first `most` frames of `clip`, by frame.
fn reference(python: &str, model: &Path, clip: &Path, most: usize) -> BTreeMap<usize, Vec<Detection>> {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("reference.jsonl");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/reference_detect.py");
    let run = Command::new(python)
        .arg(script)
        .arg(model)
        .arg(clip)
        .args(["--frames", &most.to_string(), "--out"])
        .arg(&out)
        .output()
        .expect("Python starts");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut frames: BTreeMap<usize, Vec<Detection>> = BTreeMap::new();
    for line in std::fs::read_to_string(out).expect("results").lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let number = |value: &serde_json::Value| value.as_f64().expect("a number") as f32;
        let [x, y, width, height] = [0, 1, 2, 3].map(|i| number(&line["box"][i]));
        frames.entry(line["frame"].as_u64().expect("a frame") as usize).or_default().push(Detection {
            class: line["class"].as_u64().expect("a class") as u16,
            confidence: number(&line["conf"]),
            bounds: PixelBox { x, y, width, height },
        });
    }
    frames
}

/// A Python with onnxruntime and OpenCV, named by `MASQUE_PYTHON`; none, and a line that says so, without.
fn python() -> Option<String> {
    let python = std::env::var("MASQUE_PYTHON").ok().filter(|python| !python.is_empty());
    let works = |python: &String| {
        let run = Command::new(python).args(["-c", "import cv2, numpy, onnxruntime"]).output();
        run.is_ok_and(|run| run.status.success())
    };
    let python = python.filter(works);
    if python.is_none() {
        println!("skipped: MASQUE_PYTHON names no Python with onnxruntime, cv2 and numpy");
    }
    python
}

/// `MASQUE_REFERENCE_FRAMES`: frames of each clip, else all.
#[test]
fn every_frame_agrees_with_the_reference_in_python() {
    let (Some(python), Some(shared)) = (python(), shared()) else { return };
    let most = std::env::var("MASQUE_REFERENCE_FRAMES").ok().and_then(|most| most.parse().ok());
    let most = most.unwrap_or(usize::MAX >> 1);
    let store = test_store(&shared, &Stats::default());
    let model = shared.join("models/yolox_nano.onnx");
    let mut detector = load(&store, None, &reference_options()).expect("a detector");
    let mut failed = Vec::new();
    for name in [
        "tfjs_pose_1.mp4",
        "tfjs_pose_squats.mp4",
        "intel_cc_by/car-detection.mp4",
        "intel_cc_by/one-by-one-person-detection.mp4",
        "intel_cc_by/gif_classroom_480x270.mp4",
        "intel_cc_by/gif_head-pose-face-detection-male_480x270.mp4",
        "intel_cc_by/gif_people-detection_480x270.mp4",
        "intel_cc_by/gif_person-bicycle-car-detection_480x270.mp4",
        "intel_cc_by/asl_concat_640x480_30fps.mp4",
        "intel_cc_by/asl_concat_1280x720_30fps.mp4",
    ] {
        let Some(clip) = media(name) else { continue };
        let theirs = reference(&python, &model, &clip, most);
        let mut agreement = Agreement::default();
        let frames = each_frame(&clip, most, |number, frame| {
            let ours = detect(&mut detector, frame);
            agreement.compare(number, &ours, theirs.get(&number).map_or(&[], Vec::as_slice));
        });
        println!(
            "{name}: {frames} frames, {} pairs, boxes {:.4} px, confidences {:.6}, at the threshold {}, alone {}",
            agreement.pairs,
            agreement.pixels,
            agreement.confidences,
            agreement.at_threshold,
            agreement.alone.len()
        );
        if !agreement.holds() || theirs.keys().any(|frame| *frame >= frames) {
            failed.push(format!("{name}: {agreement:?}"));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

/// (class, confidence, left, top, width, height) from the reference, of all but small pictures' worth of clips.
type Golden = (u16, f32, [f32; 4]);

#[test]
fn known_frames_give_the_numbers_of_the_reference() {
    let Some(shared) = shared() else { return };
    let store = test_store(&shared, &Stats::default());
    let mut detector = load(&store, None, &reference_options()).expect("a detector");
    let golden: [(&str, usize, &[Golden]); 5] = [
        ("astronaut_nasa_pd.png", 0, &[(0, 0.9259, [11.46, 20.27, 357.4, 486.95])]),
        (
            "tfjs_pose_1.mp4",
            0,
            &[
                (0, 0.8709, [195.31, 178.6, 184.07, 261.52]),
                (56, 0.6085, [115.02, 271.6, 66.33, 96.92]),
                (56, 0.4123, [109.2, 273.84, 35.15, 92.84]),
            ],
        ),
        ("tfjs_pose_squats.mp4", 3, &[(0, 0.9209, [217.65, 185.0, 375.06, 844.36])]),
        (
            "intel_cc_by/gif_classroom_480x270.mp4",
            12,
            &[
                (0, 0.8424, [285.98, 142.48, 65.59, 88.81]),
                (0, 0.7821, [47.54, 139.78, 67.83, 84.04]),
                (0, 0.7789, [222.9, 122.6, 38.25, 49.77]),
                (56, 0.7451, [119.4, 183.16, 55.72, 37.61]),
                (0, 0.7221, [111.65, 124.92, 44.81, 50.36]),
                (56, 0.7137, [222.12, 182.81, 57.63, 34.08]),
                (56, 0.5094, [10.09, 126.11, 31.86, 33.77]),
                (56, 0.4886, [4.93, 217.95, 171.31, 51.83]),
                (56, 0.4661, [19.61, 154.16, 39.3, 70.78]),
                (56, 0.4179, [255.99, 148.92, 41.27, 19.05]),
                (56, 0.4, [136.73, 166.33, 46.61, 24.64]),
                (60, 0.3973, [2.19, 216.04, 172.21, 51.9]),
                (56, 0.3062, [170.69, 188.02, 45.21, 79.07]),
            ],
        ),
        ("intel_cc_by/asl_concat_1280x720_30fps.mp4", 0, &[(0, 0.9562, [334.08, 33.89, 598.5, 678.17])]),
    ];
    for (name, number, expected) in golden {
        let Some(path) = media(name) else { continue };
        let mut found = Vec::new();
        if name.ends_with(".png") {
            found = detect(&mut detector, &open(&path));
        } else {
            each_frame(&path, number + 1, |at, frame| {
                if at == number {
                    found = detect(&mut detector, frame);
                }
            });
        }
        assert_eq!(found.len(), expected.len(), "{name}: {found:#?}");
        for (one, (class, confidence, [x, y, width, height])) in found.iter().zip(expected) {
            let bounds = PixelBox { x: *x, y: *y, width: *width, height: *height };
            assert_eq!(one.class, *class, "{name}: {one:?}");
            assert!((one.confidence - confidence).abs() < 0.001, "{name}: {one:?}, not {confidence}");
            assert!(apart(&one.bounds, &bounds) < 0.1, "{name}: {one:?}, not {bounds:?}");
        }
    }
    assert_eq!((detector.classes()[56].as_str(), detector.most_batch()), ("chair", 1));
    assert!(detector.describe().contains("YOLOX"), "{}", detector.describe());
}

#[test]
fn only_the_classes_asked_for_are_found_and_no_more_than_asked_for() {
    let (Some(shared), Some(clip)) = (shared(), media("intel_cc_by/gif_classroom_480x270.mp4")) else {
        return;
    };
    let stats = Stats::default();
    let store = test_store(&shared, &stats);
    let options = DetectorOptions {
        classes: vec!["Chair".to_owned(), "60".to_owned()],
        most: 3,
        ..reference_options()
    };
    let model = DetectorModel::find(&store, Some("yolox-nano")).expect("a model");
    assert_eq!((model.name(), model.sha256().len()), ("yolox-nano", 64));
    let mut detector = Detector::load(&model, &options, store.sessions(), &SessionOptions::default(), &stats)
        .expect("a detector");
    let mut found = Vec::new();
    each_frame(&clip, 13, |number, frame| {
        if number == 12 {
            found = detect(&mut detector, frame);
        }
    });
    let found: Vec<(u16, bool)> = found.iter().map(|one| (one.class, one.confidence > 0.48)).collect();
    assert_eq!(found, [(56, true); 3]);
    assert_eq!(stats.counter("detections_cut"), 6);
}

#[test]
fn nanodet_gives_the_numbers_of_a_reference_too() {
    let (Some(shared), Some(clip)) = (shared(), media("intel_cc_by/gif_classroom_480x270.mp4")) else {
        return;
    };
    let store = test_store(&shared, &Stats::default());
    let options = DetectorOptions { confidence: 0.4, ..DetectorOptions::default() };
    let mut detector = load(&store, Some("nanodet-m"), &options).expect("a detector");
    let mut found = Vec::new();
    each_frame(&clip, 13, |number, frame| {
        if number == 12 {
            found = detect(&mut detector, frame);
        }
    });
    // Rounded to whole pixels and thousandths.
    let golden: [Golden; 10] = [
        (0, 0.648, [108.0, 125.0, 48.0, 50.0]),
        (0, 0.64, [287.0, 142.0, 62.0, 85.0]),
        (0, 0.617, [221.0, 119.0, 44.0, 55.0]),
        (56, 0.614, [218.0, 183.0, 59.0, 33.0]),
        (0, 0.603, [47.0, 141.0, 65.0, 82.0]),
        (56, 0.597, [119.0, 183.0, 56.0, 37.0]),
        (56, 0.477, [2.0, 126.0, 39.0, 32.0]),
        (56, 0.476, [167.0, 190.0, 49.0, 81.0]),
        (56, 0.434, [10.0, 152.0, 44.0, 75.0]),
        (72, 0.417, [371.0, 89.0, 90.0, 156.0]),
    ];
    assert_eq!(found.len(), golden.len(), "{found:#?}");
    for (one, (class, confidence, [x, y, width, height])) in found.iter().zip(golden) {
        assert!(
            one.class == class && (one.confidence - confidence).abs() < 0.001,
            "{one:?}, not {confidence}"
        );
        let bounds = PixelBox { x, y, width, height };
        assert!(apart(&one.bounds, &bounds) < 1.1, "{one:?}, not {bounds:?}");
    }
}

pub fn written(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    path.to_string_lossy().into_owned()
}

fn grey(width: u32, height: u32) -> Frame {
    crate::perception::frame(masque::frame::PixelFormat::Rgba8, width, height, |data| data.fill(100))
}

#[test]
fn files_that_are_no_detectors_are_told_what_is_wrong() {
    let Some(shared) = shared() else { return };
    let store = test_store(&shared, &Stats::default());
    let folder = tempfile::tempdir().expect("a folder");
    let whole = std::fs::read(shared.join("models/yolox_nano.onnx")).expect("a model");
    let segmenter = store.ready("selfie-segmenter", &masque::models::Silent).expect("a model").onnx;
    let strange = OnnxFile::default()
        .input("images", F32, &[1, 3, 64, 64])
        .constant("boxes", &[1, 50, 3], &[0.0; 150])
        .bytes();
    let half = OnnxFile::default()
        .input("images", F16, &[1, 3, 64, 64])
        .constant("out", &[1, 84, 6], &[0.0; 504])
        .bytes();
    let says =
        |name: &str, options: &DetectorOptions| load(&store, Some(name), options).unwrap_err().to_string();
    let options = DetectorOptions::default();
    for (file, words) in [
        (written(&folder, "text.onnx", b"this is no network"), ["not an ONNX file", "text.onnx"]),
        (written(&folder, "cut.onnx", &whole[..whole.len() / 2]), ["not an ONNX file", "cut.onnx"]),
        (written(&folder, "empty.onnx", b""), ["empty.onnx", "not an ONNX file"]),
        (segmenter.to_string_lossy().into_owned(), ["[1, 1, 256, 256]", "Understood are"]),
        (written(&folder, "strange.onnx", &strange), ["[50, 3] fits none", "84 cells"]),
        (written(&folder, "half.onnx", &half), ["not float32", "images [1, 3, 64, 64]"]),
        ("no/such/file.onnx".to_owned(), ["cannot read", "no/such/file.onnx"]),
        ("yolox-nan".to_owned(), ["did you mean \"yolox-nano\"", "nanodet-m"]),
    ] {
        let error = says(&file, &options);
        assert!(words.iter().all(|word| error.contains(word)), "{file}: {error}");
    }
    let asked =
        |class: &str| DetectorOptions { classes: vec![class.to_owned()], ..DetectorOptions::default() };
    let error = says("yolox-nano", &asked("persn"));
    assert!(error.contains("did you mean \"person\""), "{error}");
    let sized = DetectorOptions { size: Some(640), ..DetectorOptions::default() };
    let error = says("yolox-nano", &sized);
    assert!(error.contains("416×416 only"), "{error}");
    let names = folder.path().join("names.txt");
    std::fs::write(&names, "one\ntwo\n").expect("a file");
    let named = DetectorOptions { classes_file: Some(names), ..DetectorOptions::default() };
    let error = says("yolox-nano", &named);
    assert!(error.contains("names 2 classes") && error.contains("has 80"), "{error}");
    let unsure = DetectorOptions { confidence: f32::NAN, ..DetectorOptions::default() };
    assert!(says("yolox-nano", &unsure).contains("from 0 to 1"));
}

#[test]
fn each_family_is_known_by_its_outputs() {
    let Some(shared) = shared() else { return };
    let store = test_store(&shared, &Stats::default());
    let folder = tempfile::tempdir().expect("a folder");
    let picture = |file: OnnxFile| file.input("images", F32, &[1, 3, 64, 64]);
    // 84 cells of a picture of 64 × 64; the box is 16 × 8 pixels around (32, 32) everywhere.
    let column: Vec<f32> = [32.0, 32.0, 16.0, 8.0, 0.9, 0.2].iter().flat_map(|v| vec![*v; 84]).collect();
    let in_pixels: Vec<f32> = [32.0, 32.0, 16.0, 8.0, 0.9, 0.8, 0.2].repeat(84 * 3);
    let corners: Vec<f32> = [24.0, 28.0, 40.0, 36.0, 0.9, 1.0].repeat(300);
    let query: Vec<f32> = [0.5, 0.5, 0.25, 0.125, 0.2, 0.7, 0.1].repeat(20);
    let parts = [0.5, 0.5, 0.25, 0.125].repeat(20);
    let logits = [-3.0, 1.5].repeat(20);
    let names = "{0: 'cat', 1: 'dog'}";
    // File, what it says of itself, the class and confidence of its only or first box, and how many there are.
    let cases: [(&str, OnnxFile, &str, (u16, f32), usize); 6] = [
        ("v8", picture(OnnxFile::default().constant("o", &[1, 6, 84], &column)), "YOLOv8/11", (0, 0.9), 1),
        ("v5", picture(OnnxFile::default().constant("o", &[1, 252, 7], &in_pixels)), "YOLOv5", (0, 0.72), 1),
        (
            "v10",
            picture(OnnxFile::default().constant("o", &[1, 300, 6], &corners)),
            "end to end",
            (1, 0.9),
            300,
        ),
        ("joined", picture(OnnxFile::default().constant("o", &[1, 20, 7], &query)), "RT-DETR", (1, 0.7), 20),
        (
            "logits",
            picture(OnnxFile::default().constant("logits", &[1, 20, 2], &logits).constant(
                "pred_boxes",
                &[1, 20, 4],
                &parts,
            )),
            "RT-DETR",
            (1, 0.817_574_5),
            20,
        ),
        (
            "named",
            picture(OnnxFile::default().constant("o", &[1, 6, 84], &column).remark("names", names)),
            "2 classes",
            (0, 0.9),
            1,
        ),
    ];
    // Twice as large as the picture, and as wide as high: every fit is the same.
    let frame = grey(128, 128);
    for (name, file, words, (class, confidence), count) in cases {
        let path = written(&folder, &format!("{name}.onnx"), &file.bytes());
        let mut detector = load(&store, Some(&path), &DetectorOptions::default()).expect(name);
        assert!(detector.describe().contains(words), "{name}: {}", detector.describe());
        assert_eq!(name == "named", detector.classes()[0] == "cat", "{name}");
        let found = detect(&mut detector, &frame);
        assert_eq!(found.len(), count, "{name}");
        let bounds = PixelBox { x: 48.0, y: 56.0, width: 32.0, height: 16.0 };
        assert!(apart(&found[0].bounds, &bounds) < 1e-3, "{name}: {:?}", found[0]);
        assert_eq!(found[0].class, class, "{name}");
        assert!((found[0].confidence - confidence).abs() < 1e-5, "{name}: {:?}", found[0]);
    }
}

#[test]
fn networks_that_ask_for_the_size_of_the_frames_get_it_for_each_of_a_batch() {
    let Some(shared) = shared() else { return };
    let store = test_store(&shared, &Stats::default());
    let folder = tempfile::tempdir().expect("a folder");
    let file = OnnxFile::default()
        .input("images", F32, &[-1, 3, -1, -1])
        .input("orig_target_sizes", I64, &[-1, 2])
        .integers("labels", &[2, 1], &[3, 5])
        .box_of_sizes("boxes", "orig_target_sizes")
        .constant("scores", &[2, 1], &[0.9, 0.8])
        .bytes();
    let path = written(&folder, "sized.onnx", &file);
    let options = DetectorOptions { size: Some(60), ..DetectorOptions::default() };
    let mut detector = load(&store, Some(&path), &options).expect("a detector");
    assert_eq!(detector.size(), (64, 64));
    assert!(detector.most_batch() > 1);
    let frames = [grey(100, 50), grey(30, 80)];
    let mut found = [Vec::new(), Vec::new()];
    detector.detect(&[&frames[0], &frames[1]], &mut found).expect("a run");
    let seen: Vec<(u16, f32, f32)> =
        found.iter().flatten().map(|one| (one.class, one.bounds.width, one.bounds.height)).collect();
    assert_eq!(seen, [(3, 100.0, 50.0), (5, 30.0, 80.0)]);
}

#[test]
fn boxes_of_yolox_are_told_from_offsets_by_what_a_grey_picture_gives() {
    let Some(shared) = shared() else { return };
    let store = test_store(&shared, &Stats::default());
    let folder = tempfile::tempdir().expect("a folder");
    let mut cells = Vec::new();
    for stride in [8, 16, 32] {
        let side = 128 / stride;
        cells.extend((0..side * side).map(|at| [at % side, at / side, stride].map(|number| number as f32)));
    }
    // One thing, in the cell around (68, 36): 8 × 16 pixels there. Elsewhere a box in its cell, and nothing in it.
    let one = cells.iter().position(|cell| *cell == [8.0, 4.0, 8.0]).expect("a cell");
    let sure = |at: usize| if at == one { 0.9 } else { 0.0 };
    let pixels: Vec<f32> = (0..cells.len())
        .flat_map(|at| {
            let [x, y, stride] = cells[at];
            [(x + 0.5) * stride, (y + 0.5) * stride, 8.0, 16.0, sure(at), 0.1, 1.0]
        })
        .collect();
    let offsets: Vec<f32> =
        (0..cells.len()).flat_map(|at| [0.5, 0.5, 0.0, 2.0_f32.ln(), sure(at), 0.1, 1.0]).collect();
    for (name, values) in [("pixels", pixels), ("offsets", offsets)] {
        let file = OnnxFile::default().input("images", F32, &[1, 3, 128, 128]).constant(
            "output",
            &[1, cells.len() as i64, 7],
            &values,
        );
        let path = written(&folder, &format!("{name}.onnx"), &file.bytes());
        let mut detector = load(&store, Some(&path), &DetectorOptions::default()).expect(name);
        let found = detect(&mut detector, &grey(128, 128));
        let bounds = PixelBox { x: 64.0, y: 28.0, width: 8.0, height: 16.0 };
        let expected = Detection { class: 1, confidence: 0.9, bounds };
        assert!(found.len() == 1 && apart(&found[0].bounds, &bounds) < 1e-3, "{name}: {found:?}");
        assert_eq!((found[0].class, found[0].confidence), (expected.class, expected.confidence), "{name}");
    }
}

#[test]
fn a_network_that_takes_one_frame_though_it_says_otherwise_is_given_one() {
    let Some(shared) = shared() else { return };
    let stats = Stats::default();
    let store = test_store(&shared, &stats);
    let folder = tempfile::tempdir().expect("a folder");
    let column: Vec<f32> = [32.0, 32.0, 16.0, 8.0, 0.9, 0.2].iter().flat_map(|v| vec![*v; 84]).collect();
    let file = OnnxFile::default()
        .input("images", F32, &[-1, 3, 64, 64])
        .constant("o", &[1, 6, 84], &column)
        .bytes();
    let model = DetectorModel::find(&store, Some(&written(&folder, "fixed.onnx", &file))).expect("a file");
    let session = SessionOptions::default();
    let mut detector =
        Detector::load(&model, &DetectorOptions::default(), store.sessions(), &session, &stats)
            .expect("a detector");
    let frame = grey(64, 64);
    let mut found = vec![Vec::new(); 3];
    for _ in 0..2 {
        detector.detect(&[&frame, &frame, &frame], &mut found).expect("a run");
        assert!(found.iter().all(|found| found.len() == 1), "{found:?}");
    }
    assert_eq!((detector.most_batch(), stats.counter("detector_batches_refused")), (1, 1));
}

#[test]
fn what_has_no_name_is_told_counted_and_found_with_one() {
    let Some(shared) = shared() else { return };
    let stats = Stats::default();
    let store = test_store(&shared, &stats);
    let folder = tempfile::tempdir().expect("a folder");
    // 299 boxes of class 1, and one of class 143.
    let mut corners: Vec<f32> = [24.0, 28.0, 40.0, 36.0, 0.9, 1.0].repeat(300);
    corners[5] = 143.0;
    let file = OnnxFile::default()
        .input("images", F32, &[1, 3, 64, 64])
        .constant("o", &[1, 300, 6], &corners)
        .bytes();
    let model = DetectorModel::find(&store, Some(&written(&folder, "many.onnx", &file))).expect("a file");
    let names: String = (0..150).map(|number| format!("thing {number}\n")).collect();
    let list = written(&folder, "names.txt", names.as_bytes());
    let run = |classes_file| {
        let options = DetectorOptions { classes_file, ..DetectorOptions::default() };
        let session = SessionOptions::default();
        let mut detector =
            Detector::load(&model, &options, store.sessions(), &session, &stats).expect("a detector");
        let frame = grey(64, 64);
        detect(&mut detector, &frame);
        let found = detect(&mut detector, &frame);
        found.iter().map(|one| detector.classes()[usize::from(one.class)].clone()).collect::<Vec<_>>()
    };
    assert_eq!(run(None), vec!["bicycle"; 299]);
    assert_eq!(stats.counter("detections_unnamed"), 2);
    let said: Vec<String> = stats.events().into_iter().map(|event| event.message).collect();
    let told = said.iter().filter(|line| line.contains("class 143") && line.contains("--classes-file"));
    assert_eq!(told.count(), 1, "{said:?}");
    let loaded = said.iter().find(|line| line.starts_with("Detector: ")).expect("what it is");
    assert!(loaded.contains("corners in pixels") && loaded.contains("COCO's are assumed"), "{loaded}");
    let found = run(Some(list.into()));
    assert_eq!((found.len(), found.iter().any(|name| name == "thing 143")), (300, true));
    assert_eq!(stats.counter("detections_unnamed"), 2);
}

#[test]
fn memory_that_is_short_is_told_from_other_failures() {
    let out = DetectorError::from(masque::models::SessionError::OutOfMemory {
        model: "m".to_owned(),
        reason: "bad_alloc".to_owned(),
    });
    let other = DetectorError::from(masque::models::SessionError::Run {
        model: "m".to_owned(),
        reason: "bad".to_owned(),
    });
    assert!(out.is_out_of_memory() && !other.is_out_of_memory());
}
