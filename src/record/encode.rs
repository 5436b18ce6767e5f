//! What the encoder's thread does with pictures: into a file, and into the next one when there is a reason.

mod files;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;

use super::clock::{Clock, RateCap};
use super::disk::DiskGuard;
use super::finisher::{Ending, Finisher};
use super::name::Template;
use super::options::RecordingOptions;
use super::sound::{Sound, Track};
use super::status::CurrentFile;
use crate::compositor::ComposedFrame;
use crate::ffmpeg::{Encoder, Ffmpeg, VideoWriter};
use crate::memory::Receiver;
use crate::schedule::Waker;
use crate::stats::{Stats, describe};

/// How often the disk is asked for when no picture comes.
const LOOK_AROUND: Duration = Duration::from_millis(250);
/// A file that has so many pictures was a success: what fails after it is a new failure.
const SUCCESS: u64 = 60;

/// One recording, of any number of files.
pub(super) struct Recording {
    ffmpeg: Ffmpeg,
    options: RecordingOptions,
    encoder: Encoder,
    template: Template,
    next_number: u64,
    stats: Stats,
    waker: Waker,
    finisher: Finisher,
    guard: DiskGuard,
    cap: RateCap,
    file: Option<Segment>,
    current: CurrentFile,
    /// Begun for the next split.
    ahead: Option<VideoWriter>,
    size: Option<(u32, u32)>,
    last_seq: Option<crate::frame::FrameSeq>,
    failures: u32,
    retry_at: Option<Instant>,
    /// When the file of the next split is tried again.
    split_at: Option<Instant>,
    sound: Option<Sound>,
}

struct Segment {
    writer: VideoWriter,
    clock: Clock,
    track: Track,
}

/// Records until `frames` closes or the recording fails. Gives the last file.
pub(super) fn record(
    ffmpeg: Ffmpeg,
    options: RecordingOptions,
    frames: Receiver<Arc<ComposedFrame>>,
    current: CurrentFile,
    (stats, waker): (Stats, Waker),
) -> Result<PathBuf, String> {
    let mut recording = Recording::new(ffmpeg, options, current, (stats, waker))?;
    let taken = recording.take(&frames);
    // Nobody is to wait for the files to be finished.
    drop(frames);
    let finished = recording.end();
    match (taken, finished.problem, finished.last) {
        (Err(reason), _, Some(path)) => {
            Err(format!("{reason}; {} holds what was recorded before", path.display()))
        }
        (Err(reason), ..) | (Ok(()), Some(reason), _) => Err(reason),
        (Ok(()), None, Some(path)) => Ok(path),
        (Ok(()), None, None) => Err("no frame was composed to record".to_owned()),
    }
}

impl Recording {
    fn new(
        ffmpeg: Ffmpeg,
        mut options: RecordingOptions,
        current: CurrentFile,
        (stats, waker): (Stats, Waker),
    ) -> Result<Self, String> {
        // A bare name has no folder to ask for its free space.
        options.path = std::path::absolute(&options.path).unwrap_or(options.path);
        // The copy that becomes the ordinary file is not to fill the disk up to where the recording is closed.
        options.writer.spare = options.writer.spare.saturating_add(options.reserve);
        let text = |error: std::io::Error| format!("cannot start a thread for the recording: {error}");
        for counter in ["recording_skipped_encoder", "recording_missed_render", "recording_dropped_disk"] {
            stats.add(counter, 0);
        }
        let encoder =
            Encoder::choose(&ffmpeg, options.writer.encoder, &stats).map_err(|error| describe(&error))?;
        let folder = options.path.parent().filter(|_| options.continues).map(Path::to_owned);
        let finisher = Finisher::start(&ffmpeg, folder, options.writer.spare, &stats).map_err(text)?;
        let microphone = options.microphone.as_ref();
        let sound = microphone.map(|(input, delay)| Sound::start(&ffmpeg, (input, *delay), &stats));
        let sound = sound.transpose().map_err(text)?;
        let guard = DiskGuard::start(options.reserve, &stats).map_err(text)?;
        Ok(Self {
            template: Template::new(&options.path),
            cap: RateCap::new(options.rate),
            ffmpeg,
            options,
            encoder,
            next_number: 1,
            stats,
            waker,
            finisher,
            guard,
            file: None,
            current,
            ahead: None,
            size: None,
            last_seq: None,
            failures: 0,
            retry_at: None,
            split_at: None,
            sound,
        })
    }

    fn take(&mut self, frames: &Receiver<Arc<ComposedFrame>>) -> Result<(), String> {
        loop {
            match frames.recv_timeout(LOOK_AROUND) {
                Ok(frame) => {
                    self.waker.wake();
                    self.picture(&frame)?;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            self.sound()?;
            self.mind_the_disk()?;
        }
    }

    fn end(mut self) -> super::finisher::Finished {
        // The file is whole without its last words.
        let _ = self.sound();
        drop(self.sound.take());
        if let Some(file) = self.file.take() {
            self.finisher.finish(file.writer, Ending::Clean);
        }
        drop(self.ahead.take());
        self.finisher.join()
    }

    fn picture(&mut self, frame: &ComposedFrame) -> Result<(), String> {
        // Drawn again for a snapshot or another look: the recording has this moment already.
        if self.last_seq.replace(frame.seq) == Some(frame.seq) {
            return Ok(());
        }
        let size = (frame.width, frame.height);
        if *self.size.get_or_insert(size) != size {
            self.stats.count("recording_skipped_size");
            return Ok(());
        }
        if !self.cap.takes(frame.timestamp) {
            self.stats.count("recording_left_out_rate");
            return Ok(());
        }
        let start = Instant::now();
        self.split(frame.timestamp, size);
        let written = self.write(frame)?;
        self.stats.count(if written { "frames_recorded" } else { "recording_skipped_encoder" });
        self.stats.stage("encode", start.elapsed());
        Ok(())
    }

    /// Hands the picture over; into a new file where the old one failed. Whether it was taken.
    fn write(&mut self, frame: &ComposedFrame) -> Result<bool, String> {
        loop {
            if self.file.is_none() {
                if self.retry_at.is_some_and(|at| Instant::now() < at) {
                    return Ok(false);
                }
                match self.open((frame.width, frame.height)) {
                    Ok(writer) => self.adopt(writer),
                    Err(error) => {
                        self.failed(&error)?;
                        continue;
                    }
                }
            }
            let Some(file) = &mut self.file else { continue };
            let stamp = file.clock.stamp(frame.timestamp, frame.arrived);
            let start = Instant::now();
            match file.writer.write_nv12(stamp, &frame.pixels) {
                Ok(()) => {
                    self.stats.stage("record.write", start.elapsed());
                    if let Some(sound) = &mut self.sound {
                        sound.picture(frame);
                    }
                    if file.writer.appeared() {
                        self.guard.renamed(file.writer.partial().0.to_owned());
                    }
                    if file.writer.frames() >= SUCCESS {
                        self.failures = 0;
                    }
                    return Ok(true);
                }
                Err(error) => self.broke(&error)?,
            }
        }
    }

    /// Hands over what was heard beside the pictures.
    fn sound(&mut self) -> Result<(), String> {
        let Some(sound) = &mut self.sound else { return Ok(()) };
        let Some(file) = &mut self.file else {
            sound.wait();
            return Ok(());
        };
        let written = sound.write((&mut file.writer, &file.clock, &mut file.track));
        written.or_else(|error| self.broke(&error))
    }
}
