//! A source in a process of its own, which can be killed when its driver hangs: a thread cannot.
//!
//! The process is this program again, told by [`Order`] what to open; its frames come through a pipe (`wire`).

mod process;
mod wire;

use std::io::{Read, Write};
use std::path::Path;
use std::process::ChildStdout;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

pub(crate) use self::process::SUBCOMMAND;

use self::process::Process;
use self::wire::{Head, Message};
use super::camera::open_camera;
use super::{
    CameraInfo, Cancel, FrameSource, Interrupt, SourceError, SourceInfo, SourceOptions, SourceUri, buffer,
    open,
};
use crate::frame::{Frame, FramePool, FrameSeq};
use crate::stats::Stats;

/// Bytes that the other process may have under way.
const POOL_BYTES: usize = 64 << 20;
/// How long it waits for its own pool: never long, since a frame is let go when it is written.
const POOL_PAUSE: Duration = Duration::from_millis(1);

/// What the other process is to open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Order {
    /// As [`SourceUri`] is typed.
    pub(in crate::source) uri: String,
    /// The view, which is this side's work, is not sent.
    pub(in crate::source) options: SourceOptions,
    /// The very camera, where it is one: it is the only device that is opened.
    pub(in crate::source) device: Option<CameraInfo>,
    /// Whether a control that the camera does not have is an error.
    pub(in crate::source) strict: bool,
}

impl Order {
    /// To open `uri` with `options`.
    pub(super) fn new(uri: &SourceUri, options: &SourceOptions, strict: bool) -> Self {
        Self { uri: uri.to_string(), options: options.clone(), device: None, strict }
    }
}

/// The other process's part: opens what `order` (JSON) says and writes its frames to `out` until that is closed or the source
/// ends. Why it does not open, or failed, is written there as well.
///
/// # Errors
/// The pipe broke, or `order` is none.
pub fn serve(order: &str, out: &mut impl Write) -> std::io::Result<()> {
    let order: Order = serde_json::from_str(order).map_err(std::io::Error::other)?;
    let stats = Stats::default();
    let Order { uri, options, device, strict } = order;
    let opened = match device {
        Some(device) => open_camera(&device, &options, &stats, strict),
        None => uri.parse::<SourceUri>().and_then(|uri| open(&uri, &options, &stats)),
    };
    let mut source = match opened {
        Ok(source) => source,
        Err(error) => return wire::write(out, &Message::Failed(error.to_string()), &[]),
    };
    wire::write(out, &Message::Opened(source.info().clone()), &[])?;
    let pool = FramePool::new(POOL_BYTES);
    loop {
        match source.next_frame(&pool) {
            Ok(Some(frame)) => wire::write(out, &Message::Frame(Head::of(&frame)), frame.data())?,
            Ok(None) => return wire::write(out, &Message::Ended, &[]),
            Err(error) if error.is_pool_exhausted() => std::thread::sleep(POOL_PAUSE),
            Err(error) => return wire::write(out, &Message::Failed(error.to_string()), &[]),
        }
    }
}

/// This side of it.
pub(super) struct ApartSource {
    info: SourceInfo,
    process: Process,
    pipe: ChildStdout,
    /// Of a frame whose bytes are still in the pipe.
    head: Option<(Head, usize)>,
    next: u64,
    stats: Stats,
}

impl ApartSource {
    /// Starts `program` with `order` and waits until its source is open; `cancel` kills it.
    pub(super) fn open(
        program: &Path,
        order: &Order,
        stats: &Stats,
        cancel: &Cancel,
    ) -> Result<Self, SourceError> {
        let failed = |error: std::io::Error| apart(&order.uri, &error.to_string());
        let json = serde_json::to_string(order).map_err(std::io::Error::other).map_err(failed)?;
        let (process, mut pipe) = Process::start(program, &json).map_err(failed)?;
        stats.count("source_processes");
        let _watched = process.watch(cancel).map_err(failed)?;
        match wire::read(&mut pipe).map_err(failed)? {
            (Message::Opened(info), 0) => {
                Ok(Self { info, process, pipe, head: None, next: 0, stats: stats.clone() })
            }
            (Message::Failed(sentence), _) => Err(SourceError::Apart(sentence)),
            _ => Err(apart(&order.uri, "it does not begin as it should")),
        }
    }

    /// The head of the next frame; none at the end.
    fn head(&mut self) -> Result<Option<(Head, usize)>, SourceError> {
        if let Some(head) = self.head {
            return Ok(Some(head));
        }
        let (message, bytes) =
            wire::read(&mut self.pipe).map_err(|error| apart(&self.info.uri, &error.to_string()))?;
        match message {
            Message::Frame(head) => self.head = Some((head, bytes)),
            Message::Ended => return Ok(None),
            Message::Failed(sentence) => return Err(SourceError::Apart(sentence)),
            Message::Opened(_) => return Err(apart(&self.info.uri, "it begins twice")),
        }
        Ok(self.head)
    }
}

fn apart(uri: &str, reason: &str) -> SourceError {
    SourceError::Apart(format!("{uri}: the process that reads it broke off ({reason})"))
}

impl FrameSource for ApartSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self, pool: &FramePool) -> Result<Option<Frame>, SourceError> {
        let Some((head, bytes)) = self.head()? else { return Ok(None) };
        let mut data = buffer(pool, bytes, &self.info.uri)?;
        self.head = None;
        let start = Instant::now();
        self.pipe.read_exact(&mut data).map_err(|error| apart(&self.info.uri, &error.to_string()))?;
        self.stats.stage("capture", start.elapsed());
        let Head { timestamp, format, size, color } = head;
        let frame = Frame::new(FrameSeq(self.next), timestamp, format, size, color, data)?;
        self.next += 1;
        Ok(Some(frame))
    }

    fn skip_frame(&mut self) -> Result<bool, SourceError> {
        let Some((_, bytes)) = self.head()? else { return Ok(false) };
        self.head = None;
        wire::skip_bytes(&mut self.pipe, bytes).map_err(|error| apart(&self.info.uri, &error.to_string()))?;
        Ok(true)
    }

    fn interrupt(&self) -> Option<Interrupt> {
        let process = self.process.clone();
        Some(Box::new(move || process.kill()))
    }
}
