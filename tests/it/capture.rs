//! A source on its thread: real time, lossless, and back after failures.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use masque::capture::{CaptureOptions, CaptureWorker, Opener, Pace, SourceState};
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

type Opened = Result<Box<dyn FrameSource>, SourceError>;

fn spawn_with(
    open: impl Fn() -> Opened + Send + Sync + 'static,
    stats: &Stats,
    options: CaptureOptions,
) -> CaptureWorker {
    CaptureWorker::spawn(open, FramePool::new(16 * 256), stats.clone(), options, || {})
}

fn spawn(
    open: impl Fn() -> Result<Box<dyn FrameSource>, SourceError> + Send + Sync + 'static,
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

/// Frames come until the second one, where the driver hangs in `lives` of its lives until the sender is gone.
fn hanging(
    lives: u32,
) -> (mpsc::Sender<()>, mpsc::Receiver<()>, impl Fn() -> Opened + Send + Sync + 'static) {
    let (release, hold) = mpsc::channel::<()>();
    let (hangs, is_hanging) = mpsc::channel::<()>();
    let (hold, life) = (Arc::new(Mutex::new(hold)), AtomicU32::new(0));
    let open = move || {
        let (hold, hangs) = (hold.clone(), hangs.clone());
        let hang = life.fetch_add(1, Ordering::Relaxed) < lives;
        boxed(Scripted::new(true, move |n| {
            if n == 1 && hang {
                hangs.send(()).unwrap();
                let _ = hold.lock().unwrap().recv();
            }
            std::thread::sleep(Duration::from_millis(5));
            Step::Frame
        }))
    };
    (release, is_hanging, open)
}

#[test]
fn a_driver_that_hangs_does_not_hang_the_program() {
    let stats = Stats::default();
    let (release, is_hanging, open) = hanging(1);
    let worker = spawn(open, &stats, Pace::RealTime);
    assert!(worker.next_frame().is_some());
    is_hanging.recv().unwrap();
    drop(worker);
    assert_eq!(stats.counter("capture_threads_detached"), 1);
    drop(release);
}

#[test]
fn a_driver_that_hangs_is_left_alone_and_the_camera_opened_again() {
    let stats = Stats::default();
    let (release, _is_hanging, open) = hanging(1);
    let worker = spawn_with(open, &stats, impatient());
    assert!(worker.next_frame().is_some());
    let seqs: Vec<u64> = (0..3).map(|_| worker.next_frame().unwrap().seq.0).collect();
    assert_eq!(worker.state(), SourceState::Live);
    assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]), "{seqs:?}");
    assert_eq!((stats.counter("source_stalls"), stats.counter("capture_threads_abandoned")), (1, 1));
    // It comes back late: its thread ends, and what it read is not shown among what comes now.
    drop(release);
    until(|| stats.counter("capture_threads_returned") == 1);
    let seqs: Vec<u64> = (0..20).map(|_| worker.next_frame().unwrap().seq.0).collect();
    assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]), "{seqs:?}");
    drop(worker);
    assert_eq!(stats.counter("capture_threads_detached"), 0);
}

#[test]
fn no_more_threads_than_four_are_lost_to_a_driver() {
    let stats = Stats::default();
    let (release, _is_hanging, open) = hanging(u32::MAX);
    let worker = spawn_with(open, &stats, impatient());
    until(|| stats.counter("source_openings_refused") >= 2);
    assert_eq!(stats.counter("capture_threads_abandoned"), 4);
    assert!(worker.state().is_away(), "{:?}", worker.state());
    drop(worker);
    drop(release);
}

#[test]
fn another_source_stands_in_and_goes_when_the_first_one_is_back() {
    let stats = Stats::default();
    let lives = Arc::new(AtomicU32::new(0));
    let back = Arc::new(AtomicBool::new(false));
    let open = {
        let (lives, back) = (lives.clone(), back.clone());
        move || {
            if lives.fetch_add(1, Ordering::Relaxed) > 0 && !back.load(Ordering::Relaxed) {
                return Err(SourceError::NoCamera);
            }
            let first = lives.load(Ordering::Relaxed) == 1;
            boxed(Scripted::new(true, move |n| {
                std::thread::sleep(Duration::from_millis(5));
                if first && n == 3 { Step::Fail } else { Step::Frame }
            }))
        }
    };
    let stand_in = Opener::new(|| {
        let mut source = Scripted::new(true, |_| {
            std::thread::sleep(Duration::from_millis(5));
            Step::Frame
        });
        source.info.uri = "understudy".into();
        boxed(source)
    });
    let options = CaptureOptions { stand_in: Some(stand_in), ..impatient() };
    let worker = spawn_with(open, &stats, options);
    let mut times = Vec::new();
    let mut take_until = |state: SourceState, uri: &str| {
        while worker.state() != state || worker.info().map(|info| info.uri).as_deref() != Some(uri) {
            times.extend(worker.next_frame().map(|frame| (frame.seq, frame.timestamp)));
        }
    };
    take_until(SourceState::Live, "scripted");
    take_until(SourceState::Fallback, "understudy");
    back.store(true, Ordering::Relaxed);
    take_until(SourceState::Live, "scripted");
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "one stream: {times:?}");
}

