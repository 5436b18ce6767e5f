//! Raw frames with exact times out of a file or a network stream.

use std::io::Read;
use std::process::{ChildStdout, ExitStatus};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;

use super::Ffmpeg;
use super::child::{FfmpegChild, KillSwitch, lock};
use super::clock::Clock;
use super::develop::{Development, filters};
use super::dialect::Dialect;
use super::error::ChildError;
use super::heads::{Gatherer, Head, heads};
use super::input::ReaderInput;
use super::reading::{Picture, ReaderOptions, StreamInfo, arguments, is_live};
use super::report::{self, Coding, Report};
use super::said::Said;
use super::scrub::Scrubber;
use crate::frame::PixelFormat;
use crate::memory::Receiver;

/// How long a child that closed its pipe may take to end.
const EXIT_PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked whether a child that is silent is still wanted.
const POLL: Duration = Duration::from_millis(50);

/// A running decoder.
#[derive(Debug)]
pub struct VideoReader {
    child: FfmpegChild,
    stdout: ChildStdout,
    heads: Receiver<Head>,
    /// The frame that comes next, where it is known.
    next: Option<Head>,
    said: Arc<Mutex<Said>>,
    info: StreamInfo,
    clock: Clock,
    transfer: Duration,
    silence: Option<Duration>,
}

impl VideoReader {
    /// Starts ffmpeg and waits until the first frame is on its way.
    ///
    /// # Errors
    /// [`ChildError`] with a clause that says what is wrong with the input.
    pub fn open(ffmpeg: &Ffmpeg, options: &ReaderOptions) -> Result<Self, ChildError> {
        let as_it_is = || Self::open_as(ffmpeg, options, Development::None, &Coding::default());
        let mut this = as_it_is()?;
        let coding = lock(&this.said).coding.clone().unwrap_or_default();
        let wanted = Development::for_coding(&coding);
        if wanted == Development::None {
            return Ok(this);
        }
        if !matches!(options.input, ReaderInput::File(_)) {
            // Who sends it may not come twice.
            this.info.development = Development::Refused;
            return Ok(this);
        }
        drop(this);
        match Self::open_as(ffmpeg, options, wanted, &coding) {
            // Not every ffmpeg has the filters.
            Err(ChildError::Failed(_)) => {
                let mut this = as_it_is()?;
                this.info.development = Development::Refused;
                Ok(this)
            }
            done => done,
        }
    }

    fn open_as(
        ffmpeg: &Ffmpeg,
        options: &ReaderOptions,
        development: Development,
        coding: &Coding,
    ) -> Result<Self, ChildError> {
        let said = Arc::new(Mutex::new(Said::default()));
        let (sender, heads) = heads();
        let dialect = Dialect::of(&ffmpeg.version);
        let words = options.input.words(dialect);
        let scrubber = match &options.input {
            ReaderInput::Network(address) => address.scrubber(),
            ReaderInput::File(_) => Scrubber::default(),
        };
        let shared = said.clone();
        let mut gatherer = Gatherer::new(dialect.keep_sizes.is_none());
        let on_line = move |line: &str| {
            let Some(report) = report::parse(line) else { return false };
            let is_words = matches!(report, Report::Damage | Report::Duration(_) | Report::Coding(_));
            if let Some(head) = gatherer.take_in(&report, lock(&shared).is_rgb()) {
                // When nobody reads frames any more, nobody needs to know of them. Waiting for room, it holds the child up.
                let _ = sender.send(head);
            }
            lock(&shared).take_in(report);
            !is_words
        };
        let args = arguments(options, words.args, &filters(development, coding), dialect);
        let (child, stdout) =
            FfmpegChild::start_reading(&ffmpeg.path, &args, (words.stdin.as_deref(), scrubber), on_line)?;
        let stdout = stdout.ok_or_else(|| ChildError::Failed("ffmpeg has no output".to_owned()))?;
        let first = first_head(&child, &heads, options)?;
        let (rate, duration, is_mjpeg) = {
            let mut said = lock(&said);
            if matches!(options.input, ReaderInput::Network(_)) {
                // Who joins a stream in the middle lacks what its first pictures refer to.
                said.damage = 0;
            }
            (said.rate, said.duration, said.coding.as_ref().is_some_and(|coding| coding.codec == "mjpeg"))
        };
        let live = is_live(&options.input, duration);
        // MJPEG over HTTP has no times; FFmpeg makes up some for 25 frames per second.
        let by_arrival = live && is_mjpeg && first.time_base == (1, 25);
        let rate = rate.filter(|_| !by_arrival);
        let (width, height) = first.size;
        let info = StreamInfo { width, height, rate, color: first.color, duration, live, development };
        let clock = Clock::new(rate, live, by_arrival);
        let silence = options.silence;
        let transfer = Duration::ZERO;
        Ok(Self { child, stdout, heads, next: Some(first), said, info, clock, transfer, silence })
    }

