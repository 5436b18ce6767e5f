//! Memory stays flat whatever goes wrong: the program itself, for long, with faults.

use std::path::Path;

use serde_json::Value;

use crate::program::{masque, stderr};

/// Runs `masque soak` and gives its report and whether it passed.
fn soak(folder: &Path, arguments: &[&str]) -> (Value, bool, String) {
    let mut command = masque(folder);
    let outcome = command.args(["soak", "--json", "soak.json"]).args(arguments).output().unwrap();
    let report = std::fs::read(folder.join("soak.json")).unwrap_or_else(|_| panic!("{}", stderr(&outcome)));
    (serde_json::from_slice(&report).unwrap(), outcome.status.success(), stderr(&outcome))
}

fn faults(report: &Value) -> Vec<&Value> {
    report["faults"].as_array().unwrap().iter().collect()
}

#[test]
fn the_picture_survives_every_fault_and_the_report_tells() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["demo:", "--frames=300", "--every=8", "--size=64x36", "--stall=0.02", "--slope-limit=1e9"];
    let (report, passed, text) = soak(folder.path(), &[&arguments[..], &["--plot", "soak.svg"]].concat());
    assert!(passed, "{text}");
    let kinds: std::collections::BTreeSet<_> =
        faults(&report).iter().map(|fault| fault["fault"].as_str().unwrap()).collect();
    for kind in ["stall-source", "stall-loop", "stall-render", "lose-source", "resolution", "randomise"] {
        assert!(kinds.contains(kind), "{kind} is not in {kinds:?}");
    }
    let made: Vec<_> = faults(&report).into_iter().filter(|fault| fault["injected"] == true).collect();
    assert!(made.iter().all(|fault| fault["recovered_ms"].is_number()), "{report}");
    let missed = faults(&report).len() - made.len();
    assert_eq!(report["counters"]["soak_not_injected"].as_u64().unwrap_or(0), missed as u64);
    assert!(missed == 0 || cfg!(not(target_os = "linux")), "{report}");
    // It is opened again after half a second: a picture before that shows a frame from before.
    for fault in made.iter().filter(|fault| fault["fault"] == "lose-source") {
        assert!(fault["recovered_ms"].as_f64() > Some(400.0), "{fault}");
    }
    assert!(report["counters"]["source_reconnects"].as_u64() > Some(0), "{text}");
    let plot = std::fs::read_to_string(folder.path().join("soak.svg")).unwrap();
    assert!(plot.starts_with("<svg") && plot.contains("polyline") && plot.contains("stall-loop"));
}

#[test]
fn a_run_that_grows_fails() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["demo:", "--frames=60", "--warm-up=5", "--size=64x36", "--no-faults"];
    let (report, passed, text) = soak(folder.path(), &[&arguments[..], &["--slope-limit=-1e9"]].concat());
    assert!(!passed && text.contains("memory grows by"), "{text}");
    assert!(report["slope_mb_per_100k_frames"].is_number());
}

/// Bytes that each stage may hold more while it stands still: its queue or its task holds a frame of the demo (1280 × 720
/// RGBA) or a few pictures, and those that wait are in the frame pool. Stalls of 1 to 30 s, as the program is promised to
/// survive them: the picture is back within a second.
#[test]
#[ignore = "takes a quarter of an hour"]
fn a_stall_of_any_stage_costs_no_more_than_its_bound_and_the_picture_comes_back() {
    const FRAME: f64 = 1280.0 * 720.0 * 4.0;
    // Starting an encoder costs what the thread and the pictures on their way cost.
    let stages = [
        ("stall-source", 2.0),
        ("stall-perception", 4.0),
        ("stall-loop", 4.0),
        ("stall-render", 4.0),
        ("stall-files", 4.0),
        ("stall-encoder", 12.0),
    ];
    let mut wrong = Vec::new();
    for (stage, frames) in stages {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["demo:", "--frames=400", "--every=100", "--size=320x180", "--slope-limit=1e9"];
        let (report, passed, text) = soak(folder.path(), &[&arguments[..], &["--faults", stage]].concat());
        assert!(passed, "{stage}: {text}");
        let stalls = faults(&report);
        assert!(stalls.len() >= 2, "{stage}: {stalls:?}");
        assert!(stalls.iter().all(|stall| stall["injected"] == true), "{stage}: {stalls:?}");
        // The first one warms up what only a stall needs.
        for stall in &stalls[1..] {
            let rise = stall["rise_bytes"].as_f64().unwrap();
            let back = stall["recovered_ms"].as_f64().unwrap();
            if rise > frames * FRAME || back > 1000.0 {
                wrong.push(format!("{stage}: {:.1} MB more, back after {back:.0} ms", rise / 1e6));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[ignore = "takes a quarter of an hour"]
fn twenty_thousand_frames_with_faults_leave_memory_flat() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["demo:", "--frames=20000", "--every=250", "--size=64x36", "--stall=0.05", "--slope-limit=1"];
    let (report, passed, text) = soak(folder.path(), &arguments);
    assert!(passed, "{text}\n{}", report["reasons"]);
}
