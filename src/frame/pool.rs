//! The byte-bounded pool of frame buffers.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Buffers of a size that so many requests passed by are freed: the source has another resolution now.
const STALE_AFTER: u64 = 64;

/// Hands out buffers and takes them back; never holds more bytes than its budget, buffers in use
/// included. Clones share one pool.
///
/// Buffers are kept by size in bytes, which is to say by format and resolution: a request is served by
/// a buffer of exactly its size, by a new one while the budget has room, or refused. Once as many are
/// there as are under way at a time, nothing is allocated any more.
#[derive(Debug, Clone)]
pub struct FramePool {
    shared: Arc<Mutex<Shared>>,
}

/// Gauges of a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PoolStats {
    /// The limit in bytes.
    pub budget_bytes: usize,
    /// Bytes lent out now.
    pub in_use_bytes: usize,
    /// Bytes kept for reuse now.
    pub idle_bytes: usize,
    /// Most bytes ever lent out at once.
    pub peak_bytes: usize,
    /// Buffers lent out now.
    #[serde(default)]
    pub in_use: usize,
    /// Most buffers ever lent out at once.
    #[serde(default)]
    pub peak: usize,
    /// Requests served from a kept buffer.
    pub hits: u64,
    /// Requests that allocated.
    pub misses: u64,
    /// Requests refused because the budget was spent.
    pub exhausted: u64,
    /// Share of the served requests that allocated nothing, 0–1; 1 before the first one.
    #[serde(default)]
    pub hit_rate: f64,
}

/// The budget is spent: the caller drops the frame and counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the frame pool is exhausted: {wanted} bytes wanted, {in_use} of {budget} in use")]
pub struct PoolExhausted {
    /// Bytes asked for.
    pub wanted: usize,
    /// Bytes lent out.
    pub in_use: usize,
    /// The limit.
    pub budget: usize,
}

#[derive(Debug, Default)]
struct Shared {
    idle: BTreeMap<usize, Kept>,
    requests: u64,
    stats: PoolStats,
}

/// Buffers of one size.
#[derive(Debug, Default)]
struct Kept {
    buffers: Vec<Vec<u8>>,
    /// Number of the last request for this size.
    asked: u64,
}

/// A buffer of exactly the bytes asked for, contents unspecified; goes back to its pool on drop.
#[derive(Debug)]
pub struct PooledBuffer {
    bytes: Vec<u8>,
    pool: FramePool,
}

impl FramePool {
    /// A pool of at most `budget_bytes`.
    pub fn new(budget_bytes: usize) -> Self {
        let stats = PoolStats { budget_bytes, ..PoolStats::default() };
        Self { shared: Arc::new(Mutex::new(Shared { stats, ..Shared::default() })) }
    }

    /// A buffer of `len` bytes.
    ///
    /// # Errors
    /// [`PoolExhausted`] when the bytes in use leave no room for it. Kept buffers of other sizes are
    /// freed first, so that a change of resolution never starves the pool.
    pub fn acquire(&self, len: usize) -> Result<PooledBuffer, PoolExhausted> {
        let mut shared = self.lock();
        if let Some(bytes) = shared.take_kept(len) {
            shared.stats.hits += 1;
            shared.lend(len);
            return Ok(PooledBuffer { bytes, pool: self.clone() });
        }
        let PoolStats { budget_bytes: budget, in_use_bytes: in_use, .. } = shared.stats;
        if in_use + len > budget {
            shared.stats.exhausted += 1;
            return Err(PoolExhausted { wanted: len, in_use, budget });
        }
        if in_use + shared.stats.idle_bytes + len > budget {
            shared.free_idle();
        }
        shared.stats.misses += 1;
        shared.lend(len);
        drop(shared);
        Ok(PooledBuffer { bytes: vec![0; len], pool: self.clone() })
    }

    /// Gauges as of now.
    pub fn stats(&self) -> PoolStats {
        let stats = self.lock().stats;
        let served = stats.hits + stats.misses;
        let hit_rate = if served == 0 { 1.0 } else { stats.hits as f64 / served as f64 };
        PoolStats { hit_rate, ..stats }
    }

    /// Counts hits and misses from here on, so that the hit rate tells how it goes once every buffer is
    /// there.
    pub fn forget_warm_up(&self) {
        let stats = &mut self.lock().stats;
        (stats.hits, stats.misses) = (0, 0);
    }

    /// Frees every buffer that is not lent out, and tells how many bytes that were. The next requests
    /// allocate again.
    pub fn trim(&self) -> usize {
        self.lock().free_idle()
    }