#[test]
fn what_was_seen_last_goes_on_in_time_while_nothing_comes() {
    let stats = Stats::default();
    let (release, _is_hanging, open) = hanging(1);
    let worker = spawn_with(open, &stats, CaptureOptions { hold: true, ..impatient() });
    let first = worker.next_frame().unwrap();
    let mut frames = vec![first];
    while stats.counter("frames_held") < 20 || worker.state() != SourceState::Live {
        frames.push(worker.next_frame().unwrap());
    }
    frames.push(worker.next_frame().unwrap());
    assert!(frames.windows(2).all(|pair| pair[0].seq < pair[1].seq && pair[0].timestamp < pair[1].timestamp));
    let (begin, end) = (&frames[0], frames.last().unwrap());
    let (told, passed) = (end.timestamp - begin.timestamp, end.arrived - begin.arrived);
    assert!(told.abs_diff(passed) < Duration::from_millis(100), "{told:?} in {passed:?}");
    assert!(frames.iter().all(|frame| frame.data() == frames[0].data()), "the same picture");
    drop(release);
}

#[test]
fn a_source_that_was_never_there_is_waited_for_if_that_is_wanted() {
    let stats = Stats::default();
    let there = Arc::new(AtomicBool::new(false));
    let open = {
        let there = there.clone();
        move || match there.load(Ordering::Relaxed) {
            true => boxed(Scripted::new(true, |_| {
                std::thread::sleep(Duration::from_millis(5));
                Step::Frame
            })),
            false => Err(SourceError::NoCamera),
        }
    };
    let options = CaptureOptions { wait: true, hold: true, ..impatient() };
    let pool = FramePool::new(8 << 20);
    let worker = CaptureWorker::spawn(open, pool, stats.clone(), options, || {});
    let dark = worker.next_frame().unwrap();
    assert!(matches!(worker.state(), SourceState::Reconnecting(_)), "{:?}", worker.state());
    assert_eq!(dark.plane(0).iter().max(), Some(&16), "black");
    there.store(true, Ordering::Relaxed);
    while worker.next_frame().unwrap().width != 2 {}
    assert_eq!(worker.state(), SourceState::Live);
}

#[test]
fn what_opens_when_somebody_sends_is_waited_for_with_something_on_the_screen() {
    let stats = Stats::default();
    let opener = Opener::cancellable(|cancel| {
        while !cancel.is_cancelled() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(SourceError::NoCamera)
    });
    let options = CaptureOptions { wait: true, hold: true, ..impatient() };
    let pool = FramePool::new(8 << 20);
    let worker = CaptureWorker::start(opener.patient(true), None, pool, stats.clone(), options, || {});
    assert!(worker.next_frame().is_some());
    assert_eq!(worker.state().to_string(), "Waiting");
    drop(worker);
    let left = [stats.counter("source_failures"), stats.counter("capture_threads_detached")];
    assert_eq!(left, [0, 0], "it was told to end, and did");
}

#[test]
fn what_is_plugged_in_is_opened_at_once() {
    let stats = Stats::default();
    let plugged = Arc::new(AtomicU32::new(0));
    let (open, changes) = (plugged.clone(), plugged.clone());
    let opener = Opener::new(move || match open.load(Ordering::Relaxed) {
        0 => Err(SourceError::NoCamera),
        _ => boxed(Scripted::new(true, |_| {
            std::thread::sleep(Duration::from_millis(5));
            Step::Frame
        })),
    })
    .with_changes(move || changes.load(Ordering::Relaxed).into());
    let options = CaptureOptions { wait: true, ..impatient() };
    let pool = FramePool::new(16 * 8);
    let worker = CaptureWorker::start(opener, None, pool, stats.clone(), options, || {});
    // The pause before the fourth attempt takes 4 s.
    until(|| stats.counter("source_failures") >= 3);
    let tries = stats.counter("source_reconnects");
    plugged.store(1, Ordering::Relaxed);
    assert!(worker.next_frame().is_some());
    assert_eq!(stats.counter("source_reconnects"), tries, "no attempt failed in between");
    assert!(!stats.stages().contains_key("source_gap"), "what never came has no gap");
}

fn impatient() -> CaptureOptions {
    CaptureOptions { stall: Duration::from_millis(200), ..Pace::RealTime.into() }
}

fn until(done: impl Fn() -> bool) {
    while !done() {
        std::thread::sleep(Duration::from_millis(2));
    }
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
