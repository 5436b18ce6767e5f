//! What is being done with looks: saved, copied, renamed, deleted, and what became of it.

use super::view::{View, Wish};
use crate::look::{LookOrder, LookOrderDone, LookOrderError, LookOrigin};

/// The form that is open, if any, and the last answer.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) form: Option<Form>,
    /// What was done, or why it was not.
    pub(super) answer: Option<Result<String, String>>,
}

/// What is asked before an order is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) task: Task,
    /// What was typed: the new name.
    pub(super) name: String,
    /// Whether the name is there already, and what is there may be replaced.
    pub(super) taken: bool,
    /// Frames in which it still has to be given the keyboard.
    pub(super) fresh: u8,
}

/// What the form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// Write what is worn under another name.
    SaveAs,
    /// Copy this look.
    Duplicate(String),
    /// Give this look another name.
    Rename(String),
    /// Delete this look.
    Delete(String),
}

impl Task {
    /// What its button says.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::SaveAs => "Save as",
            Self::Duplicate(_) => "Duplicate",
            Self::Rename(_) => "Rename",
            Self::Delete(_) => "Delete",
        }
    }
}

impl Form {
    /// The order, as it is filled in.
    fn order(&self) -> LookOrder {
        let name = self.name.trim().to_owned();
        match &self.task {
            Task::SaveAs => LookOrder::SaveAs { name, replace: self.taken },
            Task::Duplicate(from) => LookOrder::Duplicate { name: from.clone(), copy: Some(name) },
            Task::Rename(from) => LookOrder::Rename { name: from.clone(), to: name },
            Task::Delete(from) => LookOrder::Delete { name: from.clone() },
        }
    }
}

impl Desk {
    /// Opens the form for `task`, with a name to begin with.
    pub(super) fn open(&mut self, task: Task) {
        let name = match &task {
            Task::SaveAs => String::new(),
            Task::Duplicate(from) => format!("{from} copy"),
            Task::Rename(from) | Task::Delete(from) => from.clone(),
        };
        self.answer = None;
        self.form = Some(Form { task, name, taken: false, fresh: 2 });
    }

    /// Opens the form for a name.
    pub(super) fn save_as(&mut self, view: &View) {
        self.open(Task::SaveAs);
        let name = view.worn.origin.name().map(str::to_owned);
        if let (Some(form), Some(name)) = (&mut self.form, name) {
            form.name = format!("{name} 2");
        }
    }

    /// Saves what is worn; what has no file yet needs a name first, then a form is open and this is `false`.
    pub(super) fn save(&mut self, view: &mut View) -> bool {
        if view.worn.origin == LookOrigin::Made {
            self.save_as(view);
            return false;
        }
        if view.worn.is_edited(view.look) {
            self.form = None;
            view.wishes.push(Wish::Order(LookOrder::Save));
        }
        true
    }

    /// Gives the order that is filled in.
    pub(super) fn send(&mut self, view: &mut View) {
        let Some(form) = &self.form else { return };
        if !form.name.trim().is_empty() {
            self.answer = None;
            view.wishes.push(Wish::Order(form.order()));
        }
    }

    /// Takes what became of an order.
    pub(super) fn take(&mut self, done: &LookOrderDone) {
        match &done.outcome {
            Ok(said) => {
                self.form = None;
                self.answer = Some(Ok(said.clone()));
            }
            Err(error) => {
                if let (LookOrderError::Exists { name, .. }, Some(form)) = (error, &mut self.form) {
                    form.taken = form.task == Task::SaveAs && form.name.trim() == name;
                }
                self.answer = Some(Err(error.in_one_line()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_is_asked_about_and_then_replaced() {
        let mut desk = Desk::default();
        desk.open(Task::SaveAs);
        let form = desk.form.as_mut().expect("a form");
        form.name = " mine ".into();
        let order = form.order();
        assert_eq!(order, LookOrder::SaveAs { name: "mine".into(), replace: false });
        let error = LookOrderError::Exists { name: "mine".into(), path: "/looks/mine.toml".into() };
        desk.take(&LookOrderDone { order, outcome: Err(error) });
        let order = desk.form.as_ref().expect("still open").order();
        assert_eq!(order, LookOrder::SaveAs { name: "mine".into(), replace: true });
        desk.take(&LookOrderDone { order, outcome: Ok("saved".into()) });
        assert!(desk.form.is_none() && desk.answer == Some(Ok("saved".into())));
    }
}
