//! What ffmpeg is told about its input.

use std::ffi::OsString;
use std::path::PathBuf;

use super::address::{NetworkAddress, Way};
use super::dialect::Dialect;
use super::job::file_argument;

/// How long a server may be silent, in microseconds; the effective time of RTSP is about twice this.
const SILENCE: &str = "3000000";
/// How long one child waits to be sent something, in the units of the protocols. Then another one waits: one whose parent
/// was killed does not keep the port for ever.
const LISTENING_S: &str = "60";
const LISTENING_MS: &str = "60000";
const LISTENING_US: &str = "60000000";
/// How long whoever sends may be silent, in microseconds: one who connects and says nothing keeps nobody else out.
const SENDER: &str = "10000000";
/// What files may lead to: a playlist among them may name other files, and nothing in the network.
const FILE_PROTOCOLS: &str = "file,crypto,data";
/// Streams that come in pieces of seconds, or as fast as they are taken: their own times say how fast they are shown.
const IN_PIECES: &[&str] = &[".m3u8", ".mpd"];
const FILES: &[&str] = &[".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi"];

/// Where to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderInput {
    /// A file of this machine.
    File(PathBuf),
    /// A stream.
    Network(NetworkAddress),
}

/// The input in ffmpeg's words.
#[derive(Default)]
pub(super) struct InputWords {
    pub(super) args: Vec<OsString>,
    /// What is fed to its standard input: an address with secrets would be seen by everybody who lists processes.
    pub(super) stdin: Option<String>,
}

impl ReaderInput {
    /// For a network: short analysis, so that the first picture comes at once; a bound on every wait; decoding threads
    /// that hold no frames back; nothing else than the network may be read, whatever a playlist says.
    pub(super) fn words(&self, dialect: Dialect) -> InputWords {
        match self {
            Self::File(path) => {
                let mut args: Vec<OsString> =
                    ["-protocol_whitelist", FILE_PROTOCOLS, "-i"].map(OsString::from).to_vec();
                args.push(file_argument(path));
                InputWords { args, stdin: None }
            }
            Self::Network(address) => network(address, dialect),
        }
    }
}

fn network(address: &NetworkAddress, dialect: Dialect) -> InputWords {
    let by_list = dialect.lists_take_options && address.has_secrets();
    let mut words: Vec<String> = vec!["-thread_type".into(), "slice".into()];
    let mut add = |name: &str, value: &str| words.extend([format!("-{name}"), value.to_owned()]);
    let protocols = protocols(address.way());
    add("protocol_whitelist", &if by_list { format!("pipe,{protocols}") } else { protocols.to_owned() });
    let in_pieces = address.path_ends_with(IN_PIECES);
    let options = options(address, dialect);
    let mut stdin = None;
    if by_list {
        // The list knows what its entry is: nothing is left to analyse.
        for (name, value) in [("f", "concat"), ("safe", "0"), ("analyzeduration", "0"), ("fpsprobesize", "0")]
        {
            add(name, value);
        }
        // A list hides how long a file is, by which it would be known for one.
        if in_pieces || address.path_ends_with(FILES) {
            words.push("-re".into());
        }
        words.extend(["-i".into(), "pipe:0".into()]);
        let mut list = format!("ffconcat version 1.0\nfile '{}'\n", address.url().replace('\'', r"'\''"));
        for (name, value) in options {
            list += &format!("option {name} {value}\n");
        }
        stdin = Some(list);
    } else {
        options.iter().for_each(|(name, value)| add(name, value));
        if in_pieces {
            words.push("-re".into());
        }
        words.extend(["-i".into(), address.url()]);
    }
    InputWords { args: words.into_iter().map(OsString::from).collect(), stdin }
}

/// What a stream may lead to.
fn protocols(way: Way) -> &'static str {
    match way {
        Way::Rtsp { .. } => "rtsp,rtsps,tcp,tls,udp,rtp,srtp,crypto",
        Way::Http { .. } => "http,https,httpproxy,tcp,tls,crypto,data",
        Way::Rtmp { .. } => "rtmp,rtmps,rtmpt,rtmpts,ffrtmphttp,http,https,tcp,tls",
        Way::Srt { .. } => "srt",
        Way::Tcp { .. } => "tcp",
        Way::Udp => "udp",
        Way::Rtp => "rtp,udp",
    }
}

