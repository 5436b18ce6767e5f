//! Which look a run wears: `--look`, `--looks`, `--playlist` and `--set`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::UsageError;
use crate::folders::config_dir;
use crate::look::{
    Look, LookFile, LookLibrary, LookOrigin, Playlist, TextureLibrary, WornLook, parameter, set,
};
use crate::parameters::{ParameterError, Value};
use crate::stats::Stats;

/// Options of every command that wears a look.
#[derive(Args, Debug)]
pub(super) struct LookArgs {
    /// A look that comes with Masque, one of your folder, a .toml file, or the look in a snapshot (.png)
    #[arg(long, value_name = "NAME|FILE")]
    look: Option<String>,
    /// Your folder of looks; none takes the folder looks of your settings (~/.config/masque on Linux)
    #[arg(long, value_name = "FOLDER")]
    looks: Option<PathBuf>,
    /// Wear one look after the other, as this .toml file says
    #[arg(long, value_name = "FILE", conflicts_with_all = ["look", "set"])]
    playlist: Option<PathBuf>,
    /// Change one parameter of the look, for example region/hair/opacity=0.5; may be repeated;
    /// masque parameters lists them
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<Setting>,
}

/// `region/hair/opacity=0.5`.
#[derive(Debug, Clone)]
struct Setting {
    path: String,
    value: String,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (path, value) = text
            .split_once('=')
            .ok_or("type a parameter and its value, for example region/hair/opacity=0.5")?;
        Ok(Self { path: path.trim().to_owned(), value: value.trim().to_owned() })
    }
}

/// What a run wears, and what it can wear.
pub(super) struct Looks {
    /// The first look, with what was set.
    pub(super) look: Look,
    /// Where that came from.
    pub(super) worn: WornLook,
    /// Its file, if it has one.
    pub(super) file: Option<LookFile>,
    /// All looks that have a name.
    pub(super) library: LookLibrary,
    /// The looks that are worn one after the other, if any.
    pub(super) playlist: Playlist,
}

impl LookArgs {
    /// The look, with what was set; of two settings of one parameter the last holds. What a person should know
    /// about the user's folder goes to stderr.
    ///
    /// # Errors
    /// What is wrong with the look; a folder that is not there and a setting that makes no sense are
    /// [`UsageError`]s.
    pub(super) fn load(&self, textures: &TextureLibrary, stats: &Stats) -> anyhow::Result<Looks> {
        let library = self.library(stats)?;
        if let Some(path) = &self.playlist {
            let (playlist, told) = Playlist::open(path)?;
            for line in told {
                stats.count("playlist_skipped");
                eprintln!("masque: {line}");
            }
            let (look, worn, file) = Default::default();
            return Ok(Looks { look, worn, file, library, playlist });
        }
        let loaded = library.load(self.look.as_deref(), textures)?;
        let worn = WornLook::new(&loaded);
        let mut look = loaded.look;
        let settings = self.settings(&look, textures)?;
        for (path, value) in &settings {
            set(&mut look, path, value.clone())?;
        }
        let file = match &worn.origin {
            LookOrigin::File(path) => Some(LookFile { path: path.clone(), settings }),
            LookOrigin::Shipped(_) | LookOrigin::Made => None,
        };
        Ok(Looks { look, worn, file, library, playlist: Playlist::default() })
    }

    /// The shipped looks and the user's own.
    fn library(&self, stats: &Stats) -> anyhow::Result<LookLibrary> {
        let (folder, asked) = match &self.looks {
            Some(folder) if !folder.is_dir() => {
                let folder = folder.display();
                return Err(
                    UsageError(format!("there is no folder {folder}; type: mkdir -p {folder}")).into()
                );
            }
            Some(folder) => (folder.clone(), true),
            None => match config_dir() {
                Some(folder) => (folder.join("looks"), false),
                None => return Ok(LookLibrary::default()),
            },
        };
        let (library, lines) = match LookLibrary::open(folder, stats) {
            Ok(opened) => opened,
            Err(error) if asked => return Err(error.into()),
            Err(error) => {
                stats.count("looks_folder_failed");
                (LookLibrary::default(), vec![format!("your looks are left out: {error}")])
            }
        };
        for line in lines {
            eprintln!("masque: {line}");
        }
        Ok(library)
    }

    fn settings(&self, look: &Look, library: &TextureLibrary) -> Result<Vec<(String, Value)>, UsageError> {
        let parse = |setting: &Setting| {
            let value = parameter(look, &setting.path)?.parse(&setting.value, library)?;
            Ok((setting.path.clone(), value))
        };
        let parsed: Result<_, ParameterError> = self.set.iter().map(parse).collect();
        parsed.map_err(|error| UsageError(error.to_string()))
    }
}
