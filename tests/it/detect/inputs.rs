//! What goes in: good files, and everything that is none.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::slice::from_ref;

use masque::batch::InputState;
use serde_json::Value;

use super::{Job, text};
use crate::media::media;

const CLASSROOM: &str = "intel_cc_by/gif_classroom_480x270.mp4";
const STREET: &str = "intel_cc_by/gif_person-bicycle-car-detection_480x270.mp4";
const PEOPLE: &str = "three_people_tfjs.jpg";

#[test]
fn a_job_writes_every_format_and_says_what_it_did() {
    let (Some(video), Some(picture)) = (media(CLASSROOM), media(PEOPLE)) else { return };
    let job = Job::new();
    let manifest = job.done("out", &[video, picture], &["--format", "jsonl,csv,coco,parquet"]);
    assert_eq!((manifest.totals.inputs, manifest.totals.done), (2, 2));
    assert_eq!(manifest.model.name, "yolox-nano");
    assert_eq!((manifest.inputs[0].frames, manifest.inputs[1].frames), (45, 1));
    assert!(manifest.inputs[0].tracks >= 5 && manifest.inputs[1].tracks == 0, "{:?}", manifest.inputs);
    let results = job.results("out");
    assert_eq!(results.len(), 8, "{:?}", results.keys());
    for input in &manifest.inputs {
        assert_eq!(input.files.len(), 4);
        let lines = text(&results[&format!("{}.jsonl", input.name)]);
        assert_eq!(lines.lines().count() as u64, input.detections);
        assert!(lines.lines().all(|line| line.len() < 150 && line.contains(&input.key)), "{lines}");
    }
    let people = text(&results["three_people_tfjs.jsonl"]);
    assert_eq!(people.lines().filter(|line| line.contains("\"person\"")).count(), 2, "{people}");
    assert!(manifest.memory.peak_rss_bytes > 0 && manifest.memory.limit_bytes == 1 << 30);
}

