//! Where the value of a parameter is kept.

use super::{BlendMode, Value};

/// The place of one value, to read it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Slot<'a> {
    /// A number.
    Float(&'a f32),
    /// Yes or no.
    Switch(&'a bool),
    /// sRGB, each 0–1.
    Color(&'a [f32; 3]),
    /// Name of a texture.
    Texture(&'a Option<String>),
    /// A blend mode.
    Blend(&'a BlendMode),
    /// A point of the output.
    Point(&'a [f32; 2]),
    /// One of a few whole numbers.
    Selection(&'a i32),
}

/// The place of one value, to change it.
#[derive(Debug, PartialEq)]
pub enum SlotMut<'a> {
    /// A number.
    Float(&'a mut f32),
    /// Yes or no.
    Switch(&'a mut bool),
    /// sRGB, each 0–1.
    Color(&'a mut [f32; 3]),
    /// Name of a texture.
    Texture(&'a mut Option<String>),
    /// A blend mode.
    Blend(&'a mut BlendMode),
    /// A point of the output.
    Point(&'a mut [f32; 2]),
    /// One of a few whole numbers.
    Selection(&'a mut i32),
}

impl Slot<'_> {
    /// What is there.
    pub fn value(self) -> Value {
        match self {
            Self::Float(value) => Value::Float(*value),
            Self::Switch(value) => Value::Switch(*value),
            Self::Color(value) => Value::Color(*value),
            Self::Texture(value) => Value::Texture(value.clone()),
            Self::Blend(value) => Value::Blend(*value),
            Self::Point(value) => Value::Point(*value),
            Self::Selection(value) => Value::Selection(*value),
        }
    }
}

impl SlotMut<'_> {
    /// Puts `value` there; a value of another kind changes nothing and gives `false`.
    pub fn put(self, value: Value) -> bool {
        match (self, value) {
            (Self::Float(slot), Value::Float(value)) => *slot = value,
            (Self::Switch(slot), Value::Switch(value)) => *slot = value,
            (Self::Color(slot), Value::Color(value)) => *slot = value,
            (Self::Texture(slot), Value::Texture(value)) => *slot = value,
            (Self::Blend(slot), Value::Blend(value)) => *slot = value,
            (Self::Point(slot), Value::Point(value)) => *slot = value,
            (Self::Selection(slot), Value::Selection(value)) => *slot = value,
            _ => return false,
        }
        true
    }
}

macro_rules! slots {
    ($($kind:ident: $Type:ty),+) => {
        $(
            impl<'a> From<&'a $Type> for Slot<'a> {
                fn from(value: &'a $Type) -> Self {
                    Self::$kind(value)
                }
            }

            impl<'a> From<&'a mut $Type> for SlotMut<'a> {
                fn from(value: &'a mut $Type) -> Self {
                    Self::$kind(value)
                }
            }
        )+
    };
}

slots!(
    Float: f32,
    Switch: bool,
    Color: [f32; 3],
    Texture: Option<String>,
    Blend: BlendMode,
    Point: [f32; 2],
    Selection: i32
);

impl<'a> From<&'a Value> for Slot<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Float(value) => Self::Float(value),
            Value::Switch(value) => Self::Switch(value),
            Value::Color(value) => Self::Color(value),
            Value::Texture(value) => Self::Texture(value),
            Value::Blend(value) => Self::Blend(value),
            Value::Point(value) => Self::Point(value),
            Value::Selection(value) => Self::Selection(value),
        }
    }
}

impl<'a> From<&'a mut Value> for SlotMut<'a> {
    fn from(value: &'a mut Value) -> Self {
        match value {
            Value::Float(value) => Self::Float(value),
            Value::Switch(value) => Self::Switch(value),
            Value::Color(value) => Self::Color(value),
            Value::Texture(value) => Self::Texture(value),
            Value::Blend(value) => Self::Blend(value),
            Value::Point(value) => Self::Point(value),
            Value::Selection(value) => Self::Selection(value),
        }
    }
}
