//! Addresses of network streams. What is secret in one is shown to nobody.

use std::fmt;
use std::str::FromStr;

use super::scrub::Scrubber;

/// Shown in the place of a secret.
pub(super) const HIDDEN: &str = "…";
/// A value of a query that is shorter than this is no key: `?channel=1`.
const SHORTEST_KEY: usize = 6;

/// How a stream comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Rtsp { udp: bool },
    Http { listens: bool },
    Rtmp { listens: bool },
    Srt { listens: bool },
    Tcp { listens: bool },
    Udp,
    Rtp,
}

/// What may be typed before `://`, how it comes, and what ffmpeg calls it.
const SCHEMES: &[(&str, Way, &str)] = &[
    ("rtsp", Way::Rtsp { udp: false }, "rtsp"),
    ("rtsps", Way::Rtsp { udp: false }, "rtsps"),
    ("rtsp-udp", Way::Rtsp { udp: true }, "rtsp"),
    ("http", Way::Http { listens: false }, "http"),
    ("https", Way::Http { listens: false }, "https"),
    ("http-listen", Way::Http { listens: true }, "http"),
    ("rtmp", Way::Rtmp { listens: false }, "rtmp"),
    ("rtmps", Way::Rtmp { listens: false }, "rtmps"),
    ("rtmp-listen", Way::Rtmp { listens: true }, "rtmp"),
    ("srt", Way::Srt { listens: false }, "srt"),
    ("srt-listen", Way::Srt { listens: true }, "srt"),
    ("tcp", Way::Tcp { listens: false }, "tcp"),
    ("tcp-listen", Way::Tcp { listens: true }, "tcp"),
    ("udp", Way::Udp, "udp"),
    ("rtp", Way::Rtp, "rtp"),
];

/// The address of a stream: `rtsp://`, `rtsp-udp://` (RTSP whose pictures come by UDP), `http(s)://`, `rtmp(s)://`,
/// `srt://`, `tcp://`, `udp://`, `rtp://`; and, to be sent to, `rtmp-listen://`, `http-listen://`, `srt-listen://`,
/// `tcp-listen://`.
///
/// Its text is shown without user name, password, query and stream key, whether by [`Display`](fmt::Display) or
/// [`Debug`]: it goes to logs, the panel and the stats file.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NetworkAddress(String);

/// Why a text is no address of a stream. It does not repeat the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing here reads such addresses.
    #[error("addresses that start with {0}:// are not understood")]
    Scheme(String),
    /// There is no host in it.
    #[error("the address names no host; type for example {0}://host:554/path")]
    NoHost(String),
    /// A character that no address has.
    #[error("the address has a blank or a control character in it; write it as %20, or take it out")]
    Blank,
}

impl NetworkAddress {
    /// Whether addresses may start with `scheme`.
    pub fn knows(scheme: &str) -> bool {
        SCHEMES.iter().any(|(known, ..)| known.eq_ignore_ascii_case(scheme))
    }

    /// Whether it waits to be sent pictures, instead of asking for them.
    pub fn listens(&self) -> bool {
        match self.way() {
            Way::Http { listens } | Way::Rtmp { listens } | Way::Srt { listens } | Way::Tcp { listens } => {
                listens
            }
            Way::Udp | Way::Rtp => true,
            Way::Rtsp { .. } => false,
        }
    }

    /// Whether a web server is asked.
    pub(super) fn is_web(&self) -> bool {
        self.way() == Way::Http { listens: false }
    }

    pub(super) fn way(&self) -> Way {
        self.entry().1
    }

    /// As ffmpeg is told it, secrets included.
    pub(super) fn url(&self) -> String {
        format!("{}://{}", self.entry().2, self.rest())
    }

    /// Whether anything in it is hidden when it is shown.
    pub(super) fn has_secrets(&self) -> bool {
        self.to_string().contains(HIDDEN)
    }

