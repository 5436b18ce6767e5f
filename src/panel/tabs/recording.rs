//! The recording: its file, how long the disk lasts, and what is missing in it.

use std::time::Duration;

use bevy_egui::egui::{self, RichText};

use super::super::view::View;
use super::super::{card, facts, heading, style};
use crate::memory::Size;
use crate::record::{RecorderState, RecordingStatus};

/// Less than this left is shown as a warning.
const SOON: Duration = Duration::from_secs(3600);

/// Nothing where nothing is recorded.
pub(super) fn draw(ui: &mut egui::Ui, view: &View) {
    let Some(recording) = &view.recording else { return };
    card(ui, |ui| {
        heading(ui, "Recording");
        let state = match &recording.state {
            RecorderState::Off => "Off".to_owned(),
            RecorderState::Recording => format!("Running for {}", clock(recording.elapsed)),
            RecorderState::Finishing => "Finishing…".to_owned(),
            RecorderState::Done(_) => format!("Complete, {}", clock(recording.elapsed)),
            RecorderState::Failed(reason) => reason.clone(),
        };
        facts(ui, &[("State", state)]);
        if let Some(file) = &recording.file {
            let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
            facts(ui, &[("File", format!("{name}, {}", Size(recording.bytes)))]);
        }
        if let Some(left) = recording.full_in {
            let left_text = hours(left);
            if left < SOON {
                let text = format!("⚠ Disk full in {left_text} at this rate");
                ui.label(RichText::new(text).color(style::WARNING));
            } else {
                facts(ui, &[("Disk", format!("Full in {left_text} at this rate"))]);
            }
        }
        facts(ui, &[("Not in it", missing(recording))]);
    });
}

/// A word and the time for the panel's last line, and what to say of it; nothing where nothing is recorded.
pub(in super::super) fn badge(recording: &RecordingStatus) -> Option<(RichText, String)> {
    let hint = format!("Recording. Not in it: {}", missing(recording));
    match &recording.state {
        RecorderState::Off | RecorderState::Done(_) => None,
        RecorderState::Failed(reason) => {
            Some((RichText::new("⚠ Recording").color(style::ERROR), reason.clone()))
        }
        RecorderState::Recording | RecorderState::Finishing => {
            let color = if recording.lost() == 0 { style::ERROR } else { style::WARNING };
            Some((RichText::new(format!("Rec {}", clock(recording.elapsed))).color(color), hint))
        }
    }
}

fn missing(recording: &RecordingStatus) -> String {
    format!(
        "{} skipped (encoder), {} missed (render), {} dropped (disk)",
        recording.skipped_encoder, recording.missed_render, recording.dropped_disk
    )
}

/// `1:02:03` for an hour, two minutes and three seconds; `02:03` without hours.
fn clock(time: Duration) -> String {
    let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
    match minutes / 60 {
        0 => format!("{minutes:02}:{seconds:02}"),
        hours => format!("{hours}:{:02}:{seconds:02}", minutes % 60),
    }
}

/// `01:05` for an hour and five minutes.
fn hours(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
