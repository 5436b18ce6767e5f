//! A look's file that is edited while the mirror runs.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::program::masque;

/// Waits until the stats file of `child` says `wanted`.
#[track_caller]
pub fn wait(child: &mut Child, stats: &Path, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let read = || serde_json::from_slice::<Value>(&std::fs::read(stats).ok()?).ok();
        if let Some(json) = read().filter(|json| wanted(json)) {
            return json;
        }
        assert!(child.try_wait().unwrap().is_none(), "the run ended by itself before {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_edited_look_is_worn_and_rubbish_leaves_the_last_one_on() {
    let folder = tempfile::tempdir().unwrap();
    let (look, stats) = (folder.path().join("mine.toml"), folder.path().join("s.json"));
    std::fs::write(&look, "name = \"Before\"\n").unwrap();
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let mut child = masque(folder.path())
        .args(["run", "demo:", "--headless", "--size", "320x180", "--look", "mine.toml", "--stats", "s.json"])
        .stderr(Stdio::from(log))
        .spawn()
        .unwrap();
    let counter = |json: &Value, name: &str| json["counters"][name].as_u64().unwrap_or(0);
    let composed = |json: &Value| json["frames"]["composed"].as_u64().unwrap();
    wait(&mut child, &stats, "the first picture", |json| composed(json) > 0);
    std::fs::write(&look, "name = \"After\"\n[background]\ntint = [1, 0, 0]\n").unwrap();
    wait(&mut child, &stats, "the edit", |json| counter(json, "looks_reloaded") == 1);
    std::fs::write(&look, "name = \"After\"\n[background]\ntint = \"red\"\n").unwrap();
    let bad = wait(&mut child, &stats, "the rubbish", |json| counter(json, "look_reload_failed") == 1);
    wait(&mut child, &stats, "more pictures", |json| composed(json) > composed(&bad) + 5);
    std::fs::write(&look, "name = \"Again\"\n[hair]\n").unwrap();
    let last = wait(&mut child, &stats, "the repair", |json| counter(json, "looks_reloaded") == 2);
    assert_eq!(counter(&last, "look_reload_failed"), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    for word in ["After", "mine.toml", "line 3, column 8", "Again"] {
        assert!(log.contains(word), "\"{word}\" is missing in: {log}");
    }
    assert!(!log.contains("panicked"), "{log}");
}
