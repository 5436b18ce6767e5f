//! Every parameter of a look, by path.
//!
//! A path is `matte/KEY`, `region/REGION/KEY`, `face/PART/KEY` or `face/mesh/KEY`.

use super::{FaceMeshStyle, FacePart, FacePartStyle, Look, MatteStyle, RegionStyle, TextureLibrary};
use crate::frame::Region;
use crate::parameters::{Choice, Field, Fields, Kind, ParameterError, Value, nearest};

/// The parameters that stand in one table of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParameterGroup {
    /// `[matte]`.
    Matte,
    /// What one region wears.
    Region(Region),
    /// What one part of the face wears.
    Face(FacePart),
    /// `[face_mesh]`.
    Mesh,
}

/// One parameter of a look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// The table that it stands in.
    pub group: ParameterGroup,
    /// What is to be known of it.
    pub field: &'static Field,
}

impl ParameterGroup {
    /// All groups, in the order of a look.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Matte)
            .chain(Region::ALL.map(Self::Region))
            .chain(FacePart::ALL.map(Self::Face))
            .chain([Self::Mesh])
    }

    /// The part of the path before the key.
    pub fn path(self) -> String {
        match self {
            Self::Matte => "matte".to_owned(),
            Self::Region(region) => format!("region/{}", region.name()),
            // What is below `face` need not say so again.
            Self::Face(_) | Self::Mesh => format!("face/{}", self.table().trim_start_matches("face_")),
        }
    }

    /// Name of the table in a look's file.
    pub fn table(self) -> &'static str {
        match self {
            Self::Matte => "matte",
            Self::Region(region) => region.name(),
            Self::Face(part) => part.name(),
            Self::Mesh => "face_mesh",
        }
    }

    /// Its parameters, in the order in which they are shown.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Matte => MatteStyle::FIELDS,
            Self::Region(_) => RegionStyle::FIELDS,
            Self::Face(_) => FacePartStyle::FIELDS,
            Self::Mesh => FaceMeshStyle::FIELDS,
        }
    }

    /// Where `look` keeps it.
    pub fn style(self, look: &Look) -> &dyn Fields {
        match self {
            Self::Matte => &look.matte,
            Self::Region(region) => look.style(region),
            Self::Face(part) => look.face_part(part),
            Self::Mesh => &look.face_mesh,
        }
    }

    /// Where `look` keeps it, to change it.
    pub fn style_mut(self, look: &mut Look) -> &mut dyn Fields {
        match self {
            Self::Matte => &mut look.matte,
            Self::Region(region) => look.style_mut(region),
            Self::Face(part) => look.face_part_mut(part),
            Self::Mesh => &mut look.face_mesh,
        }
    }
}

impl Parameter {
    /// Its path, as `region/hair/opacity`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.group.path(), self.field.key)
    }

    /// What `text` says, if that is a value that it may have; textures must be in `library`, or for faces be a
    /// file.
    ///
    /// # Errors
    /// Says what may be typed.
    pub fn parse(&self, text: &str, library: &TextureLibrary) -> Result<Value, ParameterError> {
        let value = Value::parse(&self.field.kind, text)
            .filter(|value| self.field.kind.accepts(value))
            .ok_or_else(|| self.refused(text))?;
        if let (Kind::Texture(texture), Value::Texture(Some(name))) = (&self.field.kind, &value)
            && !library.has(texture.choice, name)
        {
            return Err(ParameterError::Texture {
                path: self.path(),
                kind: self.field.kind.clone(),
                value: name.clone(),
                known: library.choices(texture.choice).collect::<Vec<_>>().join(", "),
            });
        }
        Ok(value)
    }

    fn refused(&self, value: impl ToString) -> ParameterError {
        ParameterError::Value { path: self.path(), kind: self.field.kind.clone(), value: value.to_string() }
    }
}

/// Every parameter of a look, in the order in which they are shown.
pub fn parameters() -> impl Iterator<Item = Parameter> {
    ParameterGroup::all().flat_map(|group| group.fields().iter().map(move |field| Parameter { group, field }))
}

/// The parameter called `path`.
///
/// # Errors
/// Names the parameter whose path is nearest, and what it takes.
pub fn parameter(path: &str) -> Result<Parameter, ParameterError> {
    if let Some((group, key)) = path.rsplit_once('/')
        && let Some(group) = ParameterGroup::all().find(|known| known.path() == group)
        && let Some(field) = group.fields().iter().find(|field| field.key == key)
    {
        return Ok(Parameter { group, field });
    }
    let nearest = nearest(path, parameters().map(|known| known.path())).unwrap_or_default();
    let kind = parameters().find(|known| known.path() == nearest).map(|known| known.field.kind.clone());
    let kind = kind.unwrap_or_else(|| MatteStyle::FIELDS[0].kind.clone());
    Err(ParameterError::Unknown { path: path.to_owned(), nearest, kind })
}

