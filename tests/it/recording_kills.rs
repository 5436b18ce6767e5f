//! The real program, killed while it records; a disk that fills up; SIGTERM. The long ones are run by
//! `cargo nextest run --run-ignored only -E 'test(recording_kills::)'`.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use masque::ffmpeg;
use masque::schedule::Pacing;
use serde_json::Value;

use crate::program::masque;
use crate::recording::{Booth, live, pictures_in};

/// Pictures per second.
const RATE: u64 = 30;

struct Show {
    child: Child,
    stats: PathBuf,
}

impl Show {
    fn start(folder: &Path) -> Self {
        let child = masque(folder)
            .args(["run", "demo:", "--headless", "--size", "320x180", "--record", "show.mp4"])
            .args(["--record-encoder", "software", "--record-reserve", "0B", "--stats", "stats.json"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, stats: folder.join("stats.json") }
    }

    fn recorded(&self) -> u64 {
        let report: Option<Value> =
            std::fs::read(&self.stats).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        report.and_then(|report| report["frames"]["recorded"].as_u64()).unwrap_or(0)
    }

    /// Waits until more than `count` pictures are recorded; how many.
    fn until_recorded(&mut self, count: u64) -> u64 {
        let start = Instant::now();
        loop {
            let recorded = self.recorded();
            if recorded > count {
                return recorded;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "nothing is recorded");
            assert!(self.child.try_wait().unwrap().is_none(), "it has ended");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Its encoders.
    fn encoders(&self) -> Vec<String> {
        let parent = self.child.id().to_string();
        let output = Command::new("ps").args(["-o", "pid=,comm=", "--ppid", &parent]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let encoders = text.lines().filter(|line| line.contains("ffmpeg"));
        encoders.filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
    }

    fn signal(&self, name: &str) {
        signal(name, &[self.child.id().to_string()]);
    }
}

impl Drop for Show {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(name: &str, pids: &[String]) {
    Command::new("kill").arg(name).args(pids).status().unwrap();
}

fn until_gone(pids: &[String]) {
    let start = Instant::now();
    while pids.iter().any(|pid| Path::new("/proc").join(pid).join("exe").exists()) {
        assert!(start.elapsed() < Duration::from_secs(60), "an encoder outlives its program");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn sigterm_finishes_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let mut show = Show::start(folder.path());
    let recorded = show.until_recorded(20);
    show.signal("-TERM");
    let status = show.child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(pictures_in(&folder.path().join("show.mp4")) >= recorded);
    assert!(!folder.path().join("show.partial.mp4").exists());
}

/// Where the one that is killed records.
const FOLDER: &str = "MASQUE_TEST_KILLED_IN";

/// Started by the next test: a recorder fed with 30 pictures per second, which notes how many were handed over.
#[test]
#[ignore = "it is killed"]
fn the_one_that_is_killed() {
    use std::io::Write;
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let mut count = std::fs::File::create(folder.join("count")).unwrap();
    let mut booth = Booth::new(Pacing::Live, live(folder.join("show.mp4")));
    for _ in 0..900 {
        booth.show(1, Duration::from_millis(33));
        count.write_all(&booth.stats.counter("frames_recorded").to_le_bytes()).unwrap();
    }
}

fn handed_over(folder: &Path) -> u64 {
    let bytes = std::fs::read(folder.join("count")).unwrap_or_default();
    bytes.chunks_exact(8).last().map_or(0, |last| u64::from_le_bytes(last.try_into().unwrap()))
}

fn videos(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "mp4")).collect()
}

/// Pictures that the next recording finds in `folder`, where nothing else is left.
fn recovered(folder: &Path) -> u64 {
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(60);
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = std::fs::File::options().write(true).open(entry.unwrap().path()).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let recovery = ffmpeg::recover(&ffmpeg::locate().unwrap(), folder, 0);
    let left = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name != "count").collect();
    assert!(left.is_empty() || left == ["show.mp4"], "{left:?}, {recovery:?}");
    left.first().map_or(0, |name| pictures_in(&folder.join(name)))
}

/// Each second kill takes the encoder with it, as a loss of power does.
#[test]
#[ignore = "some minutes long"]
fn a_hundred_kills_cost_at_most_a_second_each() {
    let kills: u64 = std::env::var("MASQUE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let mut worst = [0; 2];
    for n in 0..kills {
        let folder = tempfile::tempdir().unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "recording_kills::the_one_that_is_killed", "--ignored"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut show = Show { child, stats: PathBuf::new() };
        let start = Instant::now();
        while handed_over(folder.path()) == 0 {
            assert!(start.elapsed() < Duration::from_secs(120), "nothing is recorded");
            std::thread::sleep(Duration::from_millis(5));
        }
        let encoders = show.encoders();
        std::thread::sleep(Duration::from_millis(fastrand::u64(100..3500)));
        let with_encoder = n % 2 == 1;
        if with_encoder {
            // Held first, so that it does not see its encoder die.
            show.signal("-STOP");
            signal("-KILL", &encoders);
        }
        show.signal("-KILL");
        show.child.wait().unwrap();
        until_gone(&encoders);
        let recorded = handed_over(folder.path());
        let played: Vec<u64> = videos(folder.path()).iter().map(|video| pictures_in(video)).collect();
        assert!(!played.contains(&0), "kill {n}: a file without a picture");
        let kept = recovered(folder.path());
        assert!(kept >= played.iter().sum(), "kill {n}: {kept} of {played:?}");
        let lost = recorded.saturating_sub(kept);
        println!("kill {n}: {recorded} handed over, {kept} kept, {lost} lost");
        worst[usize::from(with_encoder)] = lost.max(worst[usize::from(with_encoder)]);
        // What a fragment holds, and what the encoder has in its hands.
        assert!(lost <= if with_encoder { RATE + 3 } else { 0 }, "{lost} of {recorded} pictures are lost");
    }
    println!("most pictures lost: {} when the program died, {} with its encoder", worst[0], worst[1]);
}

/// A disk of 1 MB in a namespace of its own; what is on it is copied out.
/// `size` as `mount` takes it.
fn on_a_small_disk(folder: &Path, size: &str, options: &str) -> Option<(i32, String)> {
    let program = masque(folder);
    let script = format!(
        "mkdir disk && mount -t tmpfs -o size={size} none disk || exit 77
         {} run demo: --headless --size 640x360 --record 'disk/{{n}}.mp4' --duration 60s \
           --record-encoder software --record-quality 0 --stats stats.json {options}
         code=$?; mkdir kept; mv disk/* kept/; exit $code",
        program.get_program().to_str().unwrap()
    );
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", &script])
        .env("MASQUE_CONFIG_DIR", folder.join(".settings"))
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code().unwrap();
    if code == 77 || text.contains("unshare failed") {
        println!("skipped: this user may not mount: {text}");
        return None;
    }
    Some((code, text))
}

fn kept(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder.join("kept")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
#[ignore = "a minute long"]
fn a_recording_is_closed_before_the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    // The reserve is a few seconds long: the disk is looked at once a second.
    let on_disk = on_a_small_disk(folder.path(), "12m", "--record-reserve 5MB");
    let Some((code, text)) = on_disk else { return };
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("are free on its disk") && text.contains("001.mp4"), "{text}");
    assert!(text.contains("full in 00:"), "{text}");
    let files = kept(folder.path());
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(pictures_in(&files[0]) > 0);
    let stats: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("stats.json")).unwrap()).unwrap();
    assert_eq!(stats["counters"]["recording_dropped_disk"], 0, "{stats}");
    let (composed, recorded) = (&stats["frames"]["composed"], &stats["frames"]["recorded"]);
    assert!(composed.as_u64() > recorded.as_u64(), "the show goes on: {stats}");
}

#[test]
#[ignore = "a minute long"]
fn a_full_disk_ends_the_recording_and_not_the_show() {
    let folder = tempfile::tempdir().unwrap();
    let Some((code, text)) = on_a_small_disk(folder.path(), "1m", "--record-reserve 0B") else { return };
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("the disk is full"), "{text}");
    let files = kept(folder.path());
    assert_eq!(files.len(), 1, "{files:?}");
    let stats: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("stats.json")).unwrap()).unwrap();
    let count = |name: &str| stats["counters"][name].as_u64().unwrap();
    assert!(pictures_in(&files[0]) > 0);
    assert!(count("recording_disk_failed") == 1, "{stats}");
    assert!(stats["frames"]["composed"].as_u64() > stats["frames"]["recorded"].as_u64(), "{stats}");
}

/// The encoder, and every one that takes its place, stands still for half a minute.
#[test]
#[ignore = "a minute long"]
fn half_a_minute_of_standstill_costs_no_memory_and_no_picture_of_the_show() {
    let folder = tempfile::tempdir().unwrap();
    let mut show = Show::start(folder.path());
    show.until_recorded(90);
    std::thread::sleep(Duration::from_secs(5));
    let resident = |show: &Show| -> u64 {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", show.child.id())).unwrap();
        statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
    };
    let read =
        |show: &Show| -> Value { serde_json::from_slice(&std::fs::read(&show.stats).unwrap()).unwrap() };
    let composed = |show: &Show| read(show)["frames"]["composed"].as_u64().unwrap();
    let rate = |show: &Show| {
        let (from, start) = (composed(show), Instant::now());
        std::thread::sleep(Duration::from_secs(15));
        (composed(show) - from) as f64 / start.elapsed().as_secs_f64()
    };
    let usual_before = rate(&show);
    let before = resident(&show);
    let (from, start) = (composed(&show), Instant::now());
    let mut most = before;
    while start.elapsed() < Duration::from_secs(30) {
        signal("-STOP", &show.encoders());
        most = most.max(resident(&show));
        std::thread::sleep(Duration::from_millis(50));
    }
    let meanwhile = composed(&show) - from;
    let stalled = meanwhile as f64 / start.elapsed().as_secs_f64();
    let counters = read(&show)["counters"].clone();
    signal("-CONT", &show.encoders());
    // What else the machine does is not to be taken for the standstill.
    let usual = usual_before.min(rate(&show));
    let rise = (most - before) as f64 / 1e6;
    println!("memory rose by {rise:.1} MB; {usual:.1} pictures per second before, {stalled:.1} meanwhile");
    println!("{counters:#}");
    assert!(rise <= 32.0, "memory rose by {rise:.1} MB");
    assert!(stalled >= usual * 0.85, "{stalled:.1} pictures per second instead of {usual:.1}");
    assert!(counters["recording_encoder_hung"].as_u64().unwrap() >= 1, "{counters}");
    let skipped = counters["recording_skipped_encoder"].as_u64().unwrap();
    // The queue, the pipe and each encoder's first pictures hold a few.
    assert!(skipped >= meanwhile * 2 / 3, "{skipped} of {meanwhile} pictures: {counters}");
    show.signal("-TERM");
    assert!(show.child.wait().unwrap().success());
    let videos = videos(folder.path());
    assert!(videos.iter().all(|video| pictures_in(video) > 0) && !videos.is_empty(), "{videos:?}");
}
