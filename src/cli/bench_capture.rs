//! `masque bench --capture`: what it costs to unpack the pictures of cameras, and how long a picture takes from its driver
//! to the newest frame of the app.

use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{anyhow, ensure};
use bevy::app::ScheduleRunnerPlugin;
use bevy::prelude::*;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::capture::{Capture, CapturePlugin, CaptureWorker, LatestFrame, Pace};
use crate::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat, frame_to_rgba};
use crate::schedule::{self, HeadlessRunnerPlugin, MasqueSystems, Pacing, Waker};
use crate::source::{
    CameraPicture, FrameSource, Rotation, SourceError, SourceInfo, SourceOptions, SourceUri, View, open,
};
use crate::stats::Stats;

/// Formats that webcams send, and a packed one of industrial cameras.
const FORMATS: [&str; 7] = ["NV12", "YUYV", "UYVY", "MJPG", "RGB3", "BGR4", "RGBP"];
/// Quality of the JPEG that stands for a webcam's.
const QUALITY: u8 = 90;
/// Pictures per second of the camera that is played.
const RATE: f64 = 60.0;
/// Pictures before the measurement.
const WARM_UP: u64 = 30;
const SIZE: (u32, u32) = (1280, 720);
const POOL_BYTES: usize = 64 << 20;

/// Measures and prints; `source` gives the picture, and as a JPEG file of 1280 × 720 also the bytes of MJPG.
pub(super) fn run(source: &SourceUri, frames: u64) -> anyhow::Result<()> {
    let jpeg = jpeg(source)?;
    println!("unpacking {} × {}, ms per picture (JPEG of {} bytes)", SIZE.0, SIZE.1, jpeg.len());
    println!("{:<28} {:>9} {:>9} {:>9} {:>9}", "format", "p50 ms", "p95 ms", "p99 ms", "max ms");
    for format in FORMATS {
        let picture = CameraPicture::new(format, SIZE, &jpeg).ok_or_else(|| anyhow!("no format {format}"))?;
        let mut out = vec![0; picture.becomes().bytes(SIZE.0, SIZE.1)];
        let mut times = Vec::new();
        for _ in 0..frames.max(1) {
            let start = Instant::now();
            picture.unpack(&mut out).map_err(|error| anyhow!("{format}: {error}"))?;
            times.push(start.elapsed());
        }
        print_row(format, &mut times);
    }
    println!("\nturning YUYV by 90 degrees");
    let picture = CameraPicture::new("YUYV", SIZE, &jpeg).ok_or_else(|| anyhow!("no YUYV"))?;
    print_row("--rotate 90", &mut turning(picture, frames)?);
    println!(
        "\nfrom the driver's buffer to the newest frame, unpacking left out, at {RATE} pictures per second"
    );
    for format in ["YUYV", "MJPG"] {
        let picture = CameraPicture::new(format, SIZE, &jpeg).ok_or_else(|| anyhow!("no format {format}"))?;
        let mut times = latencies(picture, frames)?;
        ensure!(!times.is_empty(), "no frame came");
        print_row(format, &mut times);
    }
    Ok(())
}

/// What it takes to turn frames, besides unpacking them.
fn turning(picture: CameraPicture, frames: u64) -> anyhow::Result<Vec<Duration>> {
    let arrivals = Arrivals::default();
    let info = info(picture.becomes());
    let camera = PlayedCamera {
        info,
        picture,
        arrivals: arrivals.clone(),
        rate: f64::INFINITY,
        start: Instant::now(),
    };
    let view = View { rotation: Rotation::Quarter, crop: None };
    let mut turned = view.of(Box::new(camera));
    let pool = FramePool::new(POOL_BYTES);
    let mut times = Vec::new();
    for _ in 0..frames.max(1) {
        let start = Instant::now();
        let frame = turned.next_frame(&pool)?;
        let whole = start.elapsed();
        drop(frame);
        let unpacking =
            arrivals.lock().unwrap_or_else(PoisonError::into_inner).last().map(|(_, unpacking)| *unpacking);
        times.push(whole.saturating_sub(unpacking.unwrap_or_default()));
    }
    Ok(times)
}

fn print_row(name: &str, times: &mut [Duration]) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1e3;
    println!("{name:<28} {:>9.2} {:>9.2} {:>9.2} {:>9.2}", at(0.5), at(0.95), at(0.99), at(1.0));
}

