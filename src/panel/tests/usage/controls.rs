//! Parameters are set, searched, taken back, with the mouse and with the keys.

use bevy_egui::egui::accesskit::Role;
use bevy_egui::egui::{Key, Modifiers, Rect, pos2};
use egui_kittest::kittest::{NodeT, Queryable};

use super::super::super::view::Tab;
use crate::look::{Look, ParameterGroup, get};
use crate::parameters::Value;

use super::{HD, at, drag, press, value};

#[test]
fn a_drag_is_one_step_that_can_be_taken_back_and_again() {
    let mut harness = at(Tab::Regions);
    let (opacity, scale) = ("region/hair/opacity", "region/hair/scale");
    let before = harness.state().look.clone();
    drag(&mut harness, "Opacity", -30.0);
    let dragged = value(&harness, opacity);
    assert_ne!(dragged, get(&before, opacity).expect("a parameter"));
    drag(&mut harness, "Scale", 20.0);
    let after = harness.state().look.clone();
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(value(&harness, opacity), dragged);
    assert_eq!(value(&harness, scale), get(&before, scale).expect("a parameter"));
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().look, before);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().look, before, "there is nothing more to take back");
    press(&mut harness, Modifiers::COMMAND, Key::Y);
    press(&mut harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(harness.state().look, after);
    harness.get_by_label_contains("Undo").click();
    harness.run();
    assert_eq!(value(&harness, opacity), dragged);
}

#[test]
fn a_look_that_others_changed_can_be_taken_back() {
    let mut harness = at(Tab::Looks);
    let before = harness.state().look.clone();
    harness.state_mut().look = Look::default();
    harness.run();
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().look, before);
}

#[test]
fn a_parameter_or_all_of_a_group_go_back_to_the_default() {
    let mut harness = at(Tab::Regions);
    assert_eq!(harness.get_all_by_label("Reset").count(), 3, "texture, scale and tint of hair are set");
    let scale = harness.get_by_role_and_label(Role::Slider, "Scale").rect().center().y;
    let beside = harness.get_all_by_label("Reset").find(|node| node.rect().y_range().contains(scale));
    beside.expect("a reset button beside it").click();
    harness.run();
    assert_eq!(value(&harness, "region/hair/scale"), Value::Float(0.5));
    assert_eq!(value(&harness, "region/hair/texture"), Value::Texture(Some("feathers".into())));
    harness.get_by_label("Reset all").click();
    harness.run();
    let bare = Look::default();
    let group = ParameterGroup::Region(crate::frame::Region::Hair);
    for field in group.fields(&bare).iter() {
        let path = format!("{}/{}", group.path(&bare), field.key);
        assert_eq!(get(&harness.state().look, &path), get(&bare, &path), "{path}");
    }
    assert_ne!(harness.state().look.clothes, bare.clothes);
}

#[test]
fn what_is_searched_is_shown_with_its_widget() {
    let mut harness = at(Tab::Statistics);
    press(&mut harness, Modifiers::COMMAND, Key::F);
    harness.get_by_label("Search").type_text("lips fea");
    harness.run();
    drag(&mut harness, "Feather", 40.0);
    let before = get(&Look::default(), "face/lips/feather").expect("a parameter");
    assert_ne!(value(&harness, "face/lips/feather"), before);
    assert!(harness.query_by_role_and_label(Role::Slider, "Opacity").is_none());
    harness.get_by_label("Clear").click();
    harness.run();
    assert!(harness.query_by_label("Stages").is_some(), "the page from before is there again");
}

#[test]
fn a_texture_is_picked_by_its_picture() {
    let mut harness = at(Tab::Regions);
    harness.get_by_role_and_label(Role::ComboBox, "Texture").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "brick").click();
    harness.run();
    assert_eq!(value(&harness, "region/hair/texture"), Value::Texture(Some("brick".into())));
}

#[test]
fn tab_goes_through_every_control_and_keeps_it_in_sight() {
    let mut harness = at(Tab::Source);
    let window = Rect::from_min_size(pos2(0.0, 0.0), HD.into());
    let mut seen = Vec::new();
    for _ in 0..40 {
        press(&mut harness, Modifiers::NONE, Key::Tab);
        let focused = harness.root().children_recursive().find(|node| node.is_focused());
        let Some(node) = focused else { continue };
        let label = node.accesskit_node().label().or(node.value()).unwrap_or_default();
        assert!(window.contains_rect(node.rect()), "{label} at {:?}", node.rect());
        seen.push(label);
    }
    let last = "Lower the cost when frames come too late";
    for control in ["Search", "Regions", "Open", "Mirror", "Latest", last] {
        assert!(seen.iter().any(|seen| seen == control), "{control} is not among {seen:?}");
    }
}

#[test]
fn sliders_boxes_and_tabs_work_with_the_keyboard_alone() {
    let mut harness = at(Tab::Looks);
    press(&mut harness, Modifiers::COMMAND, Key::PageDown);
    assert_eq!(harness.state().state.tab, Tab::Regions);
    press(&mut harness, Modifiers::COMMAND, Key::PageUp);
    press(&mut harness, Modifiers::COMMAND, Key::PageUp);
    assert_eq!(harness.state().state.tab, Tab::Help);
    harness.get_by_label("Regions").focus();
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().state.tab, Tab::Regions);
    let before = value(&harness, "region/hair/opacity");
    harness.get_by_role_and_label(Role::Slider, "Opacity").focus();
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::ArrowLeft);
    press(&mut harness, Modifiers::NONE, Key::ArrowLeft);
    assert_ne!(value(&harness, "region/hair/opacity"), before);
    harness.get_by_role_and_label(Role::CheckBox, "Invert").focus();
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Space);
    assert_eq!(value(&harness, "region/hair/invert"), Value::Switch(true));
}

#[test]
fn memory_is_shown_over_ten_minutes_or_a_day() {
    let mut harness = at(Tab::Statistics);
    harness.get_by_label("Memory over 10 minutes");
    harness.get_by_label("Grows by 0.4 MB per hour");
    harness.get_by_label("78 % of 600 MiB, as asked for, warning");
    harness.get_by_label("memory warning: 450.2 MiB of 600 MiB are held");
    harness.get_by_label("Day").click();
    harness.run();
    harness.get_by_label("Memory over 24 hours");
    harness.get_by_label("Too early to say how it grows");
}
