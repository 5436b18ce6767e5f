//! The newest frame with the newest mask, moved along with what is in the picture.

use std::sync::Arc;
use std::time::Instant;

use bevy::prelude::*;
use bevy::tasks::futures::check_ready;
use bevy::tasks::{ComputeTaskPool, Task};

use super::retired::Retired;
use super::{
    MotionEstimator, MotionField, Pairing, Parsed, PerceptionStatus, SegmentationMask, Shown, SmallLuma,
};
use crate::capture::{LatestFrame, SourceStatus};
use crate::frame::Frame;
use crate::memory::{Bound, Each, bound};
use crate::schedule::{Pacing, Waker};
use crate::stats::Stats;

/// Motion fields kept for reuse: one shown, one in the render world, one spare.
const FIELDS_KEPT: usize = 3;

pub(super) const FIELDS: Bound = bound!(
    "perception.motion",
    "motion for pairing `latest`, kept for reuse, and one task",
    FIELDS_KEPT + 1,
    Each::Bytes(64 << 10),
    "the frame is shown with the motion known last, `motion_late`"
);

/// Finds how the picture moved from a frame back to the one that its mask was made from: one task at a
/// time, beside the schedule.
#[derive(Resource)]
pub(super) struct Follower {
    tools: Option<Box<Tools>>,
    running: Option<Running>,
    retired: Retired<MotionField>,
    /// The shown frame wears motion that is not its own.
    late: bool,
}

/// What the task works with; handed back when it is done.
#[derive(Default)]
struct Tools {
    estimator: MotionEstimator,
    luma: SmallLuma,
}

struct Running {
    frame: Arc<Frame>,
    parsed: Arc<Parsed>,
    task: Task<(Box<Tools>, Arc<MotionField>)>,
}

impl Default for Follower {
    fn default() -> Self {
        Self { tools: None, running: None, retired: Retired::new(FIELDS_KEPT), late: false }
    }
}

impl Follower {
    fn start(&mut self, frame: &Arc<Frame>, parsed: &Arc<Parsed>, waker: &Waker, stats: &Stats) {
        let mut tools = self.tools.take().unwrap_or_default();
        let mut field = self.retired.take();
        let (frame, parsed) = (frame.clone(), parsed.clone());
        let (newer, older) = (frame.clone(), parsed.clone());
        let (waker, stats) = (waker.clone(), stats.clone());
        // Not the pool of the inference: where that has one thread only, this would wait for it.
        let task = ComputeTaskPool::get().spawn(async move {
            let start = Instant::now();
            tools.luma.take(&newer);
            tools.estimator.estimate(&tools.luma, &older.perception.luma, Arc::make_mut(&mut field));
            stats.stage("follow", start.elapsed());
            waker.wake();
            (tools, field)
        });
        self.running = Some(Running { frame, parsed, task });
    }

    /// The pair whose motion was found since the last call.
    fn finish(&mut self) -> Option<(Arc<Frame>, Arc<Parsed>, Option<Arc<MotionField>>)> {
        let running = self.running.as_mut()?;
        let (tools, field) = check_ready(&mut running.task)?;
        let Running { frame, parsed, .. } = self.running.take()?;
        self.tools = Some(tools);
        self.retired.keep(field.clone());
        Some((frame, parsed, (!field.is_empty()).then_some(field)))
    }
}

/// Shows the newest frame where it need not wait for its own mask: pairing `latest`, and, live, while
/// perception is not there. It waits for its motion at most until the next frame comes; then that one is
/// shown with the motion known last.
pub(super) fn pair_newest_frame(
    latest: Res<LatestFrame>,
    mask: Res<SegmentationMask>,
    (source, status): (Res<SourceStatus>, Res<PerceptionStatus>),
    (pairing, pacing): (Res<Pairing>, Res<Pacing>),
    (waker, stats): (Res<Waker>, Res<Stats>),
    mut follower: ResMut<Follower>,
    mut shown: ResMut<Shown>,
) {
    if shown.mirror != source.mirror {
        shown.mirror = source.mirror;
    }
    let found = follower.finish();
    let exact = *pairing == Pairing::Matched && matches!(*status, PerceptionStatus::Ready(_));
    if exact || *pacing == Pacing::Lossless {
        return;
    }
    let Some(newest) = &latest.frame else { return };
    if let Some((frame, parsed, motion)) = found
        && frame.seq <= newest.seq
        && shown.frame.as_ref().is_none_or(|shown| shown.seq <= frame.seq)
    {
        follower.late = false;
        *shown = Shown { frame: Some(frame), parsed: Some(parsed), motion, ..*shown };
    }
    // A mask that is ahead of the frame is of another source.
    let Some(parsed) = mask.0.as_ref().filter(|parsed| parsed.seq() <= newest.seq) else {
        if !same(&shown.frame, newest) || shown.parsed.is_some() {
            *shown = Shown { frame: Some(newest.clone()), parsed: None, motion: None, ..*shown };
        }
        return;
    };
    if same(&shown.frame, newest) && same(&shown.parsed, parsed) && !follower.late {
        return;
    }
    if parsed.seq() == newest.seq {
        follower.late = false;
        let (frame, parsed) = (Some(newest.clone()), Some(parsed.clone()));
        *shown = Shown { frame, parsed, motion: None, ..*shown };
        return;
    }
    match &follower.running {
        None => follower.start(newest, parsed, &waker, &stats),
        Some(running) if Arc::ptr_eq(&running.frame, newest) => {}
        Some(_) if !same(&shown.frame, newest) => {
            stats.count("motion_late");
            follower.late = true;
            shown.frame = Some(newest.clone());
        }
        Some(_) => {}
    }
}

/// How far the mask is behind the frame that it is shown with.
pub(super) fn note_age(shown: Res<Shown>, stats: Res<Stats>) {
    if !shown.is_changed() {
        return;
    }
    if let (Some(frame), Some(parsed)) = (&shown.frame, &shown.parsed) {
        let age = frame.timestamp.saturating_sub(parsed.perception.timestamp);
        stats.gauge("mask_age_ms", age.as_secs_f64() * 1000.0);
        stats.stage("mask_age", age);
    }
}

fn same<T>(shown: &Option<Arc<T>>, other: &Arc<T>) -> bool {
    shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, other))
}

#[cfg(test)]
mod tests;
