//! Options that take a part of a video.

use std::time::Duration;

use clap::Args;

use crate::source::SourceOptions;

/// Which part of a video is shown.
#[derive(Args, Debug, Clone, Copy, Default)]
pub(super) struct InOutArgs {
    /// Where a video begins, for example 90s or 1m30s; a repeated one goes on from here
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(super) from: Option<Duration>,
    /// Where a video ends, as a time of the file
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(super) to: Option<Duration>,
}

impl InOutArgs {
    /// `options` for the part.
    pub(super) fn of(self, options: SourceOptions) -> SourceOptions {
        SourceOptions { from: self.from, to: self.to, ..options }
    }
}
