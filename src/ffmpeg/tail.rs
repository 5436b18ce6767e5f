//! The last words of a child on its standard error, and what they mean to a person.

use std::collections::VecDeque;

use super::scrub::Scrubber;
use crate::memory::{Bound, Each, bound};

/// How much of the child's standard error is kept.
const BYTES_KEPT: usize = 8 * 1024;

pub(super) const WORDS: Bound = bound!(
    "ffmpeg.words",
    "the last words of a child on its standard error",
    BYTES_KEPT,
    Each::Bytes(1),
    "the oldest lines go"
);

/// The last lines, at most 8 KiB of them.
#[derive(Debug, Default)]
pub(super) struct Tail {
    lines: VecDeque<String>,
    bytes: usize,
    scrubber: Scrubber,
}

/// A playlist that names files, for example.
const LEADS_AWAY: &str = "it leads to files or addresses that a source may not read";

/// What ffmpeg writes, and what it means. The first that is found wins.
const MEANINGS: &[(&str, &str)] = &[
    ("not on whitelist", LEADS_AWAY),
    ("Operation not permitted", LEADS_AWAY),
    ("moov atom not found", "the file is truncated or no video (it has no index)"),
    ("No such file or directory", "there is no such file"),
    ("Permission denied", "permission is denied"),
    ("Connection refused", "nothing answers there (connection refused)"),
    ("Connection timed out", "the server does not answer in time"),
    ("Operation timed out", "the server does not answer in time"),
    ("No route to host", "the server cannot be reached"),
    ("Network is unreachable", "the network cannot be reached"),
    ("401 Unauthorized", "the server wants a user name and password (scheme://user:password@host/…)"),
    ("403 Forbidden", "the server forbids it (403)"),
    ("404 Not Found", "the server has no such stream (404)"),
    ("Stream ends prematurely", "the server broke off the transfer or cannot be read from the middle"),
    ("No space left on device", "the disk is full"),
    ("Decoder not found", "this ffmpeg has no decoder for its codec"),
    ("Unknown encoder", "this ffmpeg lacks the encoder"),
    ("Invalid data found", "it is damaged or no video that ffmpeg knows"),
    ("Input/output error", "reading or writing it failed halfway"),
    ("Picture size", "its pictures are too large (67 megapixels at most)"),
    ("End of file", "it ends before its first picture"),
];

/// What ffmpeg writes when it cannot listen where it was told to.
const ADDRESS: &[(&str, &str)] = &[
    ("Address already in use", "another program listens there already"),
    (
        "Cannot assign requested address",
        "this machine has no such address (0.0.0.0 stands for all that it has)",
    ),
    ("Failed to resolve hostname", "the name of the server is unknown"),
    ("Name or service not known", "the name of the server is unknown"),
    ("Protocol not found", "this ffmpeg does not know the protocol"),
    ("Option not found", "this ffmpeg does not know how to listen there"),
];

/// What ffmpeg writes when the disk takes no more.
const DISK: &[(&str, &str)] = &[
    ("No space left on device", "the disk is full"),
    ("Disk quota exceeded", "the user's share of the disk is used up"),
    ("File too large", "the file system holds no file that large"),
    ("Read-only file system", "the disk may not be written"),
    ("Input/output error", "the disk failed"),
    ("Stale file handle", "the network drive is gone"),
    ("No such device", "the disk is gone"),
    ("Permission denied", "permission to write is denied"),
];

/// Pieces of words that complaints have and mere information has not.
const COMPLAINTS: &[&str] = &["rror", "ailed", "nvalid", "nable", "annot", "ould not", "refused", "denied"];

impl Tail {
    /// A tail from which `scrubber` takes what is secret before it is kept.
    pub(super) fn without(scrubber: Scrubber) -> Self {
        Self { scrubber, ..Self::default() }
    }

    pub(super) fn push(&mut self, line: &str) {
        let line = self.scrubber.scrub(line);
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.bytes > BYTES_KEPT && self.lines.len() > 1 {
            self.bytes -= self.lines.pop_front().map_or(0, |line| line.len());
        }
    }

    /// Whether any kept line contains `text`.
    pub(super) fn says(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.contains(text))
    }

    /// What is wrong with the address; none when it is not the cause.
    pub(super) fn address(&self) -> Option<&'static str> {
        ADDRESS.iter().find(|(text, _)| self.says(text)).map(|(_, meaning)| *meaning)
    }

    /// What the disk did; none when it is not the cause.
    pub(super) fn disk(&self) -> Option<&'static str> {
        DISK.iter().find(|(text, _)| self.says(text)).map(|(_, meaning)| *meaning)
    }

    /// One clause that says why the child gave up; `None` when it said nothing.
    pub(super) fn reason(&self) -> Option<String> {
        if let Some((_, meaning)) = MEANINGS.iter().find(|(text, _)| self.says(text)) {
            return Some((*meaning).to_owned());
        }
        let newest = || {
            self.lines
                .iter()
                .rev()
                .map(|line| without_context(line))
                .filter(|line| !line.is_empty() && *line != "Conversion failed!")
        };
        let line =
            newest().find(|line| COMPLAINTS.iter().any(|word| line.contains(word))).or(newest().next())?;
        Some(format!("ffmpeg says: {line}"))
    }
}

/// `line` without the `[component @ 0x55…]` that ffmpeg puts first.
fn without_context(line: &str) -> &str {
    let mut rest = line.trim();
    while let Some((_, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        rest = after.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_bounded_and_keeps_the_newest() {
        let mut tail = Tail::default();
        for n in 0..10_000 {
            tail.push(&format!("line {n}"));
        }
        assert!(tail.bytes <= BYTES_KEPT && tail.says("line 9999") && !tail.says("line 17\n"));
    }

    #[test]
    fn known_words_become_plain_ones() {
        let mut tail = Tail::default();
        tail.push("[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55c7924bb940] moov atom not found");
        tail.push("clip.mp4: Invalid data found when processing input");
        assert_eq!(tail.reason().as_deref(), Some("the file is truncated or no video (it has no index)"));
    }

    #[test]
    fn unknown_words_are_passed_on_without_addresses() {
        let mut tail = Tail::default();
        tail.push("[h264 @ 0x1] [swscaler @ 0x2] the moon is full");
        tail.push("");
        assert_eq!(tail.reason().as_deref(), Some("ffmpeg says: the moon is full"));
    }
}
