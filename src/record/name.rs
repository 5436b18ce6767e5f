//! Names of recordings, from a template.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::ffmpeg::{is_container, numbered};

/// What stands for something in a name.
const PARTS: [&str; 4] = ["date", "time", "look", "n"];
/// The name in a folder that was given instead of a file.
const IN_A_FOLDER: &str = "{date}-{look}-{n}.mp4";

/// A template of a path, looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(String);

/// `path` as a template that can be recorded into: a folder gets a name in it.
///
/// # Errors
/// One sentence, when the name says no container or holds an unknown part.
pub fn check_template(path: &Path) -> Result<PathBuf, String> {
    let text = path.to_str().ok_or_else(|| format!("{} is no readable name", path.display()))?;
    let is_folder = text.ends_with(['/', std::path::MAIN_SEPARATOR]) || path.is_dir();
    let path = if is_folder { path.join(IN_A_FOLDER) } else { path.to_owned() };
    for part in text.split('{').skip(1) {
        let name = part.split_once('}').map(|(name, _)| name);
        if !name.is_some_and(|name| PARTS.contains(&name)) {
            return Err(format!(
                "\"{text}\" is no name of a recording: {{date}}, {{time}}, {{look}} and {{n}} may stand in it, for example shows/{IN_A_FOLDER}"
            ));
        }
    }
    if !is_container(&path) {
        return Err(format!("{} cannot be recorded into: name it .mp4, .mov or .mkv", path.display()));
    }
    Ok(path)
}

impl Template {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_string_lossy().into_owned())
    }

    /// The first name from the `n`th on of which `is_free` says that nobody has it, and the number after it. A
    /// template without `{n}` gets `-2`, `-3`, … before the extension.
    pub(super) fn next(
        &self,
        look: &str,
        now: SystemTime,
        n: u64,
        is_free: impl Fn(&Path) -> bool,
    ) -> (PathBuf, u64) {
        let mut n = n.max(1);
        loop {
            let path = self.expand(look, now, n);
            n += 1;
            if is_free(&path) {
                return (path, n);
            }
        }
    }

    fn expand(&self, look: &str, now: SystemTime, n: u64) -> PathBuf {
        let clock = humantime::format_rfc3339_seconds(now).to_string();
        let (date, time) = clock.trim_end_matches('Z').split_once('T').unwrap_or((&clock, ""));
        let name = self
            .0
            .replace("{date}", date)
            .replace("{time}", &time.replace(':', "-"))
            .replace("{look}", &plain(look))
            .replace("{n}", &format!("{n:03}"));
        if self.0.contains("{n}") { name.into() } else { numbered(Path::new(&name), n) }
    }
}

/// `look` as a part of a file name on every system.
fn plain(look: &str) -> String {
    let safe = |letter: char| if letter.is_alphanumeric() || "-_".contains(letter) { letter } else { '-' };
    let name: String = look.trim().chars().map(safe).take(64).collect();
    if name.is_empty() { "look".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_when_what_and_which() {
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        let name = |template: &str, n| {
            Template::new(Path::new(template)).next("Old/master", now, n, |_| true).0.display().to_string()
        };
        assert_eq!(name("a/{date}-{look}-{n}.mp4", 1), "a/2001-09-09-Old-master-001.mp4");
        assert_eq!(name("{time}.mkv", 1), "01-46-40.mkv");
        assert_eq!([name("a.mp4", 1), name("a.mp4", 2)], ["a.mp4", "a-2.mp4"]);
    }

    #[test]
    fn a_name_that_is_taken_is_passed_over() {
        let taken = ["a-001.mp4", "a-002.mp4"].map(PathBuf::from);
        let free = |path: &Path| !taken.contains(&path.to_owned());
        let (path, next) = Template::new(Path::new("a-{n}.mp4")).next("", SystemTime::UNIX_EPOCH, 1, free);
        assert_eq!((path, next), ("a-003.mp4".into(), 4));
    }

    #[test]
    fn a_template_that_is_wrong_says_what_may_stand_in_it() {
        let error = |path: &str| check_template(Path::new(path)).unwrap_err();
        assert!(error("{day}.mp4").contains("{date}"));
        assert!(error("{date.mp4").contains("{date}"));
        assert!(error("a.avi").contains(".mp4"));
        assert_eq!(check_template(Path::new("shows/")), Ok(Path::new("shows").join(IN_A_FOLDER)));
    }
}
