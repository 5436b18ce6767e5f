//! Which cameras are plugged in, kept up to date by a thread.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bevy::prelude::Resource;

use super::{CameraInfo, system};

/// The cameras that are plugged in, as a thread saw them a moment ago. Clones share it; it ends with the last of them.
///
/// The thread looks four times a second at what the system lists, and asks a camera who it is only when that changed;
/// none is ever started.
#[derive(Resource, Clone, Default)]
pub struct CameraWatch {
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    arrivals: AtomicU64,
    changes: AtomicU64,
    cameras: Mutex<Arc<[CameraInfo]>>,
}

impl CameraWatch {
    /// Starts the thread. `on_change` is called on it when a camera came or went. [`CameraWatch::default`] has no
    /// thread, and sees none.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn start(on_change: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let watch = Self::default();
        let seen = Arc::downgrade(&watch.seen);
        std::thread::Builder::new().name("camera watch".into()).spawn(move || look(&seen, &on_change))?;
        Ok(watch)
    }

    /// How often something was plugged in so far. What waits before it opens a camera again compares it with
    /// what it was, and waits no longer when it has grown.
    pub fn arrivals(&self) -> u64 {
        self.seen.arrivals.load(Ordering::Acquire)
    }

    /// How often the list changed so far.
    pub fn changes(&self) -> u64 {
        self.seen.changes.load(Ordering::Acquire)
    }

    /// The cameras, by number.
    pub fn cameras(&self) -> Arc<[CameraInfo]> {
        self.seen.cameras.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Looks until nobody wants to know any more.
fn look(seen: &Weak<Seen>, on_change: &dyn Fn()) {
    let mut before = Vec::new();
    let mut asked = system::Asked::default();
    while let Some(seen) = seen.upgrade() {
        let nodes = system::nodes();
        if nodes != before {
            let came = nodes.iter().any(|node| !before.contains(node));
            before = nodes;
            *seen.cameras.lock().unwrap_or_else(PoisonError::into_inner) = asked.cameras().into();
            seen.changes.fetch_add(1, Ordering::AcqRel);
            if came {
                seen.arrivals.fetch_add(1, Ordering::AcqRel);
            }
            on_change();
        }
        drop(seen);
        std::thread::sleep(system::INTERVAL);
    }
}

impl fmt::Debug for CameraWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CameraWatch").field(&self.cameras()).finish()
    }
}
