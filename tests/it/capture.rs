//! A source on its thread: real time, lossless, and back after failures.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use masque::capture::{CaptureWorker, Pace, SourceState};
use masque::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use masque::source::{FrameSource, SourceError, SourceInfo};
use masque::stats::Stats;

/// A source that does what it is told.
struct Scripted {
    info: SourceInfo,
    next: u64,
    step: Box<dyn FnMut(u64) -> Step + Send>,
}

enum Step {
    Frame,
    End,
    Fail,
    Panic,
}

impl Scripted {
    fn new(live: bool, step: impl FnMut(u64) -> Step + Send + 'static) -> Self {
        let info = SourceInfo {
            uri: "scripted".into(),
            description: "scripted".into(),
            width: 2,
            height: 2,
            nominal_rate: Some(100.0),
            live,
            frames: None,
            pixel_format: PixelFormat::Rgba8,
        };
        Self { info, next: 0, step: Box::new(step) }
    }
}

impl FrameSource for Scripted {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        let data = pool.acquire(16)?;
        match (self.step)(self.next) {
            Step::Frame => {}
            Step::End => return Ok(None),
            Step::Fail => return Err(SourceError::CameraGone("0".into())),
            Step::Panic => panic!("the driver lost its mind"),
        }
        let time = Duration::from_millis(self.next * 10);
        let frame =
            Frame::new(FrameSeq(self.next), time, PixelFormat::Rgba8, (2, 2), ColorSpace::default(), data)?;
        self.next += 1;
        Ok(Some(frame))
    }
}

fn boxed(source: Scripted) -> Result<Box<dyn FrameSource>, SourceError> {
    Ok(Box::new(source))
}

fn spawn(
    open: impl FnMut() -> Result<Box<dyn FrameSource>, SourceError> + Send + 'static,
    stats: &Stats,
    pace: Pace,
) -> CaptureWorker {
    CaptureWorker::spawn(open, FramePool::new(16 * 8), stats.clone(), pace, || {})
}

#[test]
fn lossless_hands_over_every_frame_in_order() {
    let stats = Stats::default();
    let count = |n| if n < 500 { Step::Frame } else { Step::End };
    let worker = spawn(move || boxed(Scripted::new(false, count)), &stats, Pace::Lossless);
    let seqs: Vec<u64> = std::iter::from_fn(|| worker.next_frame()).map(|frame| frame.seq.0).collect();
    assert_eq!(seqs, (0..500).collect::<Vec<_>>());
    assert_eq!(worker.state(), SourceState::Ended);
    assert_eq!(stats.counter("frames_captured"), 500);
    assert_eq!(stats.counter("frames_dropped_capture"), 0);
}

#[test]
fn real_time_keeps_the_newest_frame_and_counts_the_others() {
    let stats = Stats::default();
    let count = |n| if n < 40 { Step::Frame } else { Step::End };
    let worker = spawn(move || boxed(Scripted::new(false, count)), &stats, Pace::RealTime);
    // Nobody takes a frame until all are there.
    while stats.counter("frames_captured") < 40 || stats.counter("frames_dropped_capture") < 39 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(worker.try_latest().map(|frame| frame.seq), Some(FrameSeq(39)));
    assert!(worker.next_frame().is_none());
}

#[test]
fn real_time_plays_a_file_at_its_own_speed() {
    let stats = Stats::default();
    let count = |n| if n < 30 { Step::Frame } else { Step::End };
    let worker = spawn(move || boxed(Scripted::new(false, count)), &stats, Pace::RealTime);
    let first = worker.next_frame().unwrap();
    let start = std::time::Instant::now();
    let last = std::iter::from_fn(|| worker.next_frame()).last().unwrap();
    let stream_time = last.timestamp - first.timestamp;
    // Never early; how late depends on the machine.
    assert!(start.elapsed() + Duration::from_millis(30) >= stream_time, "{:?}", start.elapsed());
    assert_eq!(last.seq, FrameSeq(29));
}

