//! What ffmpeg is told about its input.

use std::ffi::OsString;
use std::path::PathBuf;

use super::dialect::Dialect;
use super::job::file_argument;

/// How long a server may be silent, in microseconds; the effective time of RTSP is about twice this.
const SILENCE: &str = "3000000";

/// Where to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderInput {
    /// A file of this machine.
    File(PathBuf),
    /// An address: `rtsp://`, `http(s)://`, `udp://`.
    Network(String),
}

impl ReaderInput {
    /// The options that name the input. For a network: short analysis, so that the first picture comes at
    /// once; a bound on every wait; decoding threads that hold no frames back.
    pub(super) fn arguments(&self, dialect: Dialect) -> Vec<OsString> {
        let (mut args, input) = match self {
            Self::File(path) => (Vec::new(), file_argument(path)),
            Self::Network(url) => (network(url, dialect), url.into()),
        };
        args.push("-i");
        args.into_iter().map(OsString::from).chain([input]).collect()
    }
}

fn network(url: &str, dialect: Dialect) -> Vec<&'static str> {
    let scheme = url.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let waits = match scheme.as_str() {
        "rtsp" | "rtsps" => {
            vec!["-rtsp_transport", "tcp", dialect.rtsp_timeout, SILENCE, "-analyzeduration", "200000"]
        }
        "udp" => vec!["-timeout", SILENCE, "-analyzeduration", "500000"],
        _ => vec!["-rw_timeout", SILENCE, "-analyzeduration", "1000000"],
    };
    [vec!["-thread_type", "slice"], waits].concat()
}
