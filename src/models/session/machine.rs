//! How much memory the machine has.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_is_less_than_what_there_is() {
        let (total, available) = (total_bytes().expect("known"), available_bytes().expect("known"));
        assert!(available <= total && total > 64 << 20, "{available} of {total}");
    }
}
