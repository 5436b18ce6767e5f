//! Between the program and the drawing: makes the view, does what was wished for, writes back what changed.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass, egui};

use super::lists::{Cameras, LookCards};
use super::thumbnails::Thumbnails;
use super::view::{Figures, PanelState, Problem, Settings, View, Wish};
use super::{draw, style};
use crate::capture::{SourceStatus, SwitchSource};
use crate::compositor::Fit;
use crate::effect::EffectLibrary;
use crate::look::{
    AddTextures, CurrentLook, FadeDefaults, Look, LookOrder, LookOrderDone, Playlist, PlaylistOrder,
    SwitchLook, TextureLibrary, WatchedLook, WornLook, randomise,
};
use crate::perception::{Cadence, CadenceState, Pairing, PerceptionStatus};
use crate::record::{Recorder, Replay, SaveReplay};
use crate::schedule::Waker;
use crate::show::{KeyboardUse, PanelShown, seed};
use crate::source::SourceUri;
use crate::stats::Stats;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, take_answers.run_if(on_message::<LookOrderDone>))
        .add_systems(EguiPrimaryContextPass, draw_panel);
}

/// Shows what became of orders, also of those that were given before the panel was hidden.
fn take_answers(mut answers: MessageReader<LookOrderDone>, mut state: ResMut<PanelState>) {
    for answer in answers.read() {
        state.desk.take(answer);
    }
}

/// What is shown, and what wishes change.
#[derive(SystemParam)]
pub(super) struct Program<'w> {
    look: ResMut<'w, CurrentLook>,
    library: Res<'w, TextureLibrary>,
    worn: ResMut<'w, WornLook>,
    watched: ResMut<'w, WatchedLook>,
    playlist: Res<'w, Playlist>,
    fade: ResMut<'w, FadeDefaults>,
    cards: Res<'w, LookCards>,
    thumbnails: ResMut<'w, Thumbnails>,
    source: ResMut<'w, SourceStatus>,
    cameras: Res<'w, Cameras>,
    perception: Res<'w, PerceptionStatus>,
    fit: ResMut<'w, Fit>,
    pairing: ResMut<'w, Pairing>,
    cadence: ResMut<'w, Cadence>,
    cost: Res<'w, CadenceState>,
    figures: Res<'w, Figures>,
    recorder: Res<'w, Recorder>,
    replay: Res<'w, Replay>,
    stats: Res<'w, Stats>,
    waker: Res<'w, Waker>,
    wishes: Granted<'w>,
}

/// What wishes are passed on to.
#[derive(SystemParam)]
struct Granted<'w> {
    sources: MessageWriter<'w, SwitchSource>,
    textures: MessageWriter<'w, AddTextures>,
    looks: MessageWriter<'w, SwitchLook>,
    orders: MessageWriter<'w, LookOrder>,
    playlist: MessageWriter<'w, PlaylistOrder>,
    replays: MessageWriter<'w, SaveReplay>,
}

/// What is different where the panel is drawn for the first time after it was hidden.
#[derive(Default)]
pub(super) struct Drawn {
    styled: bool,
    shown: bool,
}

/// Draws the panel where it is shown.
pub(super) fn draw_panel(
    mut contexts: EguiContexts,
    shown: Res<PanelShown>,
    windows: Query<&Window, With<PrimaryWindow>>,
    mut state: ResMut<PanelState>,
    mut program: Program,
    mut keyboard: ResMut<KeyboardUse>,
    mut drawn: Local<Drawn>,
) -> Result {
    let context = contexts.ctx_mut()?;
    if !shown.0 {
        keyboard.set_if_neq(KeyboardUse::Free);
        drawn.shown = false;
        return Ok(());
    }
    if !std::mem::replace(&mut drawn.styled, true) {
        style::apply(context);
    }
    if !std::mem::replace(&mut drawn.shown, true) {
        // The key that showed the panel does not choose its first control, too.
        context.memory_mut(|memory| memory.move_focus(egui::FocusDirection::None));
    }
    if let Ok(window) = windows.single() {
        let rows = window.physical_height() as f32;
        context.set_pixels_per_point(style::pixels_per_point(state.scale, window.scale_factor(), rows));
    }
    program.show(&mut draw::root(context), &mut state);
    keyboard.set_if_neq(match context {
        context if context.text_edit_focused() => KeyboardUse::Text,
        context if context.egui_wants_keyboard_input() || context.any_popup_open() => KeyboardUse::Controls,
        _ => KeyboardUse::Free,
    });
    Ok(())
}

