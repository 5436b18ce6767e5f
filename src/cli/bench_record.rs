//! `masque bench --record`: the show live, in turns with and without a recording, and what the recording costs.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bevy::prelude::*;

use crate::ffmpeg::Ffmpeg;
use crate::record::{Recorder, RecorderState, RecordingOptions};
use crate::schedule::{LastTurn, MasqueSystems, Waker};
use crate::stats::Stats;

/// How often it is measured without and with a recording: what else the machine does falls on both.
const ROUNDS: usize = 3;
/// Time after a recording began or ended that is not measured: encoders start, files are closed.
const SETTLE: Duration = Duration::from_millis(1500);
/// What the recording's own thread is called.
const THREAD: &str = "recording";

/// What was measured.
#[derive(Resource)]
struct Trial {
    ffmpeg: Ffmpeg,
    folder: PathBuf,
    warm_up: u64,
    /// Pictures of each part.
    frames: u64,
    part: usize,
    settled: Option<Instant>,
    /// Pictures when the part that is measured began.
    composed: Option<u64>,
    /// Main loop's work since the last picture, and how many there were.
    since_picture: (Duration, u64),
    /// Work for each picture: without and with.
    works: [Vec<Duration>; 2],
    before: Usage,
    used: Usage,
}

/// Time on the processor and pictures, since they are counted.
#[derive(Debug, Clone, Copy, Default)]
struct Usage {
    thread: Duration,
    encoder: Duration,
    pictures: u64,
    composed: u64,
    copied: u64,
}

/// Adds the measurement to an app that draws live; it ends the app.
pub(super) fn add_to(app: &mut App, ffmpeg: Ffmpeg, folder: &Path, warm_up: u64, frames: u64) {
    app.insert_resource(Trial {
        ffmpeg,
        folder: folder.to_owned(),
        warm_up,
        frames,
        part: 0,
        settled: None,
        composed: None,
        since_picture: default(),
        works: default(),
        before: default(),
        used: default(),
    })
    .add_systems(Update, measure.in_set(MasqueSystems::Report));
}

fn measure(
    mut trial: ResMut<Trial>,
    mut recorder: ResMut<Recorder>,
    (turn, stats, waker): (Res<LastTurn>, Res<Stats>, Res<Waker>),
    mut exit: MessageWriter<AppExit>,
) {
    let trial = &mut *trial;
    let composed = stats.counter("frames_composed");
    if composed < trial.warm_up {
        return;
    }
    if let RecorderState::Failed(reason) = recorder.state() {
        stats.fail(reason.clone());
        exit.write(AppExit::error());
        return;
    }
    let with = trial.part % 2;
    let Some(settled) = trial.settled else {
        if recorder.is_busy() {
            return;
        }
        if with == 1 {
            let options = RecordingOptions::live(trial.folder.join("{n}.mp4"));
            recorder.start(trial.ffmpeg.clone(), options, &stats, &waker);
        }
        trial.settled = Some(Instant::now() + SETTLE);
        return;
    };
    if Instant::now() < settled {
        return;
    }
    let Some(from) = trial.composed else {
        trial.composed = Some(composed);
        trial.since_picture = (Duration::ZERO, composed);
        trial.before = usage(&stats);
        return;
    };
    trial.since_picture.0 += turn.0.unwrap_or_default();
    if composed > trial.since_picture.1 {
        trial.works[with].push(trial.since_picture.0);
        trial.since_picture = (Duration::ZERO, composed);
    }
    if composed - from < trial.frames {
        return;
    }
    if with == 1 {
        trial.used = trial.used.plus(usage(&stats), trial.before);
        recorder.stop();
    }
    (trial.settled, trial.composed) = (None, None);
    trial.part += 1;
    if trial.part == 2 * ROUNDS {
        tell(trial, &stats);
        exit.write(AppExit::Success);
    }
}

impl Usage {
    fn plus(self, now: Self, before: Self) -> Self {
        Self {
            thread: self.thread + now.thread.saturating_sub(before.thread),
            encoder: self.encoder + now.encoder.saturating_sub(before.encoder),
            pictures: self.pictures + now.pictures - before.pictures,
            composed: self.composed + now.composed - before.composed,
            copied: self.copied + now.copied - before.copied,
        }
    }
}