    /// Bytes of all its buffers, lent out and kept.
    pub fn held_bytes(&self) -> usize {
        let stats = self.lock().stats;
        stats.in_use_bytes + stats.idle_bytes
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // The pool's invariants hold between any two statements, so a panicked holder left it usable.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// A kept buffer of `len` bytes; notes that the size is in demand and frees those that are not.
    fn take_kept(&mut self, len: usize) -> Option<Vec<u8>> {
        self.requests += 1;
        let now = self.requests;
        let kept = self.idle.entry(len).or_default();
        kept.asked = now;
        let bytes = kept.buffers.pop();
        self.stats.idle_bytes -= bytes.as_ref().map_or(0, Vec::len);
        if self.idle.len() > 1 {
            let idle_bytes = &mut self.stats.idle_bytes;
            self.idle.retain(|size, kept| {
                let wanted = now - kept.asked <= STALE_AFTER;
                *idle_bytes -= if wanted { 0 } else { size * kept.buffers.len() };
                wanted
            });
        }
        bytes
    }

    fn lend(&mut self, len: usize) {
        let stats = &mut self.stats;
        stats.in_use += 1;
        stats.in_use_bytes += len;
        stats.peak = stats.peak.max(stats.in_use);
        stats.peak_bytes = stats.peak_bytes.max(stats.in_use_bytes);
    }

    fn free_idle(&mut self) -> usize {
        for kept in self.idle.values_mut() {
            kept.buffers.clear();
        }
        std::mem::take(&mut self.stats.idle_bytes)
    }

    /// Keeps a buffer that came back, unless its size is not in demand any more.
    fn take_back(&mut self, bytes: Vec<u8>) {
        let len = bytes.len();
        let stats = &mut self.stats;
        stats.in_use -= 1;
        stats.in_use_bytes -= len;
        if let Some(kept) = self.idle.get_mut(&len) {
            stats.idle_bytes += len;
            kept.buffers.push(bytes);
        }
    }
}

impl Drop for PooledBuffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.pool.lock().take_back(bytes);
    }
}

impl Deref for PooledBuffer {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl DerefMut for PooledBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_reused_and_the_budget_holds() {
        let pool = FramePool::new(100);
        let first = pool.acquire(60).expect("fits");
        assert_eq!(pool.acquire(60).unwrap_err(), PoolExhausted { wanted: 60, in_use: 60, budget: 100 });
        drop(first);
        let _again = pool.acquire(60).expect("reused");
        let stats = pool.stats();
        assert_eq!((stats.hits, stats.misses, stats.exhausted, stats.peak_bytes), (1, 1, 1, 60));
    }

    #[test]
    fn a_new_size_frees_the_old_one() {
        let pool = FramePool::new(100);
        drop(pool.acquire(80).expect("fits"));
        let other = pool.acquire(90).expect("the kept buffer makes room");
        assert_eq!(other.len(), 90);
        assert_eq!(pool.stats().idle_bytes, 0);
    }

    #[test]
    fn after_the_warm_up_a_steady_stream_allocates_nothing() {
        let pool = FramePool::new(1 << 20);
        let mut under_way = std::collections::VecDeque::new();
        for frame in 0..1000 {
            if frame == 50 {
                pool.forget_warm_up();
            }
            under_way.push_back(pool.acquire(1000).expect("fits"));
            if under_way.len() > 6 {
                under_way.pop_front();
            }
        }
        let stats = pool.stats();
        assert_eq!((stats.hits, stats.misses, stats.hit_rate), (950, 0, 1.0));
        assert_eq!((stats.in_use, stats.peak, stats.peak_bytes), (6, 7, 7000));
    }

    #[test]
    fn the_hit_rate_counts_what_was_served() {
        let pool = FramePool::new(100);
        assert_eq!(pool.stats().hit_rate, 1.0);
        for _ in 0..4 {
            drop(pool.acquire(10).expect("fits"));
        }
        assert!(pool.acquire(101).is_err());
        assert_eq!(pool.stats().hit_rate, 0.75);
    }

    #[test]
    fn a_size_that_nobody_asks_for_any_more_is_freed_even_if_it_comes_back_late() {
        let pool = FramePool::new(1 << 20);
        let (large, late) = (pool.acquire(5000).expect("fits"), pool.acquire(5000).expect("fits"));
        drop(large);
        for _ in 0..STALE_AFTER {
            drop(pool.acquire(100).expect("fits"));
        }
        assert_eq!(pool.stats().idle_bytes, 5100, "a source that alternates keeps both");
        drop(pool.acquire(100).expect("fits"));
        assert_eq!(pool.stats().idle_bytes, 100);
        drop(late);
        assert_eq!((pool.stats().idle_bytes, pool.stats().in_use_bytes), (100, 0));
        assert_eq!((pool.trim(), pool.stats().idle_bytes), (100, 0));
    }
}
