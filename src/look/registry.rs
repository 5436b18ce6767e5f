//! Every parameter of a look, by path.
//!
//! A path is `matte/KEY`, `region/REGION/KEY`, `face/PART/KEY` or `face/mesh/KEY`; of effects, which each look has of its
//! own, `effect/EFFECT/KEY` and `region/REGION/effect/EFFECT/KEY`; of its overlays, counted from 1, `overlay/NUMBER/KEY`.

use super::{Look, MatteStyle, ParameterGroup, TextureLibrary};
use crate::parameters::{Choice, Field, Kind, ParameterError, Value, nearest};

/// One parameter of a look.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The table that it stands in.
    pub group: ParameterGroup,
    /// What is to be known of it.
    pub field: Field,
    path: String,
}

impl Parameter {
    /// Its path, as `region/hair/opacity`.
    pub fn path(&self) -> String {
        self.path.clone()
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

/// Every parameter of `look`, in the order in which they are shown.
pub fn parameters(look: &Look) -> impl Iterator<Item = Parameter> {
    ParameterGroup::of(look).flat_map(|group| {
        let (path, fields) = (group.path(look), group.fields(look).to_vec());
        let with_path = move |field: Field| Parameter { group, path: format!("{path}/{}", field.key), field };
        fields.into_iter().map(with_path)
    })
}

/// The parameter of `look` called `path`.
///
/// # Errors
/// Names the parameter whose path is nearest, and what it takes.
pub fn parameter(look: &Look, path: &str) -> Result<Parameter, ParameterError> {
    if let Some((group, key)) = path.rsplit_once('/')
        && let Some(group) = ParameterGroup::of(look).find(|known| known.path(look) == group)
        && let Some(field) = group.fields(look).iter().find(|field| field.key == key)
    {
        return Ok(Parameter { group, field: field.clone(), path: path.to_owned() });
    }
    let nearest = nearest(path, parameters(look).map(|known| known.path)).unwrap_or_default();
    let kind = parameters(look).find(|known| known.path == nearest).map(|known| known.field.kind);
    let kind = kind.unwrap_or_else(|| MatteStyle::FIELDS[0].kind.clone());
    Err(ParameterError::Unknown { path: path.to_owned(), nearest, kind })
}

/// What `look` says for `path`.
///
/// # Errors
/// [`ParameterError::Unknown`].
pub fn get(look: &Look, path: &str) -> Result<Value, ParameterError> {
    let Parameter { group, field, .. } = parameter(look, path)?;
    let slot = group.style(look).slot(&field.key);
    Ok(slot.map_or_else(|| field.kind.default_value(), |slot| slot.value()))
}

/// Makes `look` say `value` for `path`. Whether a texture can be had is not looked at: see [`Parameter::parse`].
///
/// # Errors
/// [`ParameterError::Unknown`], and [`ParameterError::Value`] for a value of another kind or out of range;
/// the look stays as it was.
pub fn set(look: &mut Look, path: &str, value: Value) -> Result<(), ParameterError> {
    let parameter = parameter(look, path)?;
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
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::super::Stack;
    use super::*;
    use crate::effect::{EffectFolders, EffectLibrary};
    use crate::frame::Region;
    use crate::parameters::BlendMode;

    /// The shipped effects and one, `all`, that has inputs of all kinds.
    pub(in crate::look) fn library() -> TextureLibrary {
        let folder = tempfile::tempdir().expect("a folder");
        let inputs = [
            "\"NAME\": \"number\", \"TYPE\": \"float\", \"DOC\": \"A number.\"",
            "\"NAME\": \"turned\", \"TYPE\": \"bool\", \"DOC\": \"A switch.\"",
            "\"NAME\": \"flash\", \"TYPE\": \"event\", \"DOC\": \"An event.\"",
            "\"NAME\": \"shape\", \"TYPE\": \"long\", \"VALUES\": [3, 5], \"DOC\": \"A choice.\"",
            "\"NAME\": \"ink\", \"TYPE\": \"color\", \"DOC\": \"A colour.\"",
            "\"NAME\": \"point\", \"TYPE\": \"point2D\", \"DOC\": \"A point.\"",
            "\"NAME\": \"image\", \"TYPE\": \"image\", \"DOC\": \"An image.\"",
        ];
        let inputs = inputs.map(|input| format!("{{ {input} }}")).join(", ");
        let body = "fn effect(uv: vec2<f32>) -> vec4<f32> { return below(uv); }";
        let source = format!("/*{{ \"INPUTS\": [{inputs}] }}*/ {body}");
        std::fs::write(folder.path().join("all.wgsl"), source).expect("written");
        let mut folders = EffectFolders::open(&[folder.path().to_owned()]).expect("a folder");
        let mut effects = EffectLibrary::default();
        folders.read_into(&mut effects);
        TextureLibrary::default().with_effects(effects)
    }

    /// A look with that effect, and with one effect twice.
    pub(in crate::look) fn effects() -> Look {
        let library = library();
        let mut look = Look::default();
        for (stack, name) in [
            (Stack::Region(Region::Hair), "invert"),
            (Stack::Region(Region::Hair), "invert"),
            (Stack::Picture, "all"),
        ] {
            look.add_effect(stack, library.effects().get(name).expect("there"));
        }
        look
    }

    #[test]
    fn every_parameter_is_once_and_holds_what_it_is_set_to() {
        let before = effects();
        let paths: Vec<_> = parameters(&before).map(|parameter| parameter.path()).collect();
        assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len());
        for known in [
            "region/hair/opacity",
            "matte/smoothing",
            "face/lips/tint",
            "face/mesh/width",
            "region/hair/effect/invert/amount",
            "region/hair/effect/invert_2/on",
            "effect/all/point",
            "effect/all/image",
        ] {
            assert!(paths.iter().any(|path| path == known), "{known}");
        }
        for (path, parameter) in paths.iter().zip(parameters(&before)) {
            let value = match &parameter.field.kind {
                Kind::Float(float) => Value::Float(float.min + (float.max - float.min) * 0.3),
                Kind::Switch(switch) => Value::Switch(!switch.default),
                Kind::Color(_) => Value::Color([0.1, 0.2, 0.3]),
                Kind::Texture(_) => Value::Texture(Some("moss".into())),
                Kind::Blend(_) => Value::Blend(BlendMode::Overlay),
                Kind::Point(_) => Value::Point([0.25, 0.75]),
                Kind::Selection(selection) => Value::Selection(selection.options[1].0),
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
        for parameter in parameters(&look) {
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
        let texture = parameter(&look, "region/hair/texture").expect("known");
        assert_eq!(texture.parse("moss", &library), Ok(Value::Texture(Some("moss".into()))));
        assert_eq!(texture.parse("none", &library), Ok(Value::Texture(None)));
        for wrong in ["mos", "tribal"] {
            let wrong = texture.parse(wrong, &library).expect_err("no texture").to_string();
            assert!(wrong.contains("region/hair/texture") && wrong.contains("aurora"), "{wrong}");
        }
        assert!(
            parameter(&look, "face/texture/texture")
                .is_ok_and(|paint| paint.parse("tribal", &library).is_ok())
        );
        for wrong in ["", "/", "region", "region/hair", "region/hair/opacity/", "Region/Hair/Opacity"] {
            assert!(parameter(&look, wrong).is_err(), "{wrong}");
        }
    }
}
