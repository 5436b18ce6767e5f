//! What this machine's disk, encoder and camera do in a few seconds.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::capture::{CaptureWorker, Pace, SourceState};
use crate::ffmpeg::{Ffmpeg, VideoWriter, WriterOptions};
use crate::frame::{FramePool, rgba_to_nv12};
use crate::source::demo::Performer;
use crate::source::{self, CameraId, SourceOptions, SourceUri};
use crate::stats::{Stats, describe};

/// What is written to the disk: all of it, or as much as goes in [`PATIENCE`].
const WRITTEN: usize = 64 << 20;
/// Bytes of one write.
const BLOCK: usize = 4 << 20;
/// How long one thing is measured.
const PATIENCE: Duration = Duration::from_secs(2);
/// Pictures that are encoded at most, and those of them that only start the encoder.
const PICTURES: usize = 120;
const FIRST: usize = 4;
/// Different pictures of the performer, half a second from one to the next: nothing encodes as fast as a still.
const POSES: usize = 6;
/// How long a camera may take to give its first picture.
const FIRST_PICTURE: Duration = Duration::from_secs(5);
/// Most bytes of the camera's pictures.
const POOL_BYTES: usize = 64 << 20;

/// How fast pictures of one size are encoded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EncoderSpeed {
    /// Pictures a second, converted from RGBA and written.
    pub(super) rate: f64,
    /// Bytes of one encoded picture, on average.
    pub(super) picture_bytes: f64,
}

/// What a camera gives.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CameraSpeed {
    /// What it says of itself.
    pub(super) description: String,
    /// Pictures a second that came.
    pub(super) rate: f64,
    /// Pictures a second that it says it gives.
    pub(super) nominal: Option<f64>,
}

/// Bytes a second that reach the disk of `folder`.
///
/// # Errors
/// When nothing can be written there.
pub(super) fn disk_speed(folder: &Path) -> io::Result<f64> {
    let mut file = tempfile::tempfile_in(folder)?;
    // File systems that compress would make nothing of zeros.
    let block: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(BLOCK).collect();
    let start = Instant::now();
    let mut written = 0;
    while written < WRITTEN && start.elapsed() < PATIENCE {
        file.write_all(&block)?;
        // Else only the system's cache is measured.
        file.sync_data()?;
        written += block.len();
    }
    Ok(written as f64 / start.elapsed().as_secs_f64())
}

/// How fast pictures of `width` × `height` are encoded as a recording encodes them.
///
/// # Errors
/// Says why the encoder did not work.
pub(super) fn encoder_speed(ffmpeg: &Ffmpeg, (width, height): (u32, u32)) -> Result<EncoderSpeed, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut performer = Performer::new(width, height);
    let poses: Vec<Vec<u8>> = (0..POSES)
        .map(|pose| {
            let mut rgba = vec![0; width as usize * height as usize * 4];
            performer.render(Duration::from_millis(500) * pose as u32, &mut rgba);
            rgba
        })
        .collect();
    let path = folder.path().join("speed.mp4");
    let options = WriterOptions { ordinary: false, ..WriterOptions::default() };
    let explain = |error: crate::ffmpeg::ChildError| describe(&error);
    let mut writer = VideoWriter::start(ffmpeg, &path, width, height, &options).map_err(explain)?;
    let mut nv12 = Vec::new();
    let mut start = Instant::now();
    let mut pictures = 0;
    while pictures < PICTURES && (pictures <= FIRST || start.elapsed() < PATIENCE) {
        if pictures == FIRST {
            start = Instant::now();
        }
        rgba_to_nv12(&poses[pictures % POSES], width, height, &mut nv12)
            .map_err(|error| error.to_string())?;
        let time = Duration::from_secs_f64(pictures as f64 / options.rate);
        writer.write_nv12(time, &nv12).map_err(explain)?;
        pictures += 1;
    }
    let summary = writer.finish().map_err(explain)?;
    Ok(EncoderSpeed {
        rate: (pictures - FIRST) as f64 / start.elapsed().as_secs_f64(),
        picture_bytes: summary.bytes as f64 / pictures as f64,
    })
}

/// What the first camera gives in two seconds.
///
/// # Errors
/// Says why no picture came.
pub(super) fn camera_speed() -> Result<CameraSpeed, String> {
    let stats = Stats::default();
    let uri = SourceUri::Camera(CameraId::First);
    let own = stats.clone();
    let open = move || source::open(&uri, &SourceOptions::default(), &own);
    let worker = CaptureWorker::spawn(open, FramePool::new(POOL_BYTES), stats.clone(), Pace::RealTime, || {});
    let begin = Instant::now();
    let mut first = None;
    loop {
        // Taken and let go at once: only the count matters.
        let came = worker.try_latest().is_some();
        let now = Instant::now();
        match first {
            None if came => first = Some((now, stats.counter("frames_captured"))),
            Some((since, counted)) if now - since >= PATIENCE => {
                let info = worker.info();
                let frames = stats.counter("frames_captured") - counted;
                return Ok(CameraSpeed {
                    rate: frames as f64 / (now - since).as_secs_f64(),
                    nominal: info.as_ref().and_then(|info| info.nominal_rate),
                    description: info.map(|info| info.description).unwrap_or_default(),
                });
            }
            _ => {}
        }
        if let SourceState::Failed(reason) = worker.state() {
            return Err(reason);
        }
        if first.is_none() && now - begin > FIRST_PICTURE {
            return Err(format!("no picture came within {} s", FIRST_PICTURE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
