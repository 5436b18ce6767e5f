//! The looks that can be worn by name: those that come with Masque, and those in the user's folder.

mod error;
mod folder;
mod name;
mod orders;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bevy::prelude::*;

pub use error::LookOrderError;
pub(super) use folder::{WatchedFolder, take_in_looks};
pub(super) use orders::{Desk, obey_orders};
pub use orders::{LookOrder, LookOrderDone};

use super::file::{parse_look, read_text};
use super::shipped::shipped_text;
use super::{Look, LookError, TextureLibrary, shipped_looks};
use crate::stats::Stats;

/// Every look that can be worn by name. A look of the user's folder replaces the shipped one of its name.
#[derive(Resource, Debug, Clone, Default, PartialEq, Eq)]
pub struct LookLibrary {
    folder: Option<PathBuf>,
    own: BTreeMap<String, PathBuf>,
    /// Names of shipped looks whose replacement was told.
    told: BTreeSet<String>,
}

/// One look of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookEntry<'a> {
    /// What `--look` calls it.
    pub name: &'a str,
    /// Its file; none for a look that comes with Masque.
    pub path: Option<&'a Path>,
    /// Whether it is worn instead of the look of its name that comes with Masque.
    pub replaces_shipped: bool,
}

/// Where a look came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LookOrigin {
    /// Nowhere: it was made here, as by chance.
    #[default]
    Made,
    /// It comes with Masque, under this name.
    Shipped(String),
    /// A file.
    File(PathBuf),
}

/// A look as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedLook {
    /// The look.
    pub look: Look,
    /// Where it came from.
    pub origin: LookOrigin,
    /// What stands there.
    pub(super) text: String,
}

/// Where the look that is worn came from, and how it was there.
#[derive(Resource, Debug, Clone, Default, PartialEq)]
pub struct WornLook {
    /// Where it came from, and where [`LookOrder::Save`] writes to.
    pub origin: LookOrigin,
    /// As it was read or saved last; none for a look that was made here.
    pub(super) kept: Option<Look>,
}

impl LookOrigin {
    /// What the library calls it; none for what was made here.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Made => None,
            Self::Shipped(name) => Some(name),
            Self::File(path) => path.file_stem()?.to_str(),
        }
    }
}

impl WornLook {
    /// As `loaded` was read.
    pub fn new(loaded: &LoadedLook) -> Self {
        Self { origin: loaded.origin.clone(), kept: Some(loaded.look.clone()) }
    }

    /// Whether `look`, which is worn, is otherwise than it is kept.
    pub fn is_edited(&self, look: &Look) -> bool {
        self.kept.as_ref() != Some(look)
    }
}

impl LookLibrary {
    /// The shipped looks and those of `folder`, which need not be there. Reads the disk; gives the lines that a
    /// person should read.
    ///
    /// # Errors
    /// A folder that is there and cannot be read.
    pub fn open(folder: PathBuf, stats: &Stats) -> Result<(Self, Vec<String>), LookError> {
        let own = match folder::find_looks(&folder) {
            Ok(own) => own,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(source) => return Err(LookError::Read { path: folder, source }),
        };
        let mut library = Self { folder: Some(folder), ..Self::default() };
        let lines = library.take(own, stats);
        Ok((library, lines))
    }

    /// All looks: first the shipped ones in their order, the default at the front, then the user's by name.
    pub fn entries(&self) -> impl Iterator<Item = LookEntry<'_>> {
        let shipped = shipped_looks().map(|name| {
            let path = self.own.get(name).map(PathBuf::as_path);
            LookEntry { name, path, replaces_shipped: path.is_some() }
        });
        let own = self.own.iter().filter(|(name, _)| !is_shipped(name));
        let own = own.map(|(name, path)| LookEntry { name, path: Some(path), replaces_shipped: false });
        shipped.chain(own)
    }

    /// The user's folder; none where nothing can be saved by name.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The file of the user's look called `name`.
    pub fn file(&self, name: &str) -> Option<&Path> {
        self.own.get(name).map(PathBuf::as_path)
    }

    /// Where the look called `name_or_path` stands; none is the default look.
    ///
    /// # Errors
    /// [`LookError::Unknown`] lists what there is.
    pub fn origin(&self, name_or_path: Option<&str>) -> Result<LookOrigin, LookError> {
        let default = || shipped_looks().next().unwrap_or_default();
        let name = name_or_path.unwrap_or_else(default);
        if let Some(path) = self.file(name) {
            return Ok(LookOrigin::File(path.to_owned()));
        }
        if is_shipped(name) {
            return Ok(LookOrigin::Shipped(name.to_owned()));
        }
        let path = Path::new(name);
        if path.extension().is_none() && !path.exists() {
            let known = self.entries().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
            return Err(LookError::Unknown { name: name.to_owned(), known });
        }
        Ok(LookOrigin::File(path.to_owned()))
    }

    /// Reads the look called `name_or_path`, wearing textures of `textures`; none is the default look. Not for
    /// the main schedule: it waits for the disk.
    ///
    /// # Errors
    /// [`LookError`] says which file and what is wrong with it.
    pub fn load(
        &self,
        name_or_path: Option<&str>,
        textures: &TextureLibrary,
    ) -> Result<LoadedLook, LookError> {
        let origin = self.origin(name_or_path)?;
        let (title, text) = match &origin {
            LookOrigin::File(path) => (path.to_string_lossy().into_owned(), read_text(path)?),
            LookOrigin::Shipped(name) => (name.clone(), shipped_text(name).unwrap_or_default().to_owned()),
            LookOrigin::Made => (String::new(), String::new()),
        };
        let look = parse_look(&title, &text, textures)?;
        Ok(LoadedLook { look, origin, text })
    }

    /// Takes what was found in the folder; gives the lines that a person should read.
    fn take(&mut self, own: BTreeMap<String, PathBuf>, stats: &Stats) -> Vec<String> {
        self.own = own;
        let replaced: Vec<&str> =
            self.own.keys().map(String::as_str).filter(|name| is_shipped(name)).collect();
        let new: Vec<String> =
            replaced.into_iter().filter(|name| !self.told.contains(*name)).map(str::to_owned).collect();
        stats.add("looks_shadowed", new.len() as u64);
        let folder = self.folder.as_deref().unwrap_or(Path::new("")).display();
        let lines = (!new.is_empty()).then(|| {
            format!("{folder} has its own {}, worn instead of what comes with Masque", new.join(", "))
        });
        self.told.extend(new);
        lines.into_iter().collect()
    }
}

fn is_shipped(name: &str) -> bool {
    shipped_looks().any(|shipped| shipped == name)
}
