//! The stages of a job with detectors that fail, dawdle and run out of memory.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use masque::batch::results::ResultFormat;
use masque::batch::{
    Detect, DetectFailure, Input, InputRecord, InputState, JobSettings, Manifest, ModelRecord, Observer,
    Outcome, gather, run,
};
use masque::frame::Frame;
use masque::perception::{Detection, PixelBox};
use masque::stats::Stats;

use super::Job;

/// Finds one thing in each frame, as its script says.
struct Scripted<F>(F);

impl<F: FnMut(&Frame, usize) -> Result<(), DetectFailure> + Send> Detect for Scripted<F> {
    fn detect(&mut self, frames: &[&Frame], found: &mut [Vec<Detection>]) -> Result<(), DetectFailure> {
        for (frame, found) in frames.iter().zip(found) {
            (self.0)(frame, frames.len())?;
            let bounds = PixelBox { x: frame.seq.0 as f32, y: 1.0, width: 5.0, height: 5.0 };
            found.push(Detection { class: 0, confidence: 0.5, bounds });
        }
        Ok(())
    }
}

fn scripted(
    script: impl FnMut(&Frame, usize) -> Result<(), DetectFailure> + Send + 'static,
) -> Box<dyn Detect> {
    Box::new(Scripted(script))
}

struct Silent;

impl Observer for Silent {
    fn starts(&mut self, _: u64, _: u64) {}
    fn begins(&mut self, _: &Input, _: Option<u64>) {}
    fn advanced(&mut self, _: u64, _: u64, _: bool) {}
    fn ended(&mut self, _: &InputRecord) {}
}

fn settings(job: &Job, batch: usize) -> JobSettings {
    JobSettings {
        out: job.out("out"),
        model: ModelRecord { name: "scripted".into(), sha256: "0".into(), family: "none".into() },
        classes: vec!["thing".into()],
        detection: Default::default(),
        every: 1,
        from: None,
        to: None,
        batch,
        track: false,
        formats: vec![ResultFormat::JsonLines],
        crops: 0,
        crop_size: 64,
        annotate: false,
        shard: None,
        memory_limit: 1 << 40,
        overwrite: false,
    }
}

fn all(
    job: &Job,
    settings: &JobSettings,
    paths: &[PathBuf],
    detectors: Vec<Box<dyn Detect>>,
) -> (Outcome, Manifest, Stats) {
    let given: Vec<std::ffi::OsString> = paths.iter().map(|path| path.clone().into_os_string()).collect();
    let inputs = gather(&given, &mut std::io::empty(), &settings.out).unwrap();
    let stats = Stats::default();
    let outcome = run(settings, &inputs, detectors, &mut Silent, &AtomicBool::new(false), &stats).unwrap();
    (outcome, job.manifest("out"), stats)
}

fn clip(job: &Job, name: &str, frames: u32) -> PathBuf {
    job.made(name, &format!("-f lavfi -i testsrc=size=64x48:rate=25 -frames:v {frames} -c:v libx264"))
}

/// The frames in a file of JSON lines, in its order.
fn frames(job: &Job, name: &str) -> Vec<u64> {
    let bytes = &job.results("out")[name];
    let number =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["frame"].as_u64().unwrap();
    String::from_utf8_lossy(bytes).lines().map(number).collect()
}

#[test]
fn results_come_in_order_from_networks_of_different_speed() {
    let job = Job::new();
    let path = clip(&job, "clip.mkv", 60);
    let slow = |milliseconds| {
        scripted(move |_, _| {
            std::thread::sleep(Duration::from_millis(milliseconds));
            Ok(())
        })
    };
    all(&job, &settings(&job, 1), &[path], vec![slow(0), slow(7), slow(23)]);
    assert_eq!(frames(&job, "clip.jsonl"), (0..60).collect::<Vec<u64>>());
}

