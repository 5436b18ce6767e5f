//! A part of a file again and again: the next reader is ready before the one that runs is at its end.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Interrupt;
use crate::ffmpeg::{
    Cancel, ChildError, Ffmpeg, KillSwitch, Picture, ReaderOptions, StreamInfo, VideoReader,
};

/// Reads what `options` say; over and over where they have in or out points and repeat.
#[derive(Debug)]
pub(super) struct Roll {
    ffmpeg: Ffmpeg,
    options: ReaderOptions,
    reader: VideoReader,
    next: Option<Next>,
    /// The one that runs, for whoever interrupts it.
    switch: Arc<Mutex<KillSwitch>>,
    /// Where the times of this round begin.
    shift: Duration,
    /// Time of the newest frame, and how far it is behind the one before.
    last: Duration,
    interval: Duration,
    damage: u64,
    jumps: u64,
}

/// A reader that is being opened; it is given up when this goes.
#[derive(Debug)]
struct Next {
    opened: Option<JoinHandle<Result<VideoReader, ChildError>>>,
    cancel: Cancel,
}

impl Drop for Next {
    fn drop(&mut self) {
        if self.opened.is_some() {
            self.cancel.cancel();
        }
    }
}

impl Roll {
    pub(super) fn open(ffmpeg: Ffmpeg, mut options: ReaderOptions) -> Result<Self, ChildError> {
        let is_part = options.from.is_some() || options.to.is_some();
        let rolls = options.repeat && is_part;
        // ffmpeg's own repetition begins at the beginning.
        options.repeat &= !is_part;
        let reader = VideoReader::open(&ffmpeg, &options)?;
        let interval = Duration::from_secs_f64(1.0 / reader.info().rate.unwrap_or(30.0));
        let switch = Arc::new(Mutex::new(reader.kill_switch()));
        let mut this = Self {
            ffmpeg,
            options,
            reader,
            next: None,
            switch,
            shift: Duration::ZERO,
            last: Duration::ZERO,
            interval,
            damage: 0,
            jumps: 0,
        };
        if rolls {
            this.prepare();
        }
        Ok(this)
    }

    pub(super) fn info(&self) -> StreamInfo {
        *self.reader.info()
    }

    pub(super) fn wait_for_picture(&mut self) -> Result<Option<Picture>, ChildError> {
        let picture = self.reader.wait_for_picture()?;
        // A round without a picture would be followed by others without end.
        if picture.is_some() || self.next.is_none() || self.last < self.shift {
            return Ok(picture);
        }
        self.roll_on()?;
        self.reader.wait_for_picture()
    }

    pub(super) fn read_frame(&mut self, frame: &mut [u8]) -> Result<Option<Duration>, ChildError> {
        let time = self.reader.read_frame(frame)?;
        Ok(time.map(|time| self.shifted(time)))
    }

    pub(super) fn skip_frame(&mut self) -> Result<Option<Duration>, ChildError> {
        let time = self.reader.skip_frame()?;
        Ok(time.map(|time| self.shifted(time)))
    }

    pub(super) fn transfer(&self) -> Duration {
        self.reader.transfer()
    }

    pub(super) fn damage(&self) -> u64 {
        self.damage + self.reader.damage()
    }

    pub(super) fn time_jumps(&self) -> u64 {
        self.jumps + self.reader.time_jumps()
    }

    pub(super) fn interrupt(&self) -> Interrupt {
        let switch = self.switch.clone();
        Box::new(move || switch.lock().unwrap_or_else(PoisonError::into_inner).kill())
    }

    fn shifted(&mut self, time: Duration) -> Duration {
        let time = time + self.shift;
        if time > self.last {
            self.interval = time - self.last;
        }
        self.last = time;
        time
    }

    fn roll_on(&mut self) -> Result<(), ChildError> {
        let Some(opened) = self.next.take().and_then(|mut next| next.opened.take()) else { return Ok(()) };
        // A thread that panicked has nothing to give.
        let opened = opened.join().unwrap_or(Err(ChildError::Cancelled))?;
        self.damage += self.reader.damage();
        self.jumps += self.reader.time_jumps();
        self.reader = opened;
        *self.switch.lock().unwrap_or_else(PoisonError::into_inner) = self.reader.kill_switch();
        self.shift = self.last + self.interval;
        self.prepare();
        Ok(())
    }

    /// Opens the next reader on a thread of its own. It holds a picture or two, and its child waits.
    fn prepare(&mut self) {
        let cancel = Cancel::default();
        let options = ReaderOptions { cancel: cancel.clone(), ..self.options.clone() };
        let ffmpeg = self.ffmpeg.clone();
        let open = move || VideoReader::open(&ffmpeg, &options);
        let opened = std::thread::Builder::new().name("next-round".into()).spawn(open).ok();
        self.next = opened.is_some().then_some(Next { opened, cancel });
    }
}
