//! The kinds of parameters, each with what is to be known of its values.

use std::borrow::Cow;
use std::fmt;

use super::{BlendMode, Slot, SlotMut, Unit, Value};

/// A number.
#[derive(Debug, Clone, PartialEq)]
pub struct Float {
    /// The value where nothing else is said.
    pub default: f32,
    /// The least value.
    pub min: f32,
    /// The largest value.
    pub max: f32,
    /// What it is counted in.
    pub unit: Unit,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// The value where nothing else is said.
    pub default: bool,
}

/// An opaque colour, sRGB, each channel 0–1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Color {
    /// The value where nothing else is said.
    pub default: [f32; 3],
}

/// The name of a picture; by default none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texture {
    /// What there is to choose from.
    pub choice: Choice,
}

/// How a colour lies over another; by default it covers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blend;

/// A point of the output, each coordinate 0–1; (0, 0) is the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The value where nothing else is said.
    pub default: [f32; 2],
}

/// One of a few whole numbers, each with a name for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The value where nothing else is said: one of `options`.
    pub default: i32,
    /// Numbers and names, in the order in which they are shown.
    pub options: Cow<'static, [(i32, Cow<'static, str>)]>,
}

/// Something that happens: true for one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event;

/// Which pictures a texture is chosen from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The textures of the library.
    Textures,
    /// The face paints and the textures of the library, and image files.
    FacePaints,
}

/// How a parameter of the type [`Declaration::Value`] is declared.
pub trait Declaration {
    /// The type of the field.
    type Value;
    /// The value where nothing else is said.
    fn default(&self) -> Self::Value;
}

/// Any of the declarations.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A number.
    Float(Float),
    /// Yes or no.
    Switch(Switch),
    /// A colour.
    Color(Color),
    /// A texture.
    Texture(Texture),
    /// A blend mode.
    Blend(Blend),
    /// A point of the output.
    Point(Point),
    /// One of a few whole numbers.
    Selection(Selection),
    /// Something that happens; its value is a switch that is on for one picture.
    Event(Event),
}

/// Numbers whose largest value is so many times the least are set on a logarithmic scale.
const LOGARITHMIC: f32 = 10.0;

impl Float {
    /// Whether steps between its values are felt as ratios.
    pub fn is_logarithmic(&self) -> bool {
        self.min > 0.0 && self.max / self.min > LOGARITHMIC
    }

    fn clamp(&self, value: f32) -> f32 {
        if value.is_finite() { value.clamp(self.min, self.max) } else { self.default }
    }

    pub(crate) const fn kind(self) -> Kind {
        Kind::Float(self)
    }
}

impl Switch {
    pub(crate) const fn kind(self) -> Kind {
        Kind::Switch(self)
    }
}

impl Color {
    pub(crate) const fn kind(self) -> Kind {
        Kind::Color(self)
    }
}

impl Texture {
    pub(crate) const fn kind(self) -> Kind {
        Kind::Texture(self)
    }
}

impl Blend {
    pub(crate) const fn kind(self) -> Kind {
        Kind::Blend(self)
    }
}

impl Selection {
    /// Whether `value` is one of the options.
    pub fn contains(&self, value: i32) -> bool {
        self.options.iter().any(|(option, _)| *option == value)
    }

    /// What `value` is called.
    pub fn label(&self, value: i32) -> Option<&str> {
        self.options.iter().find(|(option, _)| *option == value).map(|(_, label)| &**label)
    }