#[test]
fn a_network_without_memory_gets_fewer_frames_at_a_time() {
    let job = Job::new();
    let path = clip(&job, "clip.mkv", 37);
    let seen = Arc::new(AtomicUsize::new(0));
    let most = seen.clone();
    let detector = scripted(move |_, at_once| {
        if at_once > 3 {
            return Err(DetectFailure::OutOfMemory("no room".into()));
        }
        most.fetch_max(at_once, Ordering::Relaxed);
        Ok(())
    });
    let (outcome, _, stats) = all(&job, &settings(&job, 16), &[path], vec![detector]);
    assert_eq!(outcome.bad(), 0);
    assert_eq!(frames(&job, "clip.jsonl"), (0..37).collect::<Vec<u64>>());
    assert_eq!((seen.load(Ordering::Relaxed), stats.counter("batch_halved")), (2, 3));
}

#[test]
fn an_input_that_the_network_cannot_do_fails_alone() {
    let job = Job::new();
    let paths = [clip(&job, "one.mkv", 30), clip(&job, "two.mkv", 31), clip(&job, "three.mkv", 30)];
    // The second clip is known by its number of frames: nothing else differs.
    let mut seen = 0;
    let detector = scripted(move |_, _| {
        seen += 1;
        match seen {
            45 => Err(DetectFailure::Other("a bad day".into())),
            _ => Ok(()),
        }
    });
    let (outcome, manifest, _) = all(&job, &settings(&job, 1), &paths, vec![detector]);
    let states: Vec<InputState> = manifest.inputs.iter().map(|input| input.state).collect();
    assert_eq!(states, [InputState::Done, InputState::Failed, InputState::Done]);
    assert_eq!(manifest.inputs[1].error.as_deref(), Some("a bad day"));
    assert_eq!(outcome.troubles.len(), 1);
    assert!(!job.results("out").contains_key("two.jsonl"));
    // Tried again, it goes on behind what was found before it failed.
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let detector = scripted(move |_, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let (outcome, ..) = all(&job, &settings(&job, 1), &paths, vec![detector]);
    assert_eq!((outcome.bad(), outcome.skipped), (0, 2));
    assert_eq!(count.load(Ordering::Relaxed), 31 - 14);
    assert_eq!(frames(&job, "two.jsonl"), (0..31).collect::<Vec<u64>>());
}

#[test]
fn a_detector_that_panics_does_not_hang_the_job() {
    let job = Job::new();
    let paths = [clip(&job, "one.mkv", 5), clip(&job, "two.mkv", 5)];
    let mut seen = 0;
    let detector = scripted(move |_, _| {
        seen += 1;
        assert_ne!(seen, 3, "on purpose");
        Ok(())
    });
    let (_, manifest, _) = all(&job, &settings(&job, 1), &paths, vec![detector]);
    let states: Vec<InputState> = manifest.inputs.iter().map(|input| input.state).collect();
    assert_eq!(states, [InputState::Failed, InputState::Done]);
}

#[test]
fn hundreds_of_files_that_are_none_are_got_over() {
    let job = Job::new();
    let paths: Vec<PathBuf> = (0..300)
        .map(|n| {
            let path = job.folder().join(format!("{n}.jpg"));
            std::fs::write(&path, b"no picture").unwrap();
            path
        })
        .collect();
    let (outcome, manifest, _) = all(&job, &settings(&job, 1), &paths, vec![scripted(|_, _| Ok(()))]);
    assert_eq!((outcome.totals.failed, manifest.inputs.len()), (300, 300));
    assert_eq!(outcome.troubles.len(), Outcome::TOLD);
    assert!(job.results("out").is_empty(), "nothing is left of them");
}

#[test]
fn an_input_that_takes_more_than_is_allowed_fails() {
    let job = Job::new();
    let path = clip(&job, "clip.mkv", 300);
    let mut settings = settings(&job, 1);
    // Less than this program holds by itself.
    settings.memory_limit = 4 << 20;
    let dawdles = scripted(|_, _| {
        std::thread::sleep(Duration::from_millis(5));
        Ok(())
    });
    let (outcome, manifest, stats) = all(&job, &settings, &[path], vec![dawdles]);
    assert_eq!(outcome.totals.failed, 1);
    let error = manifest.inputs[0].error.as_deref().unwrap();
    assert!(error.contains("--memory-limit"), "{error}");
    assert!(stats.counter("batch_over_limit") > 0 && stats.counter("batch_memory_lowered") == 1);
}
