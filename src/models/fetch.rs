//! Downloads over HTTP: resumed where an earlier attempt stopped, verified, and only then given
//! their name. A file that is there under its name is whole.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::Progress;
use super::cache::sha256_file;
use crate::stats::Stats;

/// A start-up must not wait for an address that does not answer.
const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_secs(20);
/// Interrupted transfers are resumed so often within one call.
const ATTEMPTS: u32 = 3;
/// A server that sends more than this much beyond the expected size is not sending our file.
const SLACK: u64 = 64 << 20;

/// Why a download did not succeed.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The host cannot be reached.
    #[error("{host} cannot be reached ({reason})")]
    Unreachable {
        /// Host name.
        host: String,
        /// The cause.
        reason: String,
    },
    /// The server refused.
    #[error("{url} answered {status}")]
    Status {
        /// The address.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// The transfer broke off; what arrived is kept.
    #[error(
        "the download of {url} broke off after {bytes} bytes ({reason}); the next attempt continues there"
    )]
    Interrupted {
        /// The address.
        url: String,
        /// Bytes kept.
        bytes: u64,
        /// The cause.
        reason: String,
    },
    /// The content is not what was expected.
    #[error("{url} sent something else: expected sha256 {expected}, found {found}")]
    WrongHash {
        /// The address.
        url: String,
        /// From the manifest.
        expected: String,
        /// Of what came.
        found: String,
    },
    /// The disk.
    #[error("cannot write {}: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// What to download.
#[derive(Debug)]
pub(super) struct Download<'a> {
    pub url: &'a str,
    pub path: &'a Path,
    pub sha256: &'a str,
    pub bytes: u64,
}

pub(super) fn agent() -> Agent {
    Agent::config_builder()
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(ANSWER))
        .timeout_per_read(Some(READ))
        .http_status_as_error(false)
        .user_agent(concat!("masque/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

/// Host name of an address.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// Downloads to `path`; until the hash is verified the bytes are in `path` + `.partial`.
pub(super) fn download(
    agent: &Agent,
    wanted: &Download<'_>,
    progress: &dyn Progress,
    stats: &Stats,
) -> Result<(), FetchError> {
    let partial = wanted.path.with_added_extension("partial");
    let disk = |source| FetchError::Disk { path: partial.clone(), source };
    if let Some(folder) = partial.parent() {
        fs::create_dir_all(folder).map_err(disk)?;
    }
    let resumed = length(&partial) > 0;
    progress.begin(host(wanted.url), Some(wanted.bytes));
    let outcome = transfer_with_retries(agent, wanted, &partial, progress, stats);
    progress.end();
    outcome?;
    let found = sha256_file(&partial).map_err(disk)?;
    if found == wanted.sha256 {
        return fs::rename(&partial, wanted.path).map_err(disk);
    }
    fs::remove_file(&partial).map_err(disk)?;
    if resumed {
        stats.count("model_download_restarts");
        progress.note(&format!("What was kept of {} is useless, starting again.", wanted.url));
        return download(agent, wanted, progress, stats);
    }
    Err(FetchError::WrongHash { url: wanted.url.to_owned(), expected: wanted.sha256.to_owned(), found })
}

fn transfer_with_retries(
    agent: &Agent,
    wanted: &Download<'_>,
    partial: &Path,
    progress: &dyn Progress,
    stats: &Stats,
) -> Result<(), FetchError> {
    let mut attempt = 1;
    loop {
        match transfer(agent, wanted, partial, progress) {
            Err(error @ FetchError::Interrupted { .. }) if attempt < ATTEMPTS => {
                attempt += 1;
                stats.count("model_download_resumes");
                tracing::warn!("{error}");
            }
            other => return other,
        }
    }
}

/// One request, from where the partial file ends.
fn transfer(
    agent: &Agent,
    wanted: &Download<'_>,
    partial: &Path,
    progress: &dyn Progress,
) -> Result<(), FetchError> {
    let disk = |source| FetchError::Disk { path: partial.to_owned(), source };
    let have = length(partial);
    let mut request = agent.get(wanted.url);
    if have > 0 {
        request = request.header("Range", format!("bytes={have}-"));
    }
    let response = request.call().map_err(|error| FetchError::Unreachable {
        host: host(wanted.url).to_owned(),
        reason: error.to_string(),
    })?;
    let start = match response.status() {
        StatusCode::PARTIAL_CONTENT if continues_at(&response, have) => have,
        // All of it is there already: the server has nothing beyond our last byte.
        StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => return Ok(()),
        StatusCode::OK => 0,
        status => {
            return Err(FetchError::Status { url: wanted.url.to_owned(), status: status.as_u16() });
        }
    };
    let mut file = File::options().create(true).append(true).open(partial).map_err(disk)?;
    file.set_len(start).map_err(disk)?;
    let limit = wanted.bytes + SLACK;
    let expected = response.body().content_length().map(|rest| start + rest);
    let mut body = response.into_body().into_reader().take(limit.saturating_sub(start));
    let mut buffer = vec![0; 1 << 16];
    let mut written = start;
    let interrupted =
        |bytes: u64, reason: String| FetchError::Interrupted { url: wanted.url.to_owned(), bytes, reason };
    loop {
        let n = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) => return Err(interrupted(written, error.to_string())),
        };
        file.write_all(&buffer[..n]).map_err(disk)?;
        written += n as u64;
        progress.advance_to(written);
    }
    match expected {
        Some(expected) if written < expected => {
            Err(interrupted(written, format!("{expected} bytes were announced")))
        }
        _ => Ok(()),
    }
}

fn continues_at(response: &Response<Body>, have: u64) -> bool {
    let range = response.headers().get("Content-Range").and_then(|value| value.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {have}-")))
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map(|data| data.len()).unwrap_or(0)
}
