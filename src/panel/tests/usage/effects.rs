//! Effects are stacked, moved, set and found.

use bevy_egui::egui::accesskit::Role;
use bevy_egui::egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::super::super::view::Tab;
use super::super::scene::{Scene, open};
use crate::effect::Effect;
use crate::look::{Stack, get};
use crate::parameters::{Kind, Value};

use super::{click, drag, press, value};

/// A panel at the effects of hair, which wears `names`, from below.
fn with_effects(names: &[&str]) -> Harness<'static, Scene> {
    let mut scene = Scene::default();
    scene.state.tab = Tab::Regions;
    scene.wear(HAIR, names);
    open(scene, [1280.0, 1400.0], 1.0).0
}

const HAIR: Stack = Stack::Region(crate::frame::Region::Hair);

fn stack(harness: &Harness<'_, Scene>) -> Vec<String> {
    let layers = harness.state().look.stack(HAIR);
    layers.iter().map(|layer| layer.effect.name().to_owned()).collect()
}

#[test]
fn effects_are_added_set_switched_and_taken_away() {
    let mut harness = with_effects(&[]);
    click(&mut harness, "Add effect");
    harness.get_by_role_and_label(Role::Button, "Halftone").scroll_to_me();
    harness.run();
    click(&mut harness, "Halftone");
    assert_eq!(stack(&harness), ["halftone"]);
    drag(&mut harness, "Dot size", 30.0);
    let default = Value::Float(match &harness.state().look.stack(HAIR)[0].effect.inputs()[0].field.kind {
        Kind::Float(float) => float.default,
        kind => panic!("{kind:?}"),
    });
    assert_ne!(harness.state().look.stack(HAIR)[0].values[0], default);
    harness.get_by_role_and_label(Role::CheckBox, "Halftone on").click();
    harness.run();
    assert!(!harness.state().look.stack(HAIR)[0].on);
    click(&mut harness, "Remove Halftone");
    assert!(stack(&harness).is_empty());
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(stack(&harness), ["halftone"]);
    assert_ne!(harness.state().look.stack(HAIR)[0].values[0], default);
}

#[test]
fn effects_change_places_by_dragging_and_with_the_keys() {
    let names = ["halftone", "hue_cycle", "dither"];
    let mut harness = with_effects(&names);
    let handle = |harness: &Harness<'_, Scene>, label: &str| {
        harness.get_by_role_and_label(Role::Button, label).rect().center()
    };
    // The uppermost is at the top of the list: the last of the stack.
    let (halftone, dither) = (handle(&harness, "Move Halftone"), handle(&harness, "Move Dither"));
    assert!(dither.y < halftone.y);
    harness.drag_at(halftone);
    for n in 1..=6 {
        harness.hover_at(halftone + (dither - vec2(0.0, 20.0) - halftone) * (n as f32 / 6.0));
        harness.step();
    }
    harness.drop_at(dither - vec2(0.0, 20.0));
    harness.run();
    assert_eq!(stack(&harness), ["hue_cycle", "dither", "halftone"]);
    harness.get_by_role_and_label(Role::Button, "Move Halftone").focus();
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(stack(&harness), ["hue_cycle", "halftone", "dither"]);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(stack(&harness), names, "the layer that moved keeps the keyboard");
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(stack(&harness), names);
}

#[test]
fn parameters_of_effects_are_found() {
    let mut harness = with_effects(&["halftone"]);
    harness.state_mut().state.search = "hair halftone dot".into();
    harness.run();
    drag(&mut harness, "Dot size", 30.0);
    let path = "region/hair/effect/halftone/dot_size";
    assert_ne!(value(&harness, path), get(&with_effects(&["halftone"]).state().look, path).expect("known"));
}

#[test]
fn an_event_is_no_step() {
    let mut harness = with_effects(&[]);
    let header = r#"/*{ "INPUTS": [{ "NAME": "flash", "TYPE": "event" }] }*/
fn effect(uv: vec2<f32>) -> vec4<f32> { return select(below(uv), vec4(1.0), flash); }"#;
    let effect = Effect::parse("flash_light", header).expect("an effect");
    harness.state_mut().look.add_effect(HAIR, effect.into());
    harness.state_mut().state.layer = Some((HAIR, "flash_light".into()));
    harness.run();
    click(&mut harness, "Now");
    assert_eq!(harness.state().look.stack(HAIR)[0].values, [Value::Switch(true)]);
    harness.state_mut().look.end_events();
    harness.run();
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert!(stack(&harness).is_empty(), "the step before is the effect that was added");
}
