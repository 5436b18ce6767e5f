//! Undo and redo: looks as a whole, so that whatever changes one is covered.

use std::borrow::Cow;
use std::collections::VecDeque;

use bevy_egui::egui;

use crate::effect::EffectLibrary;
use crate::look::{Look, WornLook};

/// Most steps that can be taken back. A look is a few kilobytes.
const STEPS: usize = 100;
/// Changes with the same control in seconds that are one step.
const TYPING: f64 = 1.0;
/// Changes from outside the panel so many seconds apart are one step: a fader of a controller.
const OUTSIDE: f64 = 0.2;

/// Steps back and forth.
#[derive(Debug, Default)]
pub(super) struct History {
    past: VecDeque<Step>,
    future: Vec<Step>,
    /// The look as it was seen last.
    present: Option<Step>,
    open: Option<Open>,
}

/// A look, and where it came from: who takes back the change to another one must not save the one before into
/// the other's file.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) look: Look,
    pub(super) worn: WornLook,
}

impl Step {
    fn is(&self, look: &Look, worn: &WornLook) -> bool {
        self.look == *without_events(look) && self.worn.origin == worn.origin
    }
}

/// A step that goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Open {
    /// As long as a pointer is held down, and the moment in which it is let go.
    Held,
    /// As long as the same control is typed into.
    Typed { control: egui::Id, last: f64 },
    /// As long as somebody else goes on changing.
    Outside { last: f64 },
}

/// What happens in one picture only is no step.
fn without_events(look: &Look) -> Cow<'_, Look> {
    let mut look = Cow::Borrowed(look);
    if look.has_events() {
        look.to_mut().end_events();
    }
    look
}

/// What the person does in this frame.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hand {
    /// A pointer is held down.
    pub(super) held: bool,
    /// The control that has the keyboard.
    pub(super) control: Option<egui::Id>,
    /// Seconds.
    pub(super) now: f64,
}

impl Hand {
    /// What `context` says of this frame.
    pub(super) fn of(context: &egui::Context) -> Self {
        let control = context.memory(egui::Memory::focused);
        context.input(|input| Self { held: input.pointer.any_down(), control, now: input.time })
    }
}

impl History {
    /// Takes note of a look that may have been changed by others since the last frame.
    pub(super) fn notice(&mut self, look: &Look, worn: &WornLook, effects: &EffectLibrary, now: f64) {
        // An effect that was edited is no step: what is taken back wears it, too.
        if let Some(present) = self.present.as_mut().filter(|present| !present.is(look, worn)) {
            present.look.refresh_effects(effects);
        }
        let goes_on = matches!(self.open, Some(Open::Outside { last }) if now - last < OUTSIDE);
        if self.step(look, worn, goes_on) {
            self.open = Some(Open::Outside { last: now });
        }
    }

    /// Takes note of what the panel did to the look in this frame; called in each.
    pub(super) fn record(&mut self, look: &Look, worn: &WornLook, hand: Hand) {
        let goes_on = match self.open {
            Some(Open::Held) => true,
            Some(Open::Typed { control, last }) => hand.control == Some(control) && hand.now - last < TYPING,
            Some(Open::Outside { .. }) | None => false,
        };
        let changed = self.step(look, worn, goes_on);
        match hand {
            Hand { held: true, .. } if changed || self.open == Some(Open::Held) => {
                self.open = Some(Open::Held);
            }
            Hand { control: Some(control), now, .. } if changed => {
                self.open = Some(Open::Typed { control, last: now });
            }
            _ if changed || self.open == Some(Open::Held) => self.open = None,
            _ => {}
        }
    }

    /// Whether `look` is another than before; a new step unless the last one `goes_on`.
    fn step(&mut self, look: &Look, worn: &WornLook, goes_on: bool) -> bool {
        let now = || Step { look: without_events(look).into_owned(), worn: worn.clone() };
        let Some(present) = &self.present else {
            self.present = Some(now());
            return false;
        };
        if present.is(look, worn) {
            return false;
        }
        let before = self.present.replace(now());
        self.future.clear();
        if !goes_on {
            if self.past.len() == STEPS {
                self.past.pop_front();
            }
            self.past.extend(before);
        }
        true
    }

    /// The look before the last step. There and back again in one drag is no step.
    pub(super) fn undo(&mut self) -> Option<Step> {
        let step = loop {
            let step = self.past.pop_back()?;
            if !self.is_present(&step) {
                break step;
            }
        };
        self.future.extend(self.present.replace(step.clone()));
        self.open = None;
        Some(step)
    }

    /// The look before the last [`Self::undo`].
    pub(super) fn redo(&mut self) -> Option<Step> {
        let step = self.future.pop()?;
        self.past.extend(self.present.replace(step.clone()));
        self.open = None;
        Some(step)
    }

