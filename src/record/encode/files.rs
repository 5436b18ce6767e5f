//! Which file of a recording is written: the next one at a split, another one where an encoder failed, none where the disk
//! is full.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use super::super::clock::Clock;
use super::super::finisher::Ending;
use super::super::sound::Track;
use super::{Recording, Segment};
use crate::ffmpeg::{ChildError, Encoder, EncoderChoice, VideoWriter, is_taken};
use crate::folders::free_space;
use crate::memory::Size;
use crate::stats::describe;

/// The next file is begun so long before it is needed, since its encoder needs time to start.
const AHEAD: Duration = Duration::from_secs(2);
/// Longest wait before an encoder is started again that failed at once.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Failures in a row after which hardware is not trusted any more.
const TRUST: u32 = 3;

impl Recording {
    /// Begins the next file when its time has come.
    pub(super) fn split(&mut self, timestamp: Duration, size: (u32, u32)) {
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

    pub(super) fn open(&mut self, size: (u32, u32)) -> Result<VideoWriter, ChildError> {
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

    pub(super) fn adopt(&mut self, writer: VideoWriter) {
        let (path, handle) = writer.partial();
        self.guard.watch(path.to_owned(), handle);
        self.current.set(writer.path().to_owned());
        self.file =
            Some(Segment { writer, clock: Clock::new(self.options.continues), track: Track::default() });
    }

    /// The current file's encoder failed.
    pub(super) fn broke(&mut self, error: &ChildError) -> Result<(), String> {
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
    pub(super) fn failed(&mut self, error: &ChildError) -> Result<(), String> {
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

    pub(super) fn mind_the_disk(&mut self) -> Result<(), String> {
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
