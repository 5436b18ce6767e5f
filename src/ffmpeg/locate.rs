//! Finding the ffmpeg program: `MASQUE_FFMPEG`, `PATH`, then the copy in Masque's cache.
//!
//! Fetching that copy is the business of `models::tools`; this room only looks.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use thiserror::Error;

use crate::folders::cache_dir;

/// The program that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ffmpeg {
    /// The executable.
    pub path: PathBuf,
    /// What it calls itself, for example `5.1.8-0+deb12u1`.
    pub version: String,
    /// Where it was found.
    pub origin: FfmpegOrigin,
}

/// Where the program was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FfmpegOrigin {
    /// The variable `MASQUE_FFMPEG`.
    Variable,
    /// `PATH`.
    Path,
    /// Masque's cache.
    Cache,
}

impl std::fmt::Display for FfmpegOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Variable => "MASQUE_FFMPEG",
            Self::Path => "PATH",
            Self::Cache => "Masque's cache",
        })
    }
}

/// Why there is no ffmpeg.
#[derive(Debug, Error)]
pub enum FfmpegError {
    /// Nowhere.
    #[error("ffmpeg is not installed. Type: {install}, or: masque models pull ffmpeg")]
    Missing {
        /// The line that installs it on this system.
        install: &'static str,
    },
    /// It is there and does not run.
    #[error("{} ({origin}) does not run as ffmpeg: {reason}. {hint}", path.display())]
    Broken {
        /// The program.
        path: PathBuf,
        /// Where it was found.
        origin: FfmpegOrigin,
        /// What happened.
        reason: String,
        /// What to type.
        hint: String,
    },
}

/// The ffmpeg to use. It is asked for its version once per process.
pub fn locate() -> Result<Ffmpeg, FfmpegError> {
    static FOUND: Mutex<Option<Ffmpeg>> = Mutex::new(None);
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(ffmpeg) = found.as_ref().filter(|ffmpeg| ffmpeg.path.exists()) {
        return Ok(ffmpeg.clone());
    }
    let ffmpeg = locate_among(&candidates())?;
    Ok(found.insert(ffmpeg).clone())
}

/// Where [`locate`] expects a fetched copy.
pub fn cached_program() -> PathBuf {
    cache_dir().join("bin").join(program_name())
}

fn program_name() -> &'static str {
    if cfg!(windows) { "ffmpeg.exe" } else { "ffmpeg" }
}

fn candidates() -> Vec<(PathBuf, FfmpegOrigin)> {
    let variable = std::env::var_os("MASQUE_FFMPEG").filter(|value| !value.is_empty());
    if let Some(path) = variable {
        // Whoever names a program wants that one: nothing else is tried.
        return vec![(path.into(), FfmpegOrigin::Variable)];
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all: Vec<(PathBuf, FfmpegOrigin)> = std::env::split_paths(&path)
        .map(|folder| (folder.join(program_name()), FfmpegOrigin::Path))
        .collect();
    all.push((cached_program(), FfmpegOrigin::Cache));
    all
}

/// The first candidate that runs; one that does not is passed over, and is the error when none does.
fn locate_among(candidates: &[(PathBuf, FfmpegOrigin)]) -> Result<Ffmpeg, FfmpegError> {
    let mut broken = None;
    for (path, origin) in candidates {
        match ask_version(path) {
            Ok(version) => return Ok(Ffmpeg { path: path.clone(), version, origin: *origin }),
            Err(error) if error.kind() == io::ErrorKind::NotFound && *origin != FfmpegOrigin::Variable => {}
            Err(error) => {
                tracing::warn!("{} ({origin}) does not run as ffmpeg: {error}", path.display());
                broken.get_or_insert(FfmpegError::Broken {
                    path: path.clone(),
                    origin: *origin,
                    reason: error.to_string(),
                    hint: hint(path, *origin),
                });
            }
        }
    }
    Err(broken.unwrap_or(FfmpegError::Missing { install: install_line() }))
}

fn ask_version(path: &Path) -> io::Result<String> {
    let output = Command::new(path)
        .args(["-hide_banner", "-version"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.strip_prefix("ffmpeg version ").and_then(|rest| rest.split(' ').next());
    match version {
        Some(version) if output.status.success() => Ok(version.to_owned()),
        _ => Err(io::Error::other(format!("`-version` gave no version ({})", output.status))),
    }
}

fn hint(path: &Path, origin: FfmpegOrigin) -> String {
    match origin {
        FfmpegOrigin::Variable => "Type: unset MASQUE_FFMPEG".to_owned(),
        FfmpegOrigin::Path => format!("Type: {}, or set MASQUE_FFMPEG", install_line()),
        FfmpegOrigin::Cache => {
            format!("Type: rm {} && masque models pull ffmpeg", path.display())
        }
    }
}

/// The line that installs ffmpeg on this system.
pub fn install_line() -> &'static str {
    match std::env::consts::OS {
        "linux" if Path::new("/usr/bin/dnf").exists() => "sudo dnf install ffmpeg-free",
        "linux" if Path::new("/usr/bin/pacman").exists() => "sudo pacman -S ffmpeg",
        "linux" => "sudo apt install ffmpeg",
        "macos" => "brew install ffmpeg",
        _ => "winget install ffmpeg",
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn the_first_program_that_runs_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent");
        let broken = script(folder.path(), "broken", "exit 3");
        let good = script(folder.path(), "good", "echo 'ffmpeg version 9.9-x Copyright'");
        let list =
            [(absent, FfmpegOrigin::Path), (broken, FfmpegOrigin::Path), (good.clone(), FfmpegOrigin::Cache)];
        let found = locate_among(&list).unwrap();
        assert_eq!(found.version, "9.9-x");
        assert_eq!((found.path, found.origin), (good, FfmpegOrigin::Cache));
    }

    #[test]
    fn a_missing_or_broken_program_says_what_to_type() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent");
        let missing = locate_among(&[(absent.clone(), FfmpegOrigin::Path)]).unwrap_err();
        assert!(missing.to_string().contains("install"), "{missing}");
        let named = locate_among(&[(absent, FfmpegOrigin::Variable)]).unwrap_err();
        assert!(named.to_string().contains("unset MASQUE_FFMPEG"), "{named}");
        let broken = script(folder.path(), "broken", "echo nonsense");
        let refused = locate_among(&[(broken, FfmpegOrigin::Cache)]).unwrap_err();
        assert!(refused.to_string().contains("masque models pull ffmpeg"), "{refused}");
    }
}
