//! How much memory a network will take, before it is loaded.

use std::path::Path;

/// Times that the weights are in memory while a network is loaded: as read, in the graph, packed for the kernels.
const WEIGHTS: u64 = 3;
/// What a session takes however small its network is: the graph, threads, and the arena, whose size follows from
/// pictures in between that the file does not tell of.
const BASE: u64 = 12 << 20;

/// Bytes that the network in an ONNX file of `file_bytes` will hold, about: 12 MiB and three times the file.
///
/// Measured growth of resident memory by loading and running once, against this estimate, is in
/// docs/notes.md. What a network was measured to hold replaces the estimate from then on.
pub fn estimated_bytes(file_bytes: u64) -> u64 {
    BASE + file_bytes.saturating_mul(WEIGHTS)
}

/// Bytes of a file; 0 when there is none, which loading it will tell.
pub(super) fn file_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Bytes that a network holds: what resident memory grew by while it was loaded and run once, within what is
/// plausible, because other threads allocate and free meanwhile; the estimate where growth is not known.
pub(super) fn held_bytes(file_bytes: u64, grown: Option<i64>) -> u64 {
    let estimate = estimated_bytes(file_bytes);
    grown.map_or(estimate, |grown| (grown.max(0) as u64).clamp(file_bytes.max(1 << 20), 4 * estimate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_counts_within_what_is_plausible() {
        let file = 10 << 20;
        assert_eq!(held_bytes(file, None), 42 << 20);
        assert_eq!(held_bytes(file, Some(31 << 20)), 31 << 20);
        assert_eq!(held_bytes(file, Some(-5)), file, "others freed meanwhile: at least its weights");
        assert_eq!(held_bytes(file, Some(1 << 40)), 4 * (42 << 20), "others allocated meanwhile");
    }
}
