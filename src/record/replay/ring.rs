//! The last seconds, encoded, bounded in time and in bytes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::ffmpeg::{Fragment, Piece};
use crate::memory::{Bound, Each, bound};

/// Most bytes that are kept: 40 s of busy 1080p pictures, minutes of calm 720p ones.
const MOST_BYTES: usize = 128 << 20;

pub(in super::super) const KEPT: Bound = bound!(
    "record.replay",
    "the last seconds, encoded, where `--replay` keeps them",
    MOST_BYTES,
    Each::Bytes(1),
    "the oldest second goes, `replay_shortened`"
);

/// What an encoder gave, the oldest first.
#[derive(Debug)]
pub(super) struct Ring {
    keep: Duration,
    most: usize,
    head: Option<Arc<[u8]>>,
    fragments: VecDeque<Fragment>,
    bytes: usize,
    /// Fragments that ever came.
    arrived: u64,
}

/// What was kept when somebody asked.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) head: Arc<[u8]>,
    pub(super) fragments: Vec<Fragment>,
}

impl Ring {
    /// Keeps at least `keep`, as far as the bytes go.
    pub(super) fn new(keep: Duration) -> Self {
        let fragments = VecDeque::new();
        Self { keep, most: MOST_BYTES, head: None, fragments, bytes: 0, arrived: 0 }
    }

    /// Takes the next piece; a head begins anew. Gives how many seconds had to go for want of room.
    pub(super) fn push(&mut self, piece: Piece) -> u64 {
        let fragment = match piece {
            Piece::Head(head) => {
                self.head = Some(head);
                self.fragments.clear();
                self.bytes = 0;
                return 0;
            }
            Piece::Fragment(fragment) => fragment,
        };
        let newest = fragment.start;
        self.bytes += fragment.bytes.len();
        self.fragments.push_back(fragment);
        self.arrived += 1;
        while self.fragments.get(1).is_some_and(|second| second.start + self.keep <= newest) {
            self.drop_oldest();
        }
        let mut gone = 0;
        while self.bytes > self.most && self.fragments.len() > 1 {
            self.drop_oldest();
            gone += 1;
        }
        gone
    }

    /// Keeps the newer half only.
    pub(super) fn halve(&mut self) -> u64 {
        let gone = self.fragments.len() / 2;
        (0..gone).for_each(|_| self.drop_oldest());
        gone as u64
    }

    fn drop_oldest(&mut self) {
        if let Some(fragment) = self.fragments.pop_front() {
            self.bytes -= fragment.bytes.len();
        }
    }

    pub(super) fn arrived(&self) -> u64 {
        self.arrived
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// From the beginning of the oldest to that of the newest fragment.
    pub(super) fn span(&self) -> Duration {
        let ends = self.fragments.front().zip(self.fragments.back());
        ends.map_or(Duration::ZERO, |(oldest, newest)| newest.start.saturating_sub(oldest.start))
    }

    /// The last `longest`, to the second, without a copy; none before there is any.
    pub(super) fn last(&self, longest: Duration) -> Option<Kept> {
        let newest = self.fragments.back()?.start;
        // The newest lasts for about a second itself.
        let from = (newest + Duration::from_secs(1)).saturating_sub(longest);
        let fragments: Vec<Fragment> =
            self.fragments.iter().filter(|fragment| fragment.start >= from).cloned().collect();
        (!fragments.is_empty()).then_some(Kept { head: self.head.clone()?, fragments })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(second: u64, bytes: usize) -> Piece {
        Piece::Fragment(Fragment { start: Duration::from_secs(second), bytes: vec![0; bytes].into() })
    }

    fn starts(ring: &Ring, longest: u64) -> Vec<u64> {
        let kept = ring.last(Duration::from_secs(longest)).expect("something");
        kept.fragments.iter().map(|fragment| fragment.start.as_secs()).collect()
    }

    #[test]
    fn the_last_seconds_are_kept_and_no_more() {
        let mut ring = Ring::new(Duration::from_secs(5));
        assert!(ring.last(Duration::from_secs(5)).is_none());
        ring.push(Piece::Head([1, 2].into()));
        for second in 0..100 {
            assert_eq!(ring.push(fragment(second, 10)), 0);
        }
        assert_eq!((ring.span(), ring.bytes(), ring.arrived()), (Duration::from_secs(5), 60, 100));
        assert_eq!(starts(&ring, 60), [94, 95, 96, 97, 98, 99]);
        assert_eq!(starts(&ring, 2), [98, 99], "a clip takes the newest of it");
        ring.push(Piece::Head([3].into()));
        assert!(ring.last(Duration::from_secs(5)).is_none(), "another stream begins anew");
    }

    #[test]
    fn bytes_are_bounded_whatever_the_seconds_say() {
        let mut ring = Ring { most: 1000, ..Ring::new(Duration::from_secs(3600)) };
        ring.push(Piece::Head([1].into()));
        let gone: u64 = (0..50).map(|second| ring.push(fragment(second, 300))).sum();
        assert_eq!((gone, ring.bytes()), (47, 900));
        assert_eq!(starts(&ring, 3600), [47, 48, 49]);
        // A second that is larger than all the room is kept alone.
        ring.push(fragment(50, 5000));
        assert_eq!(starts(&ring, 3600), [50]);
        ring.push(fragment(51, 10));
        ring.push(fragment(52, 10));
        assert_eq!((ring.halve(), starts(&ring, 3600)), (1, vec![52]));
    }
}
