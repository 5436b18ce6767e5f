//! What a look allows chance to do: `[randomise]`.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer};
use toml_edit::{Array, Item, Table, TableLike, Value as Toml};

use super::save::{float, put};
use super::{Look, parameter};
use crate::frame::Region;
use crate::parameters::{Kind, ParameterError};

/// What [`randomise`](super::randomise) may change in a look, and how far.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RandomRules {
    /// Names of the textures that may be worn; one that ends in `*` stands for all that begin so. Default all.
    pub textures: Vec<String>,
    /// Which regions change.
    pub regions: RandomRegions,
    /// Least and most of each channel of a tint, 0–1. Default 0.75 to 1.
    pub tint: Range,
    /// Tints to choose from, sRGB, instead of any within `tint`. Default none.
    pub tints: Vec<[f32; 3]>,
    /// Least and most of numbers of the look, by path. What a region's `scale` may be without one is 0.2 to 0.9.
    pub ranges: BTreeMap<NumberPath, Range>,
}

/// Regions that chance may change. Default all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RandomRegions {
    /// See [`Region::Background`].
    pub background: bool,
    /// See [`Region::Hair`].
    pub hair: bool,
    /// See [`Region::BodySkin`].
    pub body_skin: bool,
    /// See [`Region::FaceSkin`].
    pub face_skin: bool,
    /// See [`Region::Clothes`].
    pub clothes: bool,
    /// See [`Region::Accessories`].
    pub accessories: bool,
}

/// From the least to the most, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The least.
    pub least: f32,
    /// The most; not below the least.
    pub most: f32,
}

/// The path of a parameter that is a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumberPath(String);

impl Default for RandomRules {
    fn default() -> Self {
        Self {
            textures: vec!["*".to_owned()],
            regions: RandomRegions::default(),
            tint: Range { least: 0.75, most: 1.0 },
            tints: Vec::new(),
            ranges: BTreeMap::new(),
        }
    }
}

impl Default for RandomRegions {
    fn default() -> Self {
        let all = true;
        Self { background: all, hair: all, body_skin: all, face_skin: all, clothes: all, accessories: all }
    }
}

impl RandomRegions {
    /// Whether chance may change `region`.
    pub fn has(&self, region: Region) -> bool {
        match region {
            Region::Background => self.background,
            Region::Hair => self.hair,
            Region::BodySkin => self.body_skin,
            Region::FaceSkin => self.face_skin,
            Region::Clothes => self.clothes,
            Region::Accessories => self.accessories,
        }
    }
}

impl Range {
    /// A number within it, even everywhere.
    pub(super) fn draw(self, chance: &mut fastrand::Rng) -> f32 {
        // Rounding must not leave the range.
        (self.least + (self.most - self.least) * chance.f32()).clamp(self.least, self.most)
    }
}

impl RandomRules {
    /// Whether the texture `name` may be worn.
    pub fn allows(&self, name: &str) -> bool {
        self.textures.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == pattern,
        })
    }

    /// The range of the parameter `path`, if it has one.
    pub fn range(&self, path: &str) -> Option<Range> {
        self.ranges.get(&NumberPath(path.to_owned())).copied()
    }

    /// Brings colours into 0–1.
    pub(super) fn clamp(&mut self) {
        let share =
            |value: f32, default: f32| if value.is_finite() { value.clamp(0.0, 1.0) } else { default };
        self.tint = Range { least: share(self.tint.least, 0.75), most: share(self.tint.most, 1.0) };
        for channel in self.tints.iter_mut().flatten() {
            *channel = share(*channel, 1.0);
        }
    }

    /// Writes into `document` what is otherwise than in `old`; order and comments stay.
    pub(super) fn save(&self, old: &Self, document: &mut Table) {
        if self == old {
            return;
        }
        let table = document.entry("randomise").or_insert_with(|| Item::Table(Table::new()));
        let Some(table) = table.as_table_like_mut() else { return };
        if self.textures != old.textures {
            put(table, "textures", Toml::Array(self.textures.iter().map(String::as_str).collect()));
        }
        if self.tint != old.tint {
            put(table, "tint", self.tint.toml());
        }
        if self.tints != old.tints {
            let color = |color: &[f32; 3]| Toml::Array(color.iter().map(|channel| float(*channel)).collect());
            put(table, "tints", Toml::Array(self.tints.iter().map(color).collect::<Array>()));
        }
        if self.regions != old.regions
            && let Some(table) = part(table, "regions")
        {
            for region in Region::ALL {
                if self.regions.has(region) != old.regions.has(region) {
                    put(table, region.name(), self.regions.has(region).into());
                }
            }
        }
        if self.ranges != old.ranges
            && let Some(table) = part(table, "ranges")
        {
            for NumberPath(path) in old.ranges.keys().filter(|path| !self.ranges.contains_key(*path)) {
                table.remove(path);
            }
            for (NumberPath(path), range) in &self.ranges {
                if old.range(path) != Some(*range) {
                    put(table, path, range.toml());
                }
            }
        }
    }
}

