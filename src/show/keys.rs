//! What the keys do.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use bevy::prelude::*;
use bevy::window::{MonitorSelection, PrimaryWindow, WindowMode};

use super::{KeyboardUse, PanelShown};
use crate::look::{CurrentLook, SwitchLook, TextureLibrary, randomise};
use crate::record::{SaveReplay, SnapshotRequest};
use crate::schedule::MasqueSystems;

/// Keys and what they do, for the panel and the manual.
pub const KEYS: &[(&str, &str)] = &[
    ("R", "Randomise the look"),
    ("P", "Show or hide the panel; Tab shows it, too"),
    ("F", "Full screen"),
    ("S", "Snapshot"),
    ("L", "Save the last seconds (run with --replay)"),
    ("G", "Clip of the last five seconds (run with --replay)"),
    ("Esc", "Leave"),
];

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, handle_keys.in_set(MasqueSystems::Direct));
}

fn handle_keys(
    (keys, used): (Res<ButtonInput<KeyCode>>, Res<KeyboardUse>),
    library: Res<TextureLibrary>,
    mut panel: ResMut<PanelShown>,
    (look, mut switches): (Res<CurrentLook>, MessageWriter<SwitchLook>),
    mut windows: Query<&mut Window, With<PrimaryWindow>>,
    (mut snapshots, mut replays): (MessageWriter<SnapshotRequest>, MessageWriter<SaveReplay>),
    mut exit: MessageWriter<AppExit>,
) {
    // With these a key is a shortcut of the panel or of the system.
    let combined = [
        KeyCode::ControlLeft,
        KeyCode::ControlRight,
        KeyCode::AltLeft,
        KeyCode::AltRight,
        KeyCode::SuperLeft,
        KeyCode::SuperRight,
    ];
    if *used == KeyboardUse::Text || keys.any_pressed(combined) {
        return;
    }
    if keys.just_pressed(KeyCode::KeyR) {
        switches.write(SwitchLook::to_look(randomise(&look, &library, seed())));
    }
    if keys.just_pressed(KeyCode::KeyP) {
        panel.0 = !panel.0;
    }
    // In the panel, Tab goes from control to control.
    if keys.just_pressed(KeyCode::Tab) && !panel.0 {
        panel.0 = true;
    }
    if keys.just_pressed(KeyCode::KeyS) {
        snapshots.write(SnapshotRequest { path: snapshot_path() });
    }
    if keys.just_pressed(KeyCode::KeyL) {
        replays.write(SaveReplay::Video);
    }
    if keys.just_pressed(KeyCode::KeyG) {
        replays.write(SaveReplay::Clip);
    }
    if keys.just_pressed(KeyCode::KeyF) {
        for mut window in &mut windows {
            window.mode = match window.mode {
                WindowMode::Windowed => WindowMode::BorderlessFullscreen(MonitorSelection::Current),
                _ => WindowMode::Windowed,
            };
        }
    }
    if keys.just_pressed(KeyCode::Escape) && *used == KeyboardUse::Free {
        exit.write(AppExit::Success);
    }
}

/// A number that is another one each time.
pub(crate) fn seed() -> u64 {
    since_epoch().as_nanos() as u64
}

/// A new file in the folder the program was started in.
fn snapshot_path() -> PathBuf {
    PathBuf::from(format!("masque-{}.png", since_epoch().as_millis()))
}

fn since_epoch() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
