//! A new look by chance, within the rules of the one before.

use super::rules::Range;
use super::{Look, TextureLibrary, get, set};
use crate::frame::Region;
use crate::parameters::Value;

/// Scales that look well for most textures.
const SCALE: Range = Range { least: 0.2, most: 0.9 };

/// `look` with other textures at other scales and tints, and what else its rules allow; the rest stays as it is.
/// Regions that wore nothing wear something; faces keep more of their light so that they stay faces. The same
/// `seed` gives the same look.
pub fn randomise(look: &Look, library: &TextureLibrary, seed: u64) -> Look {
    let mut chance = fastrand::Rng::with_seed(seed);
    let rules = &look.randomise;
    let mut names: Vec<&str> = library.names().filter(|name| rules.allows(name)).collect();
    chance.shuffle(&mut names);
    let mut names = names.iter().cycle();
    let mut new = Look { name: "Random".into(), ..look.clone() };
    for region in Region::ALL.into_iter().filter(|region| rules.regions.has(*region)) {
        let style = new.style_mut(region);
        if let Some(name) = names.next() {
            style.texture = Some((*name).to_owned());
        }
        if style.opacity == 0.0 {
            style.opacity = if region == Region::FaceSkin { 0.75 } else { 1.0 };
            style.shading = if region == Region::Background { 0.25 } else { 0.85 };
        }
        style.scale = SCALE.draw(&mut chance);
        style.tint = match chance.choice(&rules.tints) {
            Some(tint) => *tint,
            None => std::array::from_fn(|_| rules.tint.draw(&mut chance)),
        };
    }
    for (path, range) in &rules.ranges {
        let path = path.as_str();
        let is_off = Region::ALL.iter().any(|region| {
            let below = path.strip_prefix("region/").and_then(|path| path.strip_prefix(region.name()));
            below.is_some_and(|rest| rest.starts_with('/')) && !rules.regions.has(*region)
        });
        let number = range.draw(&mut chance);
        if !is_off {
            put(&mut new, path, number);
        }
    }
    new
}

/// Sets a number of the look, brought into what the parameter may be; an effect that the look does not have is
/// passed over.
fn put(look: &mut Look, path: &str, number: f32) {
    let Ok(Value::Float(before)) = get(look, path) else { return };
    if set(look, path, Value::Float(number)).is_err() {
        let limits = super::parameter(look, path).ok().map(|parameter| parameter.field.kind);
        let number = match limits {
            Some(crate::parameters::Kind::Float(float)) => number.clamp(float.min, float.max),
            _ => before,
        };
        // Within the limits nothing refuses it.
        let _ = set(look, path, Value::Float(number));
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::parse_look;
    use super::*;

    #[test]
    fn a_seed_is_a_look_and_regions_differ() {
        let library = TextureLibrary::default();
        let look = randomise(&Look::default(), &library, 7);
        assert_eq!(look, randomise(&Look::default(), &library, 7));
        assert_ne!(look, randomise(&Look::default(), &library, 8));
        let worn: std::collections::BTreeSet<_> =
            Region::ALL.iter().filter_map(|region| look.style(*region).texture.clone()).collect();
        assert_eq!(worn.len(), Region::COUNT);
    }

    #[test]
    fn chance_stays_within_the_rules() {
        let library = TextureLibrary::default();
        let text = "\
[hair]
texture = \"silk\"
blend = \"screen\"
[face_skin]
tint = [0.1, 0.2, 0.3]
[lips]
tint = [1.0, 0.0, 0.0]
[randomise]
textures = [\"moss\", \"liquid_*\", \"no-such\"]
tint = [0.5, 0.75]
[randomise.regions]
face_skin = false
background = false
[randomise.ranges]
\"region/hair/scale\" = [0.3, 0.4]
\"region/face_skin/opacity\" = [0.0, 0.1]
\"region/clothes/rotation\" = [-45, 999]
\"face/lips/opacity\" = [0.25, 0.5]
";
        let rules = parse_look("x.toml", text, &library).expect("a look");
        let mut look = rules.clone();
        let (mut textures, mut scales) = (std::collections::BTreeSet::new(), [f32::MAX, f32::MIN]);
        for seed in 0..5000 {
            look = randomise(&look, &library, seed);
            assert_eq!(look.face_skin, rules.face_skin, "a region that is off");
            assert_eq!(look.background, rules.background);
            assert_eq!(
                (look.lips.tint, look.hair.blend),
                (rules.lips.tint, rules.hair.blend),
                "what has no rule"
            );
            assert_eq!(look.randomise, rules.randomise, "the rules stay");
            for region in [Region::Hair, Region::BodySkin, Region::Clothes, Region::Accessories] {
                let style = look.style(region);
                let texture = style.texture.clone().unwrap_or_default();
                assert!(["moss", "liquid_gold"].contains(&texture.as_str()), "{texture}");
                textures.insert(texture);
                assert!(style.tint.iter().all(|channel| (0.5..=0.75).contains(channel)), "{:?}", style.tint);
                assert!(style.opacity > 0.0 && (0.2..=0.9).contains(&style.scale));
            }
            let scale = look.hair.scale;
            assert!((0.3..=0.4).contains(&scale), "{scale}");
            scales = [scales[0].min(scale), scales[1].max(scale)];
            assert!((-45.0..=180.0).contains(&look.clothes.rotation), "{}", look.clothes.rotation);
            assert!((0.25..=0.5).contains(&look.lips.opacity), "{}", look.lips.opacity);
        }
        assert_eq!(textures.len(), 2, "all that is allowed is drawn");
        assert!(scales[0] < 0.31 && scales[1] > 0.39, "the whole range is used: {scales:?}");
    }

    #[test]
    fn tints_are_those_that_are_listed() {
        let library = TextureLibrary::default();
        let text = "[randomise]\ntints = [[1, 0, 0], [0, 0, 9]]\ntextures = []\n[hair]\ntexture = \"moss\"\n";
        let look = parse_look("x.toml", text, &library).expect("a look");
        for seed in 0..1000 {
            let new = randomise(&look, &library, seed);
            assert!([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]].contains(&new.hair.tint), "{:?}", new.hair.tint);
            assert_eq!(new.hair.texture, look.hair.texture, "without textures they stay");
        }
    }
}
