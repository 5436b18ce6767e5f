//! The byte-bounded pool of frame buffers.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Hands out buffers and takes them back; never holds more bytes than its budget, buffers in use
/// included. Clones share one pool.
#[derive(Debug, Clone)]
pub struct FramePool {
    shared: Arc<Mutex<Shared>>,
}

/// Gauges of a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PoolStats {
    /// The limit in bytes.
    pub budget_bytes: usize,
    /// Bytes lent out now.
    pub in_use_bytes: usize,
    /// Bytes kept for reuse now.
    pub idle_bytes: usize,
    /// Most bytes ever lent out at once.
    pub peak_bytes: usize,
    /// Requests served from a kept buffer.
    pub hits: u64,
    /// Requests that allocated.
    pub misses: u64,
    /// Requests refused because the budget was spent.
    pub exhausted: u64,
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
    idle: BTreeMap<usize, Vec<Vec<u8>>>,
    stats: PoolStats,
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
        Self { shared: Arc::new(Mutex::new(Shared { idle: BTreeMap::new(), stats })) }
    }

    /// A buffer of `len` bytes.
    ///
    /// # Errors
    /// [`PoolExhausted`] when the bytes in use leave no room for it. Kept buffers of other sizes are
    /// freed first, so that a change of resolution never starves the pool.
    pub fn acquire(&self, len: usize) -> Result<PooledBuffer, PoolExhausted> {
        let mut shared = self.lock();
        if let Some(bytes) = shared.idle.get_mut(&len).and_then(Vec::pop) {
            shared.stats.hits += 1;
            shared.stats.idle_bytes -= len;
            shared.lend(len);
            return Ok(PooledBuffer { bytes, pool: self.clone() });
        }
        let PoolStats { budget_bytes: budget, in_use_bytes: in_use, .. } = shared.stats;
        if in_use + len > budget {
            shared.stats.exhausted += 1;
            return Err(PoolExhausted { wanted: len, in_use, budget });
        }
        if in_use + shared.stats.idle_bytes + len > budget {
            shared.idle.clear();
            shared.stats.idle_bytes = 0;
        }
        shared.stats.misses += 1;
        shared.lend(len);
        drop(shared);
        Ok(PooledBuffer { bytes: vec![0; len], pool: self.clone() })
    }

    /// Gauges as of now.
    pub fn stats(&self) -> PoolStats {
        self.lock().stats
    }

    /// Bytes of all its buffers, lent out and kept.
    pub fn held_bytes(&self) -> usize {
        let stats = self.lock().stats;
        stats.in_use_bytes + stats.idle_bytes
    }

    /// Frees every buffer that is not lent out, and tells how many bytes that were. The next requests
    /// allocate again.
    pub fn trim(&self) -> usize {
        let mut shared = self.lock();
        shared.idle.clear();
        std::mem::take(&mut shared.stats.idle_bytes)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // The pool's invariants hold between any two statements, so a panicked holder left it usable.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn lend(&mut self, len: usize) {
        self.stats.in_use_bytes += len;
        self.stats.peak_bytes = self.stats.peak_bytes.max(self.stats.in_use_bytes);
    }
}

impl Drop for PooledBuffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let len = bytes.len();
        let mut shared = self.pool.lock();
        shared.stats.in_use_bytes -= len;
        shared.stats.idle_bytes += len;
        shared.idle.entry(len).or_default().push(bytes);
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
}
