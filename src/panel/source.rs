//! Where the picture comes from.

use std::time::{Duration, Instant};

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};
use bevy_egui::egui;

use crate::capture::{SourceStatus, SwitchSource};
use crate::source::{CameraInfo, SourceUri, cameras};
use crate::stats::Stats;

/// How often cameras are looked for while the panel is shown.
const RESCAN: Duration = Duration::from_secs(5);

/// What the panel knows of sources.
#[derive(Resource, Default)]
pub(super) struct SourcePicker {
    address: String,
    cameras: Vec<CameraInfo>,
    scan: Option<Task<Vec<CameraInfo>>>,
    scanned: Option<Instant>,
}

#[derive(SystemParam)]
pub(super) struct SourceSection<'w> {
    picker: ResMut<'w, SourcePicker>,
    status: ResMut<'w, SourceStatus>,
    switch: MessageWriter<'w, SwitchSource>,
    stats: Res<'w, Stats>,
}

/// Asks the system for cameras beside the main loop: drivers take their time.
pub(super) fn find_cameras(mut picker: ResMut<SourcePicker>) {
    if let Some(scan) = &mut picker.scan {
        if let Some(cameras) = block_on(poll_once(scan)) {
            picker.cameras = cameras;
            picker.scan = None;
        }
    } else if picker.scanned.is_none_or(|at| at.elapsed() >= RESCAN) {
        picker.scanned = Some(Instant::now());
        picker.scan = Some(IoTaskPool::get().spawn(async { cameras() }));
    }
}

impl SourceSection<'_> {
    pub(super) fn draw(&mut self, ui: &mut egui::Ui) {
        let uri = self.status.info.as_ref().map_or("", |info| info.uri.as_str()).to_owned();
        let mut wanted = None;
        ui.horizontal(|ui| {
            ui.label("Source");
            egui::ComboBox::from_id_salt("source").selected_text(uri).show_ui(ui, |ui| {
                for camera in &self.picker.cameras {
                    if ui.selectable_label(false, &camera.name).clicked() {
                        wanted = Some(format!("camera:{}", camera.index));
                    }
                }
                if ui.selectable_label(false, "Demo performer").clicked() {
                    wanted = Some("demo:".to_owned());
                }
            });
        });
        ui.horizontal(|ui| {
            let hint = "File, folder or address";
            let edit = egui::TextEdit::singleline(&mut self.picker.address).hint_text(hint);
            let entered = ui.add(edit).lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            if (ui.button("Open").clicked() || entered) && !self.picker.address.is_empty() {
                wanted = Some(self.picker.address.clone());
            }
        });
        ui.horizontal(|ui| {
            ui.label(self.status.state.to_string());
            if let Some(info) = &self.status.info {
                ui.label(format!("{} × {}", info.width, info.height));
            }
            let mut mirror = self.status.mirror;
            ui.checkbox(&mut mirror, "Mirror");
            if mirror != self.status.mirror {
                self.status.mirror = mirror;
            }
        });
        if let Some(wanted) = wanted {
            match wanted.parse::<SourceUri>() {
                Ok(uri) => {
                    self.switch.write(SwitchSource(uri));
                }
                Err(error) => self.stats.event(error.to_string()),
            }
        }
    }
}
