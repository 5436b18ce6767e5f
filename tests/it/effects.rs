//! Effects that are edited while the mirror runs.

use std::process::Stdio;

use serde_json::Value;

use crate::looks::wait;
use crate::program::{masque, stderr};

const HEADER: &str = "/*{ \"INPUTS\": [ { \"NAME\": \"amount\", \"TYPE\": \"float\" } ] }*/\n";

#[test]
fn edited_effects_are_taken_and_rubbish_leaves_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let (effects, stats) = (folder.path().join("effects"), folder.path().join("s.json"));
    std::fs::create_dir(&effects).unwrap();
    let path = effects.join("mine.wgsl");
    let write = |body: &str| {
        let text = format!("{HEADER}fn effect(uv: vec2<f32>) -> vec4<f32> {{\n    {body}\n}}\n");
        std::fs::write(&path, text).unwrap();
    };
    write("return below(uv);");
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let mut child = masque(folder.path())
        .args([
            "run",
            "demo:",
            "--headless",
            "--size",
            "320x180",
            "--effects",
            "effects",
            "--stats",
            "s.json",
        ])
        .stderr(Stdio::from(log))
        .spawn()
        .unwrap();
    let counter = |json: &Value, name: &str| json["counters"][name].as_u64().unwrap_or(0);
    let composed = |json: &Value| json["frames"]["composed"].as_u64().unwrap();
    wait(&mut child, &stats, "the first picture", |json| composed(json) > 0);
    write("return below(uv) * amount;");
    wait(&mut child, &stats, "the edit", |json| counter(json, "effects_reloaded") == 1);
    write("return below(uv) * amuont;");
    let bad = wait(&mut child, &stats, "the rubbish", |json| counter(json, "effect_reload_failed") == 1);
    wait(&mut child, &stats, "more pictures", |json| composed(json) > composed(&bad) + 5);
    write("return below(uv) * amount * 0.5;");
    let last = wait(&mut child, &stats, "the repair", |json| counter(json, "effects_reloaded") == 2);
    assert_eq!(counter(&last, "effect_reload_failed"), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    for word in ["mine", "mine.wgsl, line 3, column 24", "amuont"] {
        assert!(log.contains(word), "\"{word}\" is missing in: {log}");
    }
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn a_folder_that_is_not_there_ends_the_program_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        masque(folder.path()).args(["bench", "--frames", "1", "--effects", "none"]).output().unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("none") && text.contains(".wgsl"), "{text}");
}
