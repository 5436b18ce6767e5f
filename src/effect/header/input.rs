//! One element of `INPUTS`.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::super::error::Fault;
use super::super::locate::{Step, locate};
use super::{Input, Object, describe, name};
use crate::parameters::{
    Choice, Color, Event, Field, Float, Kind, Point, Selection, Switch, Texture, Unit, Value, nearest,
};

/// What `TYPE` may be.
const TYPES: [&str; 7] = ["float", "bool", "long", "event", "color", "point2D", "image"];
/// What every input may say.
const COMMON: [&str; 5] = ["NAME", "TYPE", "LABEL", "DOC", "IDENTITY"];
/// Most options of a `long`.
const MOST_OPTIONS: usize = 64;

impl Input {
    /// Whether it is read as a function of uv.
    pub fn is_image(&self) -> bool {
        matches!(self.field.kind, Kind::Texture(_))
    }
}

pub(super) fn read(object: &Object<'_>) -> Result<Input, Fault> {
    let key = object.text("NAME")?.ok_or_else(|| object.fault("NAME", "this input has no NAME"))?;
    name(object, "NAME", &key)?;
    let class = object.text("TYPE")?.ok_or_else(|| object.fault("TYPE", format!("{key} has no TYPE")))?;
    let kind = match class.as_str() {
        "float" => {
            only(object, &["DEFAULT", "MIN", "MAX", "UNIT"])?;
            Kind::Float(float(object)?)
        }
        "bool" => {
            only(object, &["DEFAULT"])?;
            Kind::Switch(Switch { default: object.switch("DEFAULT")?.unwrap_or(false) })
        }
        "event" => {
            only(object, &[])?;
            Kind::Event(Event)
        }
        "image" => {
            only(object, &[])?;
            Kind::Texture(Texture { choice: Choice::Textures })
        }
        "color" => {
            only(object, &["DEFAULT"])?;
            Kind::Color(Color {
                default: object.get("DEFAULT").map_or(Ok([1.0; 3]), |v| color(object, "DEFAULT", v))?,
            })
        }
        "point2D" => {
            only(object, &["DEFAULT"])?;
            Kind::Point(Point {
                default: object.get("DEFAULT").map_or(Ok([0.5; 2]), |v| point(object, "DEFAULT", v))?,
            })
        }
        "long" => {
            only(object, &["DEFAULT", "VALUES", "LABELS"])?;
            Kind::Selection(selection(object)?)
        }
        other => {
            let near = nearest(other, TYPES).unwrap_or_default();
            let message =
                format!("there is no type \"{other}\"; did you mean {near}? There are {}", TYPES.join(", "));
            return Err(object.fault("TYPE", message));
        }
    };
    let identity = object.get("IDENTITY").map(|value| identity(object, &kind, value)).transpose()?;
    let field = Field {
        key: key.into(),
        kind,
        name: object.text("LABEL")?.filter(|label| !label.is_empty()).map(Cow::Owned),
        raw_doc: object.text("DOC")?.unwrap_or_default().into(),
    };
    Ok(Input { field, identity })
}

fn only(object: &Object<'_>, more: &[&str]) -> Result<(), Fault> {
    object.only(&[&COMMON, more].concat())
}

fn float(object: &Object<'_>) -> Result<Float, Fault> {
    let min = object.number("MIN")?.unwrap_or(0.0);
    let max = object.number("MAX")?.unwrap_or(1.0);
    if min >= max {
        let key = if object.get("MIN").is_some() { "MIN" } else { "MAX" };
        return Err(object.fault(key, format!("MIN, {min}, is not less than MAX, {max}")));
    }
    let default = match object.number("DEFAULT")? {
        None => 0.5_f32.clamp(min, max),
        Some(default) if (min..=max).contains(&default) => default,
        Some(default) => return Err(outside(object, "DEFAULT", default, min, max)),
    };
    let unit = match object.text("UNIT")?.as_deref() {
        None | Some("" | "share") => Unit::Share,
        Some("seconds") => Unit::Seconds,
        Some("degrees") => Unit::Degrees,
        Some("picture heights") => Unit::PictureHeights,
        Some("picture heights per second") => Unit::PictureHeightsPerSecond,
        Some(other) => Unit::Named(other.to_owned().into()),
    };
    Ok(Float { default, min, max, unit })
}