/// A picture as a webcam sends it: the file itself where it is a JPEG of the right size.
fn jpeg(source: &SourceUri) -> anyhow::Result<Vec<u8>> {
    if let SourceUri::Image(path) = source
        && image::image_dimensions(path).ok() == Some(SIZE)
        && image::ImageFormat::from_path(path).ok() == Some(image::ImageFormat::Jpeg)
    {
        return Ok(std::fs::read(path)?);
    }
    let options = SourceOptions { size: Some(SIZE), ..default() };
    let mut opened = open(source, &options, &Stats::default())?;
    let frame =
        opened.next_frame(&FramePool::new(POOL_BYTES))?.ok_or_else(|| anyhow!("{source} is empty"))?;
    let mut rgba = Vec::new();
    frame_to_rgba(&frame, &mut rgba)?;
    let whole = image::RgbaImage::from_raw(frame.width, frame.height, rgba);
    let whole = whole.ok_or_else(|| anyhow!("{source} has no picture"))?;
    let filter = image::imageops::FilterType::Triangle;
    let picture = image::DynamicImage::from(whole).resize_exact(SIZE.0, SIZE.1, filter).to_rgb8();
    let mut jpeg = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).write_image(
        &picture,
        SIZE.0,
        SIZE.1,
        ExtendedColorType::Rgb8,
    )?;
    Ok(jpeg.into_inner())
}

/// When each picture was ready in the driver, and how long it took to unpack, by its number.
type Arrivals = Arc<Mutex<Vec<(Instant, Duration)>>>;

/// A camera whose driver has `picture` ready at each tick.
struct PlayedCamera {
    info: SourceInfo,
    picture: CameraPicture,
    arrivals: Arrivals,
    rate: f64,
    start: Instant,
}

impl FrameSource for PlayedCamera {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        let number = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).len();
        let time = Duration::from_secs_f64(number as f64 / self.rate);
        std::thread::sleep((self.start + time).saturating_duration_since(Instant::now()));
        let ready = Instant::now();
        let (format, size) = (self.info.pixel_format, SIZE);
        let mut data = pool.acquire(format.bytes(size.0, size.1))?;
        let start = Instant::now();
        let reason = self.picture.unpack(&mut data).err();
        let unpacking = start.elapsed();
        if let Some(reason) = reason {
            return Err(SourceError::Camera { name: self.info.uri.clone(), reason });
        }
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push((ready, unpacking));
        Ok(Some(Frame::new(FrameSeq(number as u64), time, format, size, ColorSpace::default(), data)?))
    }
}

/// What was measured so far.
#[derive(Resource)]
struct Latencies {
    arrivals: Arrivals,
    wanted: u64,
    taken: Arc<Mutex<Vec<Duration>>>,
}

/// From the driver's buffer to [`LatestFrame`], in an app that does nothing else.
fn latencies(picture: CameraPicture, frames: u64) -> anyhow::Result<Vec<Duration>> {
    let (arrivals, taken) = (Arrivals::default(), Arc::new(Mutex::new(Vec::new())));
    let stats = Stats::default();
    let mut app = App::new();
    app.add_plugins((MinimalPlugins.build().disable::<ScheduleRunnerPlugin>(), HeadlessRunnerPlugin));
    app.insert_resource(stats.clone()).insert_resource(Pacing::Live);
    schedule::plugin(&mut app);
    app.add_plugins(CapturePlugin);
    let waker = app.world().resource::<Waker>().clone();
    let played = arrivals.clone();
    let open = move || -> Result<Box<dyn FrameSource>, SourceError> {
        let info = info(picture.becomes());
        let (picture, arrivals) = (picture.clone(), played.clone());
        Ok(Box::new(PlayedCamera { info, picture, arrivals, rate: RATE, start: Instant::now() }))
    };
    let pool = FramePool::new(POOL_BYTES);
    let shared = pool.clone();
    let spawn = move |_, _| {
        let waker = waker.clone();
        CaptureWorker::spawn(open.clone(), shared.clone(), stats.clone(), Pace::RealTime, move || {
            waker.wake()
        })
    };
    app.insert_resource(Capture { worker: spawn(SourceUri::Demo, None), pool, spawn: Box::new(spawn) });
    app.insert_resource(Latencies { arrivals, wanted: WARM_UP + frames, taken: taken.clone() });
    app.add_systems(Update, note_latency.after(MasqueSystems::Capture));
    app.run();
    let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(taken.drain(..).skip(WARM_UP as usize).collect())
}

fn info(pixel_format: PixelFormat) -> SourceInfo {
    SourceInfo {
        uri: "camera:played".into(),
        description: "a camera that is played".into(),
        width: SIZE.0,
        height: SIZE.1,
        nominal_rate: Some(RATE),
        live: true,
        frames: None,
        pixel_format,
    }
}

fn note_latency(latest: Res<LatestFrame>, latencies: Res<Latencies>, mut exit: MessageWriter<AppExit>) {
    let Some(frame) = latest.frame.as_ref().filter(|_| latest.is_changed()) else { return };
    let arrivals = latencies.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((ready, unpacking)) = arrivals.get(frame.seq.0 as usize) else { return };
    let mut taken = latencies.taken.lock().unwrap_or_else(PoisonError::into_inner);
    taken.push(ready.elapsed().saturating_sub(*unpacking));
    if taken.len() as u64 >= latencies.wanted {
        exit.write(AppExit::Success);
    }
}
