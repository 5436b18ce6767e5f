//! How stages are made to stand still, all from outside: the stages know nothing of it.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, IoTaskPool, TaskPool};

/// Faults that were ordered and not carried out yet; clones share them.
#[derive(Resource, Debug, Clone, Default)]
pub(super) struct Switches(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    source_stall: AtomicU64,
    render_stall: AtomicU64,
    lost: AtomicBool,
    cropped: AtomicBool,
}

impl Switches {
    pub(super) fn stall_source(&self, time: Duration) {
        self.0.source_stall.store(time.as_micros() as u64, Ordering::Relaxed);
    }

    pub(super) fn take_source_stall(&self) -> Option<Duration> {
        take(&self.0.source_stall)
    }

    pub(super) fn stall_render(&self, time: Duration) {
        self.0.render_stall.store(time.as_micros() as u64, Ordering::Relaxed);
    }

    pub(super) fn lose_source(&self) {
        self.0.lost.store(true, Ordering::Relaxed);
    }

    /// Whether the source is still to be lost.
    pub(super) fn is_to_be_lost(&self) -> bool {
        self.0.lost.load(Ordering::Relaxed)
    }

    pub(super) fn take_loss(&self) -> bool {
        self.0.lost.swap(false, Ordering::Relaxed)
    }

    pub(super) fn crop(&self, cropped: bool) {
        self.0.cropped.store(cropped, Ordering::Relaxed);
    }

    pub(super) fn is_cropped(&self) -> bool {
        self.0.cropped.load(Ordering::Relaxed)
    }
}

fn take(micros: &AtomicU64) -> Option<Duration> {
    let micros = micros.swap(0, Ordering::Relaxed);
    (micros > 0).then(|| Duration::from_micros(micros))
}

/// Runs in the render world, before anything is drawn.
pub(super) fn stand_still_in_render(switches: Res<Switches>) {
    if let Some(time) = take(&switches.0.render_stall) {
        std::thread::sleep(time);
    }
}

/// Occupies every thread that perceives.
pub(super) fn stall_perception(time: Duration) {
    occupy(AsyncComputeTaskPool::get(), time);
}

/// Occupies every thread that reads and writes files.
pub(super) fn stall_files(time: Duration) {
    occupy(IoTaskPool::get(), time);
}

fn occupy(pool: &TaskPool, time: Duration) {
    for _ in 0..pool.thread_num() {
        pool.spawn(async move { std::thread::sleep(time) }).detach();
    }
}

/// A child process that encodes, frozen until this is dropped.
#[derive(Debug)]
pub(super) struct Frozen {
    pid: u32,
}

impl Frozen {
    /// Freezes the encoder that this process feeds; none where there is none (Linux only).
    pub(super) fn encoder() -> Option<Self> {
        let pid = children().into_iter().find(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).any(|argument| argument == b"pipe:0")
        })?;
        signal(pid, "STOP").then_some(Self { pid })
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        signal(self.pid, "CONT");
    }
}

/// Sends a signal by the shell's own `kill`.
fn signal(pid: u32, name: &str) -> bool {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status();
    sent.is_ok_and(|status| status.success())
}

/// Processes whose parent this one is.
fn children() -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir(Path::new("/proc")) else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let own = std::process::id();
    pids.filter(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The name, in parentheses, may hold anything; the parent is the second word after it.
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1));
        parent.and_then(|parent| parent.parse().ok()) == Some(own)
    })
    .collect()
}
