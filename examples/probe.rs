//! Watches a source as the mirror does, without drawing anything: for tests with real devices and servers.
//!
//! `probe SOURCE [--seconds N] [--frames N]` prints a JSON object a line on standard output: one a second, one at each
//! change of state, one at the end. Times are seconds since the start; `frames` counts what was taken, `wait_ms` is how long
//! frames lay before they were taken (p50, p95).

use std::io::Write;
use std::process::ExitCode;
use std::thread::Thread;
use std::time::{Duration, Instant};

use clap::Parser;
use masque::capture::{CaptureWorker, Pace, SourceState};
use masque::frame::FramePool;
use masque::memory::{handles, resident_bytes};
use masque::source::{self, SourceOptions, SourceUri};
use masque::stats::Stats;
use serde_json::{Value, json};

/// Room for a dozen 4K pictures, as the mirror has it.
const POOL_BYTES: usize = 128 << 20;

/// Watches a source and tells how it does.
#[derive(Parser)]
struct Args {
    /// As `masque run` takes it
    source: SourceUri,
    /// End after so many seconds
    #[arg(long)]
    seconds: Option<f64>,
    /// End after so many frames
    #[arg(long)]
    frames: Option<u64>,
}

/// What was seen so far.
struct Watcher {
    worker: CaptureWorker,
    stats: Stats,
    start: Instant,
    frames: u64,
    waits: Vec<f64>,
}

impl Watcher {
    fn new(uri: SourceUri) -> Self {
        let stats = Stats::default();
        let open = {
            let stats = stats.clone();
            move || source::open(&uri, &SourceOptions { repeat: true, ..Default::default() }, &stats)
        };
        let taker: Thread = std::thread::current();
        let pool = FramePool::new(POOL_BYTES);
        let worker = CaptureWorker::spawn(open, pool, stats.clone(), Pace::RealTime, move || taker.unpark());
        Self { worker, stats, start: Instant::now(), frames: 0, waits: Vec::new() }
    }

    fn take(&mut self) {
        if let Some(frame) = self.worker.try_latest() {
            self.frames += 1;
            self.waits.push(frame.arrived.elapsed().as_secs_f64() * 1e3);
        }
    }

    /// One line; waits are those since the line before.
    fn tell(&mut self, state: &SourceState) {
        let handles = handles();
        self.waits.sort_by(f64::total_cmp);
        let at = |share: f64| self.waits.get((self.waits.len() as f64 * share) as usize).copied();
        let line = json!({
            "t": self.start.elapsed().as_secs_f64(),
            "state": state.to_string(),
            "frames": self.frames,
            "description": self.worker.info().map(|info| info.description),
            "wait_ms": [at(0.5), at(0.95)],
            "stages": stages(&self.stats),
            "files": handles.files,
            "threads": handles.threads,
            "rss": resident_bytes(),
            "counters": self.stats.counters(),
        });
        self.waits.clear();
        let mut out = std::io::stdout().lock();
        // Whoever read the lines is gone, and so is the purpose of writing them.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

fn stages(stats: &Stats) -> Value {
    stats.stages().into_iter().map(|(name, stage)| (name.to_owned(), json!(stage))).collect()
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut watcher = Watcher::new(args.source);
    let mut state = SourceState::Starting;
    let mut told = Instant::now();
    loop {
        std::thread::park_timeout(Duration::from_millis(20));
        watcher.take();
        let now = watcher.worker.state();
        if now != state || told.elapsed() >= Duration::from_secs(1) {
            watcher.tell(&now);
            (state, told) = (now, Instant::now());
        }
        let is_over = args.seconds.is_some_and(|most| watcher.start.elapsed().as_secs_f64() >= most)
            || args.frames.is_some_and(|most| watcher.frames >= most);
        if is_over || matches!(state, SourceState::Ended | SourceState::Failed(_)) {
            watcher.tell(&state);
            return ExitCode::from(u8::from(matches!(state, SourceState::Failed(_))));
        }
    }
}
