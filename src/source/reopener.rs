//! Opens a source again and again, and remembers which camera it had.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::camera::CameraMemory;
use super::{Cancel, FrameSource, SourceError, SourceOptions, SourceUri, open_unless_cancelled};
use crate::stats::Stats;

/// A source that can be opened as often as it breaks, from any thread. A camera is known again by serial number and place,
/// whatever number it has got.
pub struct Reopener {
    uri: SourceUri,
    options: SourceOptions,
    stats: Stats,
    strict: bool,
    camera: Mutex<CameraMemory>,
}

impl Reopener {
    /// One for `uri`; nothing is opened yet.
    pub fn new(uri: SourceUri, options: SourceOptions, stats: Stats) -> Self {
        Self { uri, options, stats, strict: true, camera: Mutex::default() }
    }

    /// A camera that does not have what is asked for runs without it from the first time on; else from the second.
    pub fn lenient(self) -> Self {
        Self { strict: false, ..self }
    }

    /// What is opened.
    pub fn uri(&self) -> &SourceUri {
        &self.uri
    }

    /// Whether it opens only when somebody sends, however late: an address that listens.
    pub fn listens(&self) -> bool {
        matches!(&self.uri, SourceUri::Network(address) if address.listens())
    }

    /// Opens it, as [`open_unless_cancelled`] does. Counts `camera_stand_ins`.
    ///
    /// # Errors
    /// As those of [`open_unless_cancelled`]; [`SourceError::CameraAway`] for a camera that was open before and is not there.
    pub fn open(&self, cancel: &Cancel) -> Result<Box<dyn FrameSource>, SourceError> {
        let SourceUri::Camera(id) = &self.uri else {
            return open_unless_cancelled(&self.uri, &self.options, &self.stats, cancel);
        };
        // Nothing is locked while a driver works: one that hangs must not keep the next attempt from its turn.
        let mut memory = self.memory().clone();
        let source = memory.open(id, &self.options, &self.stats, self.strict);
        *self.memory() = memory;
        Ok(self.options.view.of(source?))
    }

    fn memory(&self) -> MutexGuard<'_, CameraMemory> {
        self.camera.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Reopener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reopener").field(&self.uri).finish()
    }
}
