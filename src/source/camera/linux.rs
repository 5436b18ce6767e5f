//! Capture from Video4Linux.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use v4l::buffer::{Flags as BufferFlags, Type};
use v4l::format::{Colorspace, Quantization};
use v4l::io::traits::{CaptureStream, Stream};
use v4l::prelude::MmapStream;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Device, Format, Fraction};

use super::broken::{self, BROKEN_IN_A_ROW, Endings};
use super::controls::settings;
use super::formats::RawFormat;
use super::pick::{Choice, pick};
use super::raw::RawPicture;
use super::{CameraAbilities, CameraInfo, CameraOptions};
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, Frame, FramePool, FrameSeq};
use crate::source::{FrameSource, Interrupt, SourceError, SourceInfo, SourceOptions, buffer};
use crate::stats::Stats;

/// Buffers that the driver fills in turn.
const BUFFERS: u32 = 4;
/// Without a frame for this long the camera counts as silent and has to be opened again.
const SILENCE: Duration = Duration::from_secs(5);
/// How often a wait for the driver looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);
/// `POLLIN`: something can be read, or never will.
const READABLE: i16 = 1;
const EIO: i32 = 5;
const ENODEV: i32 = 19;
const EBUSY: i32 = 16;
const ENXIO: i32 = 6;

use super::linux_clock::{Clock, missed};
use super::linux_controls::{controls, set};
pub(super) use super::linux_list::{Asked, INTERVAL, nodes};
use super::linux_modes::{code, formats, modes};

/// A camera that streams.
pub(super) struct CameraSource {
    info: SourceInfo,
    name: String,
    format: RawFormat,
    stride: usize,
    color: ColorSpace,
    stream: MmapStream<'static>,
    clock: Clock,
    next: u64,
    endings: Endings,
    last_sequence: Option<u32>,
    interrupted: Arc<AtomicBool>,
    stats: Stats,
}

impl CameraSource {
    pub(super) fn open(
        camera: &CameraInfo,
        options: &SourceOptions,
        stats: &Stats,
        strict: bool,
    ) -> Result<Self, SourceError> {
        let name = camera.to_string();
        let explain = |error| explain(&name, error);
        let device = Device::with_path(&camera.path).map_err(explain)?;
        let modes = modes(&device);
        let Some(choice) = pick(&modes, options) else {
            return Err(super::no_mode(camera, &modes, options));
        };
        let format = agree(&device, choice, &name)?;
        let raw = RawFormat::from_code(&code(format.fourcc));
        let Some(raw) = raw else {
            return Err(SourceError::CameraFormat { name, formats: code(format.fourcc) });
        };
        let rate = set_rate(&device, choice.rate);
        super::refuse(camera, &set_controls(&device, &options.camera), stats, strict)?;
        let mut stream = MmapStream::with_buffers(&device, Type::VideoCapture, BUFFERS).map_err(explain)?;
        stream.set_timeout(SILENCE);
        start(&mut stream).map_err(explain)?;
        let shown_rate = rate.map_or_else(String::new, |rate| format!(", {rate:.4} fps"));
        let info = SourceInfo {
            uri: format!("camera:{}", camera.index),
            description: format!(
                "{}, {} {}×{}{shown_rate}",
                camera.name,
                code(format.fourcc),
                format.width,
                format.height
            ),
            width: format.width,
            height: format.height,
            nominal_rate: rate,
            live: true,
            frames: None,
            pixel_format: raw.becomes(),
        };
        let stride = if format.stride == 0 { raw.row_bytes(format.width) } else { format.stride as usize };
        Ok(Self {
            info,
            name,
            format: raw,
            stride,
            color: color(&format),
            stream,
            clock: Clock::default(),
            next: 0,
            endings: Endings::default(),
            last_sequence: None,
            interrupted: Arc::default(),
            stats: stats.clone(),
        })
    }

    /// Waits until the driver has filled a buffer. The buffer before stays ours meanwhile: given back first, as
    /// [`CaptureStream::next`] does, it would be given back twice after a wait in vain.
    fn wait_for_buffer(&self) -> Result<(), SourceError> {
        let silent = || {
            let seconds = SILENCE.as_secs();
            Err(SourceError::CameraSilent { name: self.name.clone(), seconds })
        };
        let start = Instant::now();
        while start.elapsed() < SILENCE {
            if self.interrupted.load(Ordering::Relaxed) {
                return silent();
            }
            match self.stream.handle().poll(READABLE, LOOK.as_millis() as i32) {
                Ok(0) => {}
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(explain(&self.name, error)),
            }
        }
        silent()
    }

    /// Copies the next good buffer into `out` and returns its time.
    fn grab(&mut self, out: &mut [u8]) -> Result<Duration, SourceError> {
        for _ in 0..BROKEN_IN_A_ROW {
            self.wait_for_buffer()?;
            let (bytes, metadata) = self.stream.next().map_err(|error| no_buffer(&self.name, error))?;
            let start = Instant::now();
            let used = (metadata.bytesused as usize).min(bytes.len());
            let picture = RawPicture {
                format: self.format,
                width: self.info.width,
                height: self.info.height,
                stride: self.stride,
                bytes: if used == 0 { bytes } else { &bytes[..used] },
            };
            let missed = missed(&mut self.last_sequence, metadata);
            if missed > 0 {
                self.stats.add("camera_frames_missed", missed);
            }
            let broken = metadata.flags.contains(BufferFlags::ERROR);
            let time = self.clock.at(metadata);
            let unpacked = if broken {
                Err("the driver says so".to_owned())
            } else {
                self.endings.unpack(&picture, out).map_err(|e| e.0)
            };
            match unpacked {
                Ok(()) => {
                    self.stats.stage("capture", start.elapsed());
                    return Ok(time);
                }
                Err(reason) => broken::leave_out(&self.stats, &self.name, &reason),
            }
        }
        Err(broken::too_many(&self.name))
    }
}

