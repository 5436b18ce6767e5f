//! Cameras of systems other than Linux (AVFoundation, Media Foundation) through nokhwa.

use std::time::{Duration, Instant};

use nokhwa::utils::{
    ApiBackend, CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, Resolution,
};
use nokhwa::{Buffer, Camera, NokhwaError};

use super::broken::{self, BROKEN_IN_A_ROW, Endings};
use super::formats::RawFormat;
use super::pick::pick;
use super::raw::{BrokenPicture, RawPicture};
use super::{BUFFERS, CameraAbilities, CameraInfo, CameraMode, CameraOptions, Identity, OPENED};
use crate::frame::{ColorSpace, Frame, FramePool, FrameSeq};
use crate::memory::{Receiver, queue};
use crate::source::{FrameSource, SourceError, SourceInfo, SourceOptions, buffer};
use crate::stats::Stats;

/// Without a frame for this long the camera counts as silent and has to be opened again.
const SILENCE: Duration = Duration::from_secs(5);
/// How often the system is asked for its cameras, which takes it a while.
pub(super) const INTERVAL: Duration = Duration::from_secs(3);
/// The formats to ask for.
const FORMATS: [FrameFormat; 6] = [
    FrameFormat::NV12,
    FrameFormat::YUYV,
    FrameFormat::MJPEG,
    FrameFormat::RAWRGB,
    FrameFormat::RAWBGR,
    FrameFormat::GRAY,
];

/// A camera that streams. It lives on a thread of its own, where it may hang without hanging us.
pub(super) struct CameraSource {
    info: SourceInfo,
    name: String,
    buffers: Receiver<Result<Buffer, SourceError>>,
    start: Instant,
    next: u64,
    endings: Endings,
    stats: Stats,
}

/// The cameras that the system knows.
fn cameras() -> Vec<CameraInfo> {
    let found = nokhwa::query(ApiBackend::Auto).unwrap_or_default();
    let numbered = found.into_iter().enumerate().map(|(number, camera)| {
        let index = camera.index().as_index().unwrap_or(number as u32);
        CameraInfo {
            index,
            name: camera.human_name(),
            path: camera.description().to_owned(),
            identity: identity(&camera),
        }
    });
    numbered.collect()
}

/// The system's own name for the camera where it has one: a serial number or the place, nobody says which.
fn identity(camera: &nokhwa::utils::CameraInfo) -> Identity {
    let words = [camera.misc(), camera.description().to_owned(), camera.human_name()];
    let bus = words.into_iter().find(|words| !words.trim().is_empty()).unwrap_or_default();
    Identity { bus, serial: None }
}

/// The system remembers who its cameras are.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked;

impl Asked {
    pub(super) fn cameras(&mut self) -> Vec<CameraInfo> {
        cameras()
    }
}

/// The cameras as [`super::CameraWatch`] compares them.
pub(super) fn nodes() -> Vec<CameraInfo> {
    cameras()
}

/// Formats, sizes and rates; controls are for Linux only.
pub(super) fn abilities(camera: &CameraInfo) -> CameraAbilities {
    CameraAbilities { modes: modes(camera.index), controls: Vec::new() }
}

/// Empty for a camera that is in use.
fn modes(index: u32) -> Vec<CameraMode> {
    let any = RequestedFormat::with_formats(RequestedFormatType::AbsoluteHighestFrameRate, &FORMATS);
    let formats = Camera::new(CameraIndex::Index(index), any)
        .and_then(|mut camera| camera.compatible_camera_formats())
        .unwrap_or_default();
    let mut modes: Vec<CameraMode> = Vec::new();
    for format in formats {
        let (code, rate) = (format.format().to_string(), f64::from(format.frame_rate()));
        let same = |mode: &&mut CameraMode| {
            mode.format == code && (mode.width, mode.height) == (format.width(), format.height())
        };
        match modes.iter_mut().find(same) {
            Some(mode) => mode.rates.push(rate),
            None => modes.push(CameraMode {
                format: code,
                width: format.width(),
                height: format.height(),
                rates: vec![rate],
            }),
        }
    }
    modes.iter_mut().for_each(|mode| mode.rates.sort_by(|a, b| b.total_cmp(a)));
    modes
}

impl CameraSource {
    pub(super) fn open(
        camera: &CameraInfo,
        options: &SourceOptions,
        stats: &Stats,
        strict: bool,
    ) -> Result<Self, SourceError> {
        let name = camera.to_string();
        let modes = modes(camera.index);
        let Some(choice) = pick(&modes, options) else {
            return Err(super::no_mode(camera, &modes, options));
        };
        let settings = CameraOptions { format: options.camera.format.clone(), ..CameraOptions::default() };
        if options.camera != settings {
            let refused = "exposure, focus, white balance and controls can be set on Linux only".to_owned();
            super::refuse(camera, &[refused], stats, strict)?;
        }
        let rate = choice.rate.unwrap_or(30.0).round() as u32;
        let resolution = Resolution::new(choice.width, choice.height);
        let closest = CameraFormat::new(resolution, wanted(choice.format), rate);
        let (buffers, format) = start_thread(camera.index, closest, &name, stats)?;
        let Some(raw) = RawFormat::from_code(&format.format().to_string()) else {
            return Err(SourceError::CameraFormat { name, formats: format.format().to_string() });
        };
        let info = SourceInfo {
            uri: format!("camera:{}", camera.index),
            description: format!("{}, {format}", camera.name),
            width: format.width(),
            height: format.height(),
            nominal_rate: Some(f64::from(format.frame_rate())),
            live: true,
            frames: None,
            pixel_format: raw.becomes(),
        };
        Ok(Self {
            info,
            name,
            buffers,
            start: Instant::now(),
            next: 0,
            endings: Endings::default(),
            stats: stats.clone(),
        })
    }

