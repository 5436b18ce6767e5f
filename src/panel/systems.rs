//! Between the program and the drawing: makes the view, does what was wished for, writes back what changed.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};
use bevy::time::common_conditions::on_timer;
use bevy::window::PrimaryWindow;
use bevy_egui::{EguiContexts, egui};

use super::tabs::statistics::EVENTS;
use super::thumbnails::Thumbnails;
use super::view::{Figures, LookCard, PanelState, Problem, Settings, View, Wish};
use super::{draw, style};
use crate::capture::{SourceStatus, SwitchSource};
use crate::look::{
    AddTextures, CurrentLook, TextureLibrary, WatchedLook, load_look, randomise, shipped_looks,
};
use crate::perception::{Cadence, CadenceState, Pairing, PerceptionStatus};
use crate::schedule::Waker;
use crate::show::{KeyboardUse, PanelShown, gather, seed};
use crate::source::{CameraInfo, SourceUri, cameras};
use crate::stats::Stats;

/// How often cameras are looked for while the panel is shown.
const RESCAN: Duration = Duration::from_secs(5);
/// How often figures are taken while the panel is shown.
const FIGURES: Duration = Duration::from_millis(500);
/// Over how long pictures are counted.
const RATE: Duration = Duration::from_secs(1);

pub(super) fn plugin(app: &mut App) {
    let figures = on_timer(FIGURES).or_else(resource_changed::<PanelShown>);
    app.init_resource::<Cameras>()
        .init_resource::<LookCards>()
        .add_systems(Update, (find_cameras, list_looks, take_figures.run_if(figures)).run_if(panel_is_shown));
}

fn panel_is_shown(shown: Res<PanelShown>) -> bool {
    shown.0
}

/// Cameras that were found.
#[derive(Resource, Default)]
struct Cameras {
    found: Vec<CameraInfo>,
    scan: Option<Task<Vec<CameraInfo>>>,
    scanned: Option<Instant>,
}

/// Asks the system for cameras beside the main loop: drivers take their time.
fn find_cameras(mut known: ResMut<Cameras>) {
    if let Some(scan) = &mut known.scan {
        if let Some(found) = block_on(poll_once(scan)) {
            known.found = found;
            known.scan = None;
        }
    } else if known.scanned.is_none_or(|at| at.elapsed() >= RESCAN) {
        known.scanned = Some(Instant::now());
        known.scan = Some(IoTaskPool::get().spawn(async { cameras() }));
    }
}

/// Looks that can be chosen.
#[derive(Resource, Default)]
struct LookCards(Vec<LookCard>);

fn list_looks(mut cards: ResMut<LookCards>, library: Res<TextureLibrary>) {
    if cards.0.is_empty() || library.is_changed() {
        let card =
            |name: &str| LookCard { name: name.to_owned(), look: load_look(Some(name), &library).ok() };
        cards.0 = shipped_looks().map(card).collect();
    }
}

/// Takes what the statistics page and the line below all pages show.
fn take_figures(world: &mut World, mut counted: Local<Option<(Instant, u64)>>) {
    let report = gather(world);
    let frames = report.frames.composed;
    let (since, first) = *counted.get_or_insert((Instant::now(), frames));
    let events = world.resource::<Stats>().events();
    let events = events.iter().rev().take(EVENTS);
    let events = events.map(|event| (time_of_day(event.at), event.message.clone())).collect();
    let mut figures = world.resource_mut::<Figures>();
    if since.elapsed() >= RATE {
        figures.rate = frames.saturating_sub(first) as f64 / since.elapsed().as_secs_f64();
        *counted = Some((Instant::now(), frames));
    }
    figures.report = report;
    figures.events = events;
}

/// Hours, minutes and seconds, UTC.
fn time_of_day(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

/// What is shown, and what wishes change.
#[derive(SystemParam)]
pub(super) struct Program<'w> {
    look: ResMut<'w, CurrentLook>,
    library: Res<'w, TextureLibrary>,
    watched: ResMut<'w, WatchedLook>,
    cards: Res<'w, LookCards>,
    thumbnails: ResMut<'w, Thumbnails>,
    source: ResMut<'w, SourceStatus>,
    cameras: Res<'w, Cameras>,
    perception: Res<'w, PerceptionStatus>,
    pairing: ResMut<'w, Pairing>,
    cadence: ResMut<'w, Cadence>,
    cost: Res<'w, CadenceState>,
    figures: Res<'w, Figures>,
    stats: Res<'w, Stats>,
    waker: Res<'w, Waker>,
    switch: MessageWriter<'w, SwitchSource>,
    add: MessageWriter<'w, AddTextures>,
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
        let before = Settings { mirror: self.source.mirror, pairing: *self.pairing, cadence: *self.cadence };
        let mut settings = before;
        let mut view = View {
            look: &mut look,
            settings: &mut settings,
            library: &self.library,
            thumbnails: &mut self.thumbnails,
            looks: &self.cards.0,
            file: self.watched.path().map(ToOwned::to_owned),
            saving: self.watched.is_saving(),
            problems: problems(&self.watched, &self.perception),
            source: &self.source,
            cameras: &self.cameras.found,
            perception: &self.perception,
            cost: self.cost.level(),
            figures: &self.figures,
            wishes: Vec::new(),
        };
        draw::draw(ui, state, &mut view);
        let wishes = std::mem::take(&mut view.wishes);
        self.thumbnails.update(ui.ctx(), &self.stats, &self.waker);
        if look != self.look.0 {
            self.look.0 = look;
        }
        if settings != before {
            self.source.mirror = settings.mirror;
            *self.pairing = settings.pairing;
            *self.cadence = settings.cadence;
        }
        wishes.into_iter().for_each(|wish| self.grant(wish));
    }

    fn grant(&mut self, wish: Wish) {
        match wish {
            Wish::Wear(name) => match load_look(Some(&name), &self.library) {
                Ok(look) => {
                    self.look.0 = look;
                    self.watched.forget();
                }
                Err(error) => self.stats.event(error.in_one_line()),
            },
            Wish::Randomise => self.look.0 = randomise(&self.library, seed()),
            Wish::Save => self.watched.save(&self.look.0, &self.library),
            Wish::Open(address) => match address.parse::<SourceUri>() {
                Ok(uri) => {
                    self.switch.write(SwitchSource(uri));
                }
                Err(error) => self.stats.event(error.to_string()),
            },
            Wish::AddTextures(path) => {
                self.add.write(AddTextures(path));
            }
        }
    }
}

/// What a person should put right.
fn problems(watched: &WatchedLook, perception: &PerceptionStatus) -> Vec<Problem> {
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
    look.into_iter().chain(perception).collect()
}
