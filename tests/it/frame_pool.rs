//! The frame pool where it works: between a source and what is shown.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bevy::prelude::*;
use masque::capture::{Capture, CapturePlugin, CaptureWorker, Pace, SwitchSource};
use masque::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use masque::perception::{Pairing, PerceptionError, PerceptionPlugin, Shown};
use masque::schedule::{Pacing, Waker};
use masque::source::{FrameSource, SourceError, SourceInfo};
use masque::stats::{Stats, StatsReport};

const SIZE: (u32, u32) = (64, 48);

/// A camera that writes the number of each frame into it and notes where it put it.
struct Camera {
    info: SourceInfo,
    next: u64,
    written: Arc<Mutex<BTreeSet<usize>>>,
}

impl Camera {
    fn boxed(written: &Arc<Mutex<BTreeSet<usize>>>) -> Result<Box<dyn FrameSource>, SourceError> {
        let info = SourceInfo {
            uri: "camera:test".into(),
            description: "a test".into(),
            width: SIZE.0,
            height: SIZE.1,
            nominal_rate: Some(500.0),
            live: true,
            frames: None,
            pixel_format: PixelFormat::Nv12,
        };
        Ok(Box::new(Self { info, next: 0, written: written.clone() }))
    }

    /// The next picture, two milliseconds after the one before.
    fn wait(&mut self) -> u64 {
        std::thread::sleep(Duration::from_millis(2));
        self.next += 1;
        self.next - 1
    }
}

impl FrameSource for Camera {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        let mut data = pool.acquire(PixelFormat::Nv12.bytes(SIZE.0, SIZE.1))?;
        let number = self.wait();
        data[..8].copy_from_slice(&number.to_le_bytes());
        self.written.lock().unwrap().insert(data.as_ptr() as usize);
        let time = Duration::from_millis(2 * number);
        Ok(Some(Frame::new(FrameSeq(number), time, PixelFormat::Nv12, SIZE, ColorSpace::default(), data)?))
    }

    fn skip_frame(&mut self) -> Result<bool, SourceError> {
        self.wait();
        Ok(true)
    }
}

/// The number that the camera wrote.
fn number(frame: &Frame) -> u64 {
    u64::from_le_bytes(frame.data()[..8].try_into().unwrap())
}

fn frame_bytes() -> usize {
    PixelFormat::Nv12.bytes(SIZE.0, SIZE.1)
}

#[test]
fn while_every_buffer_is_held_the_newest_frames_of_a_camera_are_dropped_and_counted() {
    let (stats, written) = (Stats::default(), Arc::default());
    let pool = FramePool::new(3 * frame_bytes());
    let open = move || Camera::boxed(&written);
    let worker = CaptureWorker::spawn(open, pool.clone(), stats.clone(), Pace::RealTime, || {});
    let held: Vec<_> = (0..3).map(|_| worker.next_frame().unwrap()).collect();
    while stats.counter("frame_pool_exhausted") < 20 {
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(worker.try_latest().is_none(), "three frames are all that the pool may hold");
    let gauges = pool.stats();
    assert_eq!((gauges.in_use, gauges.in_use_bytes), (3, gauges.budget_bytes));
    let last = number(held.last().unwrap());
    drop(held);
    let next = worker.next_frame().unwrap();
    assert!(number(&next) >= last + 20, "what comes next is new, not what was dropped");
    assert_eq!(stats.counter("capture_pool_waits"), 0, "a camera is never made to wait");
}

#[test]
fn pixels_stay_where_the_source_wrote_them_until_they_are_shown() {
    let (stats, written) = (Stats::default(), Arc::<Mutex<BTreeSet<usize>>>::default());
    let pool = FramePool::new(64 * frame_bytes());
    let spawn = {
        let (stats, pool, written) = (stats.clone(), pool.clone(), written.clone());
        move || {
            let written = written.clone();
            CaptureWorker::spawn(
                move || Camera::boxed(&written),
                pool.clone(),
                stats.clone(),
                Pace::RealTime,
                || {},
            )
        }
    };
    let mut app = App::new();
    app.add_plugins((TaskPoolPlugin::default(), bevy::time::TimePlugin))
        .insert_resource(stats)
        .init_resource::<Waker>()
        .init_resource::<Pacing>()
        .add_message::<SwitchSource>()
        .insert_resource(Capture {
            worker: spawn(),
            pool: pool.clone(),
            spawn: Box::new(move |_, _| spawn()),
        })
        .add_plugins(CapturePlugin)
        .add_plugins(PerceptionPlugin {
            loader: Arc::new(|| {
                Err(PerceptionError::Contract { model: "none".into(), reason: "there is none".into() })
            }),
            pairing: Pairing::Latest,
        });
    let mut shown = 0;
    while shown < 100 {
        app.update();
        std::thread::sleep(Duration::from_millis(1));
        if shown == 50 {
            pool.forget_warm_up();
        }
        let Some(frame) = &app.world().resource::<Shown>().frame else { continue };
        shown += 1;
        let at = frame.data().as_ptr() as usize;
        assert!(written.lock().unwrap().contains(&at), "frame {} was copied", number(frame));
    }
    let gauges = pool.stats();
    assert!(gauges.hit_rate >= 0.99, "{gauges:?}");
    assert!(gauges.peak <= 6, "source, slot, newest, shown and one on its way: {gauges:?}");
}

/// Where a user sees it.
#[test]
fn a_bench_hardly_ever_allocates_a_frame() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("bench.json");
    let run = assert_cmd::Command::cargo_bin("masque")
        .unwrap()
        .args(["bench", "demo:", "--frames", "120", "--size", "64x36", "--json"])
        .arg(&json)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&run.stderr);
    if !run.status.success() && text.contains("model") {
        return println!("skipped: {text}");
    }
    assert!(run.status.success(), "{text}");
    let report: StatsReport = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let pool = report.memory.pool;
    assert!(pool.hits >= 100 && pool.hit_rate >= 0.99, "{pool:?}");
    assert_eq!(pool.exhausted, 0);
    assert!(String::from_utf8_lossy(&run.stdout).contains("without an allocation"));
}
