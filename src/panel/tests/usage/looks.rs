//! Looks are worn, saved, copied and deleted.

use bevy_egui::egui::accesskit::Role;
use bevy_egui::egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use super::super::super::view::{Tab, Wish};
use super::super::scene::Scene;
use crate::look::{LookOrder, LookOrigin};

use super::{at, click, press};

#[test]
fn a_look_is_worn_randomised_and_saved_where_it_is_edited() {
    let mut harness = at(Tab::Looks);
    click(&mut harness, "Gilded");
    click(&mut harness, "Randomise");
    click(&mut harness, "Bare");
    press(&mut harness, Modifiers::COMMAND, Key::S);
    assert!(harness.query_by_label("edited").is_none());
    harness.state_mut().look.hair.opacity = 0.3;
    harness.run();
    assert!(harness.query_by_label("edited").is_some());
    press(&mut harness, Modifiers::COMMAND, Key::S);
    click(&mut harness, "Save");
    let save = Wish::Order(LookOrder::Save);
    let wishes = [Wish::Wear("gilded".into()), Wish::Randomise, Wish::Bare, save.clone(), save];
    assert_eq!(harness.state().wishes, wishes);
}

#[test]
fn a_look_without_a_file_is_saved_under_a_name() {
    let mut harness = at(Tab::Statistics);
    harness.state_mut().worn.origin = LookOrigin::Made;
    press(&mut harness, Modifiers::COMMAND, Key::S);
    assert_eq!(harness.state().state.tab, Tab::Looks);
    assert!(harness.get_by_label("Name").is_focused(), "one can type at once");
    harness.get_by_label("Name").type_text("mine");
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    let order = LookOrder::SaveAs { name: "mine".into(), replace: false };
    assert_eq!(harness.state().wishes, [Wish::Order(order)]);
    click(&mut harness, "Cancel");
    assert!(harness.query_by_label("Name").is_none());
}

#[test]
fn looks_of_ones_own_are_copied_renamed_and_deleted() {
    let mut harness = at(Tab::Looks);
    let enabled = |harness: &Harness<'_, Scene>, label| {
        !harness.get_by_role_and_label(Role::Button, label).accesskit_node().is_disabled()
    };
    assert!(
        enabled(&harness, "Duplicate…") && !enabled(&harness, "Rename…") && !enabled(&harness, "Delete…")
    );
    harness.state_mut().cards[4].own = true;
    harness.run();
    for label in ["Duplicate…", "Rename…", "Delete…"] {
        click(&mut harness, label);
        if label == "Rename…" {
            harness.get_by_label("Name").type_text("winter day");
            harness.run();
        }
        click(&mut harness, label.trim_end_matches('…'));
        click(&mut harness, "Cancel");
    }
    let name = || "winter".to_owned();
    let orders = [
        LookOrder::Duplicate { name: name(), copy: Some("winter copy".into()) },
        LookOrder::Rename { name: name(), to: "winter day".into() },
        LookOrder::Delete { name: name() },
    ];
    assert_eq!(harness.state().wishes, orders.map(Wish::Order));
}
