//! One running ffmpeg: started, its standard error watched, killed and reaped.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::error::ChildError;
use super::scrub::Scrubber;
use super::tail::Tail;
use crate::memory::{keep_heaps_from, signal};

/// Longest line of standard error that is looked at; the rest of a longer one is cut off.
const LINE_LIMIT: u64 = 4096;
/// How long a child that takes no more may take to end.
const ENDING: Duration = Duration::from_secs(2);
/// How long the last words of a child that ended may take to arrive.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// `CREATE_NEW_PROCESS_GROUP` of the Windows API.
#[cfg(windows)]
const NEW_GROUP: u32 = 0x200;
/// How often a child is asked whether it ended.
const POLL: Duration = Duration::from_millis(5);

/// Kills the child from any thread, so that a read or write that hangs on it ends.
#[derive(Debug, Clone)]
pub struct KillSwitch(Arc<Mutex<Child>>);

impl KillSwitch {
    /// Kills the child; without effect on one that ended.
    pub fn kill(&self) {
        // An error here means that it has ended already.
        let _ = lock(&self.0).kill();
    }

    /// Number of the process.
    pub fn process(&self) -> u32 {
        lock(&self.0).id()
    }
}

/// A running ffmpeg; killed and reaped when dropped.
#[derive(Debug)]
pub(super) struct FfmpegChild {
    child: Arc<Mutex<Child>>,
    tail: Arc<Mutex<Tail>>,
    stderr_ended: Receiver<()>,
}

/// The ends of the pipes that are ours.
#[derive(Debug)]
pub(super) struct Pipes {
    pub(super) stdin: Option<ChildStdin>,
    pub(super) stdout: Option<ChildStdout>,
}

impl FfmpegChild {
    /// Starts `program`. `on_line` sees each line of standard error and returns whether it consumed it;
    /// other lines go to the tail. `feed` opens a pipe to standard input.
    pub(super) fn start(
        program: &Path,
        args: &[OsString],
        feed: bool,
        on_line: impl FnMut(&str) -> bool + Send + 'static,
    ) -> Result<(Self, Pipes), ChildError> {
        Self::start_piped(program, args, (feed, !feed), Tail::default(), on_line)
    }

    /// As [`Self::start`] without a pipe in, where what is secret of the input is taken out of the child's words. `feed` is
    /// given to it at once.
    pub(super) fn start_reading(
        program: &Path,
        args: &[OsString],
        (feed, scrubber): (Option<&str>, Scrubber),
        on_line: impl FnMut(&str) -> bool + Send + 'static,
    ) -> Result<(Self, Option<ChildStdout>), ChildError> {
        let tail = Tail::without(scrubber);
        let (this, mut pipes) = Self::start_piped(program, args, (feed.is_some(), true), tail, on_line)?;
        if let (Some(mut stdin), Some(text)) = (pipes.stdin.take(), feed) {
            // A child that ended before it read says why on standard error.
            let _ = stdin.write_all(text.as_bytes());
        }
        Ok((this, pipes.stdout))
    }

    /// As [`Self::start`], with pipes to standard input and from standard output.
    pub(super) fn start_through(
        program: &Path,
        args: &[OsString],
        on_line: impl FnMut(&str) -> bool + Send + 'static,
    ) -> Result<(Self, Pipes), ChildError> {
        Self::start_piped(program, args, (true, true), Tail::default(), on_line)
    }

    fn start_piped(
        program: &Path,
        args: &[OsString],
        (feed, read): (bool, bool),
        tail: Tail,
        on_line: impl FnMut(&str) -> bool + Send + 'static,
    ) -> Result<(Self, Pipes), ChildError> {
        let start_error = |error| ChildError::Start { program: program.to_owned(), error };
        let mut command = Command::new(program);
        keep_heaps_from(&mut command);
        // A group of its own: Ctrl-C in a terminal is for us, and the child finishes its file when we
        // close its input.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        // The same where a console tells all its programs at once.
        #[cfg(windows)]
        std::os::windows::process::CommandExt::creation_flags(&mut command, NEW_GROUP);
        let mut child = command
            .args(args)
            .stdin(if feed { Stdio::piped() } else { Stdio::null() })
            .stdout(if read { Stdio::piped() } else { Stdio::null() })
            .stderr(Stdio::piped())
            .spawn()
            .map_err(start_error)?;
        let pipes = Pipes { stdin: child.stdin.take(), stdout: child.stdout.take() };
        let stderr = child.stderr.take();
        let tail = Arc::new(Mutex::new(tail));
        let (ended, stderr_ended) = signal();
        let this = Self { child: Arc::new(Mutex::new(child)), tail: tail.clone(), stderr_ended };
        if let Some(stderr) = stderr {
            std::thread::Builder::new()
                .name("ffmpeg-stderr".into())
                .spawn(move || {
                    watch_stderr(stderr, &tail, on_line);
                    // Nobody listens any more when the child was dropped.
                    let _ = ended.send(());
                })
                .map_err(start_error)?;
        }
        Ok((this, pipes))
    }

