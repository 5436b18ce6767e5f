//! What could not be reached lately, so that a start-up on a machine behind a wall does not knock
//! at the same doors every time.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::folders::write_atomically;

/// How long a failure is remembered.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// Keys (host, address or wheel) that failed, with the time and the reason.
#[derive(Debug)]
pub(super) struct Failures {
    path: PathBuf,
    entries: BTreeMap<String, (u64, String)>,
    /// Failures of this very process count even when those on disk are to be ignored.
    own: BTreeMap<String, String>,
}

impl Failures {
    /// Reads the file in `cache`; one that cannot be read is an empty one.
    pub(super) fn load(cache: &Path) -> Self {
        let path = cache.join("failures.json");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let mut entries: BTreeMap<String, (u64, String)> = serde_json::from_str(&text).unwrap_or_default();
        let oldest = now().saturating_sub(REMEMBERED.as_secs());
        entries.retain(|_, (time, _)| *time > oldest);
        Self { path, entries, own: BTreeMap::new() }
    }

    /// Why `key` need not be tried; `force` asks about this process only.
    pub(super) fn reason(&self, key: &str, force: bool) -> Option<String> {
        if let Some(reason) = self.own.get(key) {
            return Some(reason.clone());
        }
        let (time, reason) = self.entries.get(key).filter(|_| !force)?;
        let minutes = now().saturating_sub(*time) / 60;
        let ago = if minutes < 60 { format!("{minutes} min") } else { format!("{} h", minutes / 60) };
        Some(format!("{reason}, tried {ago} ago"))
    }

    /// Remembers that `key` failed.
    pub(super) fn remember(&mut self, key: &str, reason: &str) {
        self.own.insert(key.to_owned(), reason.to_owned());
        self.entries.insert(key.to_owned(), (now(), reason.to_owned()));
        self.save();
    }

    /// Forgets `key`, which works.
    pub(super) fn forget(&mut self, key: &str) {
        if self.entries.remove(key).is_some() {
            self.save();
        }
    }

    /// The memory only saves time: a disk that refuses it is logged, nothing more.
    fn save(&self) {
        let saved = serde_json::to_vec_pretty(&self.entries)
            .map_err(Into::into)
            .and_then(|text| write_atomically(&self.path, 0o644, |file| file.write_all(&text)));
        if let Err(error) = saved {
            tracing::warn!("cannot write {}: {error}", self.path.display());
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_remembered_for_a_day_and_forcing_looks_past_it() {
        let cache = tempfile::tempdir().unwrap();
        let mut first = Failures::load(cache.path());
        assert_eq!(first.reason("host.example", false), None);
        first.remember("host.example", "no route");
        assert!(first.reason("host.example", true).is_some(), "the same process gives up");

        let mut next = Failures::load(cache.path());
        assert!(next.reason("host.example", false).unwrap().contains("no route"));
        assert_eq!(next.reason("host.example", true), None, "pull tries again");

        next.entries.get_mut("host.example").unwrap().0 -= REMEMBERED.as_secs() + 1;
        next.save();
        assert_eq!(Failures::load(cache.path()).reason("host.example", false), None);
    }

    #[test]
    fn a_damaged_memory_is_an_empty_one() {
        let cache = tempfile::tempdir().unwrap();
        std::fs::write(cache.path().join("failures.json"), "{\"a\": [17").unwrap();
        assert_eq!(Failures::load(cache.path()).reason("a", false), None);
    }
}
