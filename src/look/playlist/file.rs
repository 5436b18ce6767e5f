//! Playlists as TOML. An entry that cannot be read is left out and told; a file that cannot be read is none.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::PlaylistEntry;
use crate::look::file::{place, read_text};
use crate::look::{Easing, FadeDefaults, LONGEST_FADE, LookError};

/// Most entries, so that memory is bounded.
const MOST_ENTRIES: usize = 1000;
/// Shortest and longest time that a look stays, in seconds.
const HOLD: std::ops::RangeInclusive<f64> = 0.1..=604_800.0;
/// How long a look stays where nothing is said, in seconds.
const DEFAULT_HOLD: f64 = 30.0;

/// What a playlist's file says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct List {
    pub(super) path: PathBuf,
    pub(super) entries: Vec<PlaylistEntry>,
    pub(super) order: Order,
    pub(super) repeat: bool,
    /// Of the shuffled order; none is another one each time.
    pub(super) seed: Option<u64>,
    /// Entries that were left out, and why, a line each.
    pub(super) skipped: Vec<String>,
}

impl List {
    /// Nothing yet: what the file says comes later.
    pub(super) fn empty(path: PathBuf) -> Self {
        let (entries, skipped) = Default::default();
        Self { path, entries, order: Order::default(), repeat: true, seed: None, skipped }
    }
}

/// In which order entries are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    #[default]
    AsWritten,
    Shuffle,
}

/// Why a file is no playlist.
#[derive(Debug, thiserror::Error)]
pub enum PlaylistError {
    /// The file cannot be read.
    #[error("cannot read the playlist {path}: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The file is not a playlist.
    #[error("the playlist {path} is not valid at line {line}, column {column}: {message}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// Nothing can be played.
    #[error(
        "the playlist {path} has no entry that can be played; write [[entries]] with look = \"NAME\"{why}"
    )]
    Empty {
        /// The file.
        path: PathBuf,
        /// What is wrong with those that are there.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Head {
    order: Order,
    #[serde(rename = "loop")]
    repeat: bool,
    seed: Option<u64>,
    hold: Option<Spanned<f64>>,
    fade: Option<Spanned<f64>>,
    easing: Easing,
}

