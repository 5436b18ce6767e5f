//! A new look by chance.

use super::{Look, TextureLibrary};
use crate::frame::Region;

/// Six different textures at random scales; faces keep more of their light so that they stay faces.
/// The same `seed` gives the same look.
pub fn randomise(library: &TextureLibrary, seed: u64) -> Look {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut names: Vec<&str> = library.names().collect();
    chance.shuffle(&mut names);
    let mut look = Look { name: "Random".into(), ..Look::default() };
    for (region, texture) in Region::ALL.into_iter().zip(names.iter().cycle()) {
        let style = look.style_mut(region);
        style.texture = Some((*texture).to_owned());
        style.scale = 0.2 + 0.7 * chance.f32();
        style.tint = std::array::from_fn(|_| 0.75 + 0.25 * chance.f32());
        style.opacity = if region == Region::FaceSkin { 0.75 } else { 1.0 };
        style.shading = if region == Region::Background { 0.25 } else { 0.85 };
    }
    look
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_look_and_regions_differ() {
        let library = TextureLibrary::default();
        let look = randomise(&library, 7);
        assert_eq!(look, randomise(&library, 7));
        assert_ne!(look, randomise(&library, 8));
        let worn: std::collections::BTreeSet<_> =
            Region::ALL.iter().filter_map(|region| look.style(*region).texture.clone()).collect();
        assert_eq!(worn.len(), Region::COUNT);
    }
}
