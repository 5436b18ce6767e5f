//! Keeps a job below its memory limit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::permits::Permits;
use super::shelf::Shelf;
use crate::frame::FramePool;
use crate::memory::{Size, resident_bytes};
use crate::stats::Stats;

/// How often memory is looked at.
const EVERY: Duration = Duration::from_millis(200);
/// Share of the limit from which on less is done at a time.
const NEAR: f64 = 0.85;
/// Share of it below which as much as before is.
const FAR: f64 = 0.7;

/// Looks at memory now and then.
pub(super) struct MemoryWatch<'a> {
    pub(super) limit: u64,
    pub(super) pool: &'a FramePool,
    pub(super) permits: &'a Permits,
    pub(super) batch: &'a AtomicUsize,
    pub(super) shelf: &'a Shelf,
    pub(super) stats: &'a Stats,
    /// What may be under way while there is room.
    usual: usize,
    /// Frames at a time before there was not.
    usual_batch: usize,
    is_near: bool,
    looked: Instant,
}

impl<'a> MemoryWatch<'a> {
    pub(super) fn new(
        limit: u64,
        pool: &'a FramePool,
        permits: &'a Permits,
        (batch, shelf): (&'a AtomicUsize, &'a Shelf),
        stats: &'a Stats,
    ) -> Self {
        let (usual, usual_batch) = (permits.most(), batch.load(Ordering::Relaxed));
        Self {
            limit,
            pool,
            permits,
            batch,
            shelf,
            stats,
            usual,
            usual_batch,
            is_near: false,
            looked: Instant::now(),
        }
    }

    /// Does less at a time when memory comes near the limit, and as much as before when it does not; tells why the input
    /// has to be given up when that is not enough.
    pub(super) fn look(&mut self) -> Option<String> {
        if self.looked.elapsed() < EVERY {
            return None;
        }
        self.looked = Instant::now();
        let held = resident_bytes()?;
        let share = held as f64 / self.limit.max(1) as f64;
        if share > NEAR {
            if !self.is_near {
                self.is_near = true;
                self.permits.allow(1);
                self.usual_batch = self.batch.swap(1, Ordering::Relaxed);
                self.stats.count("batch_memory_lowered");
                self.stats.event(format!(
                    "{} of {} are held: one thing at a time until there is room",
                    Size(held),
                    Size(self.limit)
                ));
            }
            self.shelf.clear();
            self.stats.add("frame_buffers_trimmed_bytes", self.pool.trim() as u64);
        } else if share < FAR && self.is_near {
            self.is_near = false;
            self.permits.allow(self.usual);
            self.batch.store(self.usual_batch, Ordering::Relaxed);
            self.stats.count("batch_memory_raised");
        }
        let held = resident_bytes()?;
        (held > self.limit).then(|| {
            self.stats.count("batch_over_limit");
            format!(
                "{} are held and {} are allowed; type a larger --memory-limit, fewer --threads or a smaller model",
                Size(held),
                Size(self.limit)
            )
        })
    }
}
