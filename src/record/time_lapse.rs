//! Hours in a minute: one picture every so often, played at a usual rate.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bevy::prelude::*;

use crate::compositor::{ComposedFrame, ReadbackDemand};
use crate::ffmpeg::{Ffmpeg, VideoWriter, WriterOptions, is_taken, numbered};
use crate::memory::{Bound, Each, Receiver, Sender, bound, queue};
use crate::schedule::Waker;
use crate::stats::{Stats, describe};

/// Pictures a second in the file.
const RATE: f64 = 30.0;
/// Longest sleep between two looks at whether a picture is due, so that it is asked for in time.
/// How long a write may take before the encoder is ended.
const PATIENCE: Duration = Duration::from_secs(10);
const EARLY: Duration = Duration::from_millis(5);

pub(super) const WAITING: Bound = bound!(
    "record.time_lapse",
    "the picture on its way into the time-lapse",
    1,
    Each::In("pictures"),
    "the picture is skipped, `time_lapse_skipped`"
);

/// What is collected; without this resource nothing is.
#[derive(Resource, Debug, Clone)]
pub struct TimeLapseOptions {
    /// The file: `.mp4`, `.mov` or `.mkv`.
    pub path: PathBuf,
    /// Time from one picture to the next.
    pub every: Duration,
    /// The program that encodes.
    pub ffmpeg: Ffmpeg,
}

/// The time-lapse that is collected, if any.
#[derive(Resource, Default)]
pub struct TimeLapse {
    running: Option<Running>,
}

struct Running {
    every: Duration,
    due: Instant,
    path: PathBuf,
    pictures: Option<Sender<Arc<ComposedFrame>>>,
    thread: Option<JoinHandle<Result<Option<(PathBuf, u32)>, String>>>,
    stats: Stats,
}

impl TimeLapse {
    fn start(&mut self, options: &TimeLapseOptions, stats: &Stats, waker: &Waker) {
        let (sender, pictures) = queue(&WAITING, stats);
        let (own, counted, waker) = (options.clone(), stats.clone(), waker.clone());
        let work = move || {
            let written = collect(&own, &pictures, &counted);
            waker.wake();
            written
        };
        match std::thread::Builder::new().name("time-lapse".into()).spawn(work) {
            Ok(thread) => {
                self.running = Some(Running {
                    every: options.every,
                    due: Instant::now(),
                    path: options.path.clone(),
                    pictures: Some(sender),
                    thread: Some(thread),
                    stats: stats.clone(),
                });
            }
            Err(error) => stats.event(format!("no time-lapse is collected: {error}")),
        }
    }

    /// Gives a composed picture to the file, if one is due; never waits.
    pub(super) fn offer(&mut self, frame: &Arc<ComposedFrame>) {
        let Some(running) = &mut self.running else { return };
        let Some(pictures) = &running.pictures else { return };
        let now = Instant::now();
        if now < running.due {
            return;
        }
        // What was late is not made up for: the next is due after a whole step again.
        running.due = now + running.every;
        if pictures.try_send(frame.clone()).is_err() {
            running.stats.count("time_lapse_skipped");
        }
    }
}

impl Running {
    /// Tells how it went, once it has.
    fn conclude(&mut self) -> Result<(), String> {
        self.pictures = None;
        let Some(thread) = self.thread.take() else { return Ok(()) };
        let written = thread.join().unwrap_or_else(|_| Err("its thread crashed".to_owned()));
        match written {
            // The show ended before the first picture.
            Ok(None) => Ok(()),
            Ok(Some((path, pictures))) => {
                self.stats.event(format!("time-lapse {}, pictures: {pictures}", path.display()));
                Ok(())
            }
            Err(reason) => {
                self.stats.count("time_lapse_failed");
                Err(format!("the time-lapse {} failed: {reason}", self.path.display()))
            }
        }
    }
}

impl Drop for TimeLapse {
    /// The end of the show is the end of the file.
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take()
            && let Err(reason) = running.conclude()
        {
            running.stats.fail(reason);
        }
    }
}

