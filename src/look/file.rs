//! Looks as TOML: the shipped ones by name, any other by file.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::de::DeTable;

use super::layer_file::{Fault, take_layers, wear};
use super::picture::{is_picture, look_in_picture};
use super::{FacePart, Look, LookLibrary, MOST_OVERLAYS, ParameterGroup, TextureLibrary, overlay};
use crate::frame::Region;
use crate::parameters::ParameterError;

/// Most bytes of a file that is read as a look while the show runs.
pub(super) const LONGEST: u64 = 1024 * 1024;

/// Why a look cannot be worn.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// Neither shipped nor a file.
    #[error("there is no look \"{name}\"; the looks are {known}, or name a .toml file")]
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
    /// The file cannot be written.
    #[error("cannot write the look {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file holds something that cannot be changed without losing what is around it.
    #[error("cannot change the look {origin}: {reason}")]
    Edit {
        /// The file.
        origin: String,
        /// What is in the way.
        reason: String,
    },
    /// The file is not a look.
    #[error("the look {origin} is not valid: {source}")]
    Parse {
        /// File or name.
        origin: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// Where and what.
        source: Box<toml::de::Error>,
    },
    /// An effect that cannot be worn as the file says.
    #[error("the look {origin} is not valid at line {line}, column {column}: {reason}")]
    Effect {
        /// File or name.
        origin: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// A rule of chance for something that the look does not have.
    #[error("the look {origin}, [randomise.ranges]: {source}")]
    Rule {
        /// File or name.
        origin: String,
        /// What is wrong.
        source: Box<ParameterError>,
    },
    /// More overlays than there is room for.
    #[error("the look {origin} has {count} overlays; it may have at most {MOST_OVERLAYS}")]
    Overlays {
        /// File or name.
        origin: String,
        /// How many it has.
        count: usize,
    },
    /// A texture of the face or of an overlay that is neither in the library nor a file.
    #[error(
        "the look {origin} paints {part} with \"{texture}\", which is neither a file nor in the library: {known}; \
         --textures FOLDER adds yours"
    )]
    FaceTexture {
        /// File or name.
        origin: String,
        /// Part of the face that wears it, or overlays.
        part: &'static str,
        /// What the look says.
        texture: String,
        /// What there is.
        known: String,
    },
    /// A texture that the library does not have.
    #[error(
        "the look {origin} wears \"{texture}\" on {region}, which is not in the library: {known}; \
         --textures FOLDER adds yours"
    )]
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

impl LookError {
    /// The message without the lines of the file that it quotes.
    pub fn in_one_line(&self) -> String {
        match self {
            Self::Parse { origin, line, column, source } => {
                let message = source.message().lines().collect::<Vec<_>>().join(" ");
                format!("the look {origin} is not valid at line {line}, column {column}: {message}")
            }
            other => other.to_string(),
        }
    }
}

/// What the file `path` says, if it is not longer than a look can be; of a snapshot, the look in it.
pub(super) fn read_text(path: &Path) -> Result<String, LookError> {
    let read = || {
        if is_picture(path) {
            return look_in_picture(path);
        }
        let length = std::fs::metadata(path)?.len();
        if length > LONGEST {
            let reason = format!("{length} bytes are no look; it has at most {LONGEST}");
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, reason));
        }
        std::fs::read_to_string(path)
    };
    read().map_err(|source| LookError::Read { path: path.into(), source })
}

/// The look called `name_or_path`, shipped or a file, wearing textures of `library`; none is the default look.
///
/// # Errors
/// [`LookError`] says which file and what is wrong with it.
pub fn load_look(name_or_path: Option<&str>, library: &TextureLibrary) -> Result<Look, LookError> {
    LookLibrary::default().load(name_or_path, library).map(|loaded| loaded.look)
}

/// The look that `text` describes; files beside `origin` may be named in it.
pub(super) fn parse_look(origin: &str, text: &str, library: &TextureLibrary) -> Result<Look, LookError> {
    let mut look = read(origin, text, library, true)?;
    for region in Region::ALL {
        if let Some(texture) = &look.style(region).texture
            && !library.contains(texture)
        {
            return Err(LookError::Texture {
                origin: origin.into(),
                region: region.name(),
                texture: texture.clone(),
                known: library.known(),
            });
        }
    }
    for part in FacePart::ALL {
        if let Some(texture) = &mut look.face_part_mut(part).texture {
            *texture = face_texture(origin, part.name(), texture, library)?;
        }
    }
    if look.overlays.len() > MOST_OVERLAYS {
        return Err(LookError::Overlays { origin: origin.into(), count: look.overlays.len() });
    }
    for texture in look.overlays.iter_mut().filter_map(|overlay| overlay.texture.as_mut()) {
        *texture = face_texture(origin, "overlays", texture, library)?;
    }
    for path in look.randomise.ranges.keys() {
        let known = super::parameter(&look, path.as_str());
        known.map_err(|source| LookError::Rule { origin: origin.into(), source: Box::new(source) })?;
    }
    Ok(look)
}

