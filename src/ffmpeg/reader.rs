//! Raw frames with exact times out of a file or a network stream.

use std::ffi::OsString;
use std::io::Read;
use std::process::{ChildStdout, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Ffmpeg;
use super::child::{ChildError, FfmpegChild, KillSwitch, lock};
use super::dialect::Dialect;
use super::input::ReaderInput;
use super::report::{self, Report};
use super::times::Times;
use crate::frame::{ColorMatrix, ColorRange, ColorSpace, PixelFormat};

/// Frames come tightly packed in this format, in limited range.
const FORMAT: PixelFormat = PixelFormat::Nv12;
/// Pixels that are not square are made square; everything is brought to limited range, because not every
/// FFmpeg converts full range of itself when the pixel format changes. Rotation is applied before.
const FILTERS: &str = "scale=w='if(gt(abs(sar-1),0.001),trunc(iw*clip(sar,0.2,5)/2+0.5)*2,iw)':h=ih:out_range=tv,\
                       setsar=1,format=nv12,showinfo=checksum=0";
/// How long the time of a frame may lag behind its bytes.
const REPORT_PATIENCE: Duration = Duration::from_secs(2);
/// How long a child that closed its pipe may take to end.
const EXIT_PATIENCE: Duration = Duration::from_secs(5);

/// What to read.
#[derive(Debug, Clone)]
pub struct ReaderOptions {
    /// Where from.
    pub input: ReaderInput,
    /// Starts again at the end, for ever, with times that go on.
    pub repeat: bool,
    /// How long the first frame may take.
    pub patience: Duration,
}

/// What the stream is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StreamInfo {
    /// Columns, after rotation.
    pub width: u32,
    /// Rows, after rotation.
    pub height: u32,
    /// Nominal frames per second; `None` where the stream does not say.
    pub rate: Option<f64>,
    /// How YUV becomes RGB.
    pub color: ColorSpace,
    /// How long the input is, by its header; `None` for live streams.
    pub duration: Option<Duration>,
}

/// A running decoder.
#[derive(Debug)]
pub struct VideoReader {
    child: FfmpegChild,
    stdout: ChildStdout,
    shared: Arc<Shared>,
    info: StreamInfo,
    clock: Clock,
    transfer: Duration,
}

#[derive(Debug, Default)]
struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    time_base: Option<(i64, i64)>,
    rate: Option<f64>,
    size: Option<(u32, u32)>,
    color: Option<(Option<ColorMatrix>, Option<ColorRange>)>,
    duration: Option<Duration>,
    times: Times,
    damage: u64,
}

impl Seen {
    fn take_in(&mut self, report: Report) {
        match report {
            Report::Config { time_base, rate } => (self.time_base, self.rate) = (Some(time_base), rate),
            Report::Frame { pts, size } => {
                self.size.get_or_insert(size);
                self.times.push(pts);
            }
            Report::Color { matrix, range } => {
                self.color.get_or_insert((matrix, range));
            }
            Report::Duration(duration) => {
                self.duration.get_or_insert(duration);
            }
            Report::Damage => self.damage += 1,
            Report::Chatter => {}
        }
    }
}

impl VideoReader {
    /// Starts ffmpeg and waits until the first frame is on its way.
    ///
    /// # Errors
    /// [`ChildError`] with a clause that says what is wrong with the input.
    pub fn open(ffmpeg: &Ffmpeg, options: &ReaderOptions) -> Result<Self, ChildError> {
        let shared = Arc::new(Shared::default());
        let writer = shared.clone();
        let on_line = move |line: &str| {
            let Some(report) = report::parse(line) else { return false };
            let consumed = !matches!(report, Report::Damage | Report::Duration(_));
            lock(&writer.seen).take_in(report);
            writer.changed.notify_all();
            consumed
        };
        let args = arguments(options, Dialect::of(&ffmpeg.version));
        let (child, pipes) = FfmpegChild::start(&ffmpeg.path, &args, false, on_line)?;
        let stdout = pipes.stdout.ok_or_else(|| ChildError::Failed("ffmpeg has no output".to_owned()))?;
        let info = wait_for_stream(&child, &shared, options.patience)?;
        let clock = Clock { rate: info.rate, ..Clock::default() };
        Ok(Self { child, stdout, shared, info, clock, transfer: Duration::ZERO })
    }

    /// What the stream is.
    pub fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// Bytes of a frame: NV12, tightly packed.
    pub fn frame_bytes(&self) -> usize {
        FORMAT.bytes(self.info.width, self.info.height)
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
        lock(&self.shared.seen).damage
    }

    /// Fills `frame`, whose length is [`Self::frame_bytes`], with the next picture and returns its
    /// presentation time; `None` at the end of the stream.
    ///
    /// # Errors
    /// [`ChildError`] when ffmpeg gave up, was killed, or the stream broke off in the middle of a frame.
    pub fn read_frame(&mut self, frame: &mut [u8]) -> Result<Option<Duration>, ChildError> {
        let expected = self.frame_bytes();
        if frame.len() != expected {
            return Err(ChildError::FrameSize { expected, found: frame.len() });
        }
        self.read_into(frame)
    }

