//! Keys of the panel. Those of the whole program are in [`crate::show::KEYS`].

use bevy_egui::egui::{self, Key, KeyboardShortcut, Modifiers};

use super::history::Step;
use super::style;
use super::view::{PanelState, Tab, View};

pub(super) const UNDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Z);
pub(super) const REDO: KeyboardShortcut =
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
const REDO_TOO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Y);
pub(super) const SAVE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::S);
pub(super) const SEARCH: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::F);
pub(super) const SAVE_AS: KeyboardShortcut =
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::S);
const NEXT_TAB: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::PageDown);
const PREVIOUS_TAB: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::PageUp);
const LARGER: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Plus);
const LARGER_TOO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Equals);
const SMALLER: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Minus);
const FOLLOW_SCREEN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Num0);
const HELP: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::F1);

/// Keys while the panel is shown and what they do, for the panel and the manual.
pub const SHORTCUTS: &[(&str, &str)] = &[
    ("Ctrl+Z", "Undo"),
    ("Ctrl+Shift+Z, Ctrl+Y", "Redo"),
    ("Ctrl+S", "Save the look into its file"),
    ("Ctrl+Shift+S", "Save the look under another name"),
    ("Ctrl+F", "Search all parameters"),
    ("Ctrl+PageUp, PageDown", "Tab before, next tab"),
    ("Ctrl++, Ctrl+-, Ctrl+0", "Panel larger, smaller, as the screen wants it"),
    ("Tab, Shift+Tab", "Next control, control before"),
    ("Space, Enter", "Press the control, open a list"),
    ("Left, Right", "Move a slider"),
    ("Up, Down", "Move an effect by its dots"),
    ("Esc", "Leave the control, close a list"),
    ("F1", "This page"),
];

/// How much larger or smaller the panel becomes at once.
const SCALE_STEP: f32 = 0.25;

/// Where the search is typed.
pub(super) fn search_field() -> egui::Id {
    egui::Id::new("search parameters")
}

/// Does what was pressed.
pub(super) fn obey(ui: &egui::Ui, state: &mut PanelState, view: &mut View) {
    let context = ui.ctx();
    let pressed = |shortcut: &KeyboardShortcut| context.input_mut(|input| input.consume_shortcut(shortcut));
    // While text is typed, these keys are the text's own.
    if !context.text_edit_focused() {
        // The longer shortcut first: egui takes Ctrl+Shift+Z for Ctrl+Z, too.
        if pressed(&REDO) || pressed(&REDO_TOO) {
            redo(state, view);
        } else if pressed(&UNDO) {
            undo(state, view);
        }
    }
    if pressed(&SAVE_AS) {
        state.tab = Tab::Looks;
        state.search.clear();
        state.desk.save_as(view);
    } else if pressed(&SAVE) && !state.desk.save(view) {
        state.tab = Tab::Looks;
        state.search.clear();
    }
    if pressed(&SEARCH) {
        context.memory_mut(|memory| memory.request_focus(search_field()));
    }
    for (shortcut, step) in [(&NEXT_TAB, 1), (&PREVIOUS_TAB, Tab::ALL.len() - 1)] {
        if pressed(shortcut) {
            let at = Tab::ALL.iter().position(|tab| *tab == state.tab).unwrap_or_default();
            state.tab = Tab::ALL[(at + step) % Tab::ALL.len()];
            state.search.clear();
        }
    }
    if pressed(&HELP) {
        state.tab = Tab::Help;
        state.search.clear();
    }
    let scale = context.pixels_per_point();
    let step = |by: f32| Some((scale + by).clamp(*style::SCALES.start(), *style::SCALES.end()));
    if pressed(&LARGER) || pressed(&LARGER_TOO) {
        state.scale = step(SCALE_STEP);
    }
    if pressed(&SMALLER) {
        state.scale = step(-SCALE_STEP);
    }
    if pressed(&FOLLOW_SCREEN) {
        state.scale = None;
    }
}

/// Wears the look before the last step.
pub(super) fn undo(state: &mut PanelState, view: &mut View) {
    let step = state.history.undo();
    wear(step, view);
}

/// Wears the look before the last [`undo`].
pub(super) fn redo(state: &mut PanelState, view: &mut View) {
    let step = state.history.redo();
    wear(step, view);
}

fn wear(step: Option<Step>, view: &mut View) {
    let Some(step) = step else { return };
    *view.look = step.look;
    view.look.refresh_effects(view.library.effects());
    // Of the same file, what was saved last is known better now.
    if view.worn.origin != step.worn.origin {
        *view.worn = step.worn;
    }
}
