//! Single pictures as PNG files, written beside the main loop.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use bevy::prelude::*;
use bevy::tasks::IoTaskPool;

use crate::compositor::{ComposedFrame, ReadbackDemand};
use crate::folders::write_atomically;
use crate::frame::PixelFormat;
use crate::look::{CurrentLook, LOOK_KEY, Look, TextureLibrary, look_text, write_picture};
use crate::memory::{Bound, Each, Receiver, Sender, bound, queue};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Asks for a picture of what is shown.
#[derive(Message, Debug, Clone)]
pub struct SnapshotRequest {
    /// The PNG file.
    pub path: PathBuf,
}

/// Snapshots that are on their way.
#[derive(Resource)]
pub struct Snapshots {
    wanted: Vec<Wanted>,
    writing: usize,
    /// The last file that was written, or why it was not.
    pub last: Option<Result<PathBuf, String>>,
    sender: Sender<Result<PathBuf, String>>,
    receiver: Receiver<Result<PathBuf, String>>,
    waker: Waker,
}

/// A picture that is to be taken, and what is worn in it.
#[derive(Debug)]
struct Wanted {
    path: PathBuf,
    look: Look,
    library: TextureLibrary,
}

/// Requests that wait for the next picture; more are refused and counted.
const WANTED: usize = 4;

pub(super) const SNAPSHOTS: Bound = bound!(
    "record.snapshots",
    "pictures that are written as PNG, the largest at 8192 × 8192",
    WANTED,
    Each::Bytes(8192 * 8192 * 4),
    "refused, `snapshots_refused`"
);
pub(super) const WRITTEN: Bound = bound!(
    "record.snapshots_written",
    "names of snapshots that were written",
    WANTED * 2,
    Each::Bytes(4096),
    "never full: there are more places than writers"
);

impl FromWorld for Snapshots {
    fn from_world(world: &mut World) -> Self {
        let stats = world.get_resource_or_init::<Stats>().clone();
        let (sender, receiver) = queue(&WRITTEN, &stats);
        let waker = world.get_resource_or_init::<Waker>().clone();
        Self { wanted: Vec::new(), writing: 0, last: None, sender, receiver, waker }
    }
}

impl Snapshots {
    /// Whether a picture is still to come or to be written.
    pub fn is_busy(&self) -> bool {
        !self.wanted.is_empty() || self.writing > 0
    }

    /// Gives a composed picture to those who wait for one.
    pub(super) fn offer(&mut self, frame: &ComposedFrame, stats: &Stats) {
        if frame.format != PixelFormat::Rgba8 {
            return;
        }
        for wanted in self.wanted.drain(..) {
            let rgba = frame.pixels.to_vec();
            let (width, height) = (frame.width, frame.height);
            let (sender, waker) = (self.sender.clone(), self.waker.clone());
            self.writing += 1;
            stats.count("snapshots");
            IoTaskPool::get()
                .spawn(async move {
                    let written = write_png(&wanted, (width, height), &rgba).map(|()| wanted.path);
                    // The channel holds more results than there can be writers.
                    let _ = sender.try_send(written);
                    waker.wake();
                })
                .detach();
        }
    }
}

pub(super) fn take_requests(
    mut requests: MessageReader<SnapshotRequest>,
    (look, library): (Option<Res<CurrentLook>>, Option<Res<TextureLibrary>>),
    stats: Res<Stats>,
    mut snapshots: ResMut<Snapshots>,
    mut demand: ResMut<ReadbackDemand>,
) {
    for request in requests.read() {
        if snapshots.wanted.len() + snapshots.writing < WANTED {
            snapshots.wanted.push(Wanted {
                path: request.path.clone(),
                look: look.as_ref().map(|look| look.0.clone()).unwrap_or_default(),
                library: library.as_deref().cloned().unwrap_or_default(),
            });
        } else {
            stats.count("snapshots_refused");
        }
    }
    let wanted = !snapshots.wanted.is_empty();
    if demand.snapshot != wanted {
        demand.snapshot = wanted;
    }
}

pub(super) fn report_written(mut snapshots: ResMut<Snapshots>, stats: Res<Stats>) {
    while let Ok(result) = snapshots.receiver.try_recv() {
        snapshots.writing -= 1;
        match &result {
            Ok(path) => stats.event(format!("wrote {}", path.display())),
            Err(error) => {
                stats.count("snapshots_failed");
                stats.event(error.clone());
            }
        }
        snapshots.last = Some(result);
    }
}

/// Writes a whole file or none. The look in it can be worn again: `--look FILE.png`.
fn write_png(wanted: &Wanted, size: (u32, u32), rgba: &[u8]) -> Result<(), String> {
    let Wanted { path, look, library } = wanted;
    let mut texts = vec![("Software", concat!("Masque ", env!("CARGO_PKG_VERSION")))];
    let text = look_text(look, path, library);
    match &text {
        Ok(text) => texts.push((LOOK_KEY, text)),
        // That is no reason to have no picture.
        Err(error) => tracing::warn!("{} is without its look: {error}", path.display()),
    }
    write_atomically(path, 0o644, |file| {
        let mut buffer = BufWriter::new(file);
        write_picture(&mut buffer, size, rgba, &texts)?;
        buffer.flush()
    })
    .map_err(|error| format!("cannot write the snapshot {}: {error}", path.display()))
}