impl Program<'_> {
    fn show(&mut self, ui: &mut egui::Ui, state: &mut PanelState) {
        // Copies are edited, so that only a real change marks anything as changed.
        let mut look = self.look.0.clone();
        let mut worn = self.worn.clone();
        let before = Settings {
            mirror: self.source.mirror,
            fit: *self.fit,
            pairing: *self.pairing,
            cadence: *self.cadence,
            fade: *self.fade,
        };
        let mut settings = before;
        let mut view = View {
            look: &mut look,
            worn: &mut worn,
            settings: &mut settings,
            library: &self.library,
            thumbnails: &mut self.thumbnails,
            looks: &self.cards.cards,
            playlist: &self.playlist,
            problems: problems(&self.watched, &self.playlist, self.library.effects(), &self.perception),
            source: &self.source,
            cameras: &self.cameras.found,
            perception: &self.perception,
            cost: self.cost.level(),
            figures: &self.figures,
            recording: self.recorder.status(&self.stats),
            replay: self.replay.status(),
            wishes: Vec::new(),
        };
        draw::draw(ui, state, &mut view);
        let wishes = std::mem::take(&mut view.wishes);
        self.thumbnails.update(ui.ctx(), &self.stats, &self.waker);
        if look != self.look.0 {
            self.look.0 = look;
        }
        if worn != *self.worn {
            // Taken back to another look: its file is not what is worn, and must not be worn over it.
            *self.worn = worn;
            self.watched.forget();
        }
        if settings != before {
            self.source.mirror = settings.mirror;
            self.fit.set_if_neq(settings.fit);
            *self.pairing = settings.pairing;
            *self.cadence = settings.cadence;
            *self.fade = settings.fade;
        }
        wishes.into_iter().for_each(|wish| self.grant(wish));
    }

    fn grant(&mut self, wish: Wish) {
        match wish {
            Wish::Wear(name) => {
                self.wishes.looks.write(SwitchLook::to(name));
            }
            Wish::Randomise => {
                let look = randomise(&self.look.0, &self.library, seed());
                self.wishes.looks.write(SwitchLook::to_look(look));
            }
            Wish::Bare => {
                self.wishes.looks.write(SwitchLook::to_look(Look::default()));
            }
            Wish::Order(order) => {
                self.wishes.orders.write(order);
            }
            Wish::Play(order) => {
                self.wishes.playlist.write(order);
            }
            Wish::Open(address) => match address.parse::<SourceUri>() {
                Ok(uri) => {
                    self.wishes.sources.write(SwitchSource(uri));
                }
                Err(error) => self.stats.event(error.to_string()),
            },
            Wish::AddTextures(path) => {
                self.wishes.textures.write(AddTextures(path));
            }
            Wish::Save(what) => {
                self.wishes.replays.write(what);
            }
        }
    }
}

/// What a person should put right.
fn problems(
    watched: &WatchedLook,
    playlist: &Playlist,
    effects: &EffectLibrary,
    perception: &PerceptionStatus,
) -> Vec<Problem> {
    let look = watched.trouble().map(|trouble| {
        let file = watched.path().map(|path| path.display().to_string());
        Problem { place: file.unwrap_or_else(|| "Look".to_owned()), message: trouble.to_owned() }
    });
    let perception = match perception {
        PerceptionStatus::Failed(why) => {
            Some(Problem { place: "Perception".to_owned(), message: why.clone() })
        }
        _ => None,
    };
    let playlist = playlist.trouble().map(|trouble| {
        let file = playlist.path().map(|path| path.display().to_string());
        Problem { place: file.unwrap_or_else(|| "Playlist".to_owned()), message: trouble.to_owned() }
    });
    let effects = effects.troubles().map(|trouble| Problem {
        place: format!("{}, line {}, column {}", trouble.file, trouble.line, trouble.column),
        message: trouble.message.clone(),
    });
    look.into_iter().chain(effects).chain(playlist).chain(perception).collect()
}
