//! Giving up an opening from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Gives up what still waits for its first picture, from any thread. Clones belong together.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Gives it up, for good; it is noticed within a tenth of a second.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was given up.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