    /// Host and port of the server that may be asked whether it answers; none where nobody is asked by TCP, or where a server of
    /// bare TCP may have been made for one connection.
    pub fn server(&self) -> Option<(String, u16)> {
        let (_, way, scheme) = self.entry();
        if self.listens() || !matches!(way, Way::Rtsp { .. } | Way::Http { .. } | Way::Rtmp { .. }) {
            return None;
        }
        let place = self.rest().split(['/', '?', '#']).next()?;
        let place = place.rsplit('@').next()?;
        // `[::1]:554`
        let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        let usual = match *scheme {
            "rtsp" => 554,
            "rtsps" => 322,
            "http" => 80,
            "rtmp" => 1935,
            _ => 443,
        };
        Some((host.to_owned(), port.map_or(Some(usual), |port| port.parse().ok())?))
    }

    /// Whether its path ends with one of `endings`, upper and lower case alike.
    pub(super) fn path_ends_with(&self, endings: &[&str]) -> bool {
        let path = self.rest().split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        endings.iter().any(|ending| path.ends_with(ending))
    }

    /// Takes what is secret in this address out of any text.
    pub(super) fn scrubber(&self) -> Scrubber {
        let rest = self.rest();
        let (place, query) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
        let mut secrets: Vec<&str> = if self.has_secrets() { vec![self.0.as_str()] } else { Vec::new() };
        if let Some((user, _)) = place.rsplit_once('@') {
            secrets.push(user);
            secrets.extend(user.split_once(':').map(|(_, password)| password));
        } else if query.contains('@') {
            secrets.extend(rest.rsplit_once('@').map(|(user, _)| user));
            secrets.extend(rest.rsplit_once('@').and_then(|(user, _)| Some(user.split_once(':')?.1)));
        }
        secrets.extend(query.get(1..));
        let values = query.split(['?', '&', '#']).filter_map(|pair| Some(pair.split_once('=')?.1));
        secrets.extend(values.filter(|value| value.len() >= SHORTEST_KEY));
        let path = place.rsplit('@').next().unwrap_or_default().split('/').skip(1);
        secrets.extend(path.filter(|segment| is_secret(segment)));
        secrets.extend(self.stream_key());
        Scrubber::new(secrets)
    }

    /// What permits to publish under an RTMP address.
    fn stream_key(&self) -> Option<&str> {
        let path = self.rest().split(['?', '#']).next()?.rsplit('@').next()?;
        let is_key = matches!(self.way(), Way::Rtmp { .. }) && path.matches('/').count() >= 2;
        is_key.then(|| path.rsplit('/').next()).flatten().filter(|key| !key.is_empty())
    }

    fn entry(&self) -> &'static (&'static str, Way, &'static str) {
        let scheme = self.0.split("://").next().unwrap_or_default();
        // Only addresses that were understood are made.
        SCHEMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(scheme)).unwrap_or(&SCHEMES[0])
    }

    fn rest(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, rest)| rest)
    }
}

impl FromStr for NetworkAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // With one slash it is a slip of the finger, and what follows may hold a password.
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        let rest = rest.strip_prefix("//").unwrap_or_default();
        if !Self::knows(scheme) {
            return Err(AddressError::Scheme(scheme.to_owned()));
        }
        if rest.trim_start_matches('/').is_empty() || rest.starts_with('/') {
            return Err(AddressError::NoHost(scheme.to_owned()));
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(AddressError::Blank);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for NetworkAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = without_secrets(&self.0);
        match self.stream_key().and_then(|key| shown.rsplit_once(key)) {
            Some((before, after)) => write!(f, "{before}{HIDDEN}{after}"),
            None => f.write_str(&shown),
        }
    }
}

impl fmt::Debug for NetworkAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NetworkAddress({self})")
    }
}