impl Default for Head {
    fn default() -> Self {
        let (order, easing) = Default::default();
        Self { order, repeat: true, seed: None, hold: None, fade: None, easing }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    look: String,
    hold: Option<Spanned<f64>>,
    fade: Option<Spanned<f64>>,
    easing: Option<Easing>,
}

/// What is wrong, and at which byte.
struct Wrong {
    at: usize,
    message: String,
}

impl From<toml::de::Error> for Wrong {
    fn from(error: toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        Self { at, message: error.message().lines().collect::<Vec<_>>().join(" ") }
    }
}

/// Reads the file.
pub(super) fn read_list(path: &Path) -> Result<List, PlaylistError> {
    let text = read_text(path).map_err(|error| {
        let reason = match error {
            LookError::Read { source, .. } => source.to_string(),
            other => other.in_one_line(),
        };
        PlaylistError::Read { path: path.to_owned(), reason }
    })?;
    parse_list(path, &text)
}

/// The playlist that `text` describes.
pub(super) fn parse_list(path: &Path, text: &str) -> Result<List, PlaylistError> {
    let wrong = |wrong: Wrong| {
        let (line, column) = place(text, wrong.at);
        PlaylistError::Parse { path: path.to_owned(), line, column, message: wrong.message }
    };
    let document = DeTable::parse(text).map_err(|error| wrong(error.into()))?;
    let span = document.span();
    let mut table = document.into_inner();
    let entries = table.remove("entries");
    let head = ValueDeserializer::from(Spanned::new(span, DeValue::Table(table)));
    let head = Head::deserialize(head).map_err(|error| wrong(error.into()))?;
    let hold = seconds("hold", head.hold.as_ref(), HOLD).map_err(wrong)?;
    let fade = seconds("fade", head.fade.as_ref(), FADE).map_err(wrong)?;
    let defaults = Defaults {
        hold: hold.unwrap_or(Duration::from_secs_f64(DEFAULT_HOLD)),
        fade: fade.unwrap_or(FadeDefaults::default().duration),
        easing: head.easing,
    };
    let mut list = List {
        path: path.to_owned(),
        entries: Vec::new(),
        order: head.order,
        repeat: head.repeat,
        seed: head.seed,
        skipped: Vec::new(),
    };
    let entries = match entries.map(|entries| (entries.span(), entries.into_inner())) {
        Some((_, DeValue::Array(entries))) => entries.into_iter().collect(),
        Some((span, _)) => {
            let message = "entries are written as [[entries]]".to_owned();
            return Err(wrong(Wrong { at: span.start, message }));
        }
        None => Vec::new(),
    };
    for entry in entries {
        let at = entry.span().start;
        let (line, column) = place(text, at);
        let read = if list.entries.len() < MOST_ENTRIES {
            read_entry(entry, path, line, &defaults)
        } else {
            Err(Wrong { at, message: format!("a playlist has at most {MOST_ENTRIES} entries") })
        };
        match read {
            Ok(entry) => list.entries.push(entry),
            Err(Wrong { at, message }) => {
                let (line, column) = if at > 0 { place(text, at) } else { (line, column) };
                list.skipped.push(format!("line {line}, column {column}: {message}"));
            }
        }
    }
    if list.entries.is_empty() {
        let why = list.skipped.first().map(|first| format!("; {first}")).unwrap_or_default();
        return Err(PlaylistError::Empty { path: path.to_owned(), why });
    }
    Ok(list)
}

/// Seconds of a fade.
const FADE: std::ops::RangeInclusive<f64> = 0.0..=LONGEST_FADE.as_secs() as f64;

struct Defaults {
    hold: Duration,
    fade: Duration,
    easing: Easing,
}

fn read_entry(
    entry: Spanned<DeValue<'_>>,
    path: &Path,
    line: usize,
    defaults: &Defaults,
) -> Result<PlaylistEntry, Wrong> {
    let entry = Entry::deserialize(ValueDeserializer::from(entry))?;
    Ok(PlaylistEntry {
        beside: path.parent().map(|folder| folder.join(&entry.look)).unwrap_or_default(),
        look: entry.look,
        hold: seconds("hold", entry.hold.as_ref(), HOLD)?.unwrap_or(defaults.hold),
        fade: seconds("fade", entry.fade.as_ref(), FADE)?.unwrap_or(defaults.fade),
        easing: entry.easing.unwrap_or(defaults.easing),
        line,
    })
}

fn seconds(
    key: &str,
    value: Option<&Spanned<f64>>,
    range: std::ops::RangeInclusive<f64>,
) -> Result<Option<Duration>, Wrong> {
    let Some(value) = value else { return Ok(None) };
    let seconds = *value.get_ref();
    if !range.contains(&seconds) {
        let message = format!("{key} is {} to {} seconds, not {seconds}", range.start(), range.end());
        return Err(Wrong { at: value.span().start, message });
    }
    Ok(Some(Duration::from_secs_f64(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
order = \"shuffle\"
loop = false
hold = 20

[[entries]]
look = \"cabaret\"

[[entries]]
look = \"winter\"
hold = 5.5
fade = 0
easing = \"ease_in\"
";

    fn parse(text: &str) -> Result<List, PlaylistError> {
        parse_list(Path::new("shows/evening.toml"), text)
    }

    #[test]
    fn entries_say_what_they_want_and_the_head_what_the_others_have() {
        let list = parse(TEXT).expect("a playlist");
        assert_eq!((list.order, list.repeat, list.skipped.len()), (Order::Shuffle, false, 0));
        let [first, second] = &list.entries[..] else { panic!("{list:?}") };
        assert_eq!((first.look.as_str(), first.hold.as_secs(), first.fade.as_secs()), ("cabaret", 20, 1));
        assert_eq!((second.hold.as_millis(), second.fade.as_secs()), (5500, 0));
        assert_eq!((second.easing, second.line), (Easing::EaseIn, 8));
    }

    #[test]
    fn a_bad_entry_is_left_out_and_told_with_its_place() {
        let cases = [
            ("hold = \"long\"", "line 2, column 8", "long"),
            ("hold = 0", "line 2, column 8", "0.1 to 604800 seconds, not 0"),
            ("fade = -1", "line 2, column 8", "0 to 600 seconds"),
            ("easing = \"bouncy\"", "line 2, column 10", "ease_in_out"),
            ("lok = 1", "line 2, column 1", "lok"),
            ("# no look", "line 1, column 1", "look"),
        ];
        for (bad, at, word) in cases {
            let head = if bad.starts_with('#') { "" } else { "look = \"gallery\"\n" };
            let text = format!("[[entries]]\n{bad}\n{head}{TEXT}")
                .replace("order = \"shuffle\"\nloop = false\nhold = 20\n", "");
            let list = parse(&text).expect("the others are played");
            assert_eq!(list.entries.len(), 2, "{text}");
            let told = list.skipped.join("\n");
            assert!(told.contains(at) && told.contains(word), "\"{at}\", \"{word}\": {told}");
        }
    }

    #[test]
    fn what_is_no_playlist_says_where_it_is_wrong() {
        let cases: [(&str, &[&str]); 7] = [
            ("", &["[[entries]]"]),
            ("[[entries]]\nlok = 1\n", &["[[entries]]", "line 2, column 1"]),
            ("entries = 3\n", &["line 1, column 11"]),
            ("\nhold = = 3\n", &["line 2, column 8"]),
            ("lop = true\n", &["line 1, column 1", "lop"]),
            ("order = \"random\"\n", &["line 1, column 9", "shuffle"]),
            ("hold = 1e9\n", &["line 1, column 8", "seconds"]),
        ];
        for (text, words) in cases {
            let error = parse(text).expect_err(text).to_string();
            for word in words.iter().chain(&["evening.toml"]) {
                assert!(error.contains(word), "\"{word}\" is missing in: {error}");
            }
        }
    }
}