fn usage(stats: &Stats) -> Usage {
    Usage {
        thread: thread_time().unwrap_or_default(),
        encoder: encoder_time().unwrap_or_default(),
        pictures: stats.counter("frames_recorded"),
        composed: stats.counter("frames_composed"),
        copied: stats.counter("readback_bytes"),
    }
}

/// Time that the recording's thread was on a processor; only Linux tells.
fn thread_time() -> Option<Duration> {
    let threads = std::fs::read_dir("/proc/self/task").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut own = threads.filter(|thread| {
        std::fs::read_to_string(thread.join("comm")).is_ok_and(|name| name.trim() == THREAD)
    });
    let text = std::fs::read_to_string(own.next()?.join("schedstat")).ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

/// Time that the encoders were on a processor, those that have ended not counted.
fn encoder_time() -> Option<Duration> {
    let own = std::process::id().to_string();
    let mut sum = Duration::ZERO;
    for entry in std::fs::read_dir("/proc").ok()?.filter_map(Result::ok) {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // After the name, which may hold anything: state, parent, …, and the times as 12th and 13th.
        let Some((_, fields)) = stat.rsplit_once(')') else { continue };
        let fields: Vec<&str> = fields.split_whitespace().collect();
        if fields.get(1) == Some(&own.as_str()) {
            let ticks: u64 =
                fields.iter().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
            // A hundred per second on every Linux that tells.
            sum += Duration::from_millis(ticks * 10);
        }
    }
    Some(sum)
}

/// The value that `share` of all are below.
fn percentile(works: &mut [Duration], share: f64) -> Duration {
    works.sort_unstable();
    let at = (works.len() as f64 * share) as usize;
    works.get(at.min(works.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn tell(trial: &mut Trial, stats: &Stats) {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let used = trial.used;
    let each = |time: Duration| ms(time) / used.pictures.max(1) as f64;
    let [without, with] = &mut trial.works;
    let [p50, p95] = [0.5, 0.95].map(|share| [percentile(without, share), percentile(with, share)].map(ms));
    stats.gauge("bench_record_thread_ms", each(used.thread));
    stats.gauge("bench_record_encoder_ms", each(used.encoder));
    stats.gauge("bench_loop_p95_ms", p95[0]);
    stats.gauge("bench_loop_p95_recording_ms", p95[1]);
    let stage = |name: &str| stats.stages().get(name).copied().unwrap_or_default();
    let encode = stage("encode");
    println!("recording, in {ROUNDS} rounds of {} pictures without and as many with:", trial.frames);
    println!(
        "  encoder thread: {:.2} ms of processor per picture ({:.2} ms p50, {:.2} ms p95 until it is handed over)",
        each(used.thread),
        encode.p50_ms,
        encode.p95_ms
    );
    println!("  ffmpeg: {:.2} ms of processor per picture, in its own process", each(used.encoder));
    for (name, [without, with]) in [("p50", p50), ("p95", p95)] {
        println!(
            "  main loop, {name} per picture: {without:.2} ms without, {with:.2} ms with ({:+.1} %)",
            (with / without.max(f64::EPSILON) - 1.0) * 100.0
        );
    }
    println!(
        "  copied on the processor: {:.2} MB per picture, once, on the way from the GPU",
        used.copied as f64 / 1e6 / used.pictures.max(1) as f64
    );
    println!(
        "  pictures: {} composed, {} recorded; skipped (encoder) {}, missed (render) {}, dropped (disk) {}",
        used.composed,
        used.pictures,
        stats.counter("recording_skipped_encoder"),
        stats.counter("recording_missed_render"),
        stats.counter("recording_dropped_disk")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_that_nineteen_of_twenty_are_below() {
        let mut works: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&mut works, 0.95), Duration::from_millis(96));
        assert_eq!(percentile(&mut works, 0.5), Duration::from_millis(51));
        assert_eq!(percentile(&mut [], 0.5), Duration::ZERO);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_works_is_seen_by_its_name() {
        assert_eq!(thread_time(), None);
        let worked = std::thread::Builder::new().name(THREAD.into()).spawn(|| {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(30) {
                std::hint::spin_loop();
            }
            thread_time()
        });
        assert!(worked.unwrap().join().unwrap() > Some(Duration::from_millis(1)));
    }
}