    /// What the stream is.
    pub fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// Bytes of the frame that comes next, as far as it is known, else of the first.
    pub fn frame_bytes(&self) -> usize {
        let (width, height) = self.next.map_or((self.info.width, self.info.height), |head| head.size);
        PixelFormat::Nv12.bytes(width, height)
    }

    /// Ends a read that hangs.
    pub fn kill_switch(&self) -> KillSwitch {
        self.child.kill_switch()
    }

    /// How long the last frame took from its first byte to its last: without the wait for the picture.
    pub fn transfer(&self) -> Duration {
        self.transfer
    }

    /// How many complaints about damaged data there were.
    pub fn damage(&self) -> u64 {
        lock(&self.said).damage
    }

    /// How often the times of a live stream jumped and were put right.
    pub fn time_jumps(&self) -> u64 {
        self.clock.jumps()
    }

    /// Waits for the next frame and says what it is, without taking it; `None` at the end of the stream.
    ///
    /// # Errors
    /// [`ChildError`] when ffmpeg gave up, was killed, or was silent for too long.
    pub fn wait_for_picture(&mut self) -> Result<Option<Picture>, ChildError> {
        let head = match self.next {
            Some(head) => head,
            None => match self.next_head()? {
                Some(head) => head,
                None => return Ok(None),
            },
        };
        self.next = Some(head);
        Ok(Some(Picture { size: head.size, color: head.color }))
    }

    /// Fills `frame`, whose length is that of the [`Picture`] that comes next, with its bytes and returns its
    /// presentation time; `None` at the end of the stream.
    ///
    /// # Errors
    /// [`ChildError`] as those of [`wait_for_picture`](Self::wait_for_picture), and when `frame` has another length: then
    /// nothing was read.
    pub fn read_frame(&mut self, frame: &mut [u8]) -> Result<Option<Duration>, ChildError> {
        let Some(picture) = self.wait_for_picture()? else { return Ok(None) };
        if frame.len() != picture.bytes() {
            return Err(ChildError::FrameSize { expected: picture.bytes(), found: frame.len() });
        }
        self.read_into(frame, picture.bytes())
    }

    /// As [`read_frame`](Self::read_frame), but the picture is thrown away.
    ///
    /// # Errors
    /// As those of `wait_for_picture`.
    pub fn skip_frame(&mut self) -> Result<Option<Duration>, ChildError> {
        let Some(picture) = self.wait_for_picture()? else { return Ok(None) };
        self.read_into(&mut [0; 16 * 1024], picture.bytes())
    }

    /// Reads the bytes of the frame that is next over `target` again and again.
    fn read_into(&mut self, target: &mut [u8], expected: usize) -> Result<Option<Duration>, ChildError> {
        let Some(head) = self.next.take() else { return Ok(None) };
        let mut filled = 0;
        let mut began = None;
        while filled < expected {
            let from = filled % target.len();
            let to = target.len().min(from + expected - filled);
            match self.stdout.read(&mut target[from..to]) {
                Ok(0) => break,
                Ok(read) => {
                    began.get_or_insert_with(Instant::now);
                    filled += read;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ChildError::Pipe(error)),
            }
        }
        if filled < expected {
            return Err(self.child.failure(self.child.wait(EXIT_PATIENCE)));
        }
        let now = Instant::now();
        self.transfer = began.map_or(Duration::ZERO, |began| now - began);
        Ok(Some(self.clock.at(&head, now)))
    }

    fn next_head(&self) -> Result<Option<Head>, ChildError> {
        let received = match self.silence {
            Some(silence) => self.heads.recv_timeout(silence),
            None => self.heads.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match (received, self.silence) {
            (Ok(head), _) => Ok(Some(head)),
            (Err(RecvTimeoutError::Timeout), Some(silence)) => {
                self.child.kill_switch().kill();
                Err(ChildError::Stalled(silence))
            }
            // Its standard error ended: it has, or is about to.
            _ => {
                let status = self.child.wait(EXIT_PATIENCE);
                let is_end = status.is_some_and(|status| status.success());
                if is_end { Ok(None) } else { Err(self.child.failure(status)) }
            }
        }
    }
}

fn first_head(
    child: &FfmpegChild,
    heads: &Receiver<Head>,
    options: &ReaderOptions,
) -> Result<Head, ChildError> {
    let start = Instant::now();
    loop {
        match heads.recv_timeout(POLL) {
            Ok(head) => return Ok(head),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait(EXIT_PATIENCE);
                let is_empty = status.as_ref().is_some_and(ExitStatus::success);
                return Err(if is_empty { ChildError::NoFrames } else { child.failure(status) });
            }
        }
        if options.cancel.is_cancelled() {
            return Err(ChildError::Cancelled);
        }
        if let Some(patience) = options.patience.filter(|patience| start.elapsed() > *patience) {
            return Err(ChildError::Stalled(patience));
        }
    }
}
