//! Options for what happens while a source is away.

use std::time::Duration;

use clap::Args;

use crate::capture::STALL;
use crate::look::ATTRACT;
use crate::show::AttractLook;
use crate::source::SourceUri;

/// What happens while the source is away.
#[derive(Args, Debug, Clone)]
pub(super) struct CareArgs {
    /// How long a camera or stream may be silent before it is opened again, for example 3s
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "3s")]
    pub(super) stall: Duration,
    /// Wait for a source that is not there yet, instead of failing at once; for installations that start by themselves
    #[arg(long)]
    pub(super) wait: bool,
    /// A second source that is shown while the first one is away, as camera:1 or demo:
    #[arg(long, value_name = "SOURCE")]
    pub(super) stand_in: Option<SourceUri>,
    /// Read cameras and files in a process of their own from the beginning, which can be killed when a driver hangs; without this, only
    /// after one did
    #[arg(long)]
    pub(super) apart: bool,
    /// The look to fade to while no frames come, by name or file; none keeps the look over the last frame
    #[arg(long, value_name = "LOOK", default_value = ATTRACT)]
    attract: String,
}

/// What keeps the look over the last frame.
const NONE: &str = "none";

impl Default for CareArgs {
    /// The look stays: what is measured is to be the same throughout.
    fn default() -> Self {
        Self { stall: STALL, wait: false, stand_in: None, apart: false, attract: NONE.to_owned() }
    }
}

impl CareArgs {
    pub(super) fn attract(&self) -> AttractLook {
        AttractLook((self.attract != NONE).then(|| self.attract.clone()))
    }
}
