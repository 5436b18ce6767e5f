//! A server that is killed and started again, for a hundred times: minutes, so not in the default run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use masque::capture::{CaptureWorker, Opener, Pace, SourceState};
use masque::frame::{Frame, FramePool};
use masque::source::{Reopener, SourceOptions, SourceUri};
use masque::stats::Stats;

use super::servers::{self, Means};

/// How often the server dies, unless the variable `MASQUE_RESTARTS` says otherwise.
const RESTARTS: usize = 100;
/// What is measured before is the beginning: buffers are made, libraries are loaded.
const WARM: usize = 10;
/// How long the server is away, in milliseconds, and how soon its pictures are to be there again.
const AWAY: [u64; 4] = [500, 1500, 2000, 4000];
const BACK: Duration = Duration::from_secs(3);
/// What memory may differ by: the allocator's own ups and downs.
const MEMORY: u64 = 4 << 20;

fn spawn(address: &str, stats: &Stats) -> CaptureWorker {
    let uri: SourceUri = address.parse().unwrap();
    let opener = Opener::from(Reopener::new(uri, SourceOptions::default(), stats.clone()));
    CaptureWorker::start(opener, None, FramePool::new(64 << 20), stats.clone(), Pace::RealTime, || {})
}

/// Waits for a picture that was made after `since`.
fn fresh_picture(worker: &CaptureWorker, since: Instant) -> Arc<Frame> {
    loop {
        if let Some(frame) = worker.try_latest()
            && servers::age(&frame).is_some_and(|age| age < since.elapsed())
        {
            return frame;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "{:?}", worker.state());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
#[ignore = "takes ten minutes"]
fn a_hundred_restarts_of_a_server_are_survived_and_cost_nothing() {
    if !servers::has_rtsp() {
        return;
    }
    let restarts = std::env::var("MASQUE_RESTARTS").ok().and_then(|n| n.parse().ok()).unwrap_or(RESTARTS);
    let port = servers::free_port();
    let address = format!("rtsp://127.0.0.1:{port}/live");
    let stats = Stats::default();
    let start = || servers::rtsp(port, (640, 360), 25, &[]);
    let mut server = start();
    let worker = spawn(&address, &stats);
    fresh_picture(&worker, Instant::now());
    let (mut times, mut before) = (Vec::new(), None);
    for n in 0..restarts {
        server.kill();
        std::thread::sleep(Duration::from_millis(AWAY[n % AWAY.len()]));
        server = start();
        let back = Instant::now();
        fresh_picture(&worker, back);
        let time = back.elapsed();
        times.push(time);
        // Until what was only there to bring it back is gone.
        std::thread::sleep(Duration::from_millis(300));
        let means = Means::now();
        println!("{n}: {time:?} after the server was back; {means:?}");
        if n == WARM.min(restarts / 2) {
            before = Some(means);
        }
    }
    let (before, after) = (before.unwrap(), Means::now());
    println!("before: {before:?}\nafter:  {after:?}\n{:?}", stats.counters());
    times.sort();
    println!("median {:?}, worst {:?}", times[times.len() / 2], times[times.len() - 1]);
    assert!(times[times.len() - 1] <= BACK, "{times:?}");
    after.assert_no_growth(&before, MEMORY);
}

#[test]
fn a_run_that_waits_to_be_sent_pictures_ends_at_once_and_leaves_nobody_behind() {
    let stats = Stats::default();
    let port = servers::free_port();
    let uri: SourceUri = format!("rtmp-listen://127.0.0.1:{port}/live/x").parse().unwrap();
    let opener = Opener::from(Reopener::new(uri, SourceOptions::default(), stats.clone()));
    let pool = FramePool::new(16 << 20);
    let worker = CaptureWorker::start(opener, None, pool, stats.clone(), Pace::RealTime, || {});
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(worker.state(), SourceState::Starting);
    assert_eq!(Means::now().children, 1);
    drop(worker);
    assert_eq!(stats.counter("capture_threads_detached"), 0);
    assert_eq!(Means::now().children, 0);
}
