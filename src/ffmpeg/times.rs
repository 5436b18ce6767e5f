//! Times of the frames that are on their way through the pipe.

use std::collections::VecDeque;

use crate::memory::{Bound, Each, bound};

pub(super) const TIMES: Bound = bound!(
    "ffmpeg.times",
    "times of pictures that are still in a child's pipe",
    1024,
    Each::Bytes(24),
    "the newest is not kept: its picture is timed by the nominal rate"
);

/// As many as ffmpeg's own queues hold frames, or [`TIMES`]; the place of one that found no room is kept, so that
/// those after it stay with their frames.
#[derive(Debug, Default)]
pub(super) struct Times {
    kept: VecDeque<Kept>,
    /// Frames that come before the first one that is kept, and whose times are not known.
    unknown: u32,
}

/// Presentation time in the stream's units, none where the frame has none.
#[derive(Debug)]
struct Kept {
    pts: Option<i64>,
    /// Frames behind it whose times found no room.
    then_unknown: u32,
}

impl Times {
    /// The newest frame's.
    pub(super) fn push(&mut self, pts: Option<i64>) {
        let is_full = self.kept.len() as u64 >= TIMES.most;
        match self.kept.back_mut() {
            Some(last) if is_full => last.then_unknown += 1,
            _ => self.kept.push_back(Kept { pts, then_unknown: 0 }),
        }
    }

    /// The oldest frame's; none of a frame that has none, or whose time found no room. Nothing when no frame is on its
    /// way.
    pub(super) fn pop(&mut self) -> Option<Option<i64>> {
        if self.unknown > 0 {
            self.unknown -= 1;
            return Some(None);
        }
        let Kept { pts, then_unknown } = self.kept.pop_front()?;
        self.unknown = then_unknown;
        Some(pts)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.unknown == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_keep_their_own_times_although_some_found_no_room() {
        let (mut times, most) = (Times::default(), TIMES.most as i64);
        assert!(times.is_empty() && times.pop().is_none());
        // Two are left out; then there is room again.
        (0..most + 2).for_each(|time| times.push(Some(time)));
        assert_eq!(times.pop(), Some(Some(0)));
        times.push(Some(most + 2));
        let rest: Vec<_> = std::iter::from_fn(|| times.pop()).collect();
        let known = (1..most).map(Some).chain([None, None, Some(most + 2)]);
        assert!(rest.into_iter().eq(known));
        assert!(times.is_empty());
    }
}