    /// Whether there is a step to take back.
    pub(super) fn can_undo(&self) -> bool {
        self.past.iter().any(|step| !self.is_present(step))
    }

    fn is_present(&self, step: &Step) -> bool {
        self.present.as_ref().is_some_and(|present| present.is(&step.look, &step.worn))
    }

    /// Whether there is a step to take again.
    pub(super) fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::LookOrigin;

    fn look(opacity: f32) -> Look {
        let mut look = Look::default();
        look.hair.opacity = opacity;
        look
    }

    fn worn() -> WornLook {
        WornLook::default()
    }

    fn undo(history: &mut History) -> Option<Look> {
        history.undo().map(|step| step.look)
    }

    fn redo(history: &mut History) -> Option<Look> {
        history.redo().map(|step| step.look)
    }

    const IDLE: Hand = Hand { held: false, control: None, now: 0.0 };
    const HELD: Hand = Hand { held: true, ..IDLE };

    #[test]
    fn a_drag_is_one_step_and_the_frame_of_letting_go_belongs_to_it() {
        let mut history = History::default();
        history.record(&look(0.0), &worn(), IDLE);
        for opacity in [0.1, 0.2, 0.3] {
            history.record(&look(opacity), &worn(), HELD);
        }
        history.record(&look(0.4), &worn(), IDLE);
        history.record(&look(0.9), &worn(), IDLE);
        assert_eq!(undo(&mut history), Some(look(0.4)));
        assert_eq!(undo(&mut history), Some(look(0.0)));
        assert_eq!(undo(&mut history), None);
        assert_eq!(redo(&mut history), Some(look(0.4)));
        assert_eq!(redo(&mut history), Some(look(0.9)));
        assert_eq!(redo(&mut history), None);
    }

    #[test]
    fn a_new_change_forgets_what_could_be_redone_and_there_and_back_is_no_step() {
        let mut history = History::default();
        history.record(&look(0.0), &worn(), IDLE);
        history.record(&look(0.5), &worn(), IDLE);
        assert!(undo(&mut history).is_some() && history.can_redo());
        history.record(&look(0.2), &worn(), HELD);
        assert!(!history.can_redo());
        history.record(&look(0.0), &worn(), HELD);
        assert!(!history.can_undo());
        history.record(&look(0.7), &worn(), HELD);
        assert_eq!(undo(&mut history), Some(look(0.0)));
    }

    #[test]
    fn typing_into_one_control_is_one_step_until_one_rests() {
        let control = |name: &str, now| Hand { control: Some(egui::Id::new(name)), now, ..IDLE };
        let mut history = History::default();
        history.record(&look(0.0), &worn(), IDLE);
        history.record(&look(0.1), &worn(), control("a", 1.0));
        history.record(&look(0.2), &worn(), control("a", 1.5));
        history.record(&look(0.3), &worn(), control("a", 3.0));
        history.record(&look(0.4), &worn(), control("b", 3.1));
        assert_eq!(undo(&mut history), Some(look(0.3)));
        assert_eq!(undo(&mut history), Some(look(0.2)));
        assert_eq!(undo(&mut history), Some(look(0.0)));
    }

    #[test]
    fn changes_from_outside_can_be_taken_back_and_streams_of_them_are_one_step() {
        let mut history = History::default();
        history.notice(&look(0.0), &worn(), &EffectLibrary::default(), 0.0);
        for frame in 1..=30 {
            history.notice(
                &look(frame as f32 / 100.0),
                &worn(),
                &EffectLibrary::default(),
                f64::from(frame) / 30.0,
            );
        }
        history.notice(&look(0.9), &worn(), &EffectLibrary::default(), 10.0);
        assert_eq!(undo(&mut history), Some(look(0.3)));
        assert_eq!(undo(&mut history), Some(look(0.0)));
        assert!(!history.can_undo());
    }

    #[test]
    fn steps_are_bounded() {
        let mut history = History::default();
        for n in 0..=2 * STEPS {
            history.record(&look(n as f32), &worn(), IDLE);
        }
        assert_eq!(std::iter::from_fn(|| history.undo()).count(), STEPS);
    }

    #[test]
    fn another_look_is_taken_back_with_where_it_came_from() {
        let from = |name: &str| {
            let mut worn = WornLook::default();
            worn.origin = LookOrigin::File(name.into());
            worn
        };
        let mut history = History::default();
        history.notice(&look(0.5), &from("a.toml"), &EffectLibrary::default(), 0.0);
        history.notice(&look(0.5), &from("b.toml"), &EffectLibrary::default(), 1.0);
        assert_eq!(history.undo().map(|step| step.worn.origin), Some(LookOrigin::File("a.toml".into())));
    }
}
