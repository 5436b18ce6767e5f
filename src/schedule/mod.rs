//! The order of the stages, and how a stage that works elsewhere wakes the main loop.

mod runner;
mod waker;

use std::time::Duration;

use bevy::prelude::*;

pub use runner::HeadlessRunnerPlugin;
pub use waker::Waker;

/// The stages that a frame passes in `Update`, in this order. See `ARCHITECTURE.md`.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MasqueSystems {
    /// Takes the newest frame from the source.
    Capture,
    /// Starts the one inference task.
    Perceive,
    /// Publishes what the task found.
    Publish,
    /// Decides what is shown.
    Direct,
    /// Hands frame, mask and look to the render world.
    Compose,
    /// Hands read-back frames to the encoder.
    Record,
    /// Gauges, limits, the stats file.
    Report,
}

/// Whether frames may be dropped to stay live.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pacing {
    /// The newest frame wins; late ones are dropped and counted.
    #[default]
    Live,
    /// Every frame is perceived, composed and read back, however long it takes.
    Lossless,
}

/// When the frame that is shown was taken, by the clock of its source; none before the first. Changes with every
/// frame.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameTime(pub Option<Duration>);

/// How long the turn of the main loop before this one worked, drawing included, and without its sleep; none
/// where the loop is the window system's and does not tell.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastTurn(pub Option<Duration>);

/// Chains the stages.
pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Pacing>().init_resource::<Waker>().init_resource::<LastTurn>().configure_sets(
        Update,
        (
            MasqueSystems::Capture,
            MasqueSystems::Perceive,
            MasqueSystems::Publish,
            MasqueSystems::Direct,
            MasqueSystems::Compose,
            MasqueSystems::Record,
            MasqueSystems::Report,
        )
            .chain(),
    );
}