    /// As [`read_frame`](Self::read_frame), but the picture is thrown away.
    ///
    /// # Errors
    /// As those of `read_frame`.
    pub fn skip_frame(&mut self) -> Result<Option<Duration>, ChildError> {
        self.read_into(&mut [0; 16 * 1024])
    }

    /// Reads the bytes of one frame over `target` again and again.
    fn read_into(&mut self, target: &mut [u8]) -> Result<Option<Duration>, ChildError> {
        let expected = self.frame_bytes();
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
            let status = self.child.wait(EXIT_PATIENCE);
            let clean = status.is_some_and(|status| status.success()) && filled == 0;
            return if clean { Ok(None) } else { Err(self.child.failure(status)) };
        }
        self.transfer = began.map_or(Duration::ZERO, |began| began.elapsed());
        let (pts, time_base) = self.next_report()?;
        Ok(Some(self.clock.at(pts, time_base)))
    }

    fn next_report(&self) -> Result<(Option<i64>, (i64, i64)), ChildError> {
        let seen = lock(&self.shared.seen);
        let (mut seen, timeout) = self
            .shared
            .changed
            .wait_timeout_while(seen, REPORT_PATIENCE, |seen| seen.times.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(ChildError::Failed("ffmpeg does not tell the times of its pictures".to_owned()));
        }
        Ok((seen.times.pop().flatten(), seen.time_base.unwrap_or((0, 1))))
    }
}

/// Makes times that start at or after zero and always grow.
#[derive(Debug, Default)]
struct Clock {
    rate: Option<f64>,
    shift: Duration,
    last: Option<Duration>,
}

impl Clock {
    /// The time of a frame with `pts` in units of `time_base` seconds. Without one, or with one that does
    /// not grow, the frame follows its predecessor by the nominal interval.
    fn at(&mut self, pts: Option<i64>, (num, den): (i64, i64)) -> Duration {
        let nanos = pts
            .filter(|_| num > 0 && den > 0)
            .map(|pts| i128::from(pts) * i128::from(num) * 1_000_000_000 / i128::from(den));
        if self.last.is_none() {
            let early = nanos.map_or(0, |nanos| (-nanos).max(0));
            self.shift = Duration::from_nanos(u64::try_from(early).unwrap_or(0));
        }
        let time = nanos
            .map(|nanos| nanos + self.shift.as_nanos() as i128)
            .and_then(|nanos| u64::try_from(nanos).ok())
            .map(Duration::from_nanos);
        let interval = Duration::from_secs_f64(1.0 / self.rate.unwrap_or(30.0));
        let time = match (time, self.last) {
            (Some(time), Some(last)) if time > last => time,
            (_, Some(last)) => last + interval,
            (time, None) => time.unwrap_or_default(),
        };
        self.last = Some(time);
        time
    }
}

fn wait_for_stream(
    child: &FfmpegChild,
    shared: &Shared,
    patience: Duration,
) -> Result<StreamInfo, ChildError> {
    let start = Instant::now();
    let mut exited = None;
    loop {
        {
            let seen = lock(&shared.seen);
            let (seen, _) = shared
                .changed
                .wait_timeout_while(seen, Duration::from_millis(50), |seen| seen.color.is_none())
                .unwrap_or_else(PoisonError::into_inner);
            if let (Some((width, height)), Some((matrix, range))) = (seen.size, seen.color) {
                let color = Report::color_space(matrix, range, height);
                return Ok(StreamInfo { width, height, rate: seen.rate, color, duration: seen.duration });
            }
        }
        match exited {
            Some(status) if ExitStatus::success(&status) => return Err(ChildError::NoFrames),
            Some(status) => return Err(child.failure(Some(status))),
            // Whatever it said before it ended is read before it is judged.
            None => exited = child.ended().inspect(|_| child.settle()),
        }
        if start.elapsed() > patience {
            child.kill_switch().kill();
            return Err(ChildError::Stalled(patience));
        }
    }
}

fn arguments(options: &ReaderOptions, dialect: Dialect) -> Vec<OsString> {
    let mut args: Vec<OsString> =
        ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+info"].map(OsString::from).to_vec();
    if options.repeat {
        args.extend(["-stream_loop", "-1"].map(OsString::from));
    }
    args.extend(options.input.arguments(dialect));
    // `V` is video without cover pictures.
    args.extend(["-map", "0:V:0", "-vf", FILTERS, dialect.frame_mode, "passthrough"].map(OsString::from));
    args.extend(["-c:v", "rawvideo", "-f", "rawvideo", "pipe:1"].map(OsString::from));
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_over_hours_and_always_grow() {
        let mut clock = Clock { rate: Some(25.0), ..Clock::default() };
        assert_eq!(clock.at(Some(0), (1, 25_000)), Duration::ZERO);
        // Ten hours at 1/25000 s.
        assert_eq!(clock.at(Some(900_000_001), (1, 25_000)), Duration::from_nanos(36_000_000_040_000));
        assert_eq!(clock.at(Some(5), (1, 25_000)), Duration::from_nanos(36_000_040_040_000));
    }

    #[test]
    fn a_stream_that_starts_before_zero_is_shifted() {
        let mut clock = Clock::default();
        let times: Vec<_> = [-40, 0, 40].map(|pts| clock.at(Some(pts), (1, 1000)).as_millis()).to_vec();
        assert_eq!(times, [0, 40, 80]);
    }
}
