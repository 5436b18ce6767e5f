//! Jobs that are killed and interrupted go on, and their results are the same bytes.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Job, text};
use crate::media::media;

const ALL: [&str; 2] = ["--format", "jsonl,csv,coco,parquet"];

/// Bytes of the journals in folder `out`.
fn journaled(out: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(out.join(".masque")) else { return 0 };
    let journals = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "journal"));
    journals.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
}

/// Returns when the journals in folder `out` have so many bytes.
fn wait_for_journals(out: &Path, bytes: u64) {
    let begun = Instant::now();
    while journaled(out) < bytes {
        assert!(begun.elapsed() < Duration::from_secs(120), "nothing is remembered");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_job_that_is_killed_in_the_middle_goes_on_where_it_was() {
    let Some(video) = media("intel_cc_by/car-detection.mp4") else { return };
    let job = Job::new();
    let inputs: [PathBuf; 1] = [video];
    job.done("whole", &inputs, &ALL);
    let mut child = job.command("out", &inputs, &ALL).stderr(Stdio::null()).spawn().unwrap();
    wait_for_journals(&job.out("out"), 8_000);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!job.out("out").join("car-detection.jsonl").exists(), "it was killed too late");
    let manifest = job.done("out", &inputs, &ALL);
    assert!(manifest.counters["batch_frames_known"] > 50, "{:?}", manifest.counters);
    assert_eq!(job.results("out"), job.results("whole"));
    assert_eq!(journaled(&job.out("out")), 0);
}

#[test]
fn an_interrupted_job_says_so_and_goes_on() {
    let Some(video) = media("intel_cc_by/car-detection.mp4") else { return };
    let job = Job::new();
    let inputs: [PathBuf; 1] = [video];
    job.done("whole", &inputs, &[]);
    let child = job.command("out", &inputs, &[]).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_journals(&job.out("out"), 6_000);
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("the same command goes on"), "{}", text(&output.stderr));
    assert_eq!(job.manifest("out").state, masque::batch::JobState::Interrupted);
    let manifest = job.done("out", &inputs, &["--resume"]);
    assert_eq!(manifest.state, masque::batch::JobState::Complete);
    assert!(manifest.counters["batch_frames_known"] > 0);
    assert_eq!(job.results("out"), job.results("whole"));
}

#[test]
fn a_video_that_changed_meanwhile_is_read_from_its_beginning() {
    let (Some(video), Some(other)) =
        (media("intel_cc_by/car-detection.mp4"), media("intel_cc_by/gif_classroom_480x270.mp4"))
    else {
        return;
    };
    let job = Job::new();
    let path = job.folder().join("clip.mp4");
    std::fs::copy(&video, &path).unwrap();
    let inputs = [path.clone()];
    let mut child = job.command("out", &inputs, &[]).stderr(Stdio::null()).spawn().unwrap();
    wait_for_journals(&job.out("out"), 6_000);
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::copy(&other, &path).unwrap();
    let manifest = job.done("out", &inputs, &[]);
    assert_eq!((manifest.inputs[0].frames, manifest.counters.get("batch_frames_known")), (45, None));
    // Changed once more, it is done again, and told so that one time.
    std::fs::copy(&video, &path).unwrap();
    let output = job.run("out", &inputs, &[]);
    assert!(text(&output.stderr).contains("1 inputs were done again"), "{}", text(&output.stderr));
    assert_eq!(job.manifest("out").inputs[0].frames, 377);
    let output = job.run("out", &inputs, &[]);
    assert!(!text(&output.stderr).contains("done again"), "{}", text(&output.stderr));
}

