//! A source in a process of its own.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use masque::capture::{CaptureOptions, CaptureWorker, Opener, Pace, SourceState};
use masque::frame::FramePool;
use masque::source::{Cancel, FrameSource, Reopener, SourceOptions, SourceUri, open};
use masque::stats::Stats;

const POOL_BYTES: usize = 64 << 20;

fn apart(uri: &str, stats: &Stats) -> Reopener {
    let uri: SourceUri = uri.parse().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_masque")).to_owned();
    Reopener::new(uri, SourceOptions::default(), stats.clone()).apart(program, true)
}

/// Processes that serve a source to this one.
fn processes() -> Vec<u32> {
    let own = std::process::id().to_string();
    let listed = Command::new("pgrep").args(["-P", &own, "-f", "serve-source"]).output().unwrap();
    String::from_utf8(listed.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn its_frames_are_those_of_the_source() {
    let stats = Stats::default();
    let pool = FramePool::new(POOL_BYTES);
    let mut direct = open(&SourceUri::Demo, &SourceOptions::default(), &stats).unwrap();
    let mut apart = apart("demo:", &stats).open(&Cancel::default()).unwrap();
    assert_eq!(apart.info(), direct.info());
    for _ in 0..3 {
        let frame = |source: &mut dyn FrameSource| source.next_frame(&pool).unwrap().unwrap();
        let (here, there) = (frame(direct.as_mut()), frame(apart.as_mut()));
        assert_eq!((here.seq, here.timestamp, here.color), (there.seq, there.timestamp, there.color));
        assert!(here.data() == there.data(), "the same picture");
    }
    assert_eq!(stats.counter("source_processes"), 1);
    drop(apart);
    assert!(processes().is_empty(), "it goes with its source");
}

#[test]
fn what_cannot_be_opened_says_why_in_the_same_words() {
    let stats = Stats::default();
    let uri = "no/such/video.mp4";
    let direct = open(&uri.parse().unwrap(), &SourceOptions::default(), &stats).unwrap_err();
    let there = apart(uri, &stats).open(&Cancel::default()).unwrap_err();
    assert_eq!(there.to_string(), direct.to_string());
}

#[test]
fn an_opening_that_hangs_is_given_up_with_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let (script, number) = (folder.path().join("hangs"), folder.path().join("number"));
    std::fs::write(&script, format!("#!/bin/sh\necho $$ > {}\nexec sleep 1000\n", number.display())).unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let reopener = Reopener::new(SourceUri::Demo, SourceOptions::default(), Stats::default());
    let cancel = Cancel::default();
    let (given_up, script) = (cancel.clone(), reopener.apart(script, true));
    let opening = std::thread::spawn(move || script.open(&given_up).map(|_| ()));
    while std::fs::read_to_string(&number).map_or(0, |text| text.len()) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!opening.is_finished());
    cancel.cancel();
    assert!(opening.join().unwrap().is_err());
    let number = std::fs::read_to_string(&number).unwrap();
    assert!(!Path::new("/proc").join(number.trim()).exists(), "its process is gone");
}

#[test]
fn a_driver_that_hangs_is_killed_with_its_process() {
    let stats = Stats::default();
    let reopener = apart("demo:", &stats);
    // The performer is no live source by itself.
    let opener = Opener::from(reopener).wrapped(|source| Box::new(Live::new(source)));
    let options = CaptureOptions { stall: Duration::from_millis(500), ..Pace::RealTime.into() };
    let pool = FramePool::new(POOL_BYTES);
    let worker = CaptureWorker::start(opener, None, pool, stats.clone(), options, || {});
    assert!(worker.next_frame().is_some());
    let hanging = processes();
    assert_eq!(hanging.len(), 1);
    assert!(Command::new("kill").args(["-STOP", &hanging[0].to_string()]).status().unwrap().success());
    while stats.counter("source_stalls") == 0 || worker.state() != SourceState::Live {
        let _ = worker.next_frame();
    }
    assert!(!processes().contains(&hanging[0]), "the one that hung is gone");
    assert_eq!(stats.counter("capture_threads_abandoned"), 0);
    drop(worker);
    assert!(processes().is_empty());
}

/// Taken for a live source.
struct Live(Box<dyn FrameSource>, masque::source::SourceInfo);

impl Live {
    fn new(source: Box<dyn FrameSource>) -> Self {
        let info = masque::source::SourceInfo { live: true, ..source.info().clone() };
        Self(source, info)
    }
}

impl FrameSource for Live {
    fn info(&self) -> &masque::source::SourceInfo {
        &self.1
    }

    fn next_frame(
        &mut self,
        pool: &FramePool,
    ) -> Result<Option<masque::frame::Frame>, masque::source::SourceError> {
        self.0.next_frame(pool)
    }

    fn interrupt(&self) -> Option<masque::source::Interrupt> {
        self.0.interrupt()
    }
}