impl FrameSource for CameraSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        let format = self.format.becomes();
        let size = (self.info.width, self.info.height);
        let mut data = buffer(pool, format.bytes(size.0, size.1), &self.info.uri)?;
        let time = self.grab(&mut data)?;
        let frame = Frame::new(FrameSeq(self.next), time, format, size, self.color, data)?;
        self.next += 1;
        Ok(Some(frame))
    }

    fn skip_frame(&mut self) -> Result<bool, SourceError> {
        self.wait_for_buffer()?;
        let (_, metadata) = self.stream.next().map_err(|error| no_buffer(&self.name, error))?;
        let missed = missed(&mut self.last_sequence, metadata);
        self.stats.add("camera_frames_missed", missed);
        Ok(true)
    }

    fn interrupt(&self) -> Option<Interrupt> {
        let interrupted = self.interrupted.clone();
        Some(Box::new(move || interrupted.store(true, Ordering::Relaxed)))
    }
}

/// Starts the stream with all buffers but the first in the driver's hands: that one goes there with the first
/// [`CaptureStream::next`].
fn start(stream: &mut MmapStream<'static>) -> std::io::Result<()> {
    for index in 1..BUFFERS as usize {
        // A driver may have made fewer.
        if CaptureStream::queue(stream, index).is_err() {
            break;
        }
    }
    stream.start()
}

/// What `camera` can do.
pub(super) fn abilities(camera: &CameraInfo) -> CameraAbilities {
    let Ok(device) = Device::with_path(&camera.path) else { return CameraAbilities::default() };
    let controls = controls(&device).into_iter().map(|known| known.info).collect();
    CameraAbilities { modes: modes(&device), controls }
}

/// Sets what is wished; sentences about what is not to be had.
fn set_controls(device: &Device, options: &CameraOptions) -> Vec<String> {
    if *options == (CameraOptions { format: options.format.clone(), ..CameraOptions::default() }) {
        return Vec::new();
    }
    let known = controls(device);
    let infos: Vec<_> = known.iter().map(|known| known.info.clone()).collect();
    let (settings, mut refused) = settings(options, &infos);
    for setting in settings {
        if let Err(reason) = set(device, &setting, &known) {
            refused.push(format!("{} cannot be set to {} ({reason})", setting.name, setting.value));
        }
    }
    refused
}

fn no_buffer(name: &str, error: std::io::Error) -> SourceError {
    if error.kind() == ErrorKind::TimedOut {
        return SourceError::CameraSilent { name: name.to_owned(), seconds: SILENCE.as_secs() };
    }
    explain(name, error)
}

/// Asks for the mode; what the driver makes of it is returned.
fn agree(device: &Device, choice: Choice, name: &str) -> Result<Format, SourceError> {
    let offered = formats(device).map_err(|error| explain(name, error))?;
    let fourcc =
        offered.into_iter().find(|fourcc| RawFormat::from_code(&code(*fourcc)) == Some(choice.format));
    let Some(fourcc) = fourcc else {
        return Err(SourceError::CameraFormat {
            name: name.to_owned(),
            formats: "others than before".to_owned(),
        });
    };
    let wanted = Format::new(choice.width, choice.height, fourcc);
    device.set_format(&wanted).map_err(|error| explain(name, error))
}

/// The rate that the driver settles on. Drivers that cannot set one keep their own.
fn set_rate(device: &Device, rate: Option<f64>) -> Option<f64> {
    if let Some(rate) = rate {
        // Thousandths hold 29.97 and 12.5 as well.
        let interval = Fraction::new(1000, (rate * 1000.0).round() as u32);
        if let Err(error) = device.set_params(&Parameters::new(interval)) {
            tracing::debug!("the camera keeps its own frame rate: {error}");
        }
    }
    device.params().ok().and_then(|params| super::linux_modes::rate(params.interval)).or(rate)
}

/// What the driver says about colours; cameras that say nothing send BT.601 in limited range.
fn color(format: &Format) -> ColorSpace {
    let matrix = match format.colorspace {
        Colorspace::Rec709 | Colorspace::Rec2020 => ColorMatrix::Bt709,
        _ => ColorMatrix::Bt601,
    };
    let range = match (format.quantization, format.colorspace) {
        (Quantization::FullRange, _) | (Quantization::Default, Colorspace::JPEG) => ColorRange::Full,
        _ => ColorRange::Limited,
    };
    ColorSpace { matrix, range }
}

fn explain(name: &str, error: std::io::Error) -> SourceError {
    let name = name.to_owned();
    match (error.raw_os_error(), error.kind()) {
        (Some(EBUSY), _) => SourceError::CameraBusy(name),
        (_, ErrorKind::PermissionDenied) => SourceError::CameraForbidden(name),
        (Some(ENODEV | ENXIO), _) | (_, ErrorKind::NotFound) => SourceError::CameraGone(name),
        (Some(EIO), _) => SourceError::Camera {
            name,
            reason: "its stream broke; unplug it and plug it in again".to_owned(),
        },
        _ => SourceError::Camera { name, reason: error.to_string() },
    }
}
