//! What a person does with the panel, and what comes of it.

use bevy_egui::egui::accesskit::Role;
use bevy_egui::egui::{FontId, Key, Modifiers, Rect, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use super::super::SHORTCUTS;
use super::super::draw::WIDTH;
use super::super::view::{Problem, Tab, Wish};
use super::scene::{Scene, open};
use crate::effect::Effect;
use crate::look::{Look, LookOrder, LookOrigin, ParameterGroup, Stack, get};
use crate::parameters::{Kind, Value};
use crate::show::KEYS;

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

/// Presses the button called `label`.
fn click(harness: &mut Harness<'_, Scene>, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run();
}

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

#[test]
fn a_source_and_textures_are_typed_and_opened() {
    let mut harness = at(Tab::Source);
    harness.get_by_label("File, folder or address").focus();
    harness.run();
    harness.get_by_label("File, folder or address").type_text("rtsp://camera/1");
    harness.run();
    press(&mut harness, Modifiers::NONE, Key::Enter);
    harness.get_by_label("Folder or picture").focus();
    harness.run();
    harness.get_by_label("Folder or picture").type_text(" /home/me/bark ");
    harness.run();
    harness.get_by_label("Add").click();
    harness.run();
    let wishes = [Wish::Open("rtsp://camera/1".into()), Wish::AddTextures("/home/me/bark".into())];
    assert_eq!(harness.state().wishes, wishes);
}

#[test]
fn problems_are_in_sight_on_every_tab() {
    for tab in Tab::ALL {
        let mut scene = Scene::default();
        scene.state.tab = tab;
        let problem =
            |n: u32| Problem { place: format!("file{n}.wgsl, line {n}"), message: format!("wrong {n}") };
        scene.problems = (1..=5).map(problem).collect();
        let harness = open(scene, HD, 1.0).0;
        for text in ["⚠ file1.wgsl, line 1", "wrong 1", "wrong 3", "2 more"] {
            assert!(harness.query_by_label(text).is_some(), "{text} on {tab:?}");
        }
    }
}

/// Everything of the panel that is drawn, in points.
fn drawn(harness: &Harness<'_, Scene>) -> Vec<(String, Rect)> {
    let nodes = harness.root().children_recursive();
    let text = |node: &egui_kittest::Node<'_>| node.accesskit_node().label().or(node.value());
    nodes.filter_map(|node| Some((text(&node)?, node.rect()))).collect()
}

#[test]
fn nothing_is_cut_off_and_every_letter_has_a_glyph() {
    for (size, scale) in [(HD, 1.0), ([1920.0, 1080.0], 2.0), ([640.0, 360.0], 2.0)] {
        for tab in Tab::ALL {
            let mut scene = Scene::default();
            scene.state.tab = tab;
            scene.worn.origin = LookOrigin::File(
                "/home/me/looks/with/a/very/long/path/that/does/not/fit/into/a/line.toml".into(),
            );
            let harness = open(scene, size, scale).0;
            let drawn = drawn(&harness);
            assert!(drawn.len() > 10, "{tab:?} shows {drawn:?}");
            for (text, rect) in drawn {
                assert!(rect.right() <= WIDTH && rect.left() >= 0.0, "{text} at {rect:?} on {tab:?}");
                let font = FontId::proportional(13.0);
                let known = harness.ctx.fonts_mut(|fonts| fonts.has_glyphs(&font, &text));
                assert!(known, "a letter of {text} on {tab:?} has no glyph");
            }
        }
    }
}

#[test]
fn every_key_is_listed() {
    let harness = at(Tab::Help);
    for (key, what) in KEYS.iter().chain(SHORTCUTS) {
        assert!(harness.query_all_by_label(key).count() > 0, "{key}");
        assert!(harness.query_all_by_label(what).count() > 0, "{what}");
    }
}

#[test]
fn the_panel_becomes_larger_and_smaller() {
    let mut harness = at(Tab::Help);
    press(&mut harness, Modifiers::COMMAND, Key::Plus);
    assert_eq!(harness.state().state.scale, Some(1.25));
    press(&mut harness, Modifiers::COMMAND, Key::Minus);
    assert_eq!(harness.state().state.scale, Some(0.75));
    press(&mut harness, Modifiers::COMMAND, Key::Num0);
    assert_eq!(harness.state().state.scale, None);
}
