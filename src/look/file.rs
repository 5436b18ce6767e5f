//! Looks as TOML: the shipped ones by name, any other by file.

use std::path::{Path, PathBuf};

use super::{Look, TextureLibrary};
use crate::frame::Region;

/// The looks that are part of the program, the first is the default.
const SHIPPED: &[(&str, &str)] = &[
    ("gallery", include_str!("../../assets/looks/gallery.toml")),
    ("gilded", include_str!("../../assets/looks/gilded.toml")),
    ("winter", include_str!("../../assets/looks/winter.toml")),
];

/// Why a look cannot be worn.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// Neither shipped nor a file.
    #[error("there is no look \"{name}\"; the looks that come with Masque are {known}, or name a .toml file")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The file cannot be read.
    #[error("cannot read the look {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not a look.
    #[error("the look {origin} is not valid: {source}")]
    Parse {
        /// File or name.
        origin: String,
        /// Where and what.
        source: Box<toml::de::Error>,
    },
    /// A texture that the library does not have.
    #[error("the look {origin} wears \"{texture}\" on {region}, which is not in the library: {known}")]
    Texture {
        /// File or name.
        origin: String,
        /// Region that wears it.
        region: &'static str,
        /// The texture's name.
        texture: String,
        /// What there is.
        known: String,
    },
}

/// Names of the shipped looks, the default first.
pub fn shipped_looks() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// The look called `name_or_path`; none is the default look.
///
/// # Errors
/// [`LookError`] says which file and what is wrong with it.
pub fn load_look(name_or_path: Option<&str>) -> Result<Look, LookError> {
    let (default, _) = SHIPPED[0];
    let name = name_or_path.unwrap_or(default);
    if let Some((_, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
        return parse(name, text);
    }
    let path = Path::new(name);
    if path.extension().is_none() && !path.exists() {
        let known = shipped_looks().collect::<Vec<_>>().join(", ");
        return Err(LookError::Unknown { name: name.into(), known });
    }
    let text =
        std::fs::read_to_string(path).map_err(|source| LookError::Read { path: path.into(), source })?;
    parse(name, &text)
}

fn parse(origin: &str, text: &str) -> Result<Look, LookError> {
    let mut look: Look = toml::from_str(text)
        .map_err(|source| LookError::Parse { origin: origin.into(), source: Box::new(source) })?;
    look.matte = look.matte.clamped();
    let library = TextureLibrary::default();
    for region in Region::ALL {
        let style = look.style_mut(region);
        *style = std::mem::take(style).clamped();
        if let Some(texture) = &style.texture
            && !library.contains(texture)
        {
            return Err(LookError::Texture {
                origin: origin.into(),
                region: region.name(),
                texture: texture.clone(),
                known: library.names().collect::<Vec<_>>().join(", "),
            });
        }
    }
    Ok(look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_look_loads_and_dresses_something() {
        for name in shipped_looks() {
            let look = load_look(Some(name)).expect(name);
            assert!(Region::ALL.iter().any(|region| look.style(*region).opacity > 0.0), "{name}");
        }
    }

    #[test]
    fn errors_name_the_place() {
        let unknown = load_look(Some("no-such-look")).expect_err("unknown").to_string();
        assert!(unknown.contains("gallery"), "{unknown}");
        let typo = parse("x.toml", "[hair]\ntextur = \"moss\"\n").expect_err("typo").to_string();
        assert!(typo.contains("x.toml") && typo.contains("line 2"), "{typo}");
        let texture = parse("x.toml", "[hair]\ntexture = \"no-such\"\n").expect_err("texture").to_string();
        assert!(texture.contains("hair") && texture.contains("no-such"), "{texture}");
    }

    #[test]
    fn numbers_out_of_range_are_brought_in() {
        let look = parse("x.toml", "[hair]\nscale = 1e9\nopacity = nan\n").expect("valid");
        assert_eq!((look.hair.scale, look.hair.opacity), (4.0, 1.0));
    }
}
