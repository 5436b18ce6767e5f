//! The real program, driven from outside.

use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::prelude::*;
use serde_json::Value;

use crate::media::media;

pub fn masque(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("masque").unwrap();
    command.current_dir(folder).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("RUST_LOG");
    command.env("MASQUE_CONFIG_DIR", folder.join(".settings"));
    command
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

pub fn stderr(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// One clear sentence, no panic, and nothing left behind.
#[track_caller]
fn assert_fails(command: &mut Command, code: i32, words: &[&str], folder: &Path) {
    let before = files(folder);
    let output = command.output().unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    for word in words {
        assert!(text.contains(word), "\"{word}\" is missing in: {text}");
    }
    assert_eq!(files(folder), before, "something was left behind");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn a_headless_run_dresses_the_demo_and_writes_what_was_asked() {
    let folder = folder();
    masque(folder.path())
        .args(["run", "demo:", "--headless", "--frames", "8", "--size", "640x360"])
        .args(["--screenshot", "a.png", "--record", "a.mp4", "--stats", "a.json"])
        .assert()
        .success();
    let picture = image::open(folder.path().join("a.png")).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (640, 360));
    let mut colors: Vec<_> = picture.pixels().map(|pixel| pixel.0.map(|channel| channel / 16)).collect();
    colors.sort_unstable();
    colors.dedup();
    assert!(colors.len() > 100, "the picture has {} colours", colors.len());
    let stats: Value = serde_json::from_slice(&std::fs::read(folder.path().join("a.json")).unwrap()).unwrap();
    assert!(stats["frames"]["composed"].as_u64().unwrap() >= 8, "{stats}");
    assert!(stats["frames"]["recorded"].as_u64().unwrap() >= 1, "{stats}");
    assert!(stats["memory"]["rss_bytes"].as_u64().unwrap() > 0, "{stats}");
    assert_eq!(stats["perception"]["state"], "ready");
    assert!(stats["models"].as_object().unwrap().values().all(|model| model["runs"].as_u64().unwrap() > 0));
    assert!(folder.path().join("a.mp4").metadata().unwrap().len() > 1000);
    assert_eq!(files(folder.path()).len(), 3);
}

#[test]
fn a_look_is_found_in_the_users_folder_and_what_is_wrong_says_what_to_type() {
    let folder = folder();
    let looks = folder.path().join("looks");
    std::fs::create_dir(&looks).unwrap();
    std::fs::write(looks.join("mine.toml"), "[hair]\nscale = \"much\"\n").unwrap();
    std::fs::write(folder.path().join("list.toml"), "[[entries]]\nlok = 1\n").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = masque(folder.path());
        command.args(["run", "demo:", "--headless", "--frames", "1"]).args(arguments);
        command
    };
    let wrong = ["mine.toml", "line 2"];
    assert_fails(&mut run(&["--looks", "looks", "--look", "mine"]), 1, &wrong, folder.path());
    let known = ["no-such", "cabaret", "mine"];
    assert_fails(&mut run(&["--looks", "looks", "--look", "no-such"]), 1, &known, folder.path());
    assert_fails(&mut run(&["--looks", "none"]), 2, &["mkdir -p none"], folder.path());
    let place = ["list.toml", "line 2, column 1", "lok"];
    assert_fails(&mut run(&["--playlist", "list.toml"]), 1, &place, folder.path());
    assert_fails(&mut run(&["--playlist", "list.toml", "--look", "winter"]), 2, &["--look"], folder.path());
}

#[test]
fn without_a_display_a_run_says_so_ends_and_says_where_its_files_are() {
    let folder = folder();
    let output = masque(folder.path()).args(["run", "demo:", "--size", "320x180"]).output().unwrap();
    let text = stderr(&output);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("no display") && text.contains("masque.png") && text.contains("masque.mp4"),
        "{text}"
    );
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn render_gives_every_frame_of_a_video_once() {
    let Some(clip) = media("intel_cc_by/gif_head-pose-face-detection-male_480x270.mp4") else { return };
    let folder = folder();
    let output = masque(folder.path()).arg("render").arg(&clip).arg("out.mp4").output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(frames(&folder.path().join("out.mp4")), frames(&clip));
    assert_eq!(files(folder.path()).len(), 1);
}

fn frames(path: &Path) -> u64 {
    use masque::source::{SourceOptions, SourceUri, open};
    let pool = masque::frame::FramePool::new(64 << 20);
    let uri: SourceUri = path.to_str().unwrap().parse().unwrap();
    let mut source = open(&uri, &SourceOptions::default(), &masque::stats::Stats::default()).unwrap();
    let mut count = 0;
    while source.next_frame(&pool).unwrap().is_some() {
        count += 1;
    }
    count
}

#[test]
fn render_keeps_an_image_its_size_and_changes_the_person() {
    let Some(portrait) = media("astronaut_nasa_pd.png") else { return };
    let folder = folder();
    let output =
        masque(folder.path()).arg("render").arg(&portrait).args(["out.png", "--look", "gilded"]).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let before = image::open(&portrait).unwrap().to_rgb8();
    let after = image::open(folder.path().join("out.png")).unwrap().to_rgb8();
    assert_eq!(before.dimensions(), after.dimensions());
    let differing = before
        .pixels()
        .zip(after.pixels())
        .filter(|(a, b)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 16))
        .count();
    assert!(differing * 2 > (before.width() * before.height()) as usize, "{differing} pixels differ");
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_to_type() {
    let folder = folder();
    let at = folder.path();
    assert_fails(masque(at).args(["run", "--size", "720p"]), 2, &["1280x720"], at);
    assert_fails(masque(at).args(["render", "demo:", "out.mp4"]), 2, &["--frames"], at);
    assert_fails(masque(at).args(["run", "demo:", "--textures", "no/such"]), 2, &["no/such"], at);
    assert_fails(masque(at).args(["run", "demo:", "--texture-budget", "9"]), 2, &["256MiB"], at);
    std::fs::write(at.join("a.jpg"), b"x").unwrap();
    assert_fails(masque(at).args(["render", "a.jpg", "out.mp4"]), 2, &[".png"], at);
    assert_fails(
        masque(at).args(["run", "demo:", "--frames", "1", "--duration", "1s"]),
        2,
        &["--duration"],
        at,
    );
}

#[test]
fn bad_input_exits_with_1_and_leaves_nothing_behind() {
    let folder = folder();
    let at = folder.path();
    std::fs::write(at.join("empty.mp4"), b"").unwrap();
    std::fs::write(at.join("text.png"), b"this is no picture").unwrap();
    let run = |source: &str| {
        let mut command = masque(at);
        command.args([
            "run",
            source,
            "--headless",
            "--frames",
            "2",
            "--record",
            "out.mp4",
            "--screenshot",
            "out.png",
        ]);
        command
    };
    assert_fails(&mut run("missing.mp4"), 1, &["missing.mp4"], at);
    assert_fails(&mut run("empty.mp4"), 1, &["empty.mp4"], at);
    assert_fails(&mut run("text.png"), 1, &["text.png"], at);
    assert_fails(&mut run("camera:99"), 1, &["no camera", "demo:"], at);
    assert_fails(masque(at).args(["render", "empty.mp4", "out.mp4"]), 1, &["empty.mp4"], at);
    assert_fails(masque(at).args(["run", "demo:", "--look", "no-such"]), 1, &["no-such", "gallery"], at);
}

#[test]
fn without_a_vulkan_device_a_run_says_what_to_install() {
    let folder = folder();
    let mut command = masque(folder.path());
    command.args(["run", "demo:", "--headless", "--frames", "1"]);
    // A loader that is told to use a driver that is not there finds no device.
    command.env("VK_DRIVER_FILES", "/nonexistent.json").env("VK_ICD_FILENAMES", "/nonexistent.json");
    assert_fails(&mut command, 1, &["no Vulkan device", "mesa-vulkan-drivers"], folder.path());
}

#[test]
fn without_onnx_runtime_a_run_says_what_to_type() {
    let folder = folder();
    let mut command = masque(folder.path());
    command.args(["run", "demo:", "--headless", "--frames", "1", "--record", "out.mp4"]);
    command.env("ORT_DYLIB_PATH", "/nonexistent/libonnxruntime.so");
    assert_fails(&mut command, 1, &["/nonexistent/libonnxruntime.so", "ORT_DYLIB_PATH"], folder.path());
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_complete_recording() {
    use std::os::unix::process::CommandExt;
    let folder = folder();
    let mut command = masque(folder.path());
    command.args([
        "run",
        "demo:",
        "--headless",
        "--size",
        "320x180",
        "--record",
        "out.mp4",
        "--stats",
        "s.json",
    ]);
    // A terminal sends Ctrl-C to the whole group.
    let mut child = command.process_group(0).spawn().unwrap();
    let stats = folder.path().join("s.json");
    let recorded = || {
        let json: Value = serde_json::from_slice(&std::fs::read(&stats).ok()?).ok()?;
        json["frames"]["recorded"].as_u64()
    };
    while recorded().is_none_or(|frames| frames < 5) {
        assert!(child.try_wait().unwrap().is_none(), "the run ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let group = format!("-{}", child.id());
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(frames(&folder.path().join("out.mp4")) >= 5);
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn pictures_of_different_sizes_make_one_film() {
    let folder = folder();
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    for (name, width, height) in [("1.png", 128, 96), ("2.png", 96, 128), ("3.png", 64, 64)] {
        image::RgbImage::from_pixel(width, height, image::Rgb([90, 120, 150]))
            .save(pictures.join(name))
            .unwrap();
    }
    let render = || masque(folder.path()).args(["render", "pictures", "out.mp4"]).output().unwrap();
    let output = render();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(frames(&folder.path().join("out.mp4")), 3);
    let again = render();
    assert_eq!(again.status.code(), Some(2), "nothing is written over");
    assert!(stderr(&again).contains("type --overwrite"), "{}", stderr(&again));
    let mut over = masque(folder.path());
    let over = over.args(["render", "pictures", "out.mp4", "--overwrite", "--frames", "2"]).output().unwrap();
    assert!(over.status.success(), "{}", stderr(&over));
    assert_eq!(frames(&folder.path().join("out.mp4")), 2);
    // What a rendering that was cut off has left is not written over either.
    std::fs::rename(folder.path().join("out.mp4"), folder.path().join("out.partial.mp4")).unwrap();
    let again = render();
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("out.partial.mp4"), "{}", stderr(&again));
    assert_eq!(frames(&folder.path().join("out.partial.mp4")), 2);
}

#[test]
fn what_cannot_be_written_is_refused_or_fails() {
    let folder = folder();
    let at = folder.path();
    image::RgbImage::from_pixel(64, 64, image::Rgb([90, 120, 150])).save(at.join("a.png")).unwrap();
    std::fs::create_dir(at.join("folder.png")).unwrap();
    assert_fails(masque(at).args(["render", "a.png", "folder.png"]), 1, &["folder.png"], at);
    assert_fails(masque(at).args(["render", "a.png", "a.png"]), 2, &["is the input"], at);
    for option in ["--stats", "--record", "--screenshot"] {
        let mut command = masque(at);
        command.args(["run", "demo:", "--headless", "--frames", "1", option, "missing/file"]);
        assert_fails(&mut command, 2, &["missing", "mkdir"], at);
    }
}

#[test]
fn a_time_lapse_is_collected_beside_a_run_and_a_replay_does_no_harm() {
    let folder = folder();
    let mut command = masque(folder.path());
    command.args(["run", "demo:", "--headless", "--size", "160x90", "--frames", "12", "--stats", "s.json"]);
    command.args(["--time-lapse", "day.mp4", "--every", "100ms", "--replay", "5s"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let stats: Value = serde_json::from_slice(&std::fs::read(folder.path().join("s.json")).unwrap()).unwrap();
    assert!(stats["stages"]["replay"]["count"].as_u64() > Some(0), "{stats}");
    assert!(frames(&folder.path().join("day.mp4")) > 0);
    assert_eq!(files(folder.path()).len(), 2, "nobody asked for the replay");
    let mut command = masque(folder.path());
    command.args(["run", "demo:", "--headless", "--time-lapse", "day.mp4"]);
    assert_fails(&mut command, 2, &["day.mp4 is there already"], folder.path());
}

#[test]
fn a_snapshot_is_worn_again() {
    let folder = folder();
    let mut command = masque(folder.path());
    command.args(["run", "demo:", "--headless", "--frames", "1", "--size", "64x36", "--look", "cabaret"]);
    let output = command.args(["--screenshot", "me.png"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let bytes = std::fs::read(folder.path().join("me.png")).unwrap();
    assert!(bytes.windows(11).any(|word| word == b"masque:look"), "the look is in it");
    let mut command = masque(folder.path());
    command.args(["run", "demo:", "--headless", "--frames", "1", "--size", "64x36", "--look", "me.png"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}
