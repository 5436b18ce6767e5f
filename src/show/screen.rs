//! The composed picture in the window.

use bevy::prelude::*;
use bevy::window::{CursorOptions, MonitorSelection, PrimaryWindow, WindowMode};
use bevy::winit::{EventLoopProxyWrapper, UpdateMode, WinitSettings, WinitUserEvent};

use crate::compositor::ComposedImage;
use crate::schedule::{MasqueSystems, Waker};

/// Whether nobody is there to operate the program.
#[derive(Resource, Debug, Clone, Copy, Default)]
pub struct Kiosk(pub bool);

/// Whether the panel is shown.
#[derive(Resource, Debug, Clone, Copy, Default)]
pub struct PanelShown(pub bool);

/// What the panel does with the keyboard: those keys are not the program's.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyboardUse {
    /// Nothing.
    #[default]
    Free,
    /// A control of it has the keyboard: Esc and Tab are its own.
    Controls,
    /// Text is typed: every key is its own.
    Text,
}

/// The sprite that shows the composed picture.
#[derive(Component)]
struct Screen;

/// Longest sleep between two pictures of the window: what the panel's animations need.
pub(super) const IDLE: std::time::Duration = std::time::Duration::from_millis(33);

pub(super) fn plugin(app: &mut App) {
    let mode = UpdateMode::reactive(IDLE);
    app.insert_resource(WinitSettings { focused_mode: mode, unfocused_mode: mode })
        .insert_resource(ClearColor(Color::BLACK))
        .add_systems(Startup, (raise_screen, enter_kiosk, connect_waker))
        .add_systems(Update, fit_screen.after(MasqueSystems::Compose));
}

fn raise_screen(mut commands: Commands) {
    commands.spawn((Camera2d, Msaa::Off));
    commands.spawn((Screen, Sprite::default(), Visibility::Hidden));
}

fn enter_kiosk(
    kiosk: Res<Kiosk>,
    mut windows: Query<(&mut Window, &mut CursorOptions), With<PrimaryWindow>>,
) {
    if !kiosk.0 {
        return;
    }
    for (mut window, mut cursor) in &mut windows {
        window.mode = WindowMode::BorderlessFullscreen(MonitorSelection::Current);
        cursor.visible = false;
    }
}

/// Lets capture and perception wake a window that sleeps.
fn connect_waker(waker: Res<Waker>, proxy: Option<Res<EventLoopProxyWrapper>>) {
    if let Some(proxy) = proxy {
        let proxy = (**proxy).clone();
        waker.connect(move || {
            // The event loop is gone only when the app is.
            let _ = proxy.send_event(WinitUserEvent::WakeUp);
        });
    }
}

/// Shows the whole picture as large as the window allows.
fn fit_screen(
    composed: Res<ComposedImage>,
    windows: Query<&Window, With<PrimaryWindow>>,
    mut screens: Query<(&mut Sprite, &mut Visibility), With<Screen>>,
) {
    let Ok(window) = windows.single() else { return };
    if composed.size == UVec2::ZERO {
        return;
    }
    let (room, picture) = (window.size(), composed.size.as_vec2());
    let size = picture * (room / picture).min_element();
    for (mut sprite, mut visibility) in &mut screens {
        if sprite.custom_size != Some(size) || sprite.image != composed.image {
            sprite.image = composed.image.clone();
            sprite.custom_size = Some(size);
            *visibility = Visibility::Visible;
        }
    }
}
