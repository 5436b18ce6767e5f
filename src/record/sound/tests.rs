//! Flashes and clicks of the same moments, recorded by clocks that disagree.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::*;
use crate::ffmpeg::{EncoderChoice, WriterOptions, locate};
use crate::frame::{FramePool, FrameSeq, PixelFormat};
use crate::memory::queue;

const SIZE: (u32, u32) = (64, 48);
const BLOCK: usize = 960;

/// Bytes that ffmpeg makes of `file`.
fn decoded(ffmpeg: &Path, file: &Path, args: &[&str]) -> Vec<u8> {
    let mut command = Command::new(ffmpeg);
    command.args(["-v", "error", "-i"]).arg(file).args(args).arg("pipe:1");
    let output = command.output().expect("ffmpeg runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A block of 20 ms that was heard from `start` (seconds of the room) on by a clock of which 48,000 samples last `second`
/// seconds; there is a click at every full second of the room.
fn heard(start: f64, second: f64) -> Vec<u8> {
    let mut samples = Vec::with_capacity(BLOCK * track::MOMENT);
    for n in 0..BLOCK {
        let room = start + n as f64 * second / 48_000.0;
        // 5 ms of a tone of 1 kHz.
        let since = room.rem_euclid(1.0);
        let loud =
            if since < 0.005 { (since * std::f64::consts::TAU * 1000.0).sin() * 30_000.0 } else { 0.0 };
        let sample = (loud as i16).to_le_bytes();
        samples.extend_from_slice(&[sample, sample].concat());
    }
    samples
}

/// Seconds of the file at which it is suddenly loud.
fn clicks(sound: &[u8]) -> Vec<f64> {
    let (mut clicks, mut last) = (Vec::new(), f64::NEG_INFINITY);
    for (n, bytes) in sound.chunks_exact(2).enumerate() {
        let at = n as f64 / 48_000.0;
        if i16::from_le_bytes([bytes[0], bytes[1]]).unsigned_abs() > 6000 && at > last + 0.3 {
            clicks.push(at);
            last = at;
        }
    }
    clicks
}

/// How clicks and flashes come.
struct Show<'a> {
    name: &'a str,
    seconds: u64,
    /// Seconds that 48,000 samples last.
    second: f64,
    /// When nothing is heard.
    silent: std::ops::Range<f64>,
    /// How much later clicks are heard than flashes are seen.
    delay: Duration,
    /// As it happens, and not as fast as it goes.
    live: bool,
}

impl Default for Show<'_> {
    fn default() -> Self {
        Self { name: "a.mp4", seconds: 30, second: 1.0, silent: 0.0..0.0, delay: Duration::ZERO, live: false }
    }
}

