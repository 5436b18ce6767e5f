//! Recordings that cannot be lost: the recorder with its encoder, its disk and its clock interfered with.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use masque::capture::CaptureGate;
use masque::compositor::{ComposedFrame, ComposedFrames, ReadbackDemand};
use masque::ffmpeg::{self, EncoderChoice};
use masque::frame::{FramePool, FrameSeq, PixelFormat};
use masque::memory::{Bound, Each, Sender, queue};
use masque::record::{RecordPlugin, Recorder, RecorderState, RecordingOptions, Split};
use masque::schedule::{Pacing, Waker};
use masque::stats::Stats;

const SIZE: (u32, u32) = (320, 180);
const COMPOSED: Bound = Bound {
    name: "test.composed",
    holds: "composed pictures",
    most: 4,
    each: Each::In("pictures"),
    when_full: "waits",
    file: "",
    depth: "queue.test.composed.depth",
    dropped: "queue.test.composed.dropped",
};

/// An app that records, and nothing else.
pub struct Booth {
    app: App,
    pub stats: Stats,
    pool: FramePool,
    pictures: Sender<ComposedFrame>,
    shown: u64,
}

impl Booth {
    pub fn new(pacing: Pacing, options: RecordingOptions) -> Self {
        let stats = Stats::default();
        let (pictures, composed) = queue(&COMPOSED, &stats);
        let mut app = App::new();
        app.add_plugins(MinimalPlugins)
            .insert_resource(pacing)
            .insert_resource(stats.clone())
            .insert_resource(ComposedFrames(composed))
            .init_resource::<Waker>()
            .init_resource::<ReadbackDemand>()
            .init_resource::<CaptureGate>()
            .add_plugins(RecordPlugin);
        let waker = app.world().resource::<Waker>().clone();
        let ffmpeg = ffmpeg::locate().unwrap();
        app.world_mut().resource_mut::<Recorder>().start(ffmpeg, options, &stats, &waker);
        Self { app, stats, pool: FramePool::new(64 << 20), pictures, shown: 0 }
    }

    /// Shows pictures at 30 per second of their own time, as fast as `pause` and the recorder allow.
    pub fn show(&mut self, count: u64, pause: Duration) {
        for _ in 0..count {
            let format = PixelFormat::Nv12;
            let mut pixels = self.pool.acquire(format.bytes(SIZE.0, SIZE.1)).unwrap();
            for (at, byte) in pixels.iter_mut().enumerate() {
                *byte = (at as u64 / 64 + self.shown * 3) as u8;
            }
            let frame = ComposedFrame {
                revision: self.shown,
                seq: FrameSeq(self.shown),
                timestamp: Duration::from_millis(self.shown * 1000 / 30),
                arrived: Instant::now(),
                width: SIZE.0,
                height: SIZE.1,
                format,
                pixels,
            };
            self.shown += 1;
            self.pictures.send(frame).unwrap();
            let lossless = *self.app.world().resource::<Pacing>() == Pacing::Lossless;
            self.app.update();
            while lossless && !self.app.world().resource::<ComposedFrames>().is_empty() {
                std::thread::sleep(Duration::from_millis(1));
                self.app.update();
            }
            std::thread::sleep(pause);
        }
    }

    /// Shows pictures until the recorder has taken so many in all.
    fn show_until_recorded(&mut self, count: u64) {
        let start = Instant::now();
        while self.count("frames_recorded") < count {
            self.show(1, PACE);
            assert!(start.elapsed() < Duration::from_secs(60), "{:?}", self.stats.counters());
        }
    }

    fn until(&mut self, done: impl Fn(&Stats) -> bool) {
        let start = Instant::now();
        while !done(&self.stats) {
            self.app.update();
            std::thread::sleep(Duration::from_millis(10));
            assert!(start.elapsed() < Duration::from_secs(60), "{:?}", self.stats.counters());
        }
    }

    fn end(&mut self) -> RecorderState {
        self.app.world_mut().resource_mut::<Recorder>().stop();
        let start = Instant::now();
        while self.app.world().resource::<Recorder>().is_busy() {
            self.app.update();
            std::thread::sleep(Duration::from_millis(10));
            assert!(start.elapsed() < Duration::from_secs(120), "the recording does not end");
        }
        self.app.world().resource::<Recorder>().state().clone()
    }

