//! Where pictures come from: cameras, files, network streams, the demo performer.
//!
//! A source is pulled: [`FrameSource::next_frame`] gives one frame after another as fast as it is called,
//! each with its true time. Keeping real time, dropping and reconnecting are `capture`'s business.

mod apart;
mod camera;
pub mod demo;
mod error;
mod folder;
mod jpeg;
mod knock;
mod network;
mod picture;
mod reopener;
mod roll;
mod still;
mod uri;
mod video;
mod view;

use std::fmt;
use std::time::Duration;

pub(crate) use apart::SUBCOMMAND;
pub use apart::serve;
pub(crate) use camera::CameraPicture;
pub use camera::{
    Automatic, CameraAbilities, CameraInfo, CameraMode, CameraOptions, CameraWatch, ControlInfo, ControlKind,
    ControlWish, Identity, OptionError, camera_abilities, cameras,
};
pub use error::SourceError;
pub(crate) use jpeg::reaches_its_end as jpeg_reaches_its_end;
pub use reopener::Reopener;
pub(crate) use uri::is_image;
pub use uri::{CameraId, SourceUri};
pub use view::{Crop, Length, Rotation, View, ViewError};

pub use crate::ffmpeg::{Cancel, NetworkAddress};
use crate::frame::{Frame, FramePool, PixelFormat};
use crate::stats::Stats;

/// What this room may hold.
pub const BOUNDS: &[crate::memory::Bound] = &[camera::BUFFERS, camera::OPENED];

/// What a source is, known once it is open.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SourceInfo {
    /// Its name as typed, without secrets.
    pub uri: String,
    /// A line for people: what it is, in which format.
    pub description: String,
    /// Columns of the first frame.
    pub width: u32,
    /// Rows of the first frame.
    pub height: u32,
    /// Nominal frames per second; `None` where the source does not say.
    pub nominal_rate: Option<f64>,
    /// Whether frames arrive in their own time (cameras, network streams); others are read as fast as
    /// they are pulled.
    pub live: bool,
    /// How many frames there will be; of videos an estimate from length and rate; `None` for endless ones.
    pub frames: Option<u64>,
    /// Layout of the frames.
    pub pixel_format: PixelFormat,
}

/// Wishes; a source does what it can.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct SourceOptions {
    /// Files, folders and stills start again at their end, for ever, with times that go on.
    pub repeat: bool,
    /// Video files: where they begin, as a time of the file; default the beginning. A repeated one goes on from here.
    pub from: Option<Duration>,
    /// Video files: where they end, as a time of the file; default the end.
    pub to: Option<Duration>,
    /// Preferred width and height of a camera; default 1280 × 720.
    pub size: Option<(u32, u32)>,
    /// Preferred frames per second of a camera (default 30), of a repeated still (default 30) and of a
    /// folder of images (default 1).
    pub rate: Option<f64>,
    /// What a camera is asked for besides.
    pub camera: CameraOptions,
    /// Which part of the picture is shown, and how it is turned.
    #[serde(skip)]
    pub view: View,
}

/// Ends a [`FrameSource::next_frame`] that hangs, from another thread.
pub type Interrupt = Box<dyn Fn() + Send + Sync>;

/// Something that yields frames one after another.
pub trait FrameSource: Send {
    /// What the source is.
    fn info(&self) -> &SourceInfo;

    /// The next frame, its pixels in a buffer of `pool`; `None` at the end.
    ///
    /// # Errors
    /// [`SourceError::Pool`] when no buffer is free: nothing is lost yet, call again. Any other error is
    /// final; the source has to be opened again.
    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError>;

    /// Lets the next frame go by, because no buffer is free: a live source must not fall behind. Waits for
    /// it as `next_frame` does. False when there is nothing that could be let go: call `next_frame` again
    /// a little later.
    ///
    /// # Errors
    /// As those of `next_frame`.
    fn skip_frame(&mut self) -> Result<bool, SourceError> {
        Ok(false)
    }

    /// How to end a call of `next_frame` that hangs; `None` for sources that cannot hang.
    fn interrupt(&self) -> Option<Interrupt> {
        None
    }
}

impl fmt::Debug for dyn FrameSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FrameSource").field(self.info()).finish()
    }
}

/// Opens a source. A video or stream is open when its first frame is on its way.
///
/// # Errors
/// [`SourceError`], one sentence that says what is wrong and what to do.
pub fn open(
    uri: &SourceUri,
    options: &SourceOptions,
    stats: &Stats,
) -> Result<Box<dyn FrameSource>, SourceError> {
    open_unless_cancelled(uri, options, stats, &Cancel::default())
}

/// As [`open`], given up when `cancel` says so: an address that listens waits for ever for somebody to send.
///
/// # Errors
/// As those of `open`; [`SourceError::is_cancelled`] tells what was given up.
pub fn open_unless_cancelled(
    uri: &SourceUri,
    options: &SourceOptions,
    stats: &Stats,
    cancel: &Cancel,
) -> Result<Box<dyn FrameSource>, SourceError> {
    let source: Box<dyn FrameSource> = match uri {
        SourceUri::Camera(id) => camera::CameraMemory::default()
            .open(id, stats, |camera, strict| camera::open_camera(camera, options, stats, strict))?,
        SourceUri::Demo => Box::new(demo::DemoSource::new(options)),
        SourceUri::Image(path) => Box::new(still::StillSource::open(path, options, stats)?),
        SourceUri::Folder(path) => Box::new(folder::FolderSource::open(path, options, stats)?),
        SourceUri::Video(path) => Box::new(video::VideoSource::open_file(path, options, stats)?),
        SourceUri::Network(address) => Box::new(network::open(address, stats, cancel)?.again(options.repeat)),
    };
    Ok(options.view.of(source))
}

/// The source when none is named, and a line that says which it is: the first camera, else the demo.
pub fn default_source() -> (SourceUri, String) {
    match cameras().into_iter().next() {
        Some(camera) => {
            let line = format!("No source given: using camera {} ({}).", camera.index, camera.name);
            (SourceUri::Camera(CameraId::Index(camera.index)), line)
        }
        None => {
            let line = "No source given and no camera plugged in: showing the demo performer (demo:).";
            (SourceUri::Demo, line.to_owned())
        }
    }
}

/// A buffer for a frame of `bytes`.
pub(crate) fn buffer(
    pool: &FramePool,
    bytes: usize,
    uri: &str,
) -> Result<crate::frame::PooledBuffer, SourceError> {
    pool.acquire(bytes).map_err(|exhausted| {
        if bytes > exhausted.budget {
            SourceError::FrameTooLarge { uri: uri.to_owned(), bytes, budget: exhausted.budget }
        } else {
            SourceError::Pool(exhausted)
        }
    })
}