    pub(super) fn kill_switch(&self) -> KillSwitch {
        KillSwitch(self.child.clone())
    }

    /// Writes `bytes` into the pipe `stdin` to the child. A pipe that broke because the child ended is closed, and `failure`
    /// says why from the child's own words.
    pub(super) fn feed(
        &self,
        stdin: &mut Option<ChildStdin>,
        bytes: &[u8],
        failure: impl Fn(&Self, Option<ExitStatus>) -> ChildError,
    ) -> Result<(), ChildError> {
        let Some(pipe) = stdin else { return Err(failure(self, None)) };
        match pipe.write_all(bytes) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                *stdin = None;
                Err(failure(self, self.wait(ENDING)))
            }
            Err(error) => Err(ChildError::Pipe(error)),
        }
    }

    /// Waits until the child ends and its last words are read; kills it after `patience`.
    pub(super) fn wait(&self, patience: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        let mut killed = false;
        let status = loop {
            match lock(&self.child).try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) => {}
                Err(_) => break None,
            }
            if !killed && start.elapsed() > patience {
                self.kill_switch().kill();
                killed = true;
            }
            std::thread::sleep(POLL);
        };
        self.settle();
        status.filter(|_| !killed)
    }

    /// Waits until the last words of a child that ended are read.
    fn settle(&self) {
        let _ = self.stderr_ended.recv_timeout(LAST_WORDS);
    }

    /// As [`Self::failure`], of a child that wrote a file.
    pub(super) fn writing_failure(&self, status: Option<ExitStatus>) -> ChildError {
        let disk = lock(&self.tail).disk();
        match disk {
            Some(reason) => ChildError::Disk(reason.to_owned()),
            None => self.failure(status),
        }
    }

    /// Why the child gave up, from its last words.
    pub(super) fn failure(&self, status: Option<ExitStatus>) -> ChildError {
        if outgrew_its_file(status) {
            return ChildError::Disk("files may not grow that large here (ulimit -f)".to_owned());
        }
        let tail = lock(&self.tail);
        if tail.says("matches no streams") {
            return ChildError::NoVideo;
        }
        if let Some(reason) = tail.address() {
            return ChildError::Address(reason);
        }
        match status {
            Some(status) if status.code().is_some() => {
                let silent = || format!("ffmpeg ended without a word ({status})");
                ChildError::Failed(tail.reason().unwrap_or_else(silent))
            }
            _ => ChildError::Killed,
        }
    }
}

/// Signal 25 ends a program whose file may not grow further.
#[cfg(unix)]
fn outgrew_its_file(status: Option<ExitStatus>) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.and_then(|status| status.signal()) == Some(25)
}

#[cfg(not(unix))]
fn outgrew_its_file(_: Option<ExitStatus>) -> bool {
    false
}

impl Drop for FfmpegChild {
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        let _ = child.kill();
        // A killed child is reaped at once; one that cannot be is left to the system.
        let _ = child.wait();
    }
}

/// Locks; what the children and tails hold stays meaningful whatever a panicking holder did.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watch_stderr(stderr: ChildStderr, tail: &Mutex<Tail>, mut on_line: impl FnMut(&str) -> bool) {
    let mut reader = BufReader::new(stderr);
    let mut bytes = Vec::new();
    let mut is_rest = false;
    loop {
        bytes.clear();
        let read = reader.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut bytes);
        let was_rest = std::mem::replace(&mut is_rest, !bytes.ends_with(b"\n"));
        match read {
            Ok(0) | Err(_) => return,
            // The rest of a line means nothing without its beginning.
            Ok(_) if was_rest => {}
            Ok(_) => {
                let line = String::from_utf8_lossy(&bytes);
                let line = line.trim_end();
                if !on_line(line) {
                    lock(tail).push(line);
                }
            }
        }
    }
}