/// Starts the time-lapse where it is asked for.
pub(super) fn begin(
    options: Option<Res<TimeLapseOptions>>,
    (stats, waker): (Res<Stats>, Res<Waker>),
    mut lapse: ResMut<TimeLapse>,
) {
    if let Some(options) = options {
        lapse.start(&options, &stats, &waker);
    }
}

/// Wants a picture when one is due, and notices a file that cannot be written any more.
pub(super) fn watch(mut lapse: ResMut<TimeLapse>, mut demand: ResMut<ReadbackDemand>, stats: Res<Stats>) {
    let Some(running) = &mut lapse.bypass_change_detection().running else { return };
    let ended = running.thread.as_ref().is_some_and(JoinHandle::is_finished);
    let due = !ended && running.due <= Instant::now() + EARLY;
    if demand.time_lapse != due {
        demand.time_lapse = due;
    }
    if ended && let Err(reason) = running.conclude() {
        stats.event(reason.clone());
        // The show goes on; its exit code says that something is missing.
        stats.fail(reason);
    }
}

/// Runs on its own thread until the channel closes; gives the file and how many pictures are in it, if any came.
/// Nothing is replaced: what is taken is counted on.
fn collect(
    options: &TimeLapseOptions,
    pictures: &Receiver<Arc<ComposedFrame>>,
    stats: &Stats,
) -> Result<Option<(PathBuf, u32)>, String> {
    let Ok(first) = pictures.recv() else { return Ok(None) };
    let (width, height) = (first.width, first.height);
    let explain = |error: crate::ffmpeg::ChildError| describe(&error);
    let file = WriterOptions {
        rate: RATE,
        keep_partial: true,
        replace: false,
        // A second of the file may be an hour of the show.
        fragment: Duration::from_millis(1),
        patience: Some(PATIENCE),
        stats: Some(stats.clone()),
        ..default()
    };
    let open = || {
        let path = (1..).map(|n| numbered(&options.path, n)).find(|path| !is_taken(path));
        let path = path.unwrap_or_else(|| options.path.clone());
        VideoWriter::start(&options.ffmpeg, &path, width, height, &file).map_err(explain)
    };
    let mut writer = open()?;
    let mut written = 0_u32;
    for picture in std::iter::once(first).chain(pictures.iter()) {
        if (picture.width, picture.height) != (width, height) {
            stats.count("time_lapse_skipped");
            continue;
        }
        let start = Instant::now();
        let time = |n: u64| Duration::from_secs_f64(n as f64 / RATE);
        if let Err(error) = writer.write_nv12(time(writer.frames()), &picture.pixels) {
            // One whose first picture fails would fail again.
            if writer.frames() == 0 || error.is_of_the_disk() {
                return Err(explain(error));
            }
            stats.count("time_lapse_restarts");
            stats.event(format!("the time-lapse goes on in a new file: {}", explain(error)));
            writer.salvage().map_err(explain)?;
            writer = open()?;
            writer.write_nv12(time(0), &picture.pixels).map_err(explain)?;
        }
        writer.appeared();
        written += 1;
        stats.count("time_lapse_pictures");
        stats.stage("time_lapse", start.elapsed());
    }
    let summary = writer.finish().map_err(explain)?;
    Ok(Some((summary.path, written)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::CaptureGate;
    use crate::compositor::ComposedFrames;
    use crate::ffmpeg::{self, ReaderInput, ReaderOptions, VideoReader};
    use crate::frame::{FramePool, FrameSeq, PixelFormat};
    use crate::record::RecordPlugin;
    use crate::schedule::Pacing;
    use bevy::tasks::{IoTaskPool, TaskPool};

    const THROUGH: Bound = bound!("test.lapse", "pictures", 4, Each::Bytes(1), "waits");

    #[test]
    fn one_picture_in_so_often_plays_at_thirty_a_second() {
        let Ok(ffmpeg) = ffmpeg::locate() else { return eprintln!("skipped: no ffmpeg") };
        IoTaskPool::get_or_init(TaskPool::new);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("day.mp4");
        std::fs::write(&path, "yesterday").expect("written");
        let stats = Stats::default();
        let (sender, pictures) = queue(&THROUGH, &stats);
        let every = Duration::from_millis(100);
        let mut app = App::new();
        app.insert_resource(stats.clone())
            .insert_resource(ComposedFrames(pictures))
            .insert_resource(TimeLapseOptions { path: path.clone(), every, ffmpeg: ffmpeg.clone() })
            .init_resource::<Waker>()
            .init_resource::<Pacing>()
            .init_resource::<CaptureGate>()
            .init_resource::<ReadbackDemand>()
            .add_plugins(RecordPlugin);
        let pool = FramePool::new(1 << 20);
        let start = Instant::now();
        let (mut composed, mut asked) = (0_u64, 0_u64);
        while stats.counter("time_lapse_pictures") < 8 {
            app.update();
            composed += 1;
            if app.world().resource::<ReadbackDemand>().wanted().nv12 {
                asked += 1;
                let format = PixelFormat::Nv12;
                let mut pixels = pool.acquire(format.bytes(64, 48)).expect("a buffer");
                pixels.fill(composed as u8);
                let (seq, timestamp) = (FrameSeq(composed), start.elapsed());
                let (width, height, arrived) = (64, 48, start);
                let frame = ComposedFrame {
                    revision: composed,
                    seq,
                    timestamp,
                    arrived,
                    width,
                    height,
                    format,
                    pixels,
                };
                sender.send(frame).expect("the app takes it");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        // No more pictures than there was time for, though many more were composed.
        let steps = start.elapsed().as_millis() as u64 / 100 + 1;
        let taken = stats.counter("time_lapse_pictures");
        assert!(taken <= steps && asked < composed / 2, "{taken} of {asked} of {composed} in {steps} steps");
        drop(app);
        let taken = stats.counter("time_lapse_pictures");
        assert_eq!(std::fs::read_to_string(&path).expect("readable"), "yesterday");
        let input = ReaderInput::File(folder.path().join("day-2.mp4"));
        let options = ReaderOptions::new(input);
        let mut reader = VideoReader::open(&ffmpeg, &options).expect("a video");
        let mut frame = vec![0; reader.frame_bytes()];
        let mut times = Vec::new();
        while let Some(time) = reader.read_frame(&mut frame).expect("it plays to its end") {
            times.push((time.as_secs_f64() * RATE).round() as u64);
        }
        assert_eq!(times, (0..taken).collect::<Vec<_>>());
        assert!(stats.failure().is_none(), "{:?}", stats.failure());
    }

    #[test]
    fn a_file_that_cannot_be_written_is_told_and_the_show_goes_on() {
        let Ok(ffmpeg) = ffmpeg::locate() else { return eprintln!("skipped: no ffmpeg") };
        let (stats, path) = (Stats::default(), PathBuf::from("/nowhere/day.mp4"));
        let mut app = App::new();
        app.insert_resource(stats.clone())
            .init_resource::<ReadbackDemand>()
            .init_resource::<TimeLapse>()
            .add_systems(Update, watch);
        let options = TimeLapseOptions { path, every: Duration::from_secs(1), ffmpeg };
        let mut lapse = app.world_mut().resource_mut::<TimeLapse>();
        lapse.start(&options, &stats, &Waker::default());
        let format = PixelFormat::Nv12;
        let mut pixels = FramePool::new(1 << 20).acquire(format.bytes(4, 4)).expect("a buffer");
        pixels.fill(9);
        let (revision, seq, timestamp) = (0, FrameSeq(0), Duration::ZERO);
        let frame = ComposedFrame {
            revision,
            seq,
            timestamp,
            arrived: Instant::now(),
            width: 4,
            height: 4,
            format,
            pixels,
        };
        lapse.offer(&Arc::new(frame));
        while stats.counter("time_lapse_failed") == 0 {
            app.update();
            std::thread::sleep(Duration::from_millis(1));
        }
        let reason = stats.failure().expect("the exit code tells");
        assert!(reason.contains("/nowhere/day.mp4"), "{reason}");
        assert!(app.should_exit().is_none());
        app.update();
        assert!(!app.world().resource::<ReadbackDemand>().wanted().nv12);
    }
}
