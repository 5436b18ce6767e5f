//! What ffmpeg said about an input, beside its frames.

use std::time::Duration;

use super::report::{Coding, Report};

/// What ffmpeg said about the input, beside its frames.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) rate: Option<f64>,
    pub(super) duration: Option<Duration>,
    pub(super) coding: Option<Coding>,
    pub(super) damage: u64,
}

impl Said {
    pub(super) fn take_in(&mut self, report: Report) {
        match report {
            Report::Config { rate, .. } => self.rate = rate,
            Report::Duration(duration) => {
                self.duration.get_or_insert(duration);
            }
            Report::Coding(coding) => {
                self.coding.get_or_insert(coding);
            }
            Report::Damage => self.damage += 1,
            Report::Frame { .. } | Report::Color { .. } | Report::Chatter => {}
        }
    }

    pub(super) fn is_rgb(&self) -> bool {
        self.coding.as_ref().is_some_and(Coding::is_rgb)
    }
}