    fn unpack(&mut self, buffer: &Buffer, out: &mut [u8]) -> Result<(), BrokenPicture> {
        let (width, height) = (self.info.width, self.info.height);
        let code = buffer.source_frame_format().to_string();
        let format = RawFormat::from_code(&code).filter(|format| format.becomes() == self.info.pixel_format);
        let format = format.ok_or_else(|| BrokenPicture(format!("a picture in {code} came")))?;
        let bytes = buffer.buffer();
        // The back ends hand over whole rows; what is over is padding of the rows.
        let rows = if matches!(format, RawFormat::SemiPlanar(_)) {
            height as usize * 3 / 2
        } else {
            height as usize
        };
        let stride = (bytes.len() / rows.max(1)).max(format.row_bytes(width));
        self.endings.unpack(&RawPicture { format, width, height, stride, bytes }, out)
    }
}

/// Opens the camera on a thread that ends when nobody listens any more, and waits until it streams.
fn start_thread(
    index: u32,
    closest: CameraFormat,
    name: &str,
    stats: &Stats,
) -> Result<(Receiver<Result<Buffer, SourceError>>, CameraFormat), SourceError> {
    let (sender, buffers) = queue(&BUFFERS, stats);
    let (opened, format) = queue(&OPENED, stats);
    let thread_name = name.to_owned();
    let run = move || {
        let explain = |error: NokhwaError| explain(&thread_name, &error);
        let request = RequestedFormat::with_formats(RequestedFormatType::Closest(closest), &FORMATS);
        let camera = Camera::new(CameraIndex::Index(index), request)
            .and_then(|mut camera| camera.open_stream().map(|()| camera));
        let mut camera = match camera {
            Ok(camera) => camera,
            // A receiver that is gone has given up waiting.
            Err(error) => return drop(opened.send(Err(explain(error)))),
        };
        let _ = opened.send(Ok(camera.camera_format()));
        loop {
            let buffer = camera.frame().map_err(explain);
            let failed = buffer.is_err();
            if sender.send(buffer).is_err() || failed {
                return;
            }
        }
    };
    let no_thread =
        |error: std::io::Error| SourceError::Camera { name: name.to_owned(), reason: error.to_string() };
    std::thread::Builder::new().name("camera".into()).spawn(run).map_err(no_thread)?;
    let format = format.recv_timeout(SILENCE).unwrap_or_else(|_| Err(silent(name)))?;
    Ok((buffers, format))
}

fn silent(name: &str) -> SourceError {
    SourceError::CameraSilent { name: name.to_owned(), seconds: SILENCE.as_secs() }
}

impl FrameSource for CameraSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        let size = (self.info.width, self.info.height);
        let format = self.info.pixel_format;
        let mut data = buffer(pool, format.bytes(size.0, size.1), &self.info.uri)?;
        for _ in 0..BROKEN_IN_A_ROW {
            let picture = self.buffers.recv_timeout(SILENCE).unwrap_or_else(|_| Err(silent(&self.name)))?;
            let start = Instant::now();
            match self.unpack(&picture, &mut data) {
                Ok(()) => {
                    self.stats.stage("capture", start.elapsed());
                    let time = self.start.elapsed();
                    let frame =
                        Frame::new(FrameSeq(self.next), time, format, size, ColorSpace::default(), data)?;
                    self.next += 1;
                    return Ok(Some(frame));
                }
                Err(reason) => broken::leave_out(&self.stats, &self.name, &reason),
            }
        }
        Err(broken::too_many(&self.name))
    }

    fn skip_frame(&mut self) -> Result<bool, SourceError> {
        let skipped = self.buffers.recv_timeout(SILENCE).unwrap_or_else(|_| Err(silent(&self.name)));
        skipped.map(|_| true)
    }
}

fn wanted(format: RawFormat) -> FrameFormat {
    match format {
        RawFormat::Packed422(_) => FrameFormat::YUYV,
        RawFormat::SemiPlanar(_) | RawFormat::Planar(_) | RawFormat::Yuv(_) => FrameFormat::NV12,
        RawFormat::Mjpeg => FrameFormat::MJPEG,
        RawFormat::BGR => FrameFormat::RAWBGR,
        RawFormat::Rgb(_) | RawFormat::Bayer(..) => FrameFormat::RAWRGB,
        RawFormat::Grey(_) => FrameFormat::GRAY,
    }
}

fn explain(name: &str, error: &NokhwaError) -> SourceError {
    let (name, reason) = (name.to_owned(), error.to_string());
    let says = |words: &[&str]| words.iter().any(|word| reason.to_lowercase().contains(word));
    if says(&["busy", "in use", "already"]) {
        SourceError::CameraBusy(name)
    } else if says(&["no such device", "disconnected", "not found"]) {
        SourceError::CameraGone(name)
    } else if says(&["denied", "authoriz", "permission"]) {
        SourceError::CameraForbidden(name)
    } else {
        SourceError::Camera { name, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_that_is_asked_for_is_understood() {
        for format in FORMATS {
            let raw = RawFormat::from_code(&format.to_string());
            assert_eq!(raw.map(wanted), Some(format), "{format}");
        }
    }

    #[test]
    fn a_camera_that_is_not_there_is_one_sentence() {
        assert!(cameras().iter().all(|camera| camera.index != 4321));
        let identity = Identity { bus: "nowhere".into(), serial: None };
        let camera = CameraInfo { index: 4321, name: "Nobody".into(), path: String::new(), identity };
        let error = CameraSource::open(&camera, &SourceOptions::default(), &Stats::default(), true).err();
        let sentence = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(sentence.contains("4321 (Nobody)") && !sentence.contains('\n'), "{sentence}");
    }
}
