//! How much memory the machine has, and how much the process holds.

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use crate::memory::Container;

/// Bytes of memory that the process may use at most: the machine's, or what its control group allows.
pub(super) fn total_bytes() -> Option<u64> {
    let total = Some(memory().total_memory()).filter(|total| *total > 0);
    total.into_iter().chain(Container::find().map(|container| container.limit)).min()
}

/// Bytes that are free, counting what the system would free at once.
pub(super) fn available_bytes() -> Option<u64> {
    let left = Container::find().map(|container| container.limit.saturating_sub(container.used));
    let available = Some(memory().available_memory()).filter(|available| *available > 0);
    available.into_iter().chain(left).min()
}

fn memory() -> System {
    System::new_with_specifics(RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram()))
}

/// Bytes of resident memory of the process; `None` where the system does not tell them cheaply. Takes
/// about two microseconds and allocates nothing.
#[cfg(target_os = "linux")]
pub(super) fn resident_bytes() -> Option<u64> {
    use std::fs::File;
    use std::os::unix::fs::FileExt;
    use std::sync::OnceLock;

    static OPEN: OnceLock<Option<(File, u64)>> = OnceLock::new();
    let pages = |file: &File| {
        let mut text = [0; 128];
        let read = file.read_at(&mut text, 0).ok()?;
        let text = std::str::from_utf8(&text[..read]).ok()?;
        text.split_ascii_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let open = OPEN.get_or_init(|| {
        let file = File::open("/proc/self/statm").ok()?;
        let page = page_bytes(pages(&file)?)?;
        Some((file, page))
    });
    let (file, page) = open.as_ref()?;
    pages(file).map(|pages| pages * page)
}

/// Bytes of a page, given how many are resident: what `VmRSS` says, divided, to the next power of two.
#[cfg(target_os = "linux")]
fn page_bytes(resident: u64) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    let page = kib * 1024 / resident.max(1);
    [4096, 16384, 65536].into_iter().min_by_key(|known: &u64| known.abs_diff(page))
}

/// Bytes of resident memory of the process; `None` where the system does not tell them cheaply.
#[cfg(not(target_os = "linux"))]
pub(super) fn resident_bytes() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_is_less_than_what_there_is() {
        let (total, available) = (total_bytes().expect("known"), available_bytes().expect("known"));
        assert!(available <= total && total > 64 << 20, "{available} of {total}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_is_used_is_seen() {
        let before = resident_bytes().expect("known");
        let used = vec![1_u8; 64 << 20];
        let after = resident_bytes().expect("known");
        assert!(after >= before + (48 << 20), "{before} to {after} with {} more", used.len());
    }
}
