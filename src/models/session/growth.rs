//! What memory a session's own runs took and did not give back.

use crate::memory::resident_bytes;

/// Runs before growth is counted: the arena and the allocator's pools fill in them.
const SETTLING: u64 = 200;

/// Sum of what resident memory grew by within a session's runs.
///
/// Other threads allocate meanwhile, too; what they give back is subtracted again, and what they keep is
/// counted in proportion to the time that the session runs. A threshold well above what they keep tells a
/// leak from that, and each recycling that did not help doubles it (see `shared.rs`).
#[derive(Debug, Default)]
pub(super) struct Growth {
    runs: u64,
    before: Option<u64>,
    sum: i64,
}

impl Growth {
    /// A run begins.
    pub fn begin(&mut self) {
        self.runs += 1;
        self.before = (self.runs > SETTLING).then(resident_bytes).flatten();
    }

    /// It has ended.
    pub fn end(&mut self) {
        if let (Some(before), Some(after)) = (self.before.take(), resident_bytes()) {
            self.note(before, after);
        }
    }

    fn note(&mut self, before: u64, after: u64) {
        self.sum += after as i64 - before as i64;
    }

    /// Bytes, 0 when it shrank.
    pub fn bytes(&self) -> u64 {
        self.sum.max(0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_and_goes_is_no_growth() {
        let mut growth = Growth::default();
        for _ in 0..100 {
            growth.note(1000, 5000);
            growth.note(5000, 1000);
        }
        assert_eq!(growth.bytes(), 0);
        growth.note(1000, 1300);
        assert_eq!(growth.bytes(), 300);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_leak_in_a_run_is_counted_once_the_session_has_settled() {
        let (mut growth, mut leak) = (Growth::default(), Vec::new());
        for run in 0..SETTLING + 10 {
            growth.begin();
            if run >= SETTLING {
                leak.push(vec![run as u8; 4 << 20]);
            }
            growth.end();
        }
        assert!(growth.bytes() >= 30 << 20, "{} of {} leaks", growth.bytes(), leak.len());
    }
}
