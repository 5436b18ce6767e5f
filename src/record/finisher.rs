//! Finishes files beside the recording: the next one is written meanwhile.

use std::path::PathBuf;
use std::thread::JoinHandle;

use crate::ffmpeg::{Ffmpeg, Summary, VideoWriter, count_pictures, partial_path, recover};
use crate::memory::{Bound, Each, Receiver, Sender, Size, bound, queue};
use crate::stats::{Stats, describe};

pub(super) const FINISHING: Bound = bound!(
    "record.finishing",
    "files of a recording that are closed beside it",
    4,
    Each::Bytes(64 << 10),
    "the encoder waits, and pictures are skipped, `recording_skipped_encoder`"
);

/// How a file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// After its last picture.
    Clean,
    /// Its encoder failed.
    Encoder,
    /// The disk failed.
    Disk,
}

/// The thread that finishes files.
pub(super) struct Finisher {
    files: Sender<(VideoWriter, Ending)>,
    thread: JoinHandle<Finished>,
    recovery: Option<JoinHandle<()>>,
}

/// What it has done.
#[derive(Debug, Default)]
pub(super) struct Finished {
    /// The last file that got its name.
    pub(super) last: Option<PathBuf>,
    /// The first thing that the disk did not let it do.
    pub(super) problem: Option<String>,
}

impl Finisher {
    /// Starts it; first it gives recordings that were cut off earlier their names, if `folder` is given.
    /// Copies are made where `spare` bytes stay free.
    pub(super) fn start(
        ffmpeg: &Ffmpeg,
        folder: Option<PathBuf>,
        spare: u64,
        stats: &Stats,
    ) -> std::io::Result<Self> {
        let recovery = folder.map(|folder| {
            let (ffmpeg, stats) = (ffmpeg.clone(), stats.clone());
            // On a thread of its own: what ends meanwhile is not to wait for what was cut off a week ago.
            let work = move || recover_files(&ffmpeg, &folder, spare, &stats);
            std::thread::Builder::new().name("recording-recover".into()).spawn(work)
        });
        let (files, waiting) = queue(&FINISHING, stats);
        let (ffmpeg, stats) = (ffmpeg.clone(), stats.clone());
        let thread = std::thread::Builder::new()
            .name("recording-finish".into())
            .spawn(move || finish_files(&waiting, &ffmpeg, &stats))?;
        Ok(Self { files, thread, recovery: recovery.transpose()? })
    }

    /// Hands it a file.
    pub(super) fn finish(&self, writer: VideoWriter, ending: Ending) {
        // The thread ends only when this end is gone.
        let _ = self.files.send((writer, ending));
    }

    /// Waits for all of them.
    pub(super) fn join(self) -> Finished {
        drop(self.files);
        let finished = self.thread.join().unwrap_or_else(|_| Finished {
            problem: Some("the thread that finishes recordings crashed".to_owned()),
            ..Finished::default()
        });
        // What it was doing when it crashed is left for the next time.
        let _ = self.recovery.map(JoinHandle::join);
        finished
    }
}

fn recover_files(ffmpeg: &Ffmpeg, folder: &std::path::Path, spare: u64, stats: &Stats) {
    let recovery = recover(ffmpeg, folder, spare);
    stats.add("recordings_empty_removed", recovery.empty);
    for recovered in recovery.files {
        stats.count("recordings_recovered");
        let (path, frames) = (recovered.path.display(), recovered.frames);
        stats.event(format!("a recording that was cut off is {path} now ({frames} pictures)"));
    }
}

fn finish_files(waiting: &Receiver<(VideoWriter, Ending)>, ffmpeg: &Ffmpeg, stats: &Stats) -> Finished {
    let mut finished = Finished::default();
    while let Ok((writer, ending)) = waiting.recv() {
        let handed_over = writer.frames();
        let path = writer.path().to_owned();
        let partial = partial_path(&path);
        let outcome = stats.time("record.finish", || match ending {
            Ending::Clean => writer.finish(),
            Ending::Encoder | Ending::Disk => writer.salvage(),
        });
        let lost = match outcome {
            Ok(summary) => {
                tell(&summary, stats);
                finished.last = Some(summary.path);
                summary.frames.saturating_sub(summary.frames_in_file.unwrap_or(summary.frames))
            }
            Err(error) => {
                let mut reason = format!("{}: {}", path.display(), describe(&error));
                let kept = std::fs::metadata(&partial).is_ok_and(|metadata| metadata.len() > 0);
                if kept {
                    reason += &format!("; what there is plays as {}", partial.display());
                }
                if handed_over > 0 {
                    stats.event(format!("a recording could not be finished: {reason}"));
                }
                if error.is_of_the_disk() || ending == Ending::Clean {
                    finished.problem.get_or_insert(reason);
                }
                let saved = if kept { count_pictures(&ffmpeg.path, &partial).unwrap_or(0) } else { 0 };
                handed_over.saturating_sub(saved)
            }
        };
        let counter = match ending {
            Ending::Encoder => "recording_skipped_encoder",
            Ending::Clean | Ending::Disk => "recording_dropped_disk",
        };
        stats.add(counter, lost);
    }
    finished
}

fn tell(summary: &Summary, stats: &Stats) {
    stats.count("recordings_finished");
    let path = std::path::absolute(&summary.path).unwrap_or_else(|_| summary.path.clone());
    let frames = summary.frames_in_file.unwrap_or(summary.frames);
    let mut text = format!(
        "recorded {} ({frames} pictures, {}, {})",
        path.display(),
        Size(summary.bytes),
        summary.encoder
    );
    if let Some(reason) = &summary.fragmented {
        stats.count("recordings_left_fragmented");
        text += &format!("; it stays fragmented: {reason}");
    }
    stats.event(text);
}
