//! Results of several machines put together.

use std::fs;
use std::path::Path;
use std::process::Output;

use masque::batch::{
    InputRecord, InputState, JobState, Manifest, MemoryRecord, ModelRecord, ShardRecord, Timing, Totals,
};
use serde_json::json;

use crate::detect::{Job, text};
use crate::media::media;
use crate::program::masque;

/// Writes a part as `masque detect` does: a JSON Lines file and a crop for each input.
fn part(folder: &Path, shard: Option<(u32, u32)>, names: &[&str], edit: impl FnOnce(&mut Manifest)) {
    let shard = shard.map(|(index, count)| ShardRecord { index, count });
    fs::create_dir_all(folder).unwrap();
    let inputs: Vec<InputRecord> = names
        .iter()
        .map(|name| {
            let file = format!("{name}.jsonl");
            fs::write(folder.join(&file), format!("of {name}\n")).unwrap();
            let crops = folder.join("crops").join(name);
            fs::create_dir_all(&crops).unwrap();
            fs::write(crops.join("000000-0-cat.jpg"), name).unwrap();
            InputRecord {
                name: (*name).to_owned(),
                key: "3f9a1c".to_owned(),
                path: format!("archive/{name}.mp4"),
                state: if *name == "bad" { InputState::Failed } else { InputState::Done },
                error: None,
                input_bytes: 1,
                input_modified: 2,
                frames: 10,
                detections: 7,
                tracks: 1,
                seconds: 0.5,
                files: [(file, format!("of {name}\n").len() as u64)].into(),
            }
        })
        .collect();
    let bad = inputs.iter().filter(|input| input.state == InputState::Failed).count() as u64;
    let all = inputs.len() as u64;
    let mut manifest = Manifest {
        masque: "0.1.0".to_owned(),
        state: JobState::Complete,
        model: ModelRecord {
            name: "yolox-nano".to_owned(),
            sha256: "ab".repeat(32),
            family: "YOLOX".to_owned(),
        },
        classes: vec!["cat".to_owned()],
        settings: [("conf".to_owned(), json!(0.25)), ("every".to_owned(), json!(1))].into(),
        shard,
        totals: Totals {
            inputs: all,
            done: all - bad,
            failed: bad,
            frames: 10 * all,
            detections: 7 * all,
            ..Totals::default()
        },
        memory: MemoryRecord { limit_bytes: 1 << 30, peak_rss_bytes: 1000 * all },
        pool: serde_json::from_value(
            json!({"budget_bytes": 9, "in_use_bytes": 0, "idle_bytes": 4, "peak_bytes": 5,
            "hits": 99, "misses": 1, "exhausted": 0}),
        )
        .unwrap(),
        timing: Timing { seconds: all as f64, frames_per_second: 10.0 },
        counters: [("inputs_done".to_owned(), all - bad)].into(),
        inputs,
    };
    edit(&mut manifest);
    let file = folder.join(Manifest::file_name(manifest.shard));
    fs::write(file, serde_json::to_string_pretty(&manifest).unwrap()).unwrap();
}

fn merge(at: &Path, arguments: &[&str]) -> Output {
    masque(at).arg("merge").args(arguments).output().unwrap()
}

/// It fails, says `words`, and leaves nothing at `out`.
#[track_caller]
fn refused(at: &Path, arguments: &[&str], words: &[&str]) {
    let output = merge(at, &[arguments, &["--out", "out"]].concat());
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "\"{word}\" is missing in: {said}");
    }
    assert!(!at.join("out").join("manifest.json").exists());
}