/// Options of the demuxer and of the protocol. Each must be known to one of the two: ffmpeg refuses others.
fn options(address: &NetworkAddress, dialect: Dialect) -> Vec<(&'static str, &'static str)> {
    let analysis = |micros| [("analyzeduration", micros), ("fpsprobesize", "0")];
    let mut all = Vec::new();
    match address.way() {
        Way::Rtsp { udp } => {
            all.extend(analysis("200000"));
            all.push(("rtsp_transport", if udp { "udp" } else { "tcp" }));
            // Sound is not asked for, so that nothing waits for it.
            all.push(("allowed_media_types", "video"));
            all.push((dialect.rtsp_timeout, SILENCE));
        }
        Way::Http { listens: false } => {
            all.extend([("analyzeduration", "500000"), ("rw_timeout", SILENCE)]);
            if address.path_ends_with(&[".m3u8"]) {
                // From the newest piece on, instead of three before it.
                all.push(("live_start_index", "-1"));
            }
        }
        Way::Http { listens: true } => {
            all.extend([("analyzeduration", "500000"), ("listen", "1"), ("rw_timeout", SENDER)]);
        }
        Way::Rtmp { listens } => {
            all.extend(analysis("500000"));
            all.push(("rtmp_buffer", "100"));
            if listens {
                all.push(("timeout", LISTENING_S));
            }
            all.push(("rw_timeout", if listens { SENDER } else { SILENCE }));
        }
        Way::Srt { listens } => {
            all.extend(analysis("500000"));
            if listens {
                all.extend([("mode", "listener"), ("listen_timeout", LISTENING_US)]);
            } else {
                all.push(("connect_timeout", "3000"));
            }
        }
        Way::Tcp { listens } => {
            all.extend(analysis("500000"));
            if listens {
                all.extend([("listen", "1"), ("listen_timeout", LISTENING_MS), ("rw_timeout", SENDER)]);
            } else {
                all.push(("rw_timeout", SILENCE));
            }
        }
        Way::Udp => {
            all.extend(analysis("500000"));
            // What comes too fast is lost without the stream being given up.
            all.extend([("overrun_nonfatal", "1"), ("timeout", LISTENING_US)]);
        }
        Way::Rtp => all.extend(analysis("500000")),
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(address: &str, version: &str) -> (String, String) {
        let input = ReaderInput::Network(address.parse().expect(address));
        let words = input.words(Dialect::of(version));
        let args: Vec<_> = words.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
        (args.join(" "), words.stdin.unwrap_or_default())
    }

    #[test]
    fn an_address_with_secrets_is_not_seen_in_the_list_of_processes() {
        for address in
            ["rtsp://u:hunter2@h/x", "https://h/a.m3u8?token=hunter2", "rtmp-listen://h/live/hunter2"]
        {
            let (args, list) = words(address, "5.1.8");
            assert!(!args.contains("hunter2") && list.contains("hunter2"), "{args}\n{list}");
            // Before FFmpeg 5 a list could not carry options.
            assert!(words(address, "4.4.2").0.contains("hunter2"));
        }
        let (args, list) = words("rtsp-udp://h/x", "5.1.8");
        assert!(args.ends_with("-i rtsp://h/x") && args.contains("-rtsp_transport udp") && list.is_empty());
    }

    #[test]
    fn a_quote_in_an_address_does_not_end_it() {
        let (_, list) = words("http://u:it's@h/x", "5.1.8");
        assert!(list.contains(r"file 'http://u:it'\''s@h/x'"), "{list}");
    }

    #[test]
    fn no_stream_may_read_files() {
        for address in [
            "rtsp://h/x",
            "http://h/x.m3u8",
            "rtmp://h/a",
            "srt://h:1",
            "udp://@:1",
            "tcp://h:1",
            "rtp://@:1",
        ] {
            let (args, _) = words(address, "5.1.8");
            let (_, list) = args.split_once("-protocol_whitelist ").expect(address);
            let list = list.split(' ').next().unwrap_or_default();
            assert!(
                !list.split(',').any(|word| ["file", "pipe", "concat", "subfile"].contains(&word)),
                "{list}"
            );
        }
    }
}