    /// The option that is called `name`: its label, or its number.
    pub fn named(&self, name: &str) -> Option<i32> {
        let number = name.parse().ok().filter(|value| self.contains(*value));
        let labelled = |(_, label): &&(i32, Cow<'static, str>)| label.eq_ignore_ascii_case(name);
        number.or_else(|| self.options.iter().find(labelled).map(|(option, _)| *option))
    }
}

impl Declaration for Blend {
    type Value = BlendMode;
    fn default(&self) -> BlendMode {
        BlendMode::default()
    }
}

impl Declaration for Float {
    type Value = f32;
    fn default(&self) -> f32 {
        self.default
    }
}

impl Declaration for Switch {
    type Value = bool;
    fn default(&self) -> bool {
        self.default
    }
}

impl Declaration for Color {
    type Value = [f32; 3];
    fn default(&self) -> [f32; 3] {
        self.default
    }
}

impl Declaration for Texture {
    type Value = Option<String>;
    fn default(&self) -> Option<String> {
        None
    }
}

impl Kind {
    /// Its name in the manual.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Float(_) => "number",
            Self::Switch(_) => "switch",
            Self::Color(_) => "colour",
            Self::Texture(_) => "texture",
            Self::Blend(_) => "blend mode",
            Self::Point(_) => "point",
            Self::Selection(_) => "choice",
            Self::Event(_) => "event",
        }
    }

    /// The value where nothing else is said.
    pub fn default_value(&self) -> Value {
        match self {
            Self::Float(float) => Value::Float(float.default),
            Self::Switch(switch) => Value::Switch(switch.default),
            Self::Color(color) => Value::Color(color.default),
            Self::Texture(_) => Value::Texture(None),
            Self::Blend(_) => Value::Blend(BlendMode::default()),
            Self::Point(point) => Value::Point(point.default),
            Self::Selection(selection) => Value::Selection(selection.default),
            Self::Event(_) => Value::Switch(false),
        }
    }

    /// Whether `value` is of this kind and within the range.
    pub fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Float(float), Value::Float(value)) => (float.min..=float.max).contains(value),
            (Self::Color(_), Value::Color(color)) => {
                color.iter().all(|channel| (0.0..=1.0).contains(channel))
            }
            (Self::Point(_), Value::Point(point)) => point.iter().all(|at| (0.0..=1.0).contains(at)),
            (Self::Selection(selection), Value::Selection(value)) => selection.contains(*value),
            (Self::Switch(_) | Self::Event(_), Value::Switch(_))
            | (Self::Texture(_), Value::Texture(_))
            | (Self::Blend(_), Value::Blend(_)) => true,
            _ => false,
        }
    }

    /// Brings numbers into the range; what is no number becomes the default.
    pub fn clamp(&self, slot: SlotMut<'_>) {
        match (self, slot) {
            (Self::Float(float), SlotMut::Float(value)) => *value = float.clamp(*value),
            (Self::Color(color), SlotMut::Color(value)) => {
                for (channel, default) in value.iter_mut().zip(color.default) {
                    *channel = if channel.is_finite() { channel.clamp(0.0, 1.0) } else { default };
                }
            }
            (Self::Point(point), SlotMut::Point(value)) => {
                for (at, default) in value.iter_mut().zip(point.default) {
                    *at = if at.is_finite() { at.clamp(0.0, 1.0) } else { default };
                }
            }
            (Self::Selection(selection), SlotMut::Selection(value)) if !selection.contains(*value) => {
                *value = selection.default;
            }
            _ => {}
        }
    }

    /// Whether what is in `slot` is the default.
    pub fn is_default(&self, slot: Slot<'_>) -> bool {
        match (self, slot) {
            (Self::Float(float), Slot::Float(value)) => *value == float.default,
            (Self::Switch(switch), Slot::Switch(value)) => *value == switch.default,
            (Self::Color(color), Slot::Color(value)) => *value == color.default,
            (Self::Point(point), Slot::Point(value)) => *value == point.default,
            (Self::Selection(selection), Slot::Selection(value)) => *value == selection.default,
            (Self::Event(_), Slot::Switch(value)) => !*value,
            (_, Slot::Texture(value)) => value.is_none(),
            (_, Slot::Blend(value)) => *value == BlendMode::default(),
            _ => false,
        }
    }
}

/// What may be typed, as in "a number from 0 to 1".
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(Float { min, max, .. }) => write!(f, "a number from {min} to {max}"),
            Self::Switch(_) => f.write_str("a switch, true or false"),
            Self::Color(_) => {
                f.write_str("a colour, #rrggbb or red,green,blue from 0 to 1 each, for example 1,0.5,0")
            }
            Self::Texture(_) => f.write_str("a texture, its name or none"),
            Self::Blend(_) => {
                let names: Vec<_> = BlendMode::ALL.map(BlendMode::name).into();
                write!(f, "a blend mode: {}", names.join(", "))
            }
            Self::Point(_) => f.write_str("a point, x,y from 0 to 1 each, for example 0.5,0.25"),
            Self::Event(_) => f.write_str("an event, true or false"),
            Self::Selection(selection) => {
                let name = |(value, label): &(i32, Cow<'static, str>)| match label.parse::<i32>() {
                    Ok(number) if *value == number => value.to_string(),
                    _ => format!("{value} ({label})"),
                };
                let names: Vec<_> = selection.options.iter().map(name).collect();
                write!(f, "one of {}", names.join(", "))
            }
        }
    }
}
