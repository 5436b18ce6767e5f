//! How many bytes the program may hold: what the user says, else a share of the container or the machine.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use bevy::prelude::Resource;

use super::bound::Size;
use super::process::field;

/// Share of the machine's memory that the program may hold when nothing else is said.
const SHARE_OF_MACHINE: f64 = 0.5;
/// Share of a container's limit: children (ffmpeg) need some of it, too.
const SHARE_OF_CONTAINER: f64 = 0.9;
/// Limits from here on mean that there is none (version 1 of the kernel's interface).
const NO_LIMIT: u64 = 1 << 60;

/// Bytes that the user allows the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryLimit(pub u64);

/// How many bytes the program may hold, and who says so.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryBudget {
    /// Bytes.
    pub bytes: u64,
    /// Who says so.
    pub origin: BudgetOrigin,
}

/// Who says how much the program may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetOrigin {
    /// `--memory-limit`.
    Limit,
    /// The limit of the container (a control group of Linux): nine tenths of it.
    Container,
    /// Half of the machine's memory.
    Machine,
}

impl fmt::Display for MemoryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.origin {
            BudgetOrigin::Limit => "as asked for",
            BudgetOrigin::Container => "nine tenths of the container's limit",
            BudgetOrigin::Machine => "half of the machine",
        };
        write!(f, "{} ({why})", Size(self.bytes))
    }
}

impl MemoryBudget {
    /// The budget: `limit` if there is one, else a share of what the container or `machine` (bytes) has.
    pub fn new(limit: Option<MemoryLimit>, container: Option<Container>, machine: Option<u64>) -> Self {
        let share = |bytes: u64, share: f64| (bytes as f64 * share) as u64;
        let whole = machine.unwrap_or(u64::MAX);
        match (limit, container) {
            (Some(limit), _) => Self { bytes: limit.0, origin: BudgetOrigin::Limit },
            (None, Some(container)) if container.limit < whole => {
                Self { bytes: share(container.limit, SHARE_OF_CONTAINER), origin: BudgetOrigin::Container }
            }
            _ => Self { bytes: share(whole, SHARE_OF_MACHINE), origin: BudgetOrigin::Machine },
        }
    }
}

/// The control group that the process is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Container {
    /// Bytes that all its processes may hold together.
    pub limit: u64,
    /// Bytes that they hold, without what the kernel gives back by itself.
    pub used: u64,
}

impl Container {
    /// Share that is held of what the program should leave it at: nine tenths of the limit, 0–1 and above.
    pub fn share(&self) -> f64 {
        self.used as f64 / (self.limit as f64 * SHARE_OF_CONTAINER).max(1.0)
    }

    /// The group with the lowest limit among those that the process is in; none where nothing limits it.
    pub fn find() -> Option<Self> {
        Self::find_in(Path::new("/sys/fs/cgroup"), &fs::read_to_string("/proc/self/cgroup").ok()?)
    }

    /// As [`Self::find`], below the folder `root`, for a process whose groups are `groups`.
    fn find_in(root: &Path, groups: &str) -> Option<Self> {
        let places = groups.lines().filter_map(|line| {
            let mut parts = line.splitn(3, ':');
            let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
            let path = path.trim_start_matches('/');
            if controllers.is_empty() {
                Some((root.to_owned(), path, VERSION_2))
            } else {
                let memory = controllers.split(',').any(|controller| controller == "memory");
                memory.then(|| (root.join("memory"), path, VERSION_1))
            }
        });
        let chain = places.flat_map(|(root, path, files)| {
            // A limit of any group above holds, too. Inside a container the path may not be visible.
            let group = root.join(path);
            let above: Vec<PathBuf> =
                group.ancestors().take_while(|at| at.starts_with(&root)).map(Path::to_owned).collect();
            above.into_iter().filter_map(move |at| Self::read(&at, files))
        });
        chain.min_by_key(|container| container.limit)
    }

    fn read(group: &Path, [limit, used, inactive, active]: [&str; 4]) -> Option<Self> {
        let number = |file: &str| fs::read_to_string(group.join(file)).ok()?.trim().parse::<u64>().ok();
        let limit = number(limit).filter(|limit| *limit < NO_LIMIT)?;
        let stat = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
        let given_back = |name| field(&stat, name).and_then(|bytes| bytes.parse::<u64>().ok()).unwrap_or(0);
        let cached = given_back(inactive) + given_back(active);
        Some(Self { limit, used: number(used).unwrap_or(0).saturating_sub(cached) })
    }
}

/// Files of limit and use, and the names of what the kernel gives back by itself: pages of files.
const VERSION_2: [&str; 4] = ["memory.max", "memory.current", "inactive_file ", "active_file "];
const VERSION_1: [&str; 4] =
    ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ", "total_active_file "];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_limit_above_the_process_counts() {
        let root = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        assert_eq!(Container::find_in(root.path(), "0::/app/unit\n"), None);
        write("app/unit/memory.max", "max\n");
        write("app/memory.max", "1000000\n");
        write("app/memory.current", "700000\n");
        write("app/memory.stat", "anon 400000\nfile 300000\ninactive_file 150000\nactive_file 50000\n");
        let found = Container::find_in(root.path(), "0::/app/unit\n");
        assert_eq!(found, Some(Container { limit: 1_000_000, used: 500_000 }));
        write("memory/box/memory.limit_in_bytes", "9223372036854771712\n");
        write("memory/memory.limit_in_bytes", "500000\n");
        let found = Container::find_in(root.path(), "4:memory:/box\n1:cpu:/\n");
        assert_eq!(found, Some(Container { limit: 500_000, used: 0 }));
    }

    #[test]
    fn what_the_user_says_comes_first() {
        let container = Some(Container { limit: 1000, used: 0 });
        let budget = |limit, container| MemoryBudget::new(limit, container, Some(4000)).bytes;
        assert_eq!(budget(Some(MemoryLimit(7)), container), 7);
        assert_eq!(budget(None, container), 900);
        assert_eq!(budget(None, Some(Container { limit: 9000, used: 0 })), 2000);
        assert_eq!(budget(None, None), 2000);
    }
}
