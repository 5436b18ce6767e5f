//! What is kept or collected while the mirror runs: `--replay`, `--time-lapse`.

use std::path::PathBuf;
use std::time::Duration;

use bevy::prelude::*;
use clap::{Args, ValueEnum};

use super::assemble::find_ffmpeg;
use super::{UsageError, check_folder};
use crate::record::{ClipFormat, ReplayOptions, TimeLapseOptions};

/// Longest replay that can be asked for.
const LONGEST: Duration = Duration::from_secs(600);

/// Shortest time between pictures of a time-lapse: three times as fast.
const SHORTEST: Duration = Duration::from_millis(100);

/// Options of what is kept beside a recording.
#[derive(Args, Debug)]
pub(super) struct RollingArgs {
    /// Keep the last seconds in memory, as 30s: L saves them as a video, G a clip of the last five
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    replay: Option<Duration>,
    /// Where videos and clips of the replay go
    #[arg(long, value_name = "FOLDER", default_value = ".", requires = "replay")]
    replay_folder: PathBuf,
    /// How clips are written
    #[arg(long, value_enum, default_value_t = ClipArg::Gif, requires = "replay")]
    clip: ClipArg,
    /// Collect one picture every --every into a video that shows hours in a minute
    #[arg(long, value_name = "FILE.mp4")]
    time_lapse: Option<PathBuf>,
    /// Time from one picture of the time-lapse to the next; 2s plays sixty times as fast
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "2s", requires = "time_lapse")]
    every: Duration,
}

/// How clips are written.
#[derive(ValueEnum, Debug, Clone, Copy)]
enum ClipArg {
    Gif,
    Webp,
}

/// What is to be kept and collected.
pub(super) struct Rolling {
    replay: Option<ReplayOptions>,
    time_lapse: Option<TimeLapseOptions>,
}

impl RollingArgs {
    /// Checks what was asked for, and finds what it needs.
    ///
    /// # Errors
    /// [`UsageError`] for times and folders that make no sense; no ffmpeg.
    pub(super) fn load(self) -> anyhow::Result<Rolling> {
        self.check()?;
        let mut rolling = Rolling { replay: None, time_lapse: None };
        if self.replay.is_none() && self.time_lapse.is_none() {
            return Ok(rolling);
        }
        let ffmpeg = find_ffmpeg()?;
        let clip = match self.clip {
            ClipArg::Gif => ClipFormat::Gif,
            ClipArg::Webp => ClipFormat::WebP,
        };
        let folder = self.replay_folder;
        rolling.replay = self.replay.map(|keep| ReplayOptions { keep, folder, clip, ffmpeg: ffmpeg.clone() });
        let every = self.every;
        rolling.time_lapse = self.time_lapse.map(|path| TimeLapseOptions { path, every, ffmpeg });
        Ok(rolling)
    }

    fn check(&self) -> Result<(), UsageError> {
        if self.replay.is_some_and(|keep| !(Duration::from_secs(1)..=LONGEST).contains(&keep)) {
            return Err(UsageError("a replay keeps 1s to 10m; type --replay 30s".into()));
        }
        if !self.replay_folder.is_dir() {
            let folder = self.replay_folder.display();
            return Err(UsageError(format!("there is no folder {folder}; type: mkdir -p {folder}")));
        }
        let Some(path) = &self.time_lapse else { return Ok(()) };
        if self.every < SHORTEST {
            return Err(UsageError(
                "pictures of a time-lapse are at least 100ms apart; type --every 2s".into(),
            ));
        }
        if path.exists() {
            let shown = path.display();
            return Err(UsageError(format!("{shown} is there already; name another file")));
        }
        check_folder(path)
    }
}

impl Rolling {
    /// Says to the app what is to be kept and collected.
    pub(super) fn add_to(self, app: &mut App) {
        if let Some(replay) = self.replay {
            app.insert_resource(replay);
        }
        if let Some(time_lapse) = self.time_lapse {
            app.insert_resource(time_lapse);
        }
    }
}
