//! `masque models` and `masque doctor`, driven from outside.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use masque::models::manifest::Manifest;
use predicates::prelude::*;

use super::files_below;

/// The program with a cache of its own and no network.
fn masque(cache: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("masque"));
    command.env("MASQUE_CACHE_DIR", cache).env("MASQUE_OFFLINE", "1").env_remove("ORT_DYLIB_PATH");
    command
}

#[test]
fn without_runtime_python_or_ffmpeg_the_commands_say_what_to_type() {
    let cache = tempfile::tempdir().unwrap();
    let bare = || {
        let mut command = masque(cache.path());
        command.env("PATH", cache.path()).env_remove("MASQUE_FFMPEG");
        command
    };
    for name in ["runtime", "ffmpeg"] {
        let one_line = predicate::function(|text: &str| {
            text.lines().filter(|line| line.starts_with("masque: ")).count() == 1
        });
        let pip = predicate::str::contains("Python is missing. Type: ");
        bare().args(["models", "pull", name]).assert().code(1).stderr(pip.and(one_line));
    }
    bare()
        .env("ORT_DYLIB_PATH", "/nowhere/libonnxruntime.so")
        .args(["models", "pull", "runtime"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("/nowhere/libonnxruntime.so"))
        .stderr(predicate::str::contains("unset ORT_DYLIB_PATH"));
    bare()
        .arg("doctor")
        .assert()
        .code(1)
        .stdout(predicate::str::contains("MISSING  ffmpeg").and(predicate::str::contains("type: ")));
}

#[test]
fn an_unknown_model_is_answered_with_the_known_ones() {
    let cache = tempfile::tempdir().unwrap();
    masque(cache.path())
        .args(["models", "pull", "mona-lisa"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("mona-lisa").and(predicate::str::contains("hair-segmenter")));
}

#[test]
fn the_list_shows_every_model_with_its_role_and_licence() {
    let cache = tempfile::tempdir().unwrap();
    let output = masque(cache.path()).args(["models", "list"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for model in &Manifest::builtin().unwrap().models {
        let row = text.lines().find(|line| line.split(' ').next() == Some(&model.name));
        let row = row.unwrap_or_else(|| panic!("no {} in:\n{text}", model.name));
        assert!(row.contains(model.role.name()) && row.contains("Apache-2.0"), "{row}");
    }
}

#[test]
fn what_cannot_be_imported_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage.tflite");
    fs::write(&garbage, vec![0x55; 4096]).unwrap();
    let empty = folder.path().join("empty.tflite");
    fs::write(&empty, "").unwrap();
    let absent = folder.path().join("absent.tflite");
    for file in [&garbage, &empty, &absent] {
        masque(folder.path())
            .current_dir(folder.path())
            .args(["models", "import"])
            .arg(file)
            .assert()
            .code(1)
            .stderr(predicate::str::contains(file.file_name().unwrap().to_str().unwrap()));
    }
    let left: Vec<_> = files_below(folder.path());
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_model_of_a_bundle_is_imported_by_its_member_name() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models");
    let bundle = shared.join("face_landmarker.task");
    if !bundle.exists() {
        return println!("skipped: no {}", bundle.display());
    }
    let folder = tempfile::tempdir().unwrap();
    let import = || {
        let mut command = masque(folder.path());
        command.current_dir(folder.path()).args(["models", "import"]).arg(&bundle);
        command
    };
    let names_members = predicate::str::contains("--member").and(predicate::str::contains("face_detector"));
    import().assert().code(1).stderr(names_members);
    import()
        .args(["--member", "face_detector.tflite"])
        .assert()
        .success()
        .stdout(predicate::str::contains("[1, 3, 128, 128]"));
    assert!(folder.path().join("face_detector.onnx").exists());
}
