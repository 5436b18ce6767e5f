//! Watches a source as the mirror does, without drawing anything: for tests with real devices and servers.
//!
//! `probe SOURCE [--seconds N] [--frames N]` prints a JSON object a line on standard output: one a second (`--every`), one at each
//! change of state, one at the end, where `colors` has the picture's at eight places from left to right. Times are seconds since the start; `frames` counts what was taken, `wait_ms` is how long
//! frames lay before they were taken (p50, p95).

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::Thread;
use std::time::{Duration, Instant};

use clap::Parser;
use masque::capture::{CaptureOptions, CaptureWorker, Opener, Pace, SourceState};
use masque::frame::{Frame, FramePool, frame_to_rgba};
use masque::memory::{handles, resident_bytes};
use masque::source::{
    CameraOptions, CameraWatch, ControlWish, Crop, Reopener, Rotation, SourceOptions, SourceUri, View,
};
use masque::stats::Stats;
use serde_json::{Value, json};

/// Room for a dozen 4K pictures, as the mirror has it.
const POOL_BYTES: usize = 128 << 20;

/// Watches a source and tells how it does.
#[derive(Parser)]
struct Args {
    /// As `masque run` takes it
    source: SourceUri,
    /// Pixel format of a camera, as YUYV
    #[arg(long)]
    format: Option<String>,
    /// Size of a camera's picture, as 640x480
    #[arg(long, value_parser = size)]
    size: Option<(u32, u32)>,
    /// Pictures per second of a camera
    #[arg(long)]
    rate: Option<f64>,
    /// Control of a camera, as brightness=128
    #[arg(long = "control")]
    controls: Vec<ControlWish>,
    /// Milliseconds from line to line
    #[arg(long, default_value_t = 1000)]
    every: u64,
    /// Turn the picture: 90, 180 or 270
    #[arg(long, default_value = "0")]
    rotate: Rotation,
    /// Part of the picture, as 10%,0,80%,100%
    #[arg(long)]
    crop: Option<Crop>,
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
    last: Option<Arc<Frame>>,
}

impl Watcher {
    fn new(uri: SourceUri, options: SourceOptions) -> Self {
        let stats = Stats::default();
        let reopener = Reopener::new(uri, options, stats.clone());
        let mut opener = Opener::from(reopener);
        // Without a thread for it, a camera that is back is noticed by the next attempt.
        if let Ok(watch) = CameraWatch::start(|| {}) {
            opener = opener.with_changes(move || watch.arrivals());
        }
        let care = CaptureOptions::from(Pace::RealTime);
        let taker: Thread = std::thread::current();
        let pool = FramePool::new(POOL_BYTES);
        let worker = CaptureWorker::start(opener, None, pool, stats.clone(), care, move || taker.unpark());
        Self { worker, stats, start: Instant::now(), frames: 0, waits: Vec::new(), last: None }
    }

    fn take(&mut self) {
        if let Some(frame) = self.worker.try_latest() {
            self.frames += 1;
            self.waits.push(frame.arrived.elapsed().as_secs_f64() * 1e3);
            self.last = Some(frame);
        }
    }

    /// One line; waits are those since the line before.
    fn tell(&mut self, state: &SourceState, is_over: bool) {
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
            "colors": is_over.then(|| self.last.as_deref().map(colors)),
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

/// Red, green and blue in the middle of each eighth of the width, at two thirds of the height.
fn colors(frame: &Frame) -> Vec<[u8; 3]> {
    let mut rgba = Vec::new();
    if frame_to_rgba(frame, &mut rgba).is_err() {
        return Vec::new();
    }
    let (width, height) = (frame.width as usize, frame.height as usize);
    let at = |eighth: usize| ((height * 2 / 3) * width + width * (2 * eighth + 1) / 16) * 4;
    (0..8).map(|eighth| [0, 1, 2].map(|channel| rgba[at(eighth) + channel])).collect()
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let (width, height) = text.split_once('x').ok_or("type WIDTHxHEIGHT")?;
    let number = |text: &str| text.parse().map_err(|error| format!("{text}: {error}"));
    Ok((number(width)?, number(height)?))
}

fn main() -> ExitCode {
    let args = Args::parse();
    let camera = CameraOptions { format: args.format, controls: args.controls, ..Default::default() };
    let view = View { crop: args.crop, rotation: args.rotate };
    let options =
        SourceOptions { repeat: true, size: args.size, rate: args.rate, camera, view, ..Default::default() };
    let mut watcher = Watcher::new(args.source, options);
    let mut state = SourceState::Starting;
    let mut told = Instant::now();
    let every = Duration::from_millis(args.every);
    loop {
        std::thread::park_timeout(Duration::from_millis(20));
        watcher.take();
        let now = watcher.worker.state();
        if now != state || told.elapsed() >= every {
            watcher.tell(&now, false);
            (state, told) = (now, Instant::now());
        }
        let is_over = args.seconds.is_some_and(|most| watcher.start.elapsed().as_secs_f64() >= most)
            || args.frames.is_some_and(|most| watcher.frames >= most);
        if is_over || matches!(state, SourceState::Ended | SourceState::Failed(_)) {
            watcher.tell(&state, true);
            return ExitCode::from(u8::from(matches!(state, SourceState::Failed(_))));
        }
    }
}