#[test]
fn a_decoder_that_is_killed_is_no_fault_of_the_file() {
    let Some(video) = media("intel_cc_by/car-detection.mp4") else { return };
    let job = Job::new();
    let inputs: [PathBuf; 1] = [video];
    let child = job.command("out", &inputs, &[]).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_journals(&job.out("out"), 2_000);
    let manifest = job.manifest("out");
    assert_eq!(manifest.state, masque::batch::JobState::Interrupted, "killed now, it is not complete");
    let killed =
        Command::new("pkill").args(["-KILL", "-P", &child.id().to_string(), "ffmpeg"]).status().unwrap();
    assert!(killed.success(), "there is no ffmpeg");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("ffmpeg was killed"), "{}", text(&output.stderr));
    let manifest = job.done("out", &inputs, &[]);
    assert_eq!(manifest.inputs[0].frames, 377);
    assert!(manifest.counters["batch_frames_known"] > 20, "{:?}", manifest.counters);
}

/// Kills at random moments: `MASQUE_KILLS` of them, 50 by default.
#[test]
#[ignore = "minutes long"]
fn fifty_kills_leave_the_same_bytes() {
    let names = [
        "intel_cc_by/one-by-one-person-detection.mp4",
        "intel_cc_by/asl_concat_640x480_30fps.mp4",
        "intel_cc_by/car-detection.mp4",
        "three_people_tfjs.jpg",
        "tfjs_pose_1.mp4",
        "intel_cc_by/gif_classroom_480x270.mp4",
    ];
    let Some(inputs) = names.iter().map(|name| media(name)).collect::<Option<Vec<PathBuf>>>() else { return };
    let kills: u32 = std::env::var("MASQUE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(50);
    let job = Job::new();
    job.done("whole", &inputs, &ALL);
    let mut random = fastrand::Rng::with_seed(7);
    let (mut killed, mut rounds, mut known) = (0, 0, 0);
    while killed < kills {
        rounds += 1;
        let mut child = job.command("out", &inputs, &ALL).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(random.u64(50..3000)));
        child.kill().unwrap();
        let by_itself = child.wait().unwrap().code();
        if by_itself.is_none() {
            killed += 1;
            known += u32::from(journaled(&job.out("out")) > 0);
            continue;
        }
        // It was done before it was killed: from the beginning.
        assert_eq!(by_itself, Some(0));
        assert_eq!(job.results("out"), job.results("whole"), "after {killed} kills");
        std::fs::remove_dir_all(job.out("out")).unwrap();
    }
    let manifest = job.done("out", &inputs, &ALL);
    assert_eq!(manifest.totals.done, inputs.len() as u64);
    assert_eq!(job.results("out"), job.results("whole"));
    println!("{killed} kills in {rounds} runs, {known} of them in the middle of a video: the same bytes");
    assert!(known > 0, "no kill came in the middle of a video");
}

#[test]
#[ignore = "mounts"]
fn a_full_disk_is_told_and_the_job_goes_on_when_there_is_room() {
    let Some(video) = media("intel_cc_by/car-detection.mp4") else { return };
    let job = Job::new();
    let inputs: [PathBuf; 1] = [video];
    job.done("whole", &inputs, &ALL);
    let program = job.command("disk/out", &inputs, &ALL);
    let words: Vec<String> = std::iter::once(program.get_program())
        .chain(program.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let line = words.join(" ");
    let script = format!(
        "mkdir disk && mount -t tmpfs -o size=64k none disk || exit 77
         {line} 2> first; echo $? > code
         mount -o remount,size=20m disk && {line} 2> second; echo $? >> code
         cp -r disk/out out"
    );
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", &script])
        .current_dir(job.folder())
        .output()
        .unwrap();
    let said = text(&output.stderr);
    if output.status.code() == Some(77) || said.contains("unshare failed") {
        println!("skipped: this user may not mount: {said}");
        return;
    }
    let read = |name: &str| std::fs::read_to_string(job.folder().join(name)).unwrap();
    assert_eq!(read("code"), "1\n0\n", "{} {}", read("first"), read("second"));
    assert!(read("first").contains("No space left"), "{}", read("first"));
    assert_eq!(job.results("out"), job.results("whole"));
}