    fn count(&self, name: &str) -> u64 {
        self.stats.counter(name)
    }

    /// Nothing is missing that no counter tells of.
    #[track_caller]
    fn assert_accounted(&self, folder: &Path) {
        let kept: u64 = files(folder).iter().map(|file| pictures_in(file)).sum();
        let told = self.count("recording_skipped_encoder") + self.count("recording_dropped_disk");
        assert_eq!(kept + told, self.shown, "kept {kept}: {:?}", self.stats.counters());
    }
}

pub fn live(path: PathBuf) -> RecordingOptions {
    let mut options = RecordingOptions::live(path);
    options.writer.encoder = EncoderChoice::Software;
    options.reserve = 0;
    options
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Pictures in `file`, which ffprobe reads without a complaint.
#[track_caller]
pub fn pictures_in(file: &Path) -> u64 {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-count_packets", "-select_streams", "v:0"])
        .args(["-show_entries", "stream=nb_read_packets", "-of", "csv=p=0"])
        .arg(file)
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaint.is_empty(), "{}: {complaint}", file.display());
    match String::from_utf8_lossy(&output.stdout).trim().trim_end_matches(',') {
        // A head and nothing else yet.
        "N/A" => 0,
        count => count.parse().unwrap(),
    }
}

/// Whether an MP4 file has one index, and no fragments.
fn is_ordinary(file: &Path) -> bool {
    let bytes = std::fs::read(file).unwrap();
    let has = |name: &[u8; 4]| bytes.windows(4).any(|four| four == name);
    has(b"moov") && !has(b"moof")
}

/// Children of this process that write a file in `folder`.
fn encoders(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let own = std::process::id().to_string();
    let children = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let path = entry.ok()?.path();
        let stat = std::fs::read_to_string(path.join("stat")).ok()?;
        let words = std::fs::read_to_string(path.join("cmdline")).ok()?;
        let parent = stat.rsplit(')').next()?.split_whitespace().nth(1)?.to_owned();
        let pid = path.file_name()?.to_str()?.to_owned();
        (parent == own && words.contains(folder) && words.contains("pipe:0")).then_some(pid)
    });
    children.collect()
}

fn signal(name: &str, pids: &[String]) {
    Command::new("kill").arg(name).args(pids).status().unwrap();
}

const PACE: Duration = Duration::from_millis(4);

#[test]
fn a_recording_replaces_nothing_and_is_an_ordinary_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("show.mp4");
    std::fs::write(&path, "somebody's").unwrap();
    let mut booth = Booth::new(Pacing::Lossless, live(path.clone()));
    booth.show(60, Duration::ZERO);
    assert!(folder.path().join("show-2.partial.mp4").exists(), "{:?}", files(folder.path()));
    let second = folder.path().join("show-2.mp4");
    assert_eq!(booth.end(), RecorderState::Done(second.clone()));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "somebody's");
    assert_eq!(pictures_in(&second), 60);
    assert!(is_ordinary(&second));
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn a_matroska_file_has_every_picture_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut booth = Booth::new(Pacing::Lossless, live(folder.path().join("{look}-{n}.mkv")));
    booth.show(40, Duration::ZERO);
    let path = folder.path().join("look-001.mkv");
    assert_eq!(booth.end(), RecorderState::Done(path.clone()));
    assert_eq!(pictures_in(&path), 40);
}

#[test]
fn a_split_loses_no_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = live(folder.path().join("{n}.mp4"));
    options.split = Split { every: Some(Duration::from_secs(1)), bytes: None };
    let mut booth = Booth::new(Pacing::Lossless, options);
    booth.show(150, Duration::ZERO);
    assert!(matches!(booth.end(), RecorderState::Done(_)));
    let counts: Vec<u64> = files(folder.path()).iter().map(|file| pictures_in(file)).collect();
    assert_eq!(counts, [30; 5], "{:?}", booth.stats.events());
}

