//! What the encoder's thread does with pictures: into a file, and into the next one when there is a reason.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::RecvTimeoutError;

use super::clock::{Clock, RateCap};
use super::disk::DiskGuard;
use super::finisher::{Ending, Finisher};
use super::name::Template;
use super::options::RecordingOptions;
use super::sound::{Sound, Track};
use super::status::CurrentFile;
use crate::compositor::ComposedFrame;
use crate::ffmpeg::{ChildError, Encoder, EncoderChoice, Ffmpeg, VideoWriter, is_taken};
use crate::folders::free_space;
use crate::memory::{Receiver, Size};
use crate::schedule::Waker;
use crate::stats::{Stats, describe};

/// How often the disk is asked for when no picture comes.
const LOOK_AROUND: Duration = Duration::from_millis(250);
/// The next file is begun so long before it is needed, since its encoder needs time to start.
const AHEAD: Duration = Duration::from_secs(2);
/// Longest wait before an encoder is started again that failed at once.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A file that has so many pictures was a success: what fails after it is a new failure.
const SUCCESS: u64 = 60;
/// Failures in a row after which hardware is not trusted any more.
const TRUST: u32 = 3;

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

    /// Begins the next file when its time has come.
    fn split(&mut self, timestamp: Duration, size: (u32, u32)) {
        let Some(file) = &self.file else { return };
        let split = self.options.split;
        let length = file.clock.length(timestamp);
        let (bytes, rate) = self.guard.progress();
        let due = split.every.is_some_and(|every| length >= every)
            || split.bytes.is_some_and(|most| bytes > 0 && bytes + rate >= most);
        let soon = split.every.is_some_and(|every| length + AHEAD >= every)
            || split.bytes.is_some_and(|most| bytes > 0 && bytes + 3 * rate >= most);
        if (soon || due) && self.ahead.is_none() && self.split_at.is_none_or(|at| Instant::now() >= at) {
            // The file that there is goes on when there can be no other.
            match self.open(size) {
                Ok(writer) => self.ahead = Some(writer),
                Err(error) => {
                    self.split_at = Some(Instant::now() + LONGEST_WAIT);
                    self.stats.count("recording_splits_failed");
                    self.stats.event(format!(
                        "the recording goes on in the same file, the next one cannot begin: {}",
                        describe(&error)
                    ));
                }
            }
        }
        if due
            && let Some(next) = self.ahead.take()
            && let Some(before) = self.file.take()
        {
            self.stats.count("recording_splits");
            self.finisher.finish(before.writer, Ending::Clean);
            self.adopt(next);
        }
    }

    fn open(&mut self, size: (u32, u32)) -> Result<VideoWriter, ChildError> {
        let options = &self.options;
        let path = if options.continues {
            let is_free = |path: &Path| !is_taken(path);
            let now = SystemTime::now();
            let (path, next) = self.template.next(&options.look, now, self.next_number, is_free);
            self.next_number = next;
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)
                    .map_err(|error| ChildError::File { path: folder.to_owned(), error })?;
                let free = free_space(folder);
                if let Some(free) = free.filter(|free| options.reserve > 0 && *free <= options.reserve) {
                    return Err(ChildError::Disk(no_room(free, options.reserve)));
                }
            }
            path
        } else {
            options.path.clone()
        };
        self.stats.time("record.open", || {
            VideoWriter::start_with(&self.ffmpeg, self.encoder, &path, size, &options.writer)
        })
    }

    fn adopt(&mut self, writer: VideoWriter) {
        let (path, handle) = writer.partial();
        self.guard.watch(path.to_owned(), handle);
        self.current.set(writer.path().to_owned());
        self.file =
            Some(Segment { writer, clock: Clock::new(self.options.continues), track: Track::default() });
    }

    /// The current file's encoder failed.
    fn broke(&mut self, error: &ChildError) -> Result<(), String> {
        let ending = if error.is_of_the_disk() { Ending::Disk } else { Ending::Encoder };
        if let Some(file) = self.file.take() {
            // What is left of the first file of a run that must be whole is of no use.
            if self.options.continues {
                self.finisher.finish(file.writer, ending);
            }
        }
        self.stats.count(match error {
            ChildError::Hung(_) => "recording_encoder_hung",
            _ if ending == Ending::Disk => "recording_disk_failed",
            _ => "recording_encoder_died",
        });
        self.failed(error)
    }

    /// Plans the next try, or gives up.
    fn failed(&mut self, error: &ChildError) -> Result<(), String> {
        let reason = describe(error);
        if !self.options.continues || error.is_of_the_disk() || matches!(error, ChildError::Container(_)) {
            return Err(reason);
        }
        self.failures += 1;
        let wait = match self.failures {
            1 => Duration::ZERO,
            n => (Duration::from_millis(250) * 2_u32.saturating_pow(n.min(16))).min(LONGEST_WAIT),
        };
        self.retry_at = Some(Instant::now() + wait);
        self.stats.count("recording_restarts");
        self.stats.event(format!("the recording goes on in a new file: {reason}"));
        if self.failures >= TRUST && self.encoder.is_hardware() {
            let software = Encoder::choose(&self.ffmpeg, EncoderChoice::Software, &self.stats);
            self.encoder = software.map_err(|error| describe(&error))?;
            self.stats.count("encoder_fallbacks");
            self.stats.event(format!("recordings are encoded by {} from now on", self.encoder.name()));
        }
        Ok(())
    }

    fn mind_the_disk(&mut self) -> Result<(), String> {
        if self.guard.is_full() {
            self.stats.count("recording_closed_disk_full");
            return Err(format!("fewer than {} are free on its disk", Size(self.options.reserve)));
        }
        if self.options.continues
            && self.guard.is_missing()
            && let Some(file) = self.file.take()
        {
            self.stats.count("recording_file_lost");
            let path = file.writer.partial().0.display().to_string();
            self.stats.event(format!("{path} was removed or moved while it was written; a new file begins"));
            self.finisher.finish(file.writer, Ending::Disk);
            // The one that was begun ahead may have gone with its folder.
            self.ahead = None;
        }
        Ok(())
    }
}

fn no_room(free: u64, reserve: u64) -> String {
    format!(
        "{} are free on its disk and {} are to stay free; make room, or type --record-reserve with less",
        Size(free),
        Size(reserve)
    )
}
