//! What shows that a fault is over: a picture that would not have been there before it.

use std::sync::{Arc, Weak};

use bevy::prelude::UVec2;

use crate::frame::Frame;

/// Updates after a fault was carried out in which frames from before it may still be taken in: what lay in the slot.
const STRAGGLERS: u8 = 2;

/// What the next picture must show to count.
#[derive(Debug)]
pub(super) enum Proof {
    /// Anything.
    Any,
    /// A frame that was captured after the fault.
    NewFrame(Arrivals),
    /// A frame of another size than this.
    OtherSize(Option<UVec2>),
    /// The look that was asked for.
    NewLook,
}

/// How things stand in an update.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Now<'a> {
    /// The fault was carried out, in this update or before.
    pub(super) carried_out: bool,
    /// The newest frame that came in.
    pub(super) latest: Option<&'a Arc<Frame>>,
    /// The frame that is to be shown.
    pub(super) shown: Option<&'a Arc<Frame>>,
    /// The look that was asked for is worn, a fade to it has begun at least.
    pub(super) wears_it: bool,
}

impl Proof {
    /// Whether the picture of this update is one that counts.
    pub(super) fn is_there(&mut self, now: Now<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::NewFrame(arrivals) => {
                arrivals.note(now);
                now.shown.is_some_and(|shown| arrivals.are_shown_by(shown))
            }
            Self::OtherSize(before) => now.shown.is_some_and(|shown| Some(size(shown)) != *before),
            Self::NewLook => now.wears_it,
        }
    }
}

/// Columns and rows.
pub(super) fn size(frame: &Frame) -> UVec2 {
    UVec2::new(frame.width, frame.height)
}

/// Frames that came in after the fault. Numbers and times do not tell: those of another source begin anew.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    updates: u8,
    last: Weak<Frame>,
    /// Those that somebody still has.
    frames: Vec<Weak<Frame>>,
}

impl Arrivals {
    fn note(&mut self, now: Now<'_>) {
        let Some(latest) = now.latest.filter(|_| now.carried_out) else { return };
        let is_new = Weak::as_ptr(&self.last) != Arc::as_ptr(latest);
        self.last = Arc::downgrade(latest);
        if self.updates < STRAGGLERS {
            self.updates += 1;
        } else if is_new {
            self.frames.retain(|frame| frame.strong_count() > 0);
            self.frames.push(self.last.clone());
        }
    }

    fn are_shown_by(&self, shown: &Arc<Frame>) -> bool {
        self.frames.iter().any(|frame| Weak::as_ptr(frame) == Arc::as_ptr(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{ColorSpace, FramePool, FrameSeq, PixelFormat};

    fn frame(pool: &FramePool, side: u32) -> Arc<Frame> {
        let data = pool.acquire(PixelFormat::Rgba8.bytes(side, side)).expect("fits");
        let time = std::time::Duration::ZERO;
        let frame =
            Frame::new(FrameSeq(0), time, PixelFormat::Rgba8, (side, side), ColorSpace::default(), data);
        Arc::new(frame.expect("a frame"))
    }

    #[test]
    fn a_frame_from_before_proves_nothing() {
        let pool = FramePool::new(1 << 20);
        let [before, in_the_slot, after, later] = std::array::from_fn(|_| frame(&pool, 8));
        let mut proof = Proof::NewFrame(Arrivals::default());
        let mut shows = |carried_out, latest, shown| {
            proof.is_there(Now { carried_out, latest: Some(latest), shown: Some(shown), ..Now::default() })
        };
        assert!(!shows(false, &before, &before), "it was only ordered");
        assert!(!shows(true, &before, &before));
        assert!(!shows(true, &in_the_slot, &before));
        assert!(!shows(true, &in_the_slot, &in_the_slot), "captured before, taken in afterwards");
        assert!(!shows(true, &after, &in_the_slot), "it is being perceived");
        assert!(!shows(true, &later, &in_the_slot));
        assert!(shows(true, &later, &after), "perceived, while a newer one came in");
        assert!(shows(true, &later, &later));
    }

    #[test]
    fn another_size_and_another_look_are_proved_by_what_is_shown() {
        let pool = FramePool::new(1 << 20);
        let (large, small) = (frame(&pool, 16), frame(&pool, 8));
        let mut proof = Proof::OtherSize(Some(size(&large)));
        assert!(!proof.is_there(Now { latest: Some(&small), shown: Some(&large), ..Now::default() }));
        assert!(proof.is_there(Now { latest: Some(&small), shown: Some(&small), ..Now::default() }));
        assert!(!Proof::NewLook.is_there(Now { shown: Some(&small), ..Now::default() }));
        assert!(Proof::NewLook.is_there(Now { wears_it: true, ..Now::default() }));
        assert!(Proof::Any.is_there(Now::default()));
    }
}