#[test]
fn a_split_by_size_loses_no_picture_either() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = live(folder.path().join("{n}.mp4"));
    options.split = Split { every: None, bytes: Some(40_000) };
    let mut booth = Booth::new(Pacing::Lossless, options);
    booth.show(200, Duration::from_millis(25));
    assert!(matches!(booth.end(), RecorderState::Done(_)));
    assert!(files(folder.path()).len() >= 2, "{:?} {:?}", files(folder.path()), booth.stats.gauges());
    booth.assert_accounted(folder.path());
    assert_eq!(booth.count("recording_skipped_encoder"), 0);
}

#[test]
fn a_killed_encoder_costs_a_fragment_and_the_next_file_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut booth = Booth::new(Pacing::Live, live(folder.path().join("{n}.mp4")));
    booth.show_until_recorded(45);
    let recorded = booth.count("frames_recorded");
    signal("-KILL", &encoders(folder.path()));
    booth.show_until_recorded(recorded + 45);
    assert!(matches!(booth.end(), RecorderState::Done(_)), "{:?}", booth.stats.events());
    assert_eq!(booth.count("recording_encoder_died"), 1);
    assert_eq!(files(folder.path()).len(), 2, "{:?}", files(folder.path()));
    booth.assert_accounted(folder.path());
}

#[test]
fn a_frozen_encoder_is_ended_and_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = live(folder.path().join("{n}.mp4"));
    options.writer.patience = Some(Duration::from_millis(500));
    let mut booth = Booth::new(Pacing::Live, options);
    booth.show_until_recorded(30);
    let frozen = encoders(folder.path());
    signal("-STOP", &frozen);
    let before = booth.shown;
    while booth.count("recording_encoder_hung") == 0 {
        assert!(booth.shown < 100_000, "it is not ended: {:?}", booth.stats.counters());
        booth.show(1, PACE);
    }
    // Had the loop waited, it had shown what fits into queues and pipe, and no more.
    assert!(booth.shown - before > 10, "{} pictures were shown meanwhile", booth.shown - before);
    assert!(booth.count("recording_skipped_encoder") > 0);
    let recorded = booth.count("frames_recorded");
    booth.show_until_recorded(recorded + 10);
    assert!(frozen.iter().all(|pid| !encoders(folder.path()).contains(pid)), "it is reaped");
    assert!(matches!(booth.end(), RecorderState::Done(_)));
    assert!(files(folder.path()).len() >= 2, "{:?}", files(folder.path()));
    booth.assert_accounted(folder.path());
}

