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

macro_rules! slots {
    ($($kind:ident: $Type:ty),+) => {
        impl Slot<'_> {
            /// What is there.
            pub fn value(self) -> Value {
                match self {
                    $(Self::$kind(value) => Value::$kind(value.to_owned()),)+
                }
            }
        }

        impl SlotMut<'_> {
            /// Puts `value` there; a value of another kind changes nothing and gives `false`.
            pub fn put(self, value: Value) -> bool {
                match (self, value) {
                    $((Self::$kind(slot), Value::$kind(value)) => *slot = value,)+
                    _ => return false,
                }
                true
            }
        }

        impl<'a> From<&'a Value> for Slot<'a> {
            fn from(value: &'a Value) -> Self {
                match value {
                    $(Value::$kind(value) => Self::$kind(value),)+
                }
            }
        }

        impl<'a> From<&'a mut Value> for SlotMut<'a> {
            fn from(value: &'a mut Value) -> Self {
                match value {
                    $(Value::$kind(value) => Self::$kind(value),)+
                }
            }
        }

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
