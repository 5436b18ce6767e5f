//! When a run ends, and that it ends with everything written.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bevy::prelude::*;

use crate::capture::{Capture, CaptureGate, LatestFrame, SourceState, SourceStatus};
use crate::compositor::ComposedFrames;
use crate::perception::{PerceptionStatus, SegmentationMask};
use crate::record::{Recorder, RecorderState, SnapshotRequest, Snapshots};
use crate::schedule::{MasqueSystems, Pacing};
use crate::stats::Stats;

/// How long the run is; no limit runs until the source ends or somebody ends it. Counting begins when
/// the first dressed frame was composed.
#[derive(Resource, Debug, Clone, Default)]
pub struct RunLimits {
    /// Frames that are composed first, and forgotten: stage timings and the frame pool's hits begin after them.
    pub warm_up: u64,
    /// Composed frames.
    pub frames: Option<u64>,
    /// Time.
    pub duration: Option<Duration>,
    /// Picture of the last frame.
    pub screenshot: Option<PathBuf>,
}

/// How long the end of a run waits for its last picture.
const SNAPSHOT_PATIENCE: Duration = Duration::from_secs(20);

#[derive(Resource, Debug, Default)]
enum Phase {
    /// No dressed frame yet.
    #[default]
    Starting,
    /// Counting from this many frames and this moment.
    Running { frames: u64, since: Instant },
    /// Waiting for files to be complete.
    Finishing { since: Instant, asked: bool },
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<RunLimits>()
        .init_resource::<Phase>()
        .add_systems(Startup, limit_capture)
        .add_systems(Update, (fail_on_errors, watch_limits).chain().in_set(MasqueSystems::Report));
}

fn limit_capture(limits: Res<RunLimits>, mut gate: ResMut<CaptureGate>) {
    gate.limit = limits.frames.map(|frames| frames + limits.warm_up);
}

fn fail_on_errors(
    (perception, mask): (Res<PerceptionStatus>, Res<SegmentationMask>),
    (source, latest): (Res<SourceStatus>, Res<LatestFrame>),
    (recorder, pacing): (Res<Recorder>, Res<Pacing>),
    stats: Res<Stats>,
    mut exit: MessageWriter<AppExit>,
) {
    if stats.failure().is_some() {
        return;
    }
    let lossless = *pacing == Pacing::Lossless;
    // What has worked once does not end the show: the picture stays, and the panel tells.
    let (reason, ends) = match (&*perception, &source.state, recorder.state()) {
        (PerceptionStatus::Failed(reason), ..) if mask.is_none() => (reason.clone(), true),
        (_, SourceState::Failed(reason), _) if lossless || latest.frame.is_none() => (reason.clone(), true),
        (.., RecorderState::Failed(reason)) => (format!("the recording failed: {reason}"), lossless),
        _ if lossless && lost_pictures(&stats) > 0 => {
            (format!("{} pictures were lost between the GPU and the file", lost_pictures(&stats)), true)
        }
        _ if stats.counter("shaders_failed") > 0 && (lossless || stats.counter("frames_composed") == 0) => {
            ("a shader could not be compiled; the log says which and why".to_owned(), true)
        }
        _ => return,
    };
    stats.fail(reason);
    if ends {
        exit.write(AppExit::error());
    }
}

/// Pictures that were drawn and did not arrive.
fn lost_pictures(stats: &Stats) -> u64 {
    ["readback_skipped", "readback_dropped", "readback_failed", "recording_skipped_size"]
        .into_iter()
        .map(|counter| stats.counter(counter))
        .sum()
}

fn watch_limits(
    (limits, pacing, stats): (Res<RunLimits>, Res<Pacing>, Res<Stats>),
    (source, latest, gate): (Res<SourceStatus>, Res<LatestFrame>, Res<CaptureGate>),
    capture: Option<Res<Capture>>,
    (mask, composed): (Res<SegmentationMask>, Res<ComposedFrames>),
    mut phase: ResMut<Phase>,
    mut recorder: ResMut<Recorder>,
    snapshots: Res<Snapshots>,
    mut requests: MessageWriter<SnapshotRequest>,
    mut exit: MessageWriter<AppExit>,
) {
    let frames = stats.counter("frames_composed");
    match &mut *phase {
        Phase::Starting => {
            let perceived = mask.is_some() || stats.counter("perception_failed") > 0;
            if perceived && frames > 0 && frames >= limits.warm_up {
                if limits.warm_up > 0 {
                    stats.reset_stages();
                    if let Some(capture) = capture {
                        capture.pool.forget_warm_up();
                    }
                }
                let all = *pacing == Pacing::Lossless && limits.warm_up == 0;
                let frames = if all { 0 } else { frames };
                *phase = Phase::Running { frames, since: Instant::now() };
            } else if source.state == SourceState::Ended && latest.frame.is_none() {
                exit.write(AppExit::Success);
            }
        }
        Phase::Running { frames: first, since } => {
            let enough = limits.frames.is_some_and(|limit| frames - *first >= limit)
                || limits.duration.is_some_and(|limit| since.elapsed() >= limit)
                // The last frame that was taken is on the screen.
                || (source.state == SourceState::Ended && !gate.perception_busy && !gate.picture_pending);
            if enough {
                *phase = Phase::Finishing { since: Instant::now(), asked: false };
            }
        }
        Phase::Finishing { since, asked } => {
            if !composed.is_empty() {
                return;
            }
            recorder.stop();
            if !*asked {
                *asked = true;
                if let Some(path) = &limits.screenshot {
                    requests.write(SnapshotRequest { path: path.clone() });
                    return;
                }
            }
            if snapshots.is_busy() && since.elapsed() < SNAPSHOT_PATIENCE {
                return;
            }
            if limits.screenshot.is_some() && (snapshots.is_busy() || !matches!(snapshots.last, Some(Ok(_))))
            {
                let reason = match &snapshots.last {
                    Some(Err(reason)) => reason.clone(),
                    _ => "the last picture did not come back from the GPU".to_owned(),
                };
                stats.fail(reason);
            }
            if !recorder.is_busy() {
                exit.write(AppExit::Success);
            }
        }
    }
}
