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

slots!(Float: f32, Switch: bool, Color: [f32; 3], Texture: Option<String>, Blend: BlendMode);
