//! The last seconds: how much of them is kept, and the buttons that save them.

use bevy_egui::egui;

use super::super::view::{View, Wish};
use super::super::{card, facts, heading};
use crate::memory::Size;
use crate::record::SaveReplay;

/// Nothing where nothing is kept.
pub(super) fn draw(ui: &mut egui::Ui, view: &mut View) {
    let Some(replay) = &view.replay else { return };
    let kept =
        format!("{} of {} s, {}", replay.span.as_secs(), replay.keep.as_secs(), Size(replay.bytes as u64));
    let last = match &replay.last {
        _ if replay.saving > 0 => Some("Saving…".to_owned()),
        Some(Ok(path)) => Some(path.display().to_string()),
        Some(Err(error)) => Some(error.clone()),
        None => None,
    };
    let mut wish = None;
    card(ui, |ui| {
        heading(ui, "Replay");
        facts(ui, &[("Kept", kept)]);
        ui.horizontal(|ui| {
            let ready = !replay.span.is_zero();
            let video = ui.add_enabled(ready, egui::Button::new("Save video"));
            if video.on_hover_text("All that is kept, as MP4 (L)").clicked() {
                wish = Some(SaveReplay::Video);
            }
            let clip = ui.add_enabled(ready, egui::Button::new("Save clip"));
            if clip.on_hover_text("The last five seconds, small and in a loop (G)").clicked() {
                wish = Some(SaveReplay::Clip);
            }
        });
        if let Some(last) = last {
            facts(ui, &[("Last", last)]);
        }
    });
    view.wishes.extend(wish.map(Wish::Save));
}