#[test]
fn parts_become_one_whoever_comes_first_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    part(&at.join("one"), Some((0, 2)), &["m", "a", "bad"], |_| {});
    part(&at.join("two"), Some((1, 2)), &["z", "c"], |_| {});
    let output = merge(at, &["two", "one", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = text(&output.stderr);
    assert!(
        told.contains("2 parts, 5 inputs (4 done, 0 incomplete, 1 failed), 50 frames, 35 detections"),
        "{told}"
    );
    let read = || fs::read(at.join("out/manifest.json")).unwrap();
    let bytes = read();
    let merged = Manifest::read(&at.join("out/manifest.json")).unwrap();
    let names: Vec<&str> = merged.inputs.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(names, ["a", "bad", "c", "m", "z"]);
    assert_eq!((merged.state, merged.shard), (JobState::Complete, None));
    assert_eq!(merged.memory.peak_rss_bytes, 3000, "the most that one machine held");
    assert_eq!((merged.timing.seconds, merged.timing.frames_per_second), (3.0, 20.0), "side by side");
    assert_eq!((merged.counters["inputs_done"], merged.pool.hits, merged.pool.hit_rate), (4, 198, 0.99));
    assert_eq!(fs::read_to_string(at.join("out/z.jsonl")).unwrap(), "of z\n");
    assert_eq!(fs::read_to_string(at.join("out/crops/z/000000-0-cat.jpg")).unwrap(), "z");

    let again = merge(at, &["one", "two", "--out", "out"]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    assert!(text(&again.stderr).contains("0 files linked, 0 copied, 10 there"), "{}", text(&again.stderr));
    assert!(bytes == read(), "the same manifest whatever the order");
}

#[test]
fn shards_in_one_folder_get_one_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    part(&at.join("out"), Some((0, 2)), &["a"], |_| {});
    part(&at.join("out"), Some((1, 2)), &["b"], |_| {});
    for _ in 0..2 {
        let output = merge(at, &["out", "--out", "out"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let merged = Manifest::read(&at.join("out/manifest.json")).unwrap();
        assert_eq!((merged.inputs.len(), merged.totals.inputs), (2, 2));
    }
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    part(&at.join("one"), Some((1, 6)), &["a", "b"], |_| {});
    part(&at.join("two"), Some((3, 6)), &["c"], |manifest| {
        manifest.state = JobState::Interrupted;
        manifest.totals.inputs = 9;
    });
    refused(at, &["one", "two"], &["shards 0, 2, 4, 5 of 6 are missing", "interrupted (1 of 9 inputs)"]);
    let output = merge(at, &["one", "two", "--out", "out", "--allow-missing"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("are missing"));
    let merged = Manifest::read(&at.join("out/manifest.json")).unwrap();
    assert_eq!((merged.state, merged.totals.inputs), (JobState::Interrupted, 11));
    fs::remove_dir_all(at.join("out")).unwrap();
    refused(at, &["empty"], &["empty", "cannot be read"]);
    fs::create_dir(at.join("empty")).unwrap();
    refused(at, &["empty"], &["empty has no manifest"]);
}

#[test]
fn parts_of_different_jobs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    part(&at.join("one"), Some((0, 2)), &["a"], |_| {});
    part(&at.join("conf"), Some((1, 2)), &["b"], |manifest| {
        manifest.settings.insert("conf".to_owned(), json!(0.5));
    });
    refused(at, &["one", "conf"], &["--conf 0.25 and 0.5"]);
    part(&at.join("model"), Some((1, 2)), &["b"], |manifest| manifest.model.sha256 = "cd".repeat(32));
    refused(at, &["one", "model"], &["model yolox-nano abababababab and yolox-nano cdcdcdcdcdcd"]);
    part(&at.join("count"), Some((1, 3)), &["b"], |_| {});
    refused(at, &["one", "count"], &["one of 2 shards and one of 3 shards"]);
}

#[test]
fn nothing_is_written_over_other_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    part(&at.join("one"), None, &["a"], |_| {});
    part(&at.join("two"), None, &["b", "a"], |_| {});
    // The same result twice is one.
    let output = merge(at, &["one", "two", "--out", "same"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(Manifest::read(&at.join("same/manifest.json")).unwrap().totals.inputs, 2);

    fs::write(at.join("two/a.jsonl"), "OF a\n").unwrap();
    refused(at, &["one", "two"], &["one/a.jsonl", "two/a.jsonl", "are different"]);
    fs::write(at.join("two/a.jsonl"), "of").unwrap();
    refused(at, &["two"], &["two/a.jsonl has 2 bytes where its manifest says 5", "run its shard again"]);
    fs::create_dir(at.join("out")).unwrap();
    fs::write(at.join("out/a.jsonl"), "mine\n").unwrap();
    refused(at, &["one"], &["one/a.jsonl and out/a.jsonl are different"]);
    assert_eq!(fs::read_to_string(at.join("out/a.jsonl")).unwrap(), "mine\n");

    part(&at.join("evil"), None, &[], |manifest| {
        let mut record = Manifest::read(&at.join("one/manifest.json")).unwrap().inputs.remove(0);
        record.files = [("../../one/a.jsonl".to_owned(), 5)].into();
        manifest.inputs.push(record);
    });
    refused(at, &["evil"], &["../../one/a.jsonl", "not in its folder"]);
}

#[test]
fn shards_of_a_real_job_are_the_job() {
    let Some(picture) = media("pose_tfjs.jpg") else { return };
    let job = Job::new();
    let archive = job.folder().join("archive");
    fs::create_dir(&archive).unwrap();
    for n in 0..5 {
        fs::copy(&picture, archive.join(format!("{n:02}.jpg"))).unwrap();
    }
    let options = ["--format", "coco,jsonl", "--crops", "2"];
    let whole = job.done("all", std::slice::from_ref(&archive), &options);
    let folders = ["part0", "part1"];
    for (index, folder) in folders.into_iter().enumerate() {
        let shard = format!("{index}/2");
        let output =
            job.run(folder, std::slice::from_ref(&archive), &[&options[..], &["--shard", &shard]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    let output = merge(job.folder(), &[&folders[..], &["--out", "merged"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(job.results("merged"), job.results("all"));
    let merged = job.manifest("merged");
    assert_eq!(merged.totals, whole.totals);
    assert_eq!((merged.settings, merged.model), (whole.settings, whole.model));
}
