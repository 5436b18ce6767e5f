//! How the GNU C library is told to hold memory: in variables that it reads before the program could tell it anything.

use std::env;
use std::ffi::OsString;
use std::process::Command;

/// Names and values; none where there is another C library.
///
/// It gives each new thread a heap of its own, up to eight per core, and what is freed there stays there: threads that
/// come and go left about 24 MB for each switched source. With two, what is held went up and down by 4 to 13 MB, as new
/// threads took turns with them. One heap costs no time that could be measured (what lasts is allocated once), and
/// blocks of 1 MiB or more are given back to the system at once (docs/soak.md).
pub const HEAP_VARIABLES: &[(&str, &str)] = if cfg!(all(target_os = "linux", target_env = "gnu")) {
    &[("MALLOC_ARENA_MAX", "1"), ("MALLOC_MMAP_THRESHOLD_", "1048576"), ("MALLOC_TRIM_THRESHOLD_", "1048576")]
} else {
    &[]
};

/// Keeps [`HEAP_VARIABLES`] from another program: one that allocates every picture anew, as ffmpeg does, would ask the
/// system for each (a fifth of its time at 720p). What somebody else set differently goes to it as it is.
pub fn keep_heaps_from(command: &mut Command) {
    keep_from(command, |name| env::var_os(name));
}

fn keep_from(command: &mut Command, set: impl Fn(&str) -> Option<OsString>) {
    for (name, value) in HEAP_VARIABLES {
        if set(name).is_some_and(|set| set == *value) {
            command.env_remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_is_kept_from_others() {
        let kept = |set: fn(&str) -> Option<OsString>| {
            let mut command = Command::new("ffmpeg");
            keep_from(&mut command, set);
            assert!(command.get_envs().all(|(_, value)| value.is_none()));
            command.get_envs().count()
        };
        let ours = |name: &str| HEAP_VARIABLES.iter().find(|ours| ours.0 == name).map(|ours| ours.1.into());
        assert_eq!(kept(ours), HEAP_VARIABLES.len());
        assert_eq!(kept(|_| Some("2".into())), 0);
        assert_eq!(kept(|_| None), 0);
    }
}
