//! What leaves the program as a file: recordings and snapshots.

mod recorder;
mod snapshot;

use bevy::prelude::*;

pub use recorder::{Recorder, RecorderState};
pub use snapshot::{SnapshotRequest, Snapshots};

use crate::schedule::MasqueSystems;

/// What this room may hold.
pub const BOUNDS: &[crate::memory::Bound] =
    &[recorder::QUEUE, recorder::RESULT, snapshot::SNAPSHOTS, snapshot::WRITTEN];

/// Hands composed pictures to the encoder and to snapshots.
pub struct RecordPlugin;

impl Plugin for RecordPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Recorder>()
            .init_resource::<Snapshots>()
            .add_message::<SnapshotRequest>()
            .add_systems(
                Update,
                (snapshot::take_requests, recorder::state_demand).chain().in_set(MasqueSystems::Direct),
            )
            .add_systems(
                Update,
                (recorder::distribute_frames, snapshot::report_written).chain().in_set(MasqueSystems::Record),
            );
    }
}
