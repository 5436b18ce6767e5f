//! An archive that is spread over machines.

use std::collections::BTreeSet;
use std::path::PathBuf;

use masque::batch::Manifest;

use super::{Job, text};
use crate::media::media;

#[test]
fn shards_do_all_inputs_and_none_twice() {
    let Some(picture) = media("pose_tfjs.jpg") else { return };
    let job = Job::new();
    let archive = job.folder().join("archive");
    std::fs::create_dir(&archive).unwrap();
    for n in 0..12 {
        std::fs::copy(&picture, archive.join(format!("{n:02}.jpg"))).unwrap();
    }
    let inputs = [archive];
    let all = job.done("all", &inputs, &[]);
    let mut names = BTreeSet::new();
    for index in 0..3 {
        let output = job
            .command("shards", &inputs, &[])
            .env("JOB_COMPLETION_INDEX", index.to_string())
            .env("MASQUE_SHARDS", "3")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let path = job.out("shards").join(format!("manifest-{index}-of-3.json"));
        for input in Manifest::read(&path).unwrap().inputs {
            assert!(names.insert(input.name.clone()), "{} was done twice", input.name);
        }
    }
    assert_eq!(names.len() as u64, all.totals.inputs);
    assert_eq!(job.results("shards"), job.results("all"));
    assert_eq!(Manifest::find(&job.out("shards")).unwrap().len(), 3);
    let nonsense = job.run("none", &inputs, &["--shard", "3/3"]);
    assert_eq!(nonsense.status.code(), Some(2));
}

#[test]
fn a_whole_job_that_overwrites_leaves_nothing_of_shards() {
    let Some(picture) = media("pose_tfjs.jpg") else { return };
    let job = Job::new();
    let inputs: Vec<PathBuf> = (0..4).map(|n| job.folder().join(format!("{n}.jpg"))).collect();
    inputs.iter().for_each(|path| _ = std::fs::copy(&picture, path).unwrap());
    for shard in ["0/2", "1/2"] {
        assert!(job.run("out", &inputs, &["--shard", shard]).status.success());
    }
    assert_eq!(job.results("out").len(), 4);
    job.done("out", &inputs[..1], &["--overwrite"]);
    assert_eq!(job.results("out").len(), 1);
    let manifests = Manifest::find(&job.out("out")).unwrap();
    assert_eq!(manifests, [job.out("out").join("manifest.json")]);
}

#[test]
fn one_folder_is_written_by_one_job_at_a_time() {
    let Some(video) = media("intel_cc_by/asl_concat_640x480_30fps.mp4") else { return };
    let job = Job::new();
    let inputs: [PathBuf; 1] = [video];
    let mut first = job.command("out", &inputs, &[]).stderr(std::process::Stdio::null()).spawn().unwrap();
    let begun = std::time::Instant::now();
    while !job.out("out").join("asl_concat_640x480_30fps.jsonl.partial").exists() {
        assert!(begun.elapsed().as_secs() < 120, "nothing is written");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let second = job.run("out", &inputs, &[]);
    let shard = job.run("out", &inputs, &["--shard", "0/1"]);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!((second.status.code(), shard.status.code()), (Some(1), Some(1)));
    assert!(text(&second.stderr).contains("another masque detect"), "{}", text(&second.stderr));
}