/// Records `seconds` of flashes and clicks once a second, 20 pictures a second; gives how far, at most, a click was from
/// its flash, in seconds.
fn worst(show: &Show) -> Option<f64> {
    let Show { name, seconds, second, delay, live, .. } = *show;
    let silent = &show.silent;
    let Ok(ffmpeg) = locate() else {
        eprintln!("skipped: no ffmpeg");
        return None;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    let options = WriterOptions {
        sound: true,
        rate: 20.0,
        encoder: EncoderChoice::Software,
        ..WriterOptions::default()
    };
    let mut writer = VideoWriter::start(&ffmpeg, &path, SIZE.0, SIZE.1, &options).expect("starts");
    let stats = Stats::default();
    let (sender, blocks) = queue(&HEARD, &stats);
    let mut sound = Sound::of(blocks, None, delay, &stats);
    let (mut clock, mut track) = (Clock::default(), Track::default());
    let pool = FramePool::new(1 << 20);
    let mut chance = fastrand::Rng::with_seed(3);
    // In the future: no sound is so old that it does not wait for its picture.
    let room = Instant::now() + Duration::from_secs(if live { 0 } else { 3600 });
    let mut blocks = (0..).map(|n| f64::from(n) * 0.02 * second).peekable();
    for n in 0..seconds * 20 {
        // The camera's clock began earlier, and counts a little too fast.
        let at = n as f64 / 20.0 + 0.5;
        if live {
            std::thread::sleep(
                (room + Duration::from_secs_f64(at)).saturating_duration_since(Instant::now()),
            );
        }
        while let Some(start) = blocks.next_if(|start| *start < at + if live { -0.02 } else { 0.2 }) {
            if !silent.contains(&start) {
                let samples = heard(start - delay.as_secs_f64(), second).into_boxed_slice();
                sender
                    .try_send(Block { heard: room + Duration::from_secs_f64(start), samples })
                    .expect("room");
            }
        }
        let format = PixelFormat::Nv12;
        let mut pixels = pool.acquire(format.bytes(SIZE.0, SIZE.1)).expect("a buffer");
        pixels.fill(128);
        let luma = (SIZE.0 * SIZE.1) as usize;
        pixels[..luma].fill(if at.fract() < 0.049 { 230 } else { 20 });
        let late = Duration::from_millis(chance.u64(..25));
        let frame = ComposedFrame {
            revision: n,
            seq: FrameSeq(n),
            timestamp: Duration::from_secs_f64(7.0 + at * 1.0001),
            arrived: room + Duration::from_secs_f64(at) + late,
            width: SIZE.0,
            height: SIZE.1,
            format,
            pixels,
        };
        let stamp = clock.stamp(frame.timestamp, frame.arrived);
        writer.write_nv12(stamp, &frame.pixels).expect("writes");
        sound.picture(&frame);
        sound.write((&mut writer, &clock, &mut track)).expect("writes");
    }
    writer.finish().expect("finishes");
    let clicks = clicks(&decoded(&ffmpeg.path, &path, &["-f", "s16le", "-ac", "1", "-ar", "48000"]));
    let gray =
        decoded(&ffmpeg.path, &path, &["-vf", "fps=1000,scale=1:1", "-f", "rawvideo", "-pix_fmt", "gray"]);
    let flashes: Vec<f64> = gray
        .windows(2)
        .enumerate()
        .filter(|(_, two)| two[0] < 100 && two[1] > 150)
        .map(|(n, _)| (n + 1) as f64 / 1e3)
        .collect();
    assert!(flashes.len() as u64 + 1 >= seconds, "{} flashes in {seconds} s", flashes.len());
    let missing = (silent.end - silent.start).max(0.0).ceil() as usize;
    assert!(
        clicks.len() + missing + 2 >= flashes.len(),
        "{} clicks for {} flashes",
        clicks.len(),
        flashes.len()
    );
    let nearest =
        |click: f64| flashes.iter().map(|flash| (flash - click).abs()).fold(f64::INFINITY, f64::min);
    let worst = clicks.into_iter().map(nearest).fold(0.0, f64::max);
    println!("{name}: clicks at most {:.1} ms from their flashes", worst * 1e3);
    Some(worst)
}

#[test]
fn ten_minutes_of_clicks_stay_with_their_flashes() {
    // A sound card that is 200 millionths slow is 120 ms behind after ten minutes.
    let show = Show { name: "long.mp4", seconds: 600, second: 1.0002, ..Show::default() };
    let Some(worst) = worst(&show) else { return };
    assert!(worst <= 0.04, "{} ms apart", worst * 1e3);
}

#[test]
fn a_microphone_that_was_away_is_in_time_again() {
    for name in ["away.mkv", "away.mov"] {
        let Some(worst) = worst(&Show { name, second: 0.9998, silent: 9.4..16.3, ..Show::default() }) else {
            return;
        };
        assert!(worst <= 0.04, "{} ms apart in {name}", worst * 1e3);
    }
}

#[test]
fn sound_that_comes_in_much_later_is_heard_in_time() {
    let delay = Duration::from_millis(800);
    let show = Show { name: "late.mp4", seconds: 6, delay, live: true, ..Show::default() };
    let Some(worst) = worst(&show) else { return };
    assert!(worst <= 0.04, "{} ms apart", worst * 1e3);
}
