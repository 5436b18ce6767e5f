//! Opens a source again and again, and remembers which camera it had.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::apart::{ApartSource, Order};
use super::camera::{CameraInfo, CameraMemory, open_camera};
use super::knock::Knock;
use super::{
    CameraId, Cancel, FrameSource, NetworkAddress, SourceError, SourceOptions, SourceUri,
    open_unless_cancelled,
};
use crate::stats::Stats;

/// A source that can be opened as often as it breaks, from any thread. A camera is known again by serial number and place,
/// whatever number it has got.
pub struct Reopener {
    uri: SourceUri,
    options: SourceOptions,
    stats: Stats,
    strict: bool,
    camera: Mutex<CameraMemory>,
    /// What reads cameras in a process of its own, and whether it is to.
    program: Option<PathBuf>,
    apart: AtomicBool,
    /// Notices when the server of a stream that did not open answers again.
    knock: Knock,
}

impl Reopener {
    /// One for `uri`; nothing is opened yet.
    pub fn new(uri: SourceUri, options: SourceOptions, stats: Stats) -> Self {
        Self {
            uri,
            options,
            stats,
            strict: true,
            camera: Mutex::default(),
            program: None,
            apart: AtomicBool::new(false),
            knock: Knock::default(),
        }
    }

    /// How often the server of a stream began to answer after it had been away: then it may open.
    pub fn answers(&self) -> u64 {
        self.knock.answers()
    }

    /// A camera that does not have what is asked for runs without it from the first time on; else from the second.
    pub fn lenient(self) -> Self {
        Self { strict: false, ..self }
    }

    /// Cameras, files and pictures may be read by `program`, which is this one, in a process that can be killed when a driver
    /// hangs: from the first time on where `always`, else after [`hung`](Self::hung).
    pub fn apart(self, program: PathBuf, always: bool) -> Self {
        Self { program: Some(program), apart: AtomicBool::new(always), ..self }
    }

    /// A driver hangs in a thread of this process, which cannot be ended. The next one gets a process of its own.
    pub fn hung(&self) {
        self.apart.store(true, Ordering::Relaxed);
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
        match &self.uri {
            SourceUri::Camera(id) => self.open_known_camera(id, cancel),
            SourceUri::Network(address) => self.open_stream(address, cancel),
            uri => match self.process() {
                Some(program) => {
                    let order = Order::new(uri, &self.options, self.strict);
                    let source = ApartSource::open(program, &order, &self.stats, cancel)?;
                    Ok(self.options.view.of(Box::new(source)))
                }
                None => open_unless_cancelled(uri, &self.options, &self.stats, cancel),
            },
        }
    }

    /// Streams have a process of their own already.
    fn open_stream(
        &self,
        address: &NetworkAddress,
        cancel: &Cancel,
    ) -> Result<Box<dyn FrameSource>, SourceError> {
        let source = open_unless_cancelled(&self.uri, &self.options, &self.stats, cancel);
        match &source {
            Ok(_) => self.knock.end(),
            Err(_) => self.knock.begin(address),
        }
        source
    }

    fn open_known_camera(&self, id: &CameraId, cancel: &Cancel) -> Result<Box<dyn FrameSource>, SourceError> {
        // Nothing is locked while a driver works: one that hangs must not keep the next attempt from its turn.
        let mut memory = self.memory().clone();
        let source =
            memory.open(id, &self.stats, |camera, is_first| self.open_camera(camera, is_first, cancel));
        // One that comes back late has nothing to say to what was learned meanwhile.
        if source.is_ok() || memory.has_camera() {
            *self.memory() = memory;
        }
        Ok(self.options.view.of(source?))
    }

    fn open_camera(
        &self,
        camera: &CameraInfo,
        is_first: bool,
        cancel: &Cancel,
    ) -> Result<Box<dyn FrameSource>, SourceError> {
        let strict = is_first && self.strict;
        match self.process() {
            Some(program) => {
                let uri = SourceUri::Camera(CameraId::Index(camera.index));
                let order = Order { device: Some(camera.clone()), ..Order::new(&uri, &self.options, strict) };
                Ok(Box::new(ApartSource::open(program, &order, &self.stats, cancel)?))
            }
            None => open_camera(camera, &self.options, &self.stats, strict),
        }
    }

    /// What reads the source, where that is to be another process.
    fn process(&self) -> Option<&Path> {
        self.program.as_deref().filter(|_| self.apart.load(Ordering::Relaxed))
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
