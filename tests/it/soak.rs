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
    assert!(faults(&report).iter().all(|fault| fault["recovered_ms"].is_number()), "{report}");
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

/// Stages, and the bytes that each may hold more while it stands still: its queue or its task holds one frame of the
/// demo (1280 × 720 RGBA) or a few pictures, and the frame pool may be filled by those that wait.
#[test]
#[ignore = "takes minutes"]
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
    for (stage, frames) in stages {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["demo:", "--frames=400", "--every=100", "--size=320x180", "--slope-limit=1e9"];
        // 0.2 to 6 s each.
        let (report, passed, text) =
            soak(folder.path(), &[&arguments[..], &["--stall=0.2", "--faults", stage]].concat());
        assert!(passed, "{stage}: {text}");
        // The first one warms up what only a stall needs.
        let stalls = faults(&report);
        assert!(stalls.len() >= 2, "{stage}: {stalls:?}");
        for stall in &stalls[1..] {
            let rise = stall["rise_bytes"].as_f64().unwrap();
            assert!(rise <= frames * FRAME, "{stage}: {rise} bytes more: {stall}");
            let back = stall["recovered_ms"].as_f64().unwrap();
            assert!(back < 10_000.0, "{stage}: the picture came back after {back} ms");
        }
    }
}

#[test]
#[ignore = "takes minutes"]
fn twenty_thousand_frames_with_faults_leave_memory_flat() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["demo:", "--frames=20000", "--every=250", "--size=64x36", "--stall=0.05", "--slope-limit=20"];
    let (report, passed, text) = soak(folder.path(), &arguments);
    assert!(passed, "{text}\n{}", report["reasons"]);
}