#[test]
fn every_nth_frame_of_a_part_of_a_video_is_looked_at() {
    let Some(video) = media(CLASSROOM) else { return };
    let job = Job::new();
    let manifest = job.done(
        "out",
        &[video],
        &["--every", "4", "--from", "1s", "--to", "3s", "--classes", "person", "--conf", "0.5"],
    );
    // 12 pictures per second: 24, of which the first, fifth and so on.
    assert_eq!(manifest.inputs[0].frames, 6);
    let results = job.results("out");
    let lines: Vec<Value> = text(&results["gif_classroom_480x270.jsonl"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(line["frame"].as_u64().unwrap() % 4 == 0 && line["class"] == "person", "{line}");
        assert!(line["conf"].as_f64().unwrap() >= 0.5);
    }
}

#[test]
fn what_is_no_video_is_told_and_the_others_go_on() {
    let (Some(good), Some(picture)) = (media(CLASSROOM), media(PEOPLE)) else { return };
    let job = Job::new();
    let write = |name: &str, bytes: &[u8]| {
        let path = job.folder().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let whole =
        job.made("whole.mkv", "-f lavfi -i testsrc=size=320x240:rate=25:duration=4 -c:v libx264 -g 10");
    let bytes = std::fs::read(&whole).unwrap();
    let jpeg = std::fs::read(&picture).unwrap();
    let inputs: Vec<(PathBuf, Option<InputState>)> = vec![
        (write("empty.mp4", b""), Some(InputState::Failed)),
        (write("words.mp4", b"this is a letter, not a video"), Some(InputState::Failed)),
        (write("letter.jpg", b"neither is this a picture"), Some(InputState::Failed)),
        (write("half.mkv", &bytes[..bytes.len() / 2]), Some(InputState::Incomplete)),
        (write("headless.mp4", &std::fs::read(&good).unwrap()[..20_000]), Some(InputState::Failed)),
        (job.folder().join("gone.mp4"), Some(InputState::Failed)),
        (job.made("sound.mp4", "-f lavfi -i sine=duration=1 -c:a aac"), Some(InputState::Failed)),
        // A picture by another name is a video of one picture.
        (write("picture.mp4", &jpeg), Some(InputState::Done)),
        (job.made("uneven.mkv", "-f lavfi -i testsrc=size=320x240:rate=25:duration=2 -vf select='not(mod(n\\,3))' -fps_mode vfr"), Some(InputState::Done)),
        (job.made("tiny.mp4", "-f lavfi -i testsrc=size=16x16:rate=5:duration=1"), Some(InputState::Done)),
        (job.made("eightk.jpg", "-f lavfi -i testsrc=size=7680x4320:rate=1 -frames:v 1"), Some(InputState::Done)),
        (good, Some(InputState::Done)),
    ];
    let paths: Vec<PathBuf> = inputs.iter().map(|(path, _)| path.clone()).collect();
    let output = job.run("out", &paths, &[]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let manifest = job.manifest("out");
    let states: BTreeMap<String, (InputState, Option<String>, u64)> = manifest
        .inputs
        .iter()
        .map(|input| (input.name.clone(), (input.state, input.error.clone(), input.frames)))
        .collect();
    for (path, wanted) in &inputs {
        let name = path.file_stem().unwrap().to_string_lossy();
        let (state, error, _) = &states[&*name];
        assert_eq!(Some(*state), *wanted, "{name}: {error:?}");
        assert_eq!(error.is_some(), *state != InputState::Done, "{name}");
        if let Some(error) = error {
            assert!(told.contains(error.as_str()), "{error} is not in {told}");
        }
    }
    assert!(states["half"].2 > 20, "{:?}", states["half"]);
    assert_eq!((states["uneven"].2, states["eightk"].2), (17, 1), "{states:?}");
    let names: Vec<String> = job.results("out").into_keys().collect();
    assert!(names.iter().all(|name| !name.contains("partial")), "{names:?}");
    assert!(names.contains(&"half.jsonl".to_owned()) && !names.contains(&"words.jsonl".to_owned()));
    // Done again, only what failed is tried again.
    let again = job.run("out", &paths, &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("6 inputs were done before"), "{}", text(&again.stderr));
}

#[test]
fn a_video_whose_size_changes_is_detected_to_its_end() {
    let Some(_) = media(CLASSROOM) else { return };
    let job = Job::new();
    let one =
        job.made("one.ts", "-f lavfi -i testsrc=size=320x240:rate=25:duration=1 -c:v libx264 -f mpegts");
    let two =
        job.made("two.ts", "-f lavfi -i testsrc=size=640x360:rate=25:duration=1 -c:v libx264 -f mpegts");
    let mut both = std::fs::read(one).unwrap();
    both.extend(std::fs::read(two).unwrap());
    let path = job.folder().join("both.ts");
    std::fs::write(&path, both).unwrap();
    let output = job.run("out", &[path], &["--format", "coco"]);
    let manifest = job.manifest("out");
    assert!(manifest.inputs[0].frames >= 45, "{:?} {}", manifest.inputs, text(&output.stderr));
    let coco: Value = serde_json::from_slice(&job.results("out")["both.coco.json"]).unwrap();
    let widths: Vec<u64> =
        coco["images"].as_array().unwrap().iter().map(|image| image["width"].as_u64().unwrap()).collect();
    assert!(widths.contains(&320) && widths.contains(&640), "{widths:?}");
}

#[test]
fn results_of_other_settings_are_not_mixed() {
    let Some(video) = media(STREET) else { return };
    let job = Job::new();
    job.done("out", from_ref(&video), &[]);
    let before = job.results("out");
    let output = job.run("out", from_ref(&video), &["--conf", "0.6"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("--conf 0.25 before, 0.6") && told.contains("--overwrite"), "{told}");
    assert_eq!(job.results("out"), before);
    job.done("out", from_ref(&video), &["--conf", "0.6", "--overwrite"]);
    assert_ne!(job.results("out"), before);
    // A result that was deleted, or whose input changed, is made again.
    std::fs::remove_file(job.out("out").join("gif_person-bicycle-car-detection_480x270.jsonl")).unwrap();
    let output = job.run("out", &[video], &["--conf", "0.6"]);
    assert!(text(&output.stderr).contains("1 inputs were done again"), "{}", text(&output.stderr));
    assert_eq!(job.results("out").len(), 1);
}

#[test]
fn a_file_that_somebody_else_wrote_is_not_written_over() {
    let Some(video) = media(STREET) else { return };
    let job = Job::new();
    let mine = job.out("out").join("gif_person-bicycle-car-detection_480x270.csv");
    std::fs::create_dir(job.out("out")).unwrap();
    std::fs::write(&mine, "my notes").unwrap();
    let output = job.run("out", from_ref(&video), &["--format", "csv"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert_eq!(std::fs::read(&mine).unwrap(), b"my notes");
    job.done("out", from_ref(&video), &["--format", "csv,coco", "--overwrite"]);
    // What other settings wrote is gone with them.
    job.done("out", from_ref(&video), &["--format", "jsonl", "--overwrite"]);
    let names: Vec<String> = job.results("out").into_keys().collect();
    assert_eq!(names, ["gif_person-bicycle-car-detection_480x270.jsonl"]);
}

#[test]
fn crops_and_annotated_videos_show_what_was_found() {
    let Some(video) = media(CLASSROOM) else { return };
    let job = Job::new();
    let manifest =
        job.done("out", &[video], &["--annotate", "--crops", "12", "--crop-size", "64", "--to", "1s"]);
    let crops = job.out("out").join("crops/gif_classroom_480x270");
    let crops: Vec<PathBuf> = std::fs::read_dir(crops).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(crops.len(), 12);
    for crop in crops {
        let (width, height) = image::image_dimensions(&crop).unwrap();
        assert!(width.max(height) <= 64, "{width}×{height}");
    }
    assert!(manifest.counters["crops_left_out"] > 0);
    let annotated = job.out("out").join("gif_classroom_480x270.annotated.mp4");
    assert_eq!(crate::recording::pictures_in(&annotated), manifest.inputs[0].frames);
    assert!(manifest.inputs[0].files.contains_key("gif_classroom_480x270.annotated.mp4"));
}

#[test]
fn a_network_of_another_kind_is_refused_with_what_is_understood() {
    let Some(video) = media(STREET) else { return };
    let job = Job::new();
    let wrong = job.folder().join("wrong.onnx");
    std::fs::write(&wrong, b"not a network").unwrap();
    let output = job.run("out", from_ref(&video), &["--model", wrong.to_str().unwrap()]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("wrong.onnx"), "{told}");
    let output = job.run("out", &[video], &["--model", "yolox-nani"]);
    assert!(text(&output.stderr).contains("yolox-nano"), "{}", text(&output.stderr));
}