fn part<'a>(table: &'a mut dyn TableLike, key: &str) -> Option<&'a mut dyn TableLike> {
    table.entry(key).or_insert_with(|| Item::Table(Table::new())).as_table_like_mut()
}

impl Range {
    fn toml(self) -> Toml {
        Toml::Array([self.least, self.most].map(float).into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [least, most] = <[f32; 2]>::deserialize(deserializer)?;
        if least.is_finite() && most.is_finite() && least <= most {
            return Ok(Self { least, most });
        }
        Err(D::Error::custom(format!(
            "a range is the least and the most, as [0.2, 1.0], not [{least}, {most}]"
        )))
    }
}

impl NumberPath {
    /// The path, if it is that of a number. What an effect declares is known to the look that has it only.
    ///
    /// # Errors
    /// Names the nearest parameter.
    pub fn new(path: &str) -> Result<Self, ParameterError> {
        if is_of_effect(path) {
            return Ok(Self(path.to_owned()));
        }
        let parameter = parameter(&Look::default(), path)?;
        match parameter.field.kind {
            Kind::Float(_) => Ok(Self(path.to_owned())),
            kind => {
                let value = "a range of numbers".to_owned();
                Err(ParameterError::Value { path: path.to_owned(), kind, value })
            }
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_of_effect(path: &str) -> bool {
    path.split('/').any(|part| part == "effect")
}

impl<'de> Deserialize<'de> for NumberPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Path;
        impl Visitor<'_> for Path {
            type Value = NumberPath;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the path of a number")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<NumberPath, E> {
                NumberPath::new(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::parse_look;
    use super::super::save::edit_look;
    use super::super::{Look, LookError, TextureLibrary};
    use super::*;

    const TEXT: &str = "\
[randomise]
textures = [\"moss\", \"liquid_*\"] # living things
tint = [0.5, 0.8]

[randomise.regions]
face_skin = false # faces stay

[randomise.ranges]
\"region/hair/scale\" = [0.2, 0.4]
";

    fn parse(text: &str) -> Result<Look, LookError> {
        parse_look("x.toml", text, &TextureLibrary::default())
    }

    #[test]
    fn rules_are_read_and_what_is_no_rule_says_where() {
        let rules = parse(TEXT).expect("a look").randomise;
        assert!(rules.allows("moss") && rules.allows("liquid_gold") && !rules.allows("lava"));
        assert!(!rules.regions.has(Region::FaceSkin) && rules.regions.has(Region::Hair));
        assert_eq!(rules.range("region/hair/scale"), Some(Range { least: 0.2, most: 0.4 }));
        assert_eq!(parse("").expect("a look").randomise, RandomRules::default());
        let effect = "[randomise.ranges]\n\"effect/crt/lines\" = [100, 200]\n";
        let error = parse(effect).expect_err("no such effect").in_one_line();
        assert!(error.contains("effect/crt/lines") && error.contains("x.toml"), "{error}");
        let worn = parse(&format!("[[effects]]\neffect = \"crt\"\n{effect}")).expect("a look");
        let new = super::super::randomise(&worn, &TextureLibrary::default(), 1);
        let lines = super::super::get(&new, "effect/crt/lines").expect("known");
        assert!(matches!(lines, crate::parameters::Value::Float(lines) if (100.0..=200.0).contains(&lines)));
        let cases = [
            ("[randomise]\ntint = [1, 0]\n", "line 2, column 8", "least"),
            ("[randomise]\nregion = 1\n", "line 2, column 1", "regions"),
            ("[randomise.regions]\nhead = true\n", "line 2, column 1", "head"),
            ("[randomise.ranges]\n\"region/hair/scal\" = [0, 1]\n", "line 2", "region/hair/scale"),
            ("[randomise.ranges]\n\"region/hair/tint\" = [0, 1]\n", "line 2", "colour"),
        ];
        for (text, at, word) in cases {
            let error = parse(text).expect_err(text).in_one_line();
            assert!(error.contains(at) && error.contains(word), "\"{at}\", \"{word}\": {error}");
        }
    }

    #[test]
    fn rules_are_saved_and_comments_stay() {
        let library = TextureLibrary::default();
        let save = |text: &str, look: &Look| {
            let saved = edit_look(text, look, std::path::Path::new("x.toml"), &library).expect("saved");
            assert_eq!(parse(&saved).expect("a look").randomise, look.randomise, "{saved}");
            saved
        };
        let mut look = parse(TEXT).expect("a look");
        assert_eq!(save(TEXT, &look), TEXT);
        look.randomise.tint.most = 1.0;
        look.randomise.regions.hair = false;
        let ranges = &mut look.randomise.ranges;
        ranges.clear();
        ranges.insert(NumberPath::new("face/lips/opacity").expect("known"), Range { least: 0.0, most: 1.0 });
        look.randomise.tints = vec![[1.0, 0.5, 0.0]];
        let saved = save(TEXT, &look);
        assert!(saved.contains("# living things") && saved.contains("# faces stay"), "{saved}");
        save("", &look);
    }
}
