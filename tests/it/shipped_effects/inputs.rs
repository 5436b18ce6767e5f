//! Every input of every effect can be seen to do something.

use masque::look::Stack;
use masque::parameters::{Kind, Value};

use super::easel::{Easel, Scene, Values, difference, float};

/// Values with which all of an effect's inputs show, on a picture of 144 rows: dots, tiles and lines are large enough.
pub(super) fn shown(effect: &str) -> Values {
    match effect {
        "ascii" => vec![("size", float(0.11))],
        "crt" => vec![("lines", float(30.0))],
        "dither" => vec![("pixel_size", float(0.02))],
        "edge_glow" => vec![("width", float(0.03))],
        "four_colour_print" => vec![("dot_size", float(0.06))],
        "halftone" => vec![("dot_size", float(0.08))],
        "ink_sketch" => vec![("line", float(0.01)), ("hatching", float(0.04)), ("shade", float(0.8))],
        "pixel_mosaic" => vec![("size", float(0.12)), ("gap", float(0.2))],
        "stained_glass" => vec![("size", float(0.15)), ("lead", float(0.025))],
        _ => Vec::new(),
    }
}

/// What else must be set so that this input shows.
fn needs(effect: &str, input: &str) -> Values {
    match (effect, input) {
        ("ascii", "ink") => vec![("style", Value::Selection(1))],
        ("chromatic_shift", "angle" | "shake") => vec![("shift", float(0.05))],
        ("dither", "levels") => vec![("palette", Value::Selection(1))],
        ("focal_blur", "point" | "radius") => vec![("focus", Value::Selection(3))],
        ("focal_blur", "fade") => vec![("focus", Value::Selection(3)), ("radius", float(0.0))],
        ("paper_print", "size") => vec![("sheet", Value::Texture(Some("lava".into())))],
        // A half turn of six slices is the same picture.
        ("kaleidoscope", "turn") => vec![("slices", Value::Selection(5))],
        ("hue_cycle", "direction") => vec![("rainbow", float(1.0))],
        _ => Vec::new(),
    }
}

/// A value that says the same as the default in the stack over the whole picture.
fn is_same(effect: &str, input: &str, value: &Value) -> bool {
    (effect, input) == ("edge_glow", "outline_of") && *value == Value::Selection(-1)
}

/// Other values of an input than `default`.
fn others(kind: &Kind) -> Vec<Value> {
    match kind {
        Kind::Float(float) => {
            let up = float.max - float.default > float.default - float.min;
            vec![Value::Float(if up { float.max } else { float.min })]
        }
        Kind::Switch(switch) => vec![Value::Switch(!switch.default)],
        Kind::Color(color) => vec![Value::Color(color.default.map(|channel| 1.0 - channel))],
        Kind::Point(_) => vec![Value::Point([0.2, 0.8])],
        Kind::Selection(selection) => {
            let values = selection.options.iter().map(|option| option.0);
            values.filter(|value| *value != selection.default).map(Value::Selection).collect()
        }
        Kind::Event(_) => vec![Value::Switch(true)],
        Kind::Texture(_) => vec![Value::Texture(Some("lava".into()))],
        Kind::Blend(_) => Vec::new(),
    }
}

#[test]
fn every_input_changes_the_picture() {
    let mut easel = Easel::new();
    let scene = Scene::default();
    let mut idle = Vec::new();
    for effect in easel.effects() {
        let name = effect.name();
        let keeps = effect.passes().iter().any(|pass| pass.persistent);
        let pictures = if keeps { 16 } else { 1 };
        for input in effect.inputs() {
            let key = input.field.key.to_string();
            let mut values = shown(name);
            values.retain(|(other, _)| *other != key);
            values.extend(needs(name, &key));
            easel.wear(Stack::Picture, name, &values);
            let before = easel.film(&scene, pictures);
            let others = others(&input.field.kind);
            for value in others.into_iter().filter(|value| !is_same(name, &key, value)) {
                let mut changed: Vec<(&str, Value)> = values.clone();
                changed.push((&key, value.clone()));
                easel.wear(Stack::Picture, name, &changed);
                let after = easel.film(&scene, pictures);
                let most = difference(&before, &after, |_, _| true);
                if most <= 8 {
                    idle.push(format!(
                        "{name}/{key} = {value:?} changes the picture by {most} of 255 at most"
                    ));
                }
            }
        }
    }
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}