#[test]
fn a_file_that_is_read_too_slowly_takes_the_time_that_it_took() {
    let stats = Stats::default();
    let slow = |n| {
        if n == 5 {
            std::thread::sleep(Duration::from_millis(800));
        }
        if n < 10 { Step::Frame } else { Step::End }
    };
    let worker = spawn(move || boxed(Scripted::new(false, slow)), &stats, Pace::RealTime);
    let first = worker.next_frame().unwrap();
    let last = std::iter::from_fn(|| worker.next_frame()).last().unwrap();
    let (shown, passed) = (last.timestamp - first.timestamp, last.arrived - first.arrived);
    // By its own times it lasts 90 ms.
    assert!(shown >= Duration::from_millis(700), "{shown:?}");
    assert!(shown <= passed + Duration::from_millis(50), "{shown:?} in {passed:?}");
    assert!(stats.counter("capture_late") >= 1);
}

#[test]
fn a_camera_that_fails_comes_back_and_numbers_go_on() {
    let stats = Stats::default();
    let lives = Arc::new(AtomicU32::new(0));
    let open = {
        let lives = lives.clone();
        move || {
            let life = lives.fetch_add(1, Ordering::Relaxed);
            boxed(Scripted::new(true, move |n| match (life, n) {
                (0, 3) => Step::Fail,
                (1, 2) => Step::Panic,
                (_, n) if n < 5 => Step::Frame,
                _ => {
                    std::thread::sleep(Duration::from_millis(5));
                    Step::Frame
                }
            }))
        }
    };
    let worker = spawn(open, &stats, Pace::Lossless);
    let frames: Vec<_> =
        (0..9).map(|_| worker.next_frame().unwrap()).map(|f| (f.seq.0, f.timestamp)).collect();
    assert_eq!(frames.iter().map(|f| f.0).collect::<Vec<_>>(), (0..9).collect::<Vec<_>>());
    assert!(frames.windows(2).all(|pair| pair[0].1 < pair[1].1), "{frames:?}");
    assert!(frames[3].1 - frames[2].1 >= Duration::from_millis(400), "the gap is in the times: {frames:?}");
    assert_eq!(stats.counter("source_reconnects"), 2);
    assert_eq!(worker.state(), SourceState::Live);
}

#[test]
fn what_never_worked_fails_at_once_with_its_sentence() {
    let stats = Stats::default();
    let worker = spawn(|| Err(SourceError::NoCamera), &stats, Pace::RealTime);
    assert!(worker.next_frame().is_none());
    let SourceState::Failed(sentence) = worker.state() else { panic!("{:?}", worker.state()) };
    assert!(sentence.contains("no camera") && sentence.contains("demo:"), "{sentence}");
}

#[test]
fn a_driver_that_hangs_does_not_hang_the_program() {
    let stats = Stats::default();
    let (release, hold) = mpsc::channel::<()>();
    let (hangs, hanging) = mpsc::channel::<()>();
    let hold = Mutex::new(Some((hold, hangs)));
    let open = move || {
        let hold = hold.lock().unwrap().take();
        boxed(Scripted::new(true, move |n| {
            if let (1, Some((hold, hangs))) = (n, &hold) {
                hangs.send(()).unwrap();
                let _ = hold.recv();
            }
            Step::Frame
        }))
    };
    let worker = spawn(open, &stats, Pace::RealTime);
    assert!(worker.next_frame().is_some());
    hanging.recv().unwrap();
    drop(worker);
    assert_eq!(stats.counter("capture_threads_detached"), 1);
    drop(release);
}

#[test]
fn a_file_is_open_as_soon_as_its_first_frame_is_there() {
    let stats = Stats::default();
    let worker = spawn(|| boxed(Scripted::new(false, |_| Step::Frame)), &stats, Pace::Lossless);
    assert!(worker.next_frame().is_some());
    assert_eq!(worker.info().map(|info| info.uri), Some("scripted".to_owned()));
    assert_eq!(worker.state(), SourceState::Live);
    drop(worker);
    assert_eq!(stats.counter("capture_threads_detached"), 0);
}