#[test]
fn a_slow_disk_costs_pictures_and_neither_the_file_nor_the_show() {
    let folder = tempfile::tempdir().unwrap();
    let mut booth = Booth::new(Pacing::Live, live(folder.path().join("{n}.mp4")));
    booth.show_until_recorded(30);
    let child = encoders(folder.path());
    // Who writes gets a twentieth of the time, as behind a disk that takes that much.
    let slow = Arc::new(AtomicBool::new(true));
    let brake = std::thread::spawn({
        let slow = slow.clone();
        move || {
            while slow.load(Ordering::Relaxed) {
                signal("-STOP", &child);
                std::thread::sleep(Duration::from_millis(190));
                signal("-CONT", &child);
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    });
    let (before, recorded) = (booth.shown, booth.count("frames_recorded"));
    while booth.count("recording_skipped_encoder") < 300 {
        assert!(booth.shown < 100_000, "nothing was slow: {:?}", booth.stats.counters());
        booth.show(1, PACE);
    }
    let (shown, kept) = (booth.shown - before, booth.count("frames_recorded") - recorded);
    assert!(kept > 0 && kept < shown, "{kept} of {shown} pictures were recorded");
    slow.store(false, Ordering::Relaxed);
    brake.join().unwrap();
    let recorded = booth.count("frames_recorded");
    booth.show_until_recorded(recorded + 30);
    assert!(matches!(booth.end(), RecorderState::Done(_)));
    assert_eq!(booth.count("recording_encoder_hung"), 0, "slow is not dead");
    assert_eq!(files(folder.path()).len(), 1, "{:?}", files(folder.path()));
    booth.assert_accounted(folder.path());
}

#[test]
fn a_folder_that_goes_is_made_again_and_the_loss_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let shows = folder.path().join("shows");
    let mut booth = Booth::new(Pacing::Live, live(shows.join("{n}.mp4")));
    booth.show_until_recorded(15);
    std::fs::remove_dir_all(&shows).unwrap();
    booth.until(|stats| stats.counter("recording_file_lost") == 1);
    let recorded = booth.count("frames_recorded");
    booth.show_until_recorded(recorded + 20);
    let state = booth.end();
    let RecorderState::Failed(reason) = state else { panic!("what is lost was told as {state:?}") };
    assert!(reason.contains("001.mp4"), "{reason}");
    assert_eq!(files(&shows).len(), 1);
    booth.assert_accounted(&shows);
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_any_more_keeps_what_there_is() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let shows = folder.path().join("shows");
    std::fs::create_dir(&shows).unwrap();
    let mut booth = Booth::new(Pacing::Lossless, live(shows.join("{n}.mp4")));
    booth.show(45, Duration::ZERO);
    std::fs::set_permissions(&shows, PermissionsExt::from_mode(0o555)).unwrap();
    if std::fs::write(shows.join("probe"), "").is_ok() {
        std::fs::remove_file(shows.join("probe")).unwrap();
        println!("skipped: this user may write everywhere");
        return;
    }
    booth.show(15, Duration::ZERO);
    let state = booth.end();
    std::fs::set_permissions(&shows, PermissionsExt::from_mode(0o755)).unwrap();
    let RecorderState::Failed(reason) = state else { panic!("told as {state:?}") };
    assert!(reason.contains("001.partial.mp4"), "{reason}");
    assert_eq!(files(&shows), [shows.join("001.partial.mp4")]);
    assert_eq!(pictures_in(&shows.join("001.partial.mp4")), 60);
}

#[test]
fn a_rate_and_a_size_are_held() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = live(folder.path().join("{n}.mp4"));
    options.rate = Some(10.0);
    options.writer.largest = Some((160, 160));
    let mut booth = Booth::new(Pacing::Lossless, options);
    booth.show(90, Duration::ZERO);
    let RecorderState::Done(path) = booth.end() else { panic!("it was to be recorded") };
    assert_eq!(pictures_in(&path), 30);
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "stream=width,height:format=duration", "-of", "csv=p=0"])
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.starts_with("160,90"), "{text}");
    let seconds: f64 = text.lines().nth(1).unwrap().parse().unwrap();
    assert!((2.85..=3.1).contains(&seconds), "{text}");
}

#[test]
fn a_recording_that_was_cut_off_gets_its_name_with_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = live(folder.path().join("old.mp4"));
    options.writer.ordinary = false;
    let mut booth = Booth::new(Pacing::Lossless, options);
    booth.show(60, Duration::ZERO);
    booth.end();
    let partial = folder.path().join("old.partial.mp4");
    std::fs::rename(folder.path().join("old.mp4"), &partial).unwrap();
    assert!(!is_ordinary(&partial));
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(60);
    std::fs::File::options().write(true).open(&partial).unwrap().set_modified(long_ago).unwrap();
    let mut booth = Booth::new(Pacing::Lossless, live(folder.path().join("new.mp4")));
    booth.show(30, Duration::ZERO);
    assert!(matches!(booth.end(), RecorderState::Done(_)));
    assert_eq!(booth.count("recordings_recovered"), 1);
    assert_eq!(files(folder.path()), ["new.mp4", "old.mp4"].map(|name| folder.path().join(name)));
    assert_eq!(pictures_in(&folder.path().join("old.mp4")), 60);
    assert!(is_ordinary(&folder.path().join("old.mp4")));
}

#[test]
fn hardware_that_is_not_there_is_told_and_recorded_without() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = live(folder.path().join("a.mp4"));
    // Only on Windows there may be one that works.
    options.writer.encoder = "amf".parse().unwrap();
    let mut booth = Booth::new(Pacing::Lossless, options);
    booth.show(20, Duration::ZERO);
    let RecorderState::Done(path) = booth.end() else { panic!("it was to be recorded") };
    assert_eq!(pictures_in(&path), 20);
    assert_eq!([booth.count("encoder_fallbacks"), booth.count("encoder_trials_failed")], [1, 1]);
}