/// `url` without user name, password, query, fragment, and parts of the path that look like `password=…`. What is no
/// proper address, because its password has a slash or a question mark in it, loses more than it needs to.
pub(super) fn without_secrets(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (place, query) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    let authority = place.split('/').next().unwrap_or_default();
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    if query.contains('@') && !place.contains('@') && !port.chars().all(|c| c.is_ascii_digit()) {
        return format!("{scheme}://{HIDDEN}");
    }
    let (user, place) = match place.rsplit_once('@') {
        // `udp://@239.0.0.1:1234` names nobody.
        Some(("", place)) => ("@", place),
        Some((_, place)) => ("…@", place),
        None => ("", place),
    };
    let path: Vec<&str> = place.split('/').map(|part| if is_secret(part) { HIDDEN } else { part }).collect();
    let query = query.chars().next().map_or_else(String::new, |first| format!("{first}{HIDDEN}"));
    format!("{scheme}://{user}{}{query}", path.join("/"))
}

/// Some cameras want `user=admin&password=…` as a part of the path.
fn is_secret(part: &str) -> bool {
    part.contains('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<NetworkAddress>().expect(text).to_string()
    }

    #[test]
    fn secrets_are_not_shown() {
        for (typed, seen) in [
            ("rtsp://admin:p@ss@10.0.0.5:554/cam?token=abc", "rtsp://…@10.0.0.5:554/cam?…"),
            ("rtsp://10.0.0.5:554/cam", "rtsp://10.0.0.5:554/cam"),
            ("rtsp://10.0.0.5/user=admin&password=hunter2/ch1", "rtsp://10.0.0.5/…/ch1"),
            // Wrongly written, and still not shown.
            ("rtsp://admin:pa/ss@host/x", "rtsp://…@host/x"),
            ("rtsp://admin:pa?ss@host/x", "rtsp://…"),
            ("http://host/x?mail=a@b", "http://host/x?…"),
            ("rtmp://host/live/key-1234", "rtmp://host/live/…"),
            ("rtmp-listen://0.0.0.0:1935/live/live", "rtmp-listen://0.0.0.0:1935/live/…"),
            ("srt://host:9000?passphrase=correcthorse", "srt://host:9000?…"),
            ("udp://@239.0.0.1:1234", "udp://@239.0.0.1:1234"),
        ] {
            let address: NetworkAddress = typed.parse().expect(typed);
            assert_eq!(address.to_string(), seen);
            assert_eq!(format!("{address:?}"), format!("NetworkAddress({seen})"));
        }
    }

    #[test]
    fn ffmpeg_is_told_all_of_it() {
        let url = |text: &str| text.parse::<NetworkAddress>().expect(text).url();
        assert_eq!(url("rtsp-udp://u:p@host/x?y=1"), "rtsp://u:p@host/x?y=1");
        assert_eq!(url("RTMP-listen://0.0.0.0/live/x"), "rtmp://0.0.0.0/live/x");
    }

    #[test]
    fn the_server_is_known_where_it_is_asked_by_tcp() {
        let server = |text: &str| text.parse::<NetworkAddress>().expect(text).server();
        assert_eq!(server("rtsp://u:p@cam.local/x?y=1"), Some(("cam.local".to_owned(), 554)));
        assert_eq!(server("rtsp-udp://cam:8554/x"), Some(("cam".to_owned(), 8554)));
        assert_eq!(server("https://[::1]:8443/x"), Some(("::1".to_owned(), 8443)));
        assert_eq!(server("rtmp-listen://0.0.0.0:1935/x"), None);
        assert_eq!(server("srt://h:1"), None);
        assert_eq!(server("http://h:port"), None);
    }

    #[test]
    fn mistakes_do_not_repeat_a_password() {
        for text in ["rtsp://", "rtsp:///admin:secret@host", "gopher://u:secret@x", "rtsp://u:secret word@x"]
        {
            let error = text.parse::<NetworkAddress>().expect_err(text).to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        assert_eq!(shown("http://h"), "http://h");
    }
}
