//! The JSON object at the beginning of an effect's file.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use super::error::Fault;
use super::locate::{Step, locate};
use super::names;
use crate::parameters::{Field, Value};

mod input;
mod pass;

/// One control of an effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Its key, kind, default, range, unit and doc.
    pub field: Field,
    /// The value at which the effect changes nothing; of several inputs that have one: all together.
    pub identity: Option<Value>,
}

/// One drawing of an effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// The texture that it is drawn into; the last pass has none, it is what is seen.
    pub target: Option<String>,
    /// Whether the texture is kept for the next picture, and can be read while it is drawn anew.
    pub persistent: bool,
    /// Whether the texture has 16 bits per channel, not 8.
    pub float: bool,
    /// Sides of the texture in sides of the output, 0.05–1.
    pub scale: f32,
}

/// What the comment says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub description: String,
    pub credit: String,
    pub categories: Vec<String>,
    pub inputs: Vec<Input>,
    pub passes: Vec<Pass>,
}

/// Most inputs of one effect.
const MOST_INPUTS: usize = 32;
/// Most inputs of one effect that are images.
pub(super) const MOST_IMAGES: usize = 4;
/// Most textures that one effect draws into.
const MOST_TARGETS: usize = 4;
/// Most bytes of a text in the header.
const LONGEST_TEXT: usize = 1000;

/// Reads `json`; a fault is counted from its beginning.
pub(super) fn read(json: &str) -> Result<Header, Fault> {
    let value: Json = serde_json::from_str(json).map_err(|error| syntax(json, &error))?;
    let object = Object::new(json, &value, &[])?;
    object.only(&["DESCRIPTION", "CREDIT", "CATEGORIES", "ISFVSN", "VSN", "INPUTS", "PASSES"])?;
    let mut categories = Vec::new();
    for (at, value) in object.list("CATEGORIES")?.iter().enumerate() {
        let name = value.as_str().ok_or_else(|| {
            let path = [Step::Key("CATEGORIES"), Step::At(at)];
            Fault::new(locate(json, &path), format!("a category is a text, not {}", describe(value)))
        })?;
        categories.push(name.to_owned());
    }
    let mut inputs: Vec<Input> = Vec::new();
    let mut taken = HashSet::new();
    for (at, value) in object.list("INPUTS")?.iter().enumerate() {
        let object = Object::new(json, value, &[Step::Key("INPUTS"), Step::At(at)])?;
        let input = input::read(&object)?;
        if !taken.insert(input.field.key.clone().into_owned()) {
            return Err(object.fault("NAME", format!("there are two inputs called {}", input.field.key)));
        }
        inputs.push(input);
        if inputs.len() > MOST_INPUTS {
            return Err(object.fault("NAME", format!("an effect has at most {MOST_INPUTS} inputs")));
        }
        if inputs.iter().filter(|input| input.is_image()).count() > MOST_IMAGES {
            return Err(object.fault("TYPE", format!("an effect has at most {MOST_IMAGES} images")));
        }
    }
    let passes = pass::read(&object, &mut taken)?;
    Ok(Header {
        description: object.text("DESCRIPTION")?.unwrap_or_default(),
        credit: object.text("CREDIT")?.unwrap_or_default(),
        categories,
        inputs,
        passes,
    })
}

fn syntax(json: &str, error: &serde_json::Error) -> Fault {
    let line: usize = json.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    let at = line + error.column().saturating_sub(1);
    Fault::new(at.min(json.len()), format!("the JSON is not valid: {message}"))
}

/// A JSON object and where it stands.
struct Object<'a> {
    json: &'a str,
    map: &'a Map<String, Json>,
    path: Vec<Step<'a>>,
}

impl<'a> Object<'a> {
    fn new(json: &'a str, value: &'a Json, path: &[Step<'a>]) -> Result<Self, Fault> {
        let map = value.as_object().ok_or_else(|| {
            Fault::new(
                locate(json, path),
                format!("an object is needed here, {{ … }}, not {}", describe(value)),
            )
        })?;
        Ok(Self { json, map, path: path.to_vec() })
    }

    /// A fault at the value of `key`, or at the object where it has none.
    fn fault(&self, key: &str, message: impl Into<String>) -> Fault {
        let path: Vec<_> = self.path.iter().copied().chain([Step::Key(key)]).collect();
        Fault::new(locate(self.json, &path), message)
    }

    fn wrong(&self, key: &str, value: &Json, wanted: &str) -> Fault {
        self.fault(key, format!("{key} is {wanted}, not {}", describe(value)))
    }

    /// Refuses all keys but `known`.
    fn only(&self, known: &[&str]) -> Result<(), Fault> {
        let Some(key) = self.map.keys().find(|key| !known.contains(&key.as_str())) else { return Ok(()) };
        let path: Vec<_> = self.path.iter().copied().chain([Step::Name(key)]).collect();
        let message = format!("there is no \"{key}\" here; there are {}", known.join(", "));
        Err(Fault::new(locate(self.json, &path), message))
    }

    fn get(&self, key: &str) -> Option<&'a Json> {
        self.map.get(key)
    }

    fn text(&self, key: &str) -> Result<Option<String>, Fault> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| self.wrong(key, value, "a text"))?;
        if text.len() > LONGEST_TEXT {
            return Err(self.fault(key, format!("{key} has at most {LONGEST_TEXT} letters")));
        }
        // It goes into tables and tooltips.
        Ok(Some(text.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    fn switch(&self, key: &str) -> Result<Option<bool>, Fault> {
        let switch = |value: &Json| value.as_bool().ok_or_else(|| self.wrong(key, value, "true or false"));
        self.get(key).map(switch).transpose()
    }

    fn number(&self, key: &str) -> Result<Option<f32>, Fault> {
        let number = |value: &Json| {
            let number = value.as_f64().map(|number| number as f32).filter(|number| number.is_finite());
            number.ok_or_else(|| self.wrong(key, value, "a number"))
        };
        self.get(key).map(number).transpose()
    }

    fn list(&self, key: &str) -> Result<&'a [Json], Fault> {
        let Some(value) = self.get(key) else { return Ok(&[]) };
        value.as_array().map(Vec::as_slice).ok_or_else(|| self.wrong(key, value, "a list, [ … ]"))
    }
}

fn describe(value: &Json) -> Cow<'static, str> {
    match value {
        Json::Null => "null".into(),
        Json::Bool(on) => format!("{on}").into(),
        Json::Number(number) => format!("{number}").into(),
        Json::String(text) => format!("\"{}\"", text.chars().take(40).collect::<String>()).into(),
        Json::Array(_) => "a list".into(),
        Json::Object(_) => "an object".into(),
    }
}

fn name(object: &Object<'_>, key: &str, name: &str) -> Result<(), Fault> {
    names::refuse(name).map_or(Ok(()), |reason| Err(object.fault(key, reason)))
}
