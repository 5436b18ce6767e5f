//! What leaves the program as a file: recordings, replays of the last seconds, time-lapses and snapshots.

mod clock;
mod disk;
mod encode;
mod finisher;
mod name;
mod options;
mod recorder;
mod replay;
mod snapshot;
mod sound;
mod status;
mod time_lapse;

use bevy::prelude::*;

pub use name::check_template;
pub use options::{DEFAULT_RESERVE, RecordingOptions, Split};
pub use recorder::{Recorder, RecorderState};
pub use replay::{ClipFormat, Replay, ReplayKind, ReplayOptions, ReplayStatus, SaveReplay};
pub use snapshot::{SnapshotRequest, Snapshots};
pub use status::RecordingStatus;
pub use time_lapse::{TimeLapse, TimeLapseOptions};

use crate::memory::MemoryPressure;
use crate::schedule::MasqueSystems;

/// What this room may hold.
pub const BOUNDS: &[crate::memory::Bound] = &[
    recorder::QUEUE,
    recorder::RESULT,
    finisher::FINISHING,
    replay::KEPT,
    replay::WAITING,
    replay::SAVED,
    snapshot::SNAPSHOTS,
    snapshot::WRITTEN,
    sound::HEARD,
    sound::PENDING,
    time_lapse::WAITING,
];

/// Hands composed pictures to the encoder and to snapshots.
pub struct RecordPlugin;

impl Plugin for RecordPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Recorder>()
            .init_resource::<Snapshots>()
            .init_resource::<Replay>()
            .init_resource::<TimeLapse>()
            .add_message::<SnapshotRequest>()
            .add_message::<SaveReplay>()
            .add_message::<MemoryPressure>()
            .add_systems(Startup, (replay::begin, time_lapse::begin))
            .add_systems(
                Update,
                (snapshot::take_requests, recorder::state_demand, replay::obey, time_lapse::watch)
                    .chain()
                    .in_set(MasqueSystems::Direct),
            )
            .add_systems(
                Update,
                (recorder::count_held_back, recorder::distribute_frames, snapshot::report_written)
                    .chain()
                    .in_set(MasqueSystems::Record),
            );
    }
}
