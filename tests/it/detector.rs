//! The detector against a reference in Python, frame by frame; against numbers from it; and on files that are no
//! detectors.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use masque::frame::{Frame, FramePool};
use masque::models::{Manifest, ModelStore, SessionOptions};
use masque::perception::{Detection, Detector, DetectorError, DetectorModel, DetectorOptions, PixelBox};
use masque::source::{self, SourceOptions, SourceUri};
use masque::stats::Stats;

use crate::media::media;
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
