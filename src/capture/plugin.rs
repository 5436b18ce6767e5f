//! The source on its thread, seen from the app.

use std::sync::Arc;

use bevy::prelude::*;

use super::{CaptureWorker, Retiring, SourceState};
use crate::frame::{Frame, FramePool};
use crate::memory::{MemoryPressure, PressureLevel};
use crate::schedule::{MasqueSystems, Pacing};
use crate::source::{SourceInfo, SourceUri};
use crate::stats::Stats;

/// Starts a worker for a source, after the one before has ended.
pub type SpawnWorker = Box<dyn Fn(SourceUri, Option<Retiring>) -> CaptureWorker + Send + Sync>;

/// Asks for another source; the picture stays until the new one has its first frame.
#[derive(Message, Debug, Clone)]
pub struct SwitchSource(pub SourceUri);

/// Takes frames from a worker.
pub struct CapturePlugin;

/// The thread that runs the source.
#[derive(Resource)]
pub struct Capture {
    /// The worker.
    pub worker: CaptureWorker,
    /// Where its frames come from.
    pub pool: FramePool,
    /// How a worker for another source is started.
    pub spawn: SpawnWorker,
}

/// The newest frame that came in.
#[derive(Resource, Debug, Clone, Default)]
pub struct LatestFrame {
    /// None until the first one is there.
    pub frame: Option<Arc<Frame>>,
}

/// How the source does.
#[derive(Resource, Debug, Clone, Default)]
pub struct SourceStatus {
    /// What was asked for, without secrets.
    pub wanted: String,
    /// What gives the frames, which may be a stand-in; none until it is open.
    pub info: Option<SourceInfo>,
    /// How it does.
    pub state: SourceState,
    /// Whether its picture is shown as a mirror: by default live cameras only.
    pub mirror: bool,
    /// Whether it is to be one, whatever the source is.
    pub mirror_wish: Option<bool>,
}

/// Whether a lossless run may take the next frame; later stages set it, live capture ignores it.
#[derive(Resource, Debug, Clone, Copy, Default)]
pub struct CaptureGate {
    /// Perception works on a frame, or is not there yet.
    pub perception_busy: bool,
    /// The picture before is not drawn yet, or textures are still loading.
    pub picture_pending: bool,
    /// The recorder has no room.
    pub recorder_full: bool,
    /// Frames that a lossless run takes in all; none takes every one.
    pub limit: Option<u64>,
    /// Frames taken so far.
    pub taken: u64,
}

impl CaptureGate {
    fn is_open(&self) -> bool {
        let busy = self.perception_busy || self.picture_pending || self.recorder_full;
        !busy && self.limit.is_none_or(|limit| self.taken < limit)
    }
}

impl Plugin for CapturePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<LatestFrame>()
            .init_resource::<SourceStatus>()
            .init_resource::<CaptureGate>()
            .add_message::<SwitchSource>()
            .add_message::<MemoryPressure>()
            .add_systems(Update, free_idle_buffers.before(MasqueSystems::Capture))
            .add_systems(
                Update,
                (switch_source, take_newest_frame, watch_source).chain().in_set(MasqueSystems::Capture),
            );
    }
}

/// Frees buffers that no frame is in, when memory is tight.
fn free_idle_buffers(mut pressure: MessageReader<MemoryPressure>, capture: Res<Capture>, stats: Res<Stats>) {
    if pressure.read().any(|pressure| pressure.reaches(PressureLevel::Warning)) {
        stats.add("frame_buffers_trimmed_bytes", capture.pool.trim() as u64);
    }
}

fn switch_source(
    mut requests: MessageReader<SwitchSource>,
    mut capture: ResMut<Capture>,
    mut status: ResMut<SourceStatus>,
    stats: Res<Stats>,
) {
    let Some(SwitchSource(uri)) = requests.read().last().cloned() else { return };
    stats.count("source_switches");
    let before = capture.worker.retire();
    status.wanted = uri.to_string();
    capture.worker = (capture.spawn)(uri, before);
    status.info = None;
}

fn take_newest_frame(
    capture: Res<Capture>,
    pacing: Res<Pacing>,
    mut gate: ResMut<CaptureGate>,
    mut latest: ResMut<LatestFrame>,
) {
    if *pacing == Pacing::Lossless && !gate.is_open() {
        return;
    }
    if let Some(frame) = capture.worker.try_latest() {
        gate.taken += 1;
        latest.frame = Some(frame);
    }
}

fn watch_source(capture: Res<Capture>, mut status: ResMut<SourceStatus>) {
    let state = capture.worker.state();
    if status.state != state {
        status.state = state;
    }
    let Some(info) = capture.worker.info_unless(status.info.as_ref()) else { return };
    // A camera that is back under another number is shown as it was.
    let is_camera = |info: &SourceInfo| info.live && info.uri.starts_with("camera:");
    if status.info.as_ref().map(is_camera) != Some(is_camera(&info)) {
        status.mirror = status.mirror_wish.unwrap_or(is_camera(&info));
    }
    status.info = Some(info);
}
