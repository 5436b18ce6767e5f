//! Effects as they stand in a look's file: arrays of tables, `[[effects]]` and `[[hair.effects]]`.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{EffectLayer, Look, MOST_EFFECTS, Stack, TextureLibrary};
use crate::frame::Region;
use crate::parameters::{Fields, Kind, Value, nearest};

/// What is wrong, and at which bytes of the file.
pub(super) struct Fault {
    pub at: Range<usize>,
    pub reason: String,
}

impl Fault {
    fn new(at: Range<usize>, reason: impl Into<String>) -> Self {
        Self { at, reason: reason.into() }
    }
}

/// What an array of effects is called in its table.
pub(super) const KEY: &str = "effects";

/// Layers that were found, and where.
pub(super) type Found = Vec<(Stack, Vec<EffectLayer>)>;

/// Takes the effects out of `table`, a look's file, and leaves the rest. A region that says nothing else is as if it
/// were not there: bare. Textures that are not in `library` are refused if `strict`.
pub(super) fn take_layers(
    table: &mut DeTable<'_>,
    library: &TextureLibrary,
    strict: bool,
) -> Result<Found, Fault> {
    let reader = Reader { library, strict };
    let mut found = Vec::new();
    for region in Region::ALL {
        let Some(DeValue::Table(style)) = table.get_mut(region.name()).map(Spanned::get_mut) else {
            continue;
        };
        let Some(layers) = style.remove(KEY) else { continue };
        let is_bare = style.is_empty();
        found.push((Stack::Region(region), reader.stack(layers)?));
        if is_bare {
            table.remove(region.name());
        }
    }
    if let Some(layers) = table.remove(KEY) {
        found.push((Stack::Picture, reader.stack(layers)?));
    }
    Ok(found)
}

/// Puts what was found into `look`.
pub(super) fn wear(look: &mut Look, found: Found) {
    for (stack, layers) in found {
        *look.stack_mut(stack) = layers;
    }
}

struct Reader<'a> {
    library: &'a TextureLibrary,
    strict: bool,
}

impl Reader<'_> {
    fn stack(&self, layers: Spanned<DeValue<'_>>) -> Result<Vec<EffectLayer>, Fault> {
        let span = layers.span();
        let DeValue::Array(layers) = layers.into_inner() else {
            return Err(Fault::new(span, "effects are an array of tables: [[effects]] or [[hair.effects]]"));
        };
        if let Some(more) = layers.get(MOST_EFFECTS) {
            return Err(Fault::new(more.span(), format!("a stack has at most {MOST_EFFECTS} effects")));
        }
        layers.iter().map(|layer| self.layer(layer)).collect()
    }

    fn layer(&self, layer: &Spanned<DeValue<'_>>) -> Result<EffectLayer, Fault> {
        let effects = self.library.effects();
        let table = layer.get_ref().as_table();
        let table = table.ok_or_else(|| Fault::new(layer.span(), "an effect is a table: effect = \"…\""))?;
        let name = table.get("effect").ok_or_else(|| {
            Fault::new(layer.span(), "this layer does not say which effect it is: effect = \"…\"")
        })?;
        let wanted = name.get_ref().as_str().ok_or_else(|| {
            Fault::new(name.span(), format!("effect is a name in quotes, not {}", shown(name)))
        })?;
        let effect = effects.get(wanted).ok_or_else(|| {
            let reason = if let Some(trouble) = effects.trouble(wanted) {
                format!("the effect \"{wanted}\" cannot be worn: {trouble}")
            } else {
                let near = nearest(wanted, effects.names()).unwrap_or_default();
                let known = effects.names().collect::<Vec<_>>().join(", ");
                format!(
                    "there is no effect \"{wanted}\"; the nearest is {near}; there are {known}; --effects FOLDER adds \
                     yours"
                )
            };
            Fault::new(name.span(), reason)
        })?;
        let mut worn = EffectLayer::new(effect.clone());
        for (key, value) in table.iter().filter(|(key, _)| key.get_ref() != "effect") {
            let Some(field) = effect.fields().iter().find(|field| field.key == **key.get_ref()) else {
                let near = nearest(key.get_ref(), effect.fields().iter().map(|field| &field.key));
                let near = near.map(|near| format!("; the nearest is {near}")).unwrap_or_default();
                let known: Vec<_> = effect.fields().iter().map(|field| &*field.key).collect();
                let reason =
                    format!("{wanted} has no \"{}\"{near}; it has {}", key.get_ref(), known.join(", "));
                return Err(Fault::new(key.span(), reason));
            };
            let Some(read) = read(&field.kind, value.get_ref()) else {
                let reason =
                    format!("{key} is {kind}, not {}", shown(value), key = field.key, kind = field.kind);
                return Err(Fault::new(value.span(), reason));
            };
            if let (true, Value::Texture(Some(texture))) = (self.strict, &read)
                && !self.library.contains(texture)
            {
                let reason = format!(
                    "there is no texture \"{texture}\"; there are {}; --textures FOLDER adds yours",
                    self.library.known()
                );
                return Err(Fault::new(value.span(), reason));
            }
            if let Some(slot) = worn.slot_mut(&field.key) {
                slot.put(read);
            }
        }
        worn.clamp();
        Ok(worn)
    }
}

/// What `value` says for a parameter of `kind`, whatever its range is.
fn read(kind: &Kind, value: &DeValue<'_>) -> Option<Value> {
    match kind {
        Kind::Float(_) => number(value).map(Value::Float),
        Kind::Switch(_) | Kind::Event(_) => value.as_bool().map(Value::Switch),
        Kind::Color(_) => numbers(value).map(Value::Color),
        Kind::Point(_) => numbers(value).map(Value::Point),
        Kind::Texture(_) => value.as_str().map(|name| Value::Texture(Some(name.to_owned()))),
        Kind::Selection(selection) => {
            let named = || selection.named(value.as_str()?);
            integer(value).or_else(named).map(Value::Selection)
        }
        Kind::Blend(_) => Value::parse(kind, value.as_str()?),
    }
}

