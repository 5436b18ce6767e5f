//! How well a detector does, against COCO's own tools.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::prelude::*;
use masque::batch::evaluate::{
    AREAS, ClassScores, MOST_DETECTIONS, RECALLS, Summary, THRESHOLDS, Truth, read_detections, score,
};
use masque::batch::results::{FrameResults, Heading, ResultFormat, Tracked, writer};
use masque::perception::{Detection, PixelBox};
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
fn fixed_detections_have_the_numbers_of_pycocotools() {
    for name in ["real", "made"] {
        let expected = std::fs::read(fixed(&format!("{name}_expected.json"))).unwrap();
        let [truth, found] = ["truth", "detections"].map(|what| fixed(&format!("{name}_{what}.json")));
        compare(&scores(&truth, &found), &serde_json::from_slice(&expected).unwrap(), name);
    }
}

/// The same detections as `masque detect` writes them, in each form: whole pixels are near, hundredths are the same.
#[test]
fn results_of_every_form_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let truth: Value = serde_json::from_slice(&std::fs::read(fixed("real_truth.json")).unwrap()).unwrap();
    let found: Vec<Value> =
        serde_json::from_slice(&std::fs::read(fixed("real_detections.json")).unwrap()).unwrap();
    let list = |what: &str| truth[what].as_array().unwrap();
    let classes: Vec<String> =
        list("categories").iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
    let class = |id: &Value| list("categories").iter().position(|one| one["id"] == *id).unwrap();
    let forms = [ResultFormat::JsonLines, ResultFormat::Csv, ResultFormat::Parquet, ResultFormat::Coco];
    for form in forms {
        std::fs::create_dir(folder.path().join(form.name())).unwrap();
    }
    // Frames of videos share a file; stills have one each.
    let mut inputs: BTreeMap<(&str, bool), Vec<(u64, &Value)>> = BTreeMap::new();
    for image in list("images") {
        let (stem, end) = image["file_name"].as_str().unwrap().rsplit_once('.').unwrap();
        let video = stem.rsplit_once('_').filter(|(_, number)| number.len() == 6 && end == "jpg");
        match video.and_then(|(name, number)| Some((name, number.parse().ok()?))) {
            Some((name, number)) => inputs.entry((name, false)).or_default().push((number, &image["id"])),
            None => inputs.entry((stem, true)).or_default().push((0, &image["id"])),
        }
    }
    for ((name, is_still), mut frames) in inputs {
        frames.sort_by_key(|(number, _)| *number);
        let file = if is_still { format!("{name}.png") } else { format!("{name}.mp4") };
        let heading = Heading { name, file: &file, key: "3f9a1c", classes: &classes, is_still };
        for form in forms {
            let path = folder.path().join(form.name()).join(format!("{name}.{}", form.extension()));
            let mut results = writer(form, &heading, std::fs::File::create(path).unwrap()).unwrap();
            for (frame, image) in &frames {
                let own = found.iter().filter(|one| one["image_id"] == **image);
                let detections: Vec<Tracked> = own
                    .map(|one| {
                        let edge = |at: usize| one["bbox"][at].as_f64().unwrap() as f32;
                        let bounds = PixelBox { x: edge(0), y: edge(1), width: edge(2), height: edge(3) };
                        let confidence = one["score"].as_f64().unwrap() as f32;
                        let class = class(&one["category_id"]) as u16;
                        Tracked { detection: Detection { class, confidence, bounds }, track: None }
                    })
                    .collect();
                let (frame, time, size) = (*frame, std::time::Duration::from_secs(1), (640, 360));
                results.add(&FrameResults { frame, time, size, detections: &detections }).unwrap();
            }
            results.finish().unwrap();
        }
    }
    let expected: Value =
        serde_json::from_slice(&std::fs::read(fixed("real_expected.json")).unwrap()).unwrap();
    // Nine classes of few boxes: one that falls below an overlap by rounding weighs much.
    for (form, near) in forms.into_iter().zip([0.06, 0.06, 0.0003, 0.0003]) {
        let scores = scores(&fixed("real_truth.json"), &folder.path().join(form.name()));
        for ((name, value), stat) in
            Summary::of(&scores).values().into_iter().zip(expected["stats"].as_array().unwrap())
        {
            let what = form.name();
            assert!(
                (value - number(stat)).abs() < near,
                "{what}: {name} is {value} and should be near {stat}"
            );
        }
    }
    // Beside each other the most exact form counts, once.
    let all = folder.path().join("all");
    std::fs::create_dir(&all).unwrap();
    for form in forms {
        for file in std::fs::read_dir(folder.path().join(form.name())).unwrap().map(Result::unwrap) {
            std::fs::copy(file.path(), all.join(file.file_name())).unwrap();
        }
    }
    let truth = Truth::read(&fixed("real_truth.json")).unwrap();
    let detections = read_detections(&[all], &truth).unwrap();
    let tally = detections.tally();
    assert_eq!(tally.files.keys().collect::<Vec<_>>(), [&"COCO JSON"]);
    assert_eq!(tally.compared, found.len() as u64 - 1, "one is in an image that nobody has");
    assert_eq!(tally.images_not_listed, Some(0));
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

