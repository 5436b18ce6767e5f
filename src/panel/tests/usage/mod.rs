//! What a person does with the panel, and what comes of it.

mod controls;
mod effects;
mod looks;
mod recording;
mod replay;
mod sight;

use bevy_egui::egui::accesskit::Role;
use bevy_egui::egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::super::view::Tab;
use super::scene::{Scene, open};
use crate::look::get;
use crate::parameters::Value;

const HD: [f32; 2] = [1280.0, 720.0];

fn at(tab: Tab) -> Harness<'static, Scene> {
    let mut scene = Scene::default();
    scene.state.tab = tab;
    open(scene, HD, 1.0).0
}

fn value(harness: &Harness<'_, Scene>, path: &str) -> Value {
    get(&harness.state().look, path).expect("a parameter")
}

/// Drags the slider called `label` by so many points, in steps.
fn drag(harness: &mut Harness<'_, Scene>, label: &str, by: f32) {
    let from = harness.get_by_role_and_label(Role::Slider, label).rect().center();
    harness.drag_at(from);
    for n in 1..=5 {
        harness.hover_at(from + vec2(by * n as f32 / 5.0, 0.0));
        harness.step();
    }
    harness.drop_at(from + vec2(by, 0.0));
    harness.run();
}

fn press(harness: &mut Harness<'_, Scene>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run();
}

/// Presses the button called `label`.
fn click(harness: &mut Harness<'_, Scene>, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run();
}
