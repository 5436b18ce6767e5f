//! Memory is bounded, however many inputs there are and whatever is found in them.
#![cfg(target_os = "linux")]

use std::path::PathBuf;

use super::Job;
use crate::media::media;

/// `count` copies of a clip.
fn archive(job: &Job, name: &str, count: usize) -> Option<PathBuf> {
    let clip = media("intel_cc_by/gif_classroom_480x270.mp4")?;
    let folder = job.folder().join(name);
    std::fs::create_dir(&folder).unwrap();
    for n in 0..count {
        std::fs::hard_link(&clip, folder.join(format!("{n:03}.mp4")))
            .or_else(|_| std::fs::copy(&clip, folder.join(format!("{n:03}.mp4"))).map(|_| ()))
            .unwrap();
    }
    Some(folder)
}

#[test]
fn frames_come_from_the_pool() {
    let Some(clip) = media("intel_cc_by/car-detection.mp4") else { return };
    let job = Job::new();
    let manifest = job.done("out", &[clip], &[]);
    assert!(manifest.pool.hit_rate >= 0.98, "{:?}", manifest.pool);
    assert_eq!(manifest.pool.exhausted, 0);
}

#[test]
#[ignore = "minutes long"]
fn a_hundred_inputs_take_no_more_than_ten() {
    let job = Job::new();
    let (Some(ten), Some(hundred)) = (archive(&job, "ten", 10), archive(&job, "hundred", 100)) else {
        return;
    };
    let peak = |out: &str, inputs: PathBuf| {
        let manifest = job.done(out, &[inputs], &[]);
        println!(
            "{out}: {:.1} MB at most, pool {:?}",
            manifest.memory.peak_rss_bytes as f64 / 1e6,
            manifest.pool
        );
        (manifest.memory.peak_rss_bytes as f64 / 1e6, manifest.pool.hit_rate)
    };
    let ((ten, _), (hundred, hits)) = (peak("ten-out", ten), peak("hundred-out", hundred));
    assert!(hits >= 0.99, "{hits}");
    assert!(hundred - ten <= 20.0, "{ten} MB, {hundred} MB");
}

#[test]
#[ignore = "minutes long, and a gigabyte"]
fn ten_thousand_detections_a_frame_stay_below_600_mb() {
    let job = Job::new();
    let Some(archive) = archive(&job, "many", 24) else { return };
    let options = ["--synthetic-load", "10000", "--memory-limit", "1GiB"];
    let manifest = job.done("out", &[archive], &options);
    assert_eq!(manifest.totals.done, 24);
    let peak = manifest.memory.peak_rss_bytes as f64 / 1e6;
    println!(
        "{} detections in {} frames, {peak:.1} MB at most, pool hit rate {:.4}, {:.1} frames/s",
        manifest.totals.detections,
        manifest.totals.frames,
        manifest.pool.hit_rate,
        manifest.timing.frames_per_second
    );
    assert!(manifest.totals.detections >= manifest.totals.frames * 10_000);
    assert!(peak <= 600.0, "{peak} MB");
    assert!(manifest.pool.hit_rate >= 0.99, "{:?}", manifest.pool);
}