fn masque(arguments: &[&str]) -> (i32, String, String) {
    let done = Command::cargo_bin("masque").unwrap().arg("evaluate").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

#[test]
fn the_program_shows_a_table_json_and_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let [json, html] =
        ["out.json", "out.html"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let [truth, found] =
        ["made_truth.json", "made_detections.json"].map(|name| fixed(name).to_str().unwrap().to_owned());
    let files = ["--detections", &found, "--truth", &truth];
    let (code, table, _) = masque(&[&files[..], &["--json", &json, "--html", &html]].concat());
    assert_eq!(code, 0);
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert!(table.contains("AP         0.158    AP50       0.302"), "{table}");
    let rows: Vec<&str> =
        table.lines().skip_while(|line| !line.starts_with("class")).skip(1).take(3).collect();
    let first: Vec<&str> = rows.iter().map(|row| row.split_whitespace().next().unwrap()).collect();
    assert_eq!(first, ["boat", "person", "car"], "the best first: {table}");
    let report: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert!((number(&report["summary"]["ap"]) - 0.158_347_612_282_184).abs() < NEAR);
    assert_eq!(report["classes"].as_array().unwrap().len(), 5);
    let counts = report["confusion"]["counts"].as_array().unwrap();
    let all = |row: &Value| row.as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum::<u64>();
    let boxes: u64 =
        report["classes"].as_array().unwrap().iter().map(|class| class["truth"].as_u64().unwrap()).sum();
    assert_eq!(counts[..5].iter().map(all).sum::<u64>(), boxes, "every box is in one cell");
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.contains("0.158") && page.contains("Confusion matrix"));
    for outside in ["http:", "https:", "<script", "url(", "@import"] {
        assert!(!page.contains(outside), "the page wants nothing from elsewhere: {outside}");
    }
    let (_, only_json, _) = masque(&[&files[..], &["--json", "-"]].concat());
    assert_eq!(serde_json::from_str::<Value>(&only_json).unwrap()["summary"], report["summary"]);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let truth = file(
        "truth.json",
        r#"{"images": [{"id": 1, "file_name": "clip_000000.jpg"}, {"id": 2, "file_name": "clip_000001.jpg"}],
            "categories": [{"id": 1, "name": "person"}], "annotations": []}"#,
    );
    let line = |name: &str, frame: u64| {
        format!(
            "{{\"id\":\"a-0\",\"frame\":{frame},\"time\":0,\"class\":\"{name}\",\"conf\":0.5,\"box\":[1,2,3,4]}}\n"
        )
    };
    let run = |found: &str| masque(&["--detections", found, "--truth", &truth]);

    let some = file("clip.jsonl", &[line("person", 0), line("kite", 1), line("person", 7)].concat());
    let (code, said, _) = run(&some);
    assert_eq!(code, 0);
    assert!(said.contains("1 detection compared with 2 images"), "{said}");
    assert!(
        said.contains("1 detection is in images that the truth lacks, for example clip_000007"),
        "{said}"
    );
    assert!(said.contains("1 detection is of classes that the truth lacks: kite 1"), "{said}");

    // A class that is written as its number has its name in the manifest.
    let numbered = file("clip.jsonl", &line("person", 0).replace("\"person\"", "1"));
    assert!(run(&numbered).2.contains("classes have other names: the detections say class 1"));
    file("manifest-0-of-2.json", r#"{"masque": "0.1.0", "classes": ["cat", "Person"], "inputs": []}"#);
    let (code, said, _) = run(folder.path().join("clip.jsonl").to_str().unwrap());
    assert!(code == 0 && said.contains("1 detection compared with 2 images"), "{said}");

    let other = file("film.jsonl", &line("person", 0));
    let (code, _, said) = run(&other);
    assert_eq!(code, 1);
    assert!(said.contains("the detections say film_000000, the truth says clip_000000.jpg"), "{said}");

    let broken = file("clip2.jsonl", &format!("{}{}", line("person", 0), &line("person", 1)[..30]));
    let (code, _, said) = run(&broken);
    assert_eq!(code, 1);
    assert!(said.contains("clip2.jsonl") && said.contains("line 2"), "{said}");

    let swapped = masque(&["--detections", &truth, "--truth", &some]);
    assert_eq!(swapped.0, 1);
    let usage = masque(&["--detections", &some, "--truth", &truth, "--iou", "0.52"]);
    assert!(usage.0 == 2 && usage.2.contains("0.55"), "{usage:?}");
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let (code, _, said) = run(empty.to_str().unwrap());
    assert!(code == 1 && said.contains("masque detect --format coco"), "{said}");
}