/// The look that `text` describes, textures as they are written there.
pub(super) fn read_look(origin: &str, text: &str, library: &TextureLibrary) -> Result<Look, LookError> {
    read(origin, text, library, false)
}

/// If `strict`, effects may wear only textures of `library`.
fn read(origin: &str, text: &str, library: &TextureLibrary, strict: bool) -> Result<Look, LookError> {
    let refused = |mut source: toml::de::Error| {
        source.set_input(Some(text));
        let (line, column) = place(text, source.span().map_or(0, |span| span.start));
        LookError::Parse { origin: origin.into(), line, column, source: Box::new(source) }
    };
    let mut table = DeTable::parse(text).map_err(refused)?;
    let layers = take_layers(table.get_mut(), library, strict).map_err(|Fault { at, reason }| {
        let (line, column) = place(text, at.start);
        LookError::Effect { origin: origin.into(), line, column, reason }
    })?;
    let mut look = Look::deserialize(toml::Deserializer::from(table)).map_err(refused)?;
    wear(&mut look, layers);
    for group in ParameterGroup::all() {
        group.style_mut(&mut look).clamp();
    }
    overlay::clamp(&mut look);
    look.randomise.clamp();
    Ok(look)
}

/// Line and column of the byte `at`, both from 1.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// A name of the library as it is, a file beside the look as a path from here.
fn face_texture(
    origin: &str,
    part: &'static str,
    texture: &str,
    library: &TextureLibrary,
) -> Result<String, LookError> {
    if library.source(texture).is_some() {
        return Ok(texture.to_owned());
    }
    let beside = Path::new(origin).parent().unwrap_or(Path::new("")).join(texture);
    if let Some(path) = beside.to_str().filter(|_| beside.is_file()) {
        return Ok(path.to_owned());
    }
    let known = library.known();
    Err(LookError::FaceTexture { origin: origin.into(), part, texture: texture.into(), known })
}

#[cfg(test)]
mod tests {
    use super::super::shipped_looks;
    use super::*;

    fn parse_one(text: &str) -> Result<Look, LookError> {
        parse_look("x.toml", text, &TextureLibrary::default())
    }

    #[test]
    fn every_shipped_look_loads_and_dresses_something() {
        for name in shipped_looks() {
            let look = load_look(Some(name), &TextureLibrary::default()).expect(name);
            let regions = Region::ALL.iter().any(|region| look.style(*region).opacity > 0.0);
            let face = FacePart::ALL.iter().any(|part| look.paints(*part)) || look.face_mesh.is_drawn();
            assert!(regions || face || !look.effects.is_empty(), "{name}");
        }
    }

    #[test]
    fn errors_name_the_place() {
        let unknown =
            load_look(Some("no-such-look"), &TextureLibrary::default()).expect_err("unknown").to_string();
        assert!(unknown.contains("gallery"), "{unknown}");
        let typo = parse_one("[hair]\ntextur = \"moss\"\n").expect_err("typo").to_string();
        assert!(typo.contains("x.toml") && typo.contains("line 2"), "{typo}");
        let texture = parse_one("[hair]\ntexture = \"no-such\"\n").expect_err("texture").to_string();
        assert!(texture.contains("hair") && texture.contains("no-such"), "{texture}");
        let paint = parse_one("[lips]\ntexture = \"no-such\"\n").expect_err("paint").to_string();
        assert!(paint.contains("lips") && paint.contains("no-such") && paint.contains("tribal"), "{paint}");
        let typo = parse_one("[face_mesh]\ncolour = [1, 1, 1]\n").expect_err("typo").to_string();
        assert!(typo.contains("line 2") && typo.contains("colour"), "{typo}");
    }

    #[test]
    fn a_face_texture_may_be_a_file_beside_the_look() {
        let folder = tempfile::tempdir().expect("a folder");
        let look = folder.path().join("mine.toml");
        std::fs::write(folder.path().join("paint.png"), b"").expect("written");
        std::fs::write(&look, "[face_texture]\ntexture = \"paint.png\"\n").expect("written");
        let look = load_look(look.to_str(), &TextureLibrary::default()).expect("valid");
        let path = look.face_texture.texture.expect("a texture");
        assert_eq!(Path::new(&path), folder.path().join("paint.png"));
    }

    #[test]
    fn numbers_out_of_range_are_brought_in() {
        let look = parse_one("[hair]\nscale = 1e9\nopacity = nan\n").expect("valid");
        assert_eq!((look.hair.scale, look.hair.opacity), (4.0, 1.0));
    }
}