fn outside(object: &Object<'_>, key: &str, value: f32, min: f32, max: f32) -> Fault {
    object.fault(key, format!("{key}, {value}, is not between MIN, {min}, and MAX, {max}"))
}

fn identity(object: &Object<'_>, kind: &Kind, value: &Json) -> Result<Value, Fault> {
    let key = "IDENTITY";
    Ok(match kind {
        Kind::Float(float) => {
            let number = object.number(key)?.unwrap_or_default();
            if !(float.min..=float.max).contains(&number) {
                return Err(outside(object, key, number, float.min, float.max));
            }
            Value::Float(number)
        }
        Kind::Switch(_) => Value::Switch(object.switch(key)?.unwrap_or_default()),
        Kind::Color(_) => Value::Color(color(object, key, value)?),
        Kind::Point(_) => Value::Point(point(object, key, value)?),
        Kind::Selection(selection) => {
            let number = integer(value).filter(|number| selection.contains(*number));
            Value::Selection(number.ok_or_else(|| object.wrong(key, value, "one of VALUES"))?)
        }
        Kind::Texture(_) | Kind::Event(_) | Kind::Blend(_) => {
            return Err(object.fault(key, "an image or an event has no IDENTITY"));
        }
    })
}

fn color(object: &Object<'_>, key: &str, value: &Json) -> Result<[f32; 3], Fault> {
    let channels = numbers(value).filter(|channels| matches!(channels.len(), 3 | 4));
    let channels = channels.and_then(|channels| channels[..3].try_into().ok());
    channels.ok_or_else(|| object.wrong(key, value, "three numbers from 0 to 1, red, green and blue"))
}

fn point(object: &Object<'_>, key: &str, value: &Json) -> Result<[f32; 2], Fault> {
    let point = numbers(value).and_then(|numbers| numbers.try_into().ok());
    point.ok_or_else(|| object.wrong(key, value, "two numbers from 0 to 1, across and down"))
}

/// A list of numbers from 0 to 1.
fn numbers(value: &Json) -> Option<Vec<f32>> {
    let number = |value: &Json| value.as_f64().map(|n| n as f32).filter(|n| (0.0..=1.0).contains(n));
    value.as_array()?.iter().map(number).collect()
}

fn integer(value: &Json) -> Option<i32> {
    let whole = |number: &f64| {
        number.fract() == 0.0 && f64::from(i32::MIN) <= *number && *number <= f64::from(i32::MAX)
    };
    value.as_f64().filter(whole).map(|number| number as i32)
}

fn selection(object: &Object<'_>) -> Result<Selection, Fault> {
    let values = object.list("VALUES")?;
    if values.is_empty() || values.len() > MOST_OPTIONS {
        return Err(object.fault("VALUES", format!("a long needs VALUES, 1 to {MOST_OPTIONS} whole numbers")));
    }
    let labels = object.list("LABELS")?;
    if !labels.is_empty() && labels.len() != values.len() {
        let message = format!("there are {} VALUES and {} LABELS", values.len(), labels.len());
        return Err(object.fault("LABELS", message));
    }
    let mut options: Vec<(i32, Cow<'static, str>)> = Vec::new();
    for (at, value) in values.iter().enumerate() {
        let fault = |key, message: String| {
            let path: Vec<_> = object.path.iter().copied().chain([Step::Key(key), Step::At(at)]).collect();
            Fault::new(locate(object.json, &path), message)
        };
        let number = integer(value)
            .ok_or_else(|| fault("VALUES", format!("VALUES are whole numbers, not {}", describe(value))))?;
        if options.iter().any(|(known, _)| *known == number) {
            return Err(fault("VALUES", format!("{number} is there twice")));
        }
        let label = match labels.get(at) {
            None => number.to_string(),
            Some(Json::String(label)) => label.split_whitespace().collect::<Vec<_>>().join(" "),
            Some(other) => return Err(fault("LABELS", format!("LABELS are texts, not {}", describe(other)))),
        };
        options.push((number, label.into()));
    }
    let default = match object.get("DEFAULT") {
        None => options[0].0,
        Some(value) => {
            let number = integer(value).filter(|number| options.iter().any(|(option, _)| option == number));
            number.ok_or_else(|| object.wrong("DEFAULT", value, "one of VALUES"))?
        }
    };
    Ok(Selection { default, options: options.into() })
}