/// What `look` says for `path`.
///
/// # Errors
/// [`ParameterError::Unknown`].
pub fn get(look: &Look, path: &str) -> Result<Value, ParameterError> {
    let Parameter { group, field } = parameter(path)?;
    let slot = group.style(look).slot(&field.key);
    Ok(slot.map_or_else(|| field.kind.default_value(), |slot| slot.value()))
}

/// Makes `look` say `value` for `path`. Whether a texture can be had is not looked at: see [`Parameter::parse`].
///
/// # Errors
/// [`ParameterError::Unknown`], and [`ParameterError::Value`] for a value of another kind or out of range;
/// the look stays as it was.
pub fn set(look: &mut Look, path: &str, value: Value) -> Result<(), ParameterError> {
    let parameter = parameter(path)?;
    if !parameter.field.kind.accepts(&value) {
        return Err(parameter.refused(value));
    }
    if let Some(slot) = parameter.group.style_mut(look).slot_mut(&parameter.field.key) {
        slot.put(value);
    }
    Ok(())
}

impl TextureLibrary {
    /// Names of all pictures of the library that a parameter of this choice takes.
    pub fn choices(&self, choice: Choice) -> impl Iterator<Item = &str> {
        let paints = (choice == Choice::FacePaints).then(|| self.face_paints());
        paints.into_iter().flatten().chain(self.names())
    }

    fn has(&self, choice: Choice, name: &str) -> bool {
        self.choices(choice).any(|known| known == name)
            || (choice == Choice::FacePaints && std::path::Path::new(name).is_file())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::parameters::BlendMode;

    #[test]
    fn every_parameter_is_once_and_holds_what_it_is_set_to() {
        let paths: Vec<_> = parameters().map(|parameter| parameter.path()).collect();
        assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len());
        for known in ["region/hair/opacity", "matte/smoothing", "face/lips/tint", "face/mesh/width"] {
            assert!(paths.iter().any(|path| path == known), "{known}");
        }
        let before = Look::default();
        for (path, parameter) in paths.iter().zip(parameters()) {
            let value = match &parameter.field.kind {
                Kind::Float(float) => Value::Float(float.min + (float.max - float.min) * 0.3),
                Kind::Switch(switch) => Value::Switch(!switch.default),
                Kind::Color(_) => Value::Color([0.1, 0.2, 0.3]),
                Kind::Texture(_) => Value::Texture(Some("moss".into())),
                Kind::Blend(_) => Value::Blend(BlendMode::Overlay),
                Kind::Point(_) => Value::Point([0.25, 0.75]),
                Kind::Selection(selection) => Value::Selection(selection.options[0].0),
                Kind::Event(_) => Value::Switch(true),
            };
            let mut look = before.clone();
            set(&mut look, path, value.clone()).expect(path);
            assert_eq!(get(&look, path), Ok(value), "{path}");
            let changed: Vec<_> =
                paths.iter().filter(|path| get(&look, path) != get(&before, path)).collect();
            assert_eq!(changed, [path]);
            assert!(!parameter.field.doc().is_empty() && !parameter.field.doc().contains("  "), "{path}");
        }
    }

    /// A look that says nothing but the name of its table has the defaults of the registry.
    #[test]
    fn defaults_are_those_of_a_file() {
        let tables: String = ParameterGroup::all().map(|group| format!("[{}]\n", group.table())).collect();
        let look: Look = toml::from_str(&tables).expect("a look");
        for parameter in parameters() {
            let default = parameter.field.kind.default_value();
            assert!(parameter.field.kind.accepts(&default), "{}", parameter.path());
            assert_eq!(get(&look, &parameter.path()), Ok(default), "{}", parameter.path());
        }
    }

    #[test]
    fn errors_name_path_nearest_path_type_and_range() {
        let mut look = Look::default();
        let typo = set(&mut look, "region/hair/opacitty", Value::Float(1.0)).expect_err("typo").to_string();
        for word in ["opacitty", "region/hair/opacity", "a number from 0 to 1"] {
            assert!(typo.contains(word), "{typo}");
        }
        for value in [Value::Float(1.5), Value::Float(f32::NAN), Value::Switch(true)] {
            let wrong = set(&mut look, "region/hair/opacity", value).expect_err("wrong").to_string();
            assert!(wrong.starts_with("region/hair/opacity is a number from 0 to 1, not"), "{wrong}");
        }
        assert_eq!(look, Look::default());
        let library = TextureLibrary::default();
        let texture = parameter("region/hair/texture").expect("known");
        assert_eq!(texture.parse("moss", &library), Ok(Value::Texture(Some("moss".into()))));
        assert_eq!(texture.parse("none", &library), Ok(Value::Texture(None)));
        for wrong in ["mos", "tribal"] {
            let wrong = texture.parse(wrong, &library).expect_err("no texture").to_string();
            assert!(wrong.contains("region/hair/texture") && wrong.contains("aurora"), "{wrong}");
        }
        assert!(parameter("face/texture/texture").is_ok_and(|paint| paint.parse("tribal", &library).is_ok()));
        for wrong in ["", "/", "region", "region/hair", "region/hair/opacity/", "Region/Hair/Opacity"] {
            assert!(parameter(wrong).is_err(), "{wrong}");
        }
    }
}
