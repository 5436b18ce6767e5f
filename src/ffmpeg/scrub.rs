//! Secrets taken out of what ffmpeg says: it repeats the address that it was given, and those it is sent to.

use super::address::{HIDDEN, without_secrets};

/// Secrets shorter than this are hidden only where they stand alone: `a` is a password, and in every sentence.
const SHORT: usize = 4;
/// What ends an address within a sentence.
const ENDS: &[char] = &[' ', '\t', '\'', '"', '>', '<', ')', ']', ','];

/// Takes known secrets, and those of any address, out of lines.
#[derive(Clone, Default)]
pub(super) struct Scrubber(Vec<String>);

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scrubber({} secrets)", self.0.len())
    }
}

impl Scrubber {
    /// Knows `secrets` and what they are with their `%20` decoded.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all: Vec<String> = Vec::new();
        for secret in secrets {
            all.push(secret.to_owned());
            all.push(decoded(secret));
        }
        all.retain(|secret| !secret.is_empty());
        // A secret that is a part of another must not spoil it first.
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        all.dedup();
        Self(all)
    }

    /// `line` without secrets.
    pub(super) fn scrub(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for secret in &self.0 {
            if line.contains(secret.as_str()) {
                // The whole address is shown as it is shown everywhere.
                let stand_in =
                    if secret.contains("://") { without_secrets(secret) } else { HIDDEN.to_owned() };
                line = if secret.len() < SHORT {
                    hide_words(&line, secret)
                } else {
                    line.replace(secret.as_str(), &stand_in)
                };
            }
        }
        if line.contains("://") { hide_in_addresses(&line) } else { line }
    }
}

/// `line` with `word` hidden where no letter or digit stands beside it.
fn hide_words(line: &str, word: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let beside = before.chars().next_back().into_iter().chain(after.chars().next());
        let stands_alone = !beside.into_iter().any(char::is_alphanumeric);
        out.push_str(before);
        out.push_str(if stands_alone { HIDDEN } else { word });
        rest = after;
    }
    out + rest
}

fn hide_in_addresses(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let start = rest[..at]
            .rfind(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c))
            .map_or(0, |n| n + rest[n..].chars().next().map_or(1, char::len_utf8));
        let end = rest[at + 3..].find(ENDS).map_or(rest.len(), |length| at + 3 + length);
        // `rtsp://host/x: Connection refused`
        let end = start + rest[start..end].trim_end_matches(':').len();
        out.push_str(&rest[..start]);
        out.push_str(&without_secrets(&rest[start..end]));
        rest = &rest[end..];
    }
    out + rest
}

/// `text` with `%XX` as the characters that they stand for.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut n = 0;
    while n < bytes.len() {
        let hex = text.get(n + 1..n + 3).filter(|_| bytes[n] == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                n += 3;
            }
            None => {
                out.push(bytes[n]);
                n += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::ffmpeg::address::NetworkAddress;

    #[test]
    fn what_ffmpeg_says_is_told_without_secrets() {
        let address: NetworkAddress =
            "rtsp://admin:hun%21ter2@10.0.0.5/cam?key=abcdef".parse().expect("an address");
        let scrubber = address.scrubber();
        for line in [
            "rtsp://admin:hun%21ter2@10.0.0.5/cam?key=abcdef: Connection refused",
            "[hls @ 0x5] Opening 'http://other:pw9@cdn/seg1.ts?key=abcdef' for reading",
            "Server said: wrong password hun!ter2 (abcdef)",
            "Impossible to open 'rtsp://admin:hun!ter2@10.0.0.5/cam?key=abcdef'",
        ] {
            let told = scrubber.scrub(line);
            for secret in ["hun", "abcdef", "pw9"] {
                assert!(!told.contains(secret), "{told}");
            }
        }
        assert_eq!(
            scrubber.scrub("rtsp://admin:hun%21ter2@10.0.0.5/cam?key=abcdef: Connection refused"),
            "rtsp://…@10.0.0.5/cam?…: Connection refused"
        );
        assert_eq!(scrubber.scrub("plain words stay"), "plain words stay");
    }

    #[test]
    fn a_short_password_does_not_eat_sentences() {
        let address: NetworkAddress = "rtsp://u:a@host/x".parse().expect("an address");
        assert_eq!(
            address.scrubber().scrub("password a was refused as bad"),
            "password … was refused as bad"
        );
    }
}
