//! The other process.

use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender};

use crate::memory::signal;
use crate::source::Cancel;

/// How often it is asked whether an opening was given up.
const POLL: Duration = Duration::from_millis(50);

/// The hidden subcommand that serves.
pub(crate) const SUBCOMMAND: &str = "serve-source";

/// Killed when the last clone is dropped, and reaped.
#[derive(Debug, Clone)]
pub(super) struct Process(Arc<Reaped>);

#[derive(Debug)]
struct Reaped(Mutex<Child>);

impl Process {
    pub(super) fn start(program: &Path, order: &str) -> std::io::Result<(Self, ChildStdout)> {
        let mut command = Command::new(program);
        // Ctrl-C in a terminal is for us; it ends when its pipe is closed.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child =
            command.args([SUBCOMMAND, order]).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let pipe = child.stdout.take();
        let this = Self(Arc::new(Reaped(Mutex::new(child))));
        pipe.map(|pipe| (this, pipe)).ok_or_else(|| std::io::Error::other("it has no output"))
    }

    /// Kills it when `cancel` says so, until what is returned is dropped.
    pub(super) fn watch(&self, cancel: &Cancel) -> std::io::Result<Sender<()>> {
        let (watched, over) = signal();
        let (process, cancel) = (self.clone(), cancel.clone());
        std::thread::Builder::new().name("source process".into()).spawn(move || {
            while over.recv_timeout(POLL) == Err(RecvTimeoutError::Timeout) {
                if cancel.is_cancelled() {
                    return process.kill();
                }
            }
        })?;
        Ok(watched)
    }

    /// Without effect on one that ended.
    pub(super) fn kill(&self) {
        let _ = self.0.lock().kill();
    }
}

impl Reaped {
    fn lock(&self) -> MutexGuard<'_, Child> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        let mut child = self.lock();
        let _ = child.kill();
        // One that hangs in the kernel cannot be reaped yet: whoever drops this is the source's own thread, which may wait.
        let _ = child.wait();
    }
}