fn number(value: &DeValue<'_>) -> Option<f32> {
    match value {
        // As TOML writes them: nan, inf and underscores, too.
        DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
        DeValue::Integer(_) => integer(value).map(|number| number as f32),
        _ => None,
    }
}

fn integer(value: &DeValue<'_>) -> Option<i32> {
    let number = value.as_integer()?;
    let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
    Some(number.clamp(i32::MIN.into(), i32::MAX.into()) as i32)
}

fn numbers<const N: usize>(value: &DeValue<'_>) -> Option<[f32; N]> {
    let numbers: Option<Vec<f32>> = value.as_array()?.iter().map(|value| number(value.get_ref())).collect();
    numbers?.try_into().ok()
}

/// What stands in the file, for a message.
fn shown(value: &Spanned<DeValue<'_>>) -> String {
    match value.get_ref() {
        DeValue::String(text) => format!("\"{}\"", text.chars().take(40).collect::<String>()),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(on) => on.to_string(),
        DeValue::Array(_) => "a list of that kind".to_owned(),
        other => format!("a {}", other.type_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::parse_look;
    use super::super::{LookError, RegionStyle};
    use super::*;
    use crate::look::registry::tests::library;

    fn parse(text: &str) -> Result<Look, LookError> {
        parse_look("x.toml", text, &library())
    }

    #[test]
    fn layers_are_read_from_below_with_what_they_say() {
        let text = "\
[hair]
opacity = 0.5
[[hair.effects]]
effect = \"invert\"
amount = 0.25
[[hair.effects]]
effect = \"all\"
on = false
opacity = 9
number = nan
turned = true
shape = \"3\"
ink = [1, 0.5, 0]
point = [0.25, 7]
image = \"moss\"
[[effects]]
effect = \"invert\"
";
        let look = parse(text).expect("a look");
        assert_eq!((look.hair.opacity, look.hair.scale), (0.5, 0.5));
        let [invert, all] = look.region_effects(Region::Hair) else { panic!("two layers") };
        assert_eq!((invert.effect.name(), &invert.values[..]), ("invert", &[Value::Float(0.25)][..]));
        assert_eq!((all.on, all.opacity), (false, 1.0));
        let wanted = [
            Value::Float(0.5),
            Value::Switch(true),
            Value::Switch(false),
            Value::Selection(3),
            Value::Color([1.0, 0.5, 0.0]),
            Value::Point([0.25, 1.0]),
            Value::Texture(Some("moss".into())),
        ];
        assert_eq!(all.values, wanted);
        assert_eq!(look.effects.len(), 1);
        assert!(look.effects[0].on);
    }

    #[test]
    fn a_region_that_names_only_effects_is_bare() {
        let look = parse("[[hair.effects]]\neffect = \"invert\"\n").expect("a look");
        assert_eq!((look.hair, look.region_effects[1].len()), (RegionStyle::bare(), 1));
        let inline = parse("hair = { scale = 2, effects = [{ effect = \"invert\" }] }\n").expect("a look");
        assert_eq!((inline.hair.scale, inline.region_effects[1].len()), (2.0, 1));
    }

    #[test]
    fn mistakes_are_named_where_they_stand() {
        let many = "[[effects]]\neffect = \"invert\"\n".repeat(MOST_EFFECTS + 1);
        let cases: [(&str, &[&str]); 14] = [
            (
                "[[effects]]\neffect = \"inverd\"\n",
                &["line 2, column 10", "inverd", "nearest is invert", "all"],
            ),
            ("[[effects]]\neffect = 5\n", &["line 2, column 10", "5"]),
            ("[[effects]]\namount = 1\n", &["line 1, column 1", "effect ="]),
            (
                "[[effects]]\neffect = \"invert\"\namuont = 1\n",
                &["line 3, column 1", "amuont", "nearest is amount"],
            ),
            (
                "[[effects]]\neffect = \"invert\"\n\n  amount = \"much\"\n",
                &["line 4, column 12", "much", "0 to 1"],
            ),
            (
                "[[effects]]\neffect = \"all\"\nshape = \"Circle\"\n",
                &["line 3, column 9", "Circle", "one of 3, 5"],
            ),
            ("[[effects]]\neffect = \"all\"\nink = [1, 2]\n", &["line 3, column 7", "colour"]),
            ("[[effects]]\neffect = \"all\"\npoint = [1, 2, 3]\n", &["line 3, column 9", "point"]),
            (
                "[[effects]]\neffect = \"all\"\nimage = \"no-such\"\n",
                &["line 3, column 9", "no-such", "moss"],
            ),
            ("[[effects]]\neffect = \"all\"\non = 1\n", &["line 3, column 6", "true or false"]),
            ("effects = 5\n", &["line 1, column 11", "[[effects]]"]),
            ("[hair]\neffects = [5]\n", &["line 2, column 12", "table"]),
            (&many, &["line 17, column 1", "at most 8"]),
            ("[[lips.effects]]\neffect = \"invert\"\n", &["line 1", "effects"]),
        ];
        for (text, words) in cases {
            let reason = parse(text).expect_err(text).in_one_line();
            for word in words.iter().chain(&["x.toml"]) {
                assert!(reason.contains(word), "\"{word}\" is missing in: {reason}");
            }
            assert!(!reason.contains('\n'), "{reason}");
        }
    }
}
