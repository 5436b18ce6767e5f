//! Which look a run wears: `--look` and `--set`.

use std::str::FromStr;

use clap::Args;

use super::UsageError;
use crate::look::{Look, LookFile, TextureLibrary, load_look, look_file, parameter, set};
use crate::parameters::{ParameterError, Value};

/// Options of every command that wears a look.
#[derive(Args, Debug)]
pub(super) struct LookArgs {
    /// A look that comes with Masque, or a .toml file
    #[arg(long, value_name = "NAME|FILE")]
    look: Option<String>,
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

impl LookArgs {
    /// The look, with what was set; of two settings of one parameter the last holds. With it comes the file
    /// that it was read from, if it was.
    ///
    /// # Errors
    /// What is wrong with the look; a setting that makes no sense is a [`UsageError`].
    pub(super) fn load(&self, library: &TextureLibrary) -> anyhow::Result<(Look, Option<LookFile>)> {
        let mut look = load_look(self.look.as_deref(), library)?;
        let settings = self.settings(&look, library)?;
        for (path, value) in &settings {
            set(&mut look, path, value.clone())?;
        }
        let file = look_file(self.look.as_deref()).map(|path| LookFile { path, settings });
        Ok((look, file))
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
