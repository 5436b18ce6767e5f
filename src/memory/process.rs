//! What the process itself holds, as the system tells it.

use std::fs;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Asks the system about this process; its answers are kept so that asking allocates nothing new.
pub(super) struct ProcessProbe {
    system: System,
    pid: Option<Pid>,
}

/// Handles that a process may leak. `None` where the system does not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Handles {
    /// Open files, pipes and sockets.
    pub files: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
}

impl ProcessProbe {
    pub(super) fn new() -> Self {
        Self { system: System::new(), pid: sysinfo::get_current_pid().ok() }
    }

    /// Resident bytes of the process: [`resident_bytes`], else what the system tells at some cost.
    pub(super) fn rss(&mut self) -> Option<u64> {
        if let Some(bytes) = resident_bytes() {
            return Some(bytes);
        }
        let pid = self.pid?;
        let kind = ProcessRefreshKind::nothing().with_memory();
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, kind);
        Some(self.system.process(pid)?.memory())
    }

    /// Bytes that the machine has, and those that are free or can be freed.
    pub(super) fn machine(&mut self) -> Option<(u64, u64)> {
        self.system.refresh_memory();
        let (total, available) = (self.system.total_memory(), self.system.available_memory());
        (total > 0).then_some((total, available))
    }
}

/// Resident bytes, each page that others map too counted by its share. Linux only. The kernel walks all
/// pages for it: about 5 ms, so not to be asked often.
pub fn proportional_bytes() -> Option<u64> {
    field_bytes(&fs::read_to_string("/proc/self/smaps_rollup").ok()?, "Pss:")
}

/// Bytes of resident memory of the process; `None` where the system does not tell them cheaply. Takes
/// about two microseconds and allocates nothing.
#[cfg(target_os = "linux")]
pub fn resident_bytes() -> Option<u64> {
    use std::os::unix::fs::FileExt;
    use std::sync::OnceLock;

    static OPEN: OnceLock<Option<(fs::File, u64)>> = OnceLock::new();
    let pages = |file: &fs::File| {
        let mut text = [0; 128];
        let read = file.read_at(&mut text, 0).ok()?;
        let text = std::str::from_utf8(&text[..read]).ok()?;
        text.split_ascii_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let open = OPEN.get_or_init(|| {
        let file = fs::File::open("/proc/self/statm").ok()?;
        let page = page_bytes(pages(&file)?)?;
        Some((file, page))
    });
    let (file, page) = open.as_ref()?;
    pages(file).map(|pages| pages * page)
}

/// Bytes of a page, given how many are resident: what `VmRSS` says, divided, to the next power of two.
#[cfg(target_os = "linux")]
fn page_bytes(resident: u64) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let page = field_bytes(&status, "VmRSS:")? / resident.max(1);
    [4096, 16384, 65536].into_iter().min_by_key(|known: &u64| known.abs_diff(page))
}

/// Bytes of resident memory of the process; `None` where the system does not tell them cheaply.
#[cfg(not(target_os = "linux"))]
pub fn resident_bytes() -> Option<u64> {
    None
}

/// Most bytes of resident memory that the process ever had; `None` where the system does not tell.
pub fn peak_resident_bytes() -> Option<u64> {
    field_bytes(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// Open files and threads of this process.
pub fn handles() -> Handles {
    // The folder itself is open while it is read.
    let files = fs::read_dir("/proc/self/fd").ok().map(|files| (files.count() as u64).saturating_sub(1));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let threads = field(&status, "Threads:").and_then(|count| count.parse().ok());
    Handles { files, threads }
}

/// The first word after `name` in a text of lines `name value …`.
pub(super) fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()
}

/// As [`field`], of a value in KiB.
fn field_bytes(text: &str, name: &str) -> Option<u64> {
    field(text, name)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_understood() {
        let rollup =
            "55-7f ---p 0 00:00 0   [rollup]\nRss:                1772 kB\nPss:   210 kB\nPss_Anon: 1 kB\n";
        assert_eq!(field_bytes(rollup, "Pss:"), Some(210 * 1024));
        assert_eq!(field_bytes(rollup, "Swap:"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_is_open_counts() {
        let before = handles();
        let file = tempfile::tempfile().expect("a file");
        let held: Vec<_> = (0..50).filter_map(|_| file.try_clone().ok()).collect();
        let with = handles();
        assert!(with.files >= before.files.map(|files| files + 40), "{before:?} {with:?}");
        assert!(with.threads >= Some(1));
        drop(held);
    }

    #[test]
    fn what_is_touched_is_resident() {
        let mut probe = ProcessProbe::new();
        let before = probe.rss().expect("the system tells");
        let bytes = std::hint::black_box(vec![1_u8; 256 << 20]);
        let with = probe.rss().expect("the system tells");
        assert!(with > before + (200 << 20), "{before} {with}");
        drop(bytes);
    }
}
