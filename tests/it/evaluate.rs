//! How well a detector does, against COCO's own tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt as _;
use masque::batch::evaluate::{
    AREAS, ClassScores, MOST_DETECTIONS, RECALLS, Summary, THRESHOLDS, Truth, read_detections, score,
};
use serde_json::{Value, json};

use crate::results::{python, script};

/// The same, says the issue; what is left are sums in another order.
const NEAR: f64 = 1e-9;

/// Truth and detections of real pictures, and what pycocotools 2.0.11 says of them: `tests/python/coco_numbers.py`.
fn fixed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/evaluate").join(name)
}

fn scores(truth: &Path, detections: &Path) -> Vec<ClassScores> {
    let truth = Truth::read(truth).unwrap();
    let detections = read_detections(&[detections.to_owned()], &truth).unwrap();
    score(&detections, &truth)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Compares the twelve numbers and, where they are there, every precision and recall.
fn compare(scores: &[ClassScores], expected: &Value, what: &str) {
    for ((name, value), stat) in
        Summary::of(scores).values().into_iter().zip(expected["stats"].as_array().unwrap())
    {
        assert!((value - number(stat)).abs() < NEAR, "{what}: {name} is {value} and should be {stat}");
    }
    let (precision, recall) = (&expected["precision"], &expected["recall"]);
    if precision.is_null() {
        return;
    }
    for (class, scores) in scores.iter().enumerate() {
        for area in 0..AREAS.len() {
            for most in 0..MOST_DETECTIONS.len() {
                for threshold in 0..THRESHOLDS {
                    let own = scores.recall(area, most, threshold);
                    let theirs = number(&recall[threshold][class][area][most]);
                    assert!((own - theirs).abs() < NEAR, "{what}: recall {class} {area} {most} {threshold}");
                    for at in 0..RECALLS {
                        let own = scores.precision(area, most, threshold)[at];
                        let theirs = number(&precision[threshold][at][class][area][most]);
                        let place = format!("{class} {area} {most} {threshold} {at}");
                        assert!((own - theirs).abs() < NEAR, "{what}: precision {place}: {own}, {theirs}");
                    }
                }
            }
        }
    }
}

fn by_python(python: &Path, truth: &Path, detections: &Path) -> Value {
    let out = truth.with_extension("expected.json");
    let done =
        Command::new(python).arg(script("coco_numbers.py")).args([truth, detections, &out]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap()
}

#[test]
fn real_detections_have_the_numbers_of_pycocotools() {
    let expected = serde_json::from_slice(&std::fs::read(fixed("expected.json")).unwrap()).unwrap();
    compare(&scores(&fixed("truth.json"), &fixed("detections.json")), &expected, "real");
}

/// Everything that makes COCO's rules matter: crowds, ties, crowded images, empty ones, boxes without area, classes that are
/// nowhere, images that only one side knows, an id of 0.
fn made_up(seed: u64) -> (Value, Value) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (images, classes) = (random.u32(3..25), random.u32(1..7));
    let mut truth = Vec::new();
    let mut found = Vec::new();
    let whole = random.bool();
    let round = |value: f64| if whole { value.round() } else { value };
    for image in 0..images {
        let crowded = random.u32(0..6) == 0;
        let many = match random.u32(0..5) {
            0 => 0,
            _ if crowded => random.u32(60..130),
            _ => random.u32(1..12),
        };
        for _ in 0..many {
            // The last class is never there, and one more never found.
            let class = random.u32(0..classes.max(2) - 1);
            let side = [8.0, 20.0, 60.0, 200.0][random.usize(0..4)];
            let [x, y] = [0; 2].map(|_| round(random.f64() * 400.0));
            let [width, height] = [0; 2].map(|_| round(side * (0.2 + random.f64())));
            let (width, height) = if random.u32(0..40) == 0 { (0.0, height) } else { (width, height) };
            let area = round(width * height * (0.3 + 0.7 * random.f64()));
            truth.push(json!({"id": truth.len() as u64 + seed % 2, "image_id": image * 3, "category_id": class * 7 + 1,
                "bbox": [x, y, width, height], "area": area, "iscrowd": u8::from(random.u32(0..12) == 0)}));
            for _ in 0..random.u32(0..4) {
                let class = if random.u32(0..5) == 0 { random.u32(0..classes) } else { class };
                let shift = |value: f64, random: &mut fastrand::Rng| {
                    round(value + (random.f64() - 0.5) * side * [0.0, 0.2, 0.8][random.usize(0..3)])
                };
                let bounds = [x, y, width, height].map(|value| shift(value, &mut random));
                let bounds = [bounds[0], bounds[1], bounds[2].max(0.0), bounds[3].max(0.0)];
                // Few scores, so that many are the same.
                let score = f64::from(random.u32(0..30)) / 30.0;
                let image = if random.u32(0..60) == 0 { 1 } else { image * 3 };
                found.push(
                    json!({"image_id": image, "category_id": class * 7 + 1, "bbox": bounds, "score": score}),
                );
            }
        }
    }
    random.shuffle(&mut found);
    if found.is_empty() {
        found.push(json!({"image_id": 0, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}));
    }
    let pictures: Vec<Value> = (0..images)
        .rev()
        .map(|image| json!({"id": image * 3, "file_name": format!("{image}.jpg")}))
        .collect();
    let categories: Vec<Value> = (0..classes + 1)
        .rev()
        .map(|class| json!({"id": class * 7 + 1, "name": format!("class {class}")}))
        .collect();
    (json!({"images": pictures, "annotations": truth, "categories": categories}), json!(found))
}

#[test]
fn whatever_is_made_up_has_the_numbers_of_pycocotools() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let seeds = std::env::var("MASQUE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(6);
    for seed in 0..seeds {
        let (truth, found) = made_up(seed);
        let [truth_file, found_file] = ["truth.json", "found.json"].map(|name| folder.path().join(name));
        std::fs::write(&truth_file, truth.to_string()).unwrap();
        std::fs::write(&found_file, found.to_string()).unwrap();
        let expected = by_python(&python, &truth_file, &found_file);
        compare(&scores(&truth_file, &found_file), &expected, &format!("seed {seed}"));
    }
}

/// Files that `MASQUE_TRUTH` and `MASQUE_DETECTIONS` name, for example a whole archive's.
#[test]
fn files_of_ones_own_have_the_numbers_of_pycocotools() {
    let Some(python) = python() else { return };
    let own = ["MASQUE_TRUTH", "MASQUE_DETECTIONS"].map(|name| std::env::var_os(name).map(PathBuf::from));
    let (Some(truth), Some(found)) = (&own[0], &own[1]) else {
        eprintln!("skipped: set MASQUE_TRUTH and MASQUE_DETECTIONS (a list of results) to compare them");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("truth.json");
    std::fs::copy(truth, &copy).unwrap();
    let expected = by_python(&python, &copy, found);
    compare(&scores(&copy, found), &expected, "own files");
}

fn masque(arguments: &[&str]) -> std::process::Output {
    Command::cargo_bin("masque").unwrap().arg("evaluate").args(arguments).output().unwrap()
}
