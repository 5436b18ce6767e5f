//! Values of parameters, and how they are typed.

use std::fmt;

use super::{BlendMode, Kind};

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number.
    Float(f32),
    /// Yes or no.
    Switch(bool),
    /// sRGB, each 0–1.
    Color([f32; 3]),
    /// Name of a texture.
    Texture(Option<String>),
    /// A blend mode.
    Blend(BlendMode),
    /// A point of the output, each coordinate 0–1.
    Point([f32; 2]),
    /// One of a few whole numbers.
    Selection(i32),
}

/// How no texture is typed.
const NONE: &str = "none";

impl Value {
    /// What `text` says for a parameter of `kind`, whatever its range is; none where it says nothing of that kind.
    pub fn parse(kind: &Kind, text: &str) -> Option<Self> {
        let text = text.trim();
        match kind {
            Kind::Float(_) => text.parse().ok().map(Self::Float),
            Kind::Switch(_) | Kind::Event(_) => text.parse().ok().map(Self::Switch),
            Kind::Color(_) => color(text).map(Self::Color),
            Kind::Point(_) => numbers(text).map(Self::Point),
            Kind::Selection(selection) => selection.named(text).map(Self::Selection),
            Kind::Blend(_) => BlendMode::named(text).map(Self::Blend),
            Kind::Texture(_) if text.is_empty() => None,
            Kind::Texture(_) => Some(Self::Texture((text != NONE).then(|| text.to_owned()))),
        }
    }
}

/// `#rrggbb`, or three numbers.
fn color(text: &str) -> Option<[f32; 3]> {
    if let Some(digits) = text.strip_prefix('#') {
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6)?;
        return Some([16, 8, 0].map(|shift| (number >> shift & 0xff) as f32 / 255.0));
    }
    numbers(text)
}

/// Numbers with commas, in brackets or without.
fn numbers<const N: usize>(text: &str) -> Option<[f32; N]> {
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let numbers = text.split(',').map(|number| number.trim().parse().ok()).collect::<Option<Vec<f32>>>()?;
    numbers.try_into().ok()
}

/// As it is typed.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(value) => value.fmt(f),
            Self::Switch(value) => value.fmt(f),
            Self::Color([red, green, blue]) => write!(f, "{red},{green},{blue}"),
            Self::Blend(mode) => mode.fmt(f),
            Self::Point([x, y]) => write!(f, "{x},{y}"),
            Self::Selection(value) => value.fmt(f),
            Self::Texture(name) => f.write_str(name.as_deref().unwrap_or(NONE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Blend, Choice, Color, Float, Switch, Texture, Unit};
    use super::*;

    #[test]
    fn what_is_shown_can_be_typed_again() {
        let float = Float { default: 0.5, min: 0.0, max: 1.0, unit: Unit::Share }.kind();
        let color = Color { default: [1.0; 3] }.kind();
        let texture = Texture { choice: Choice::Textures }.kind();
        for (kind, value) in [
            (float.clone(), Value::Float(0.35)),
            (Switch { default: false }.kind(), Value::Switch(true)),
            (color.clone(), Value::Color([1.0, 0.93, 0.1])),
            (Blend.kind(), Value::Blend(BlendMode::SoftLight)),
            (texture.clone(), Value::Texture(None)),
            (texture.clone(), Value::Texture(Some("moss".into()))),
        ] {
            assert_eq!(Value::parse(&kind, &value.to_string()), Some(value));
        }
        assert_eq!(Value::parse(&color, "#ff8000"), Some(Value::Color([1.0, 128.0 / 255.0, 0.0])));
        assert_eq!(Value::parse(&color, "[0, 0.5, 1]"), Some(Value::Color([0.0, 0.5, 1.0])));
        for wrong in ["red", "#ff80", "#ff80zz", "1,2", "1,2,3,4", ""] {
            assert_eq!(Value::parse(&color, wrong), None, "{wrong}");
        }
        assert_eq!(Value::parse(&float, "much"), None);
        assert_eq!(Value::parse(&texture, " "), None);
    }
}
